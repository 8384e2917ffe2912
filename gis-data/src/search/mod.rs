//! Search by name, code, plate and room number, in Chinese, full pinyin or initials. The index lives
//! in memory beside the mirrors and follows the same changes.

mod entry;
mod index;

pub use entry::Matched;
pub use index::{Found, SearchIndex};
