//! Ledgers 台账: what is true. Entries are only ever added, each by a posting that names its document; a posting is taken
//! back by another one; every number is a sum of entries. The ledger of duties has revisions in place of sums.

pub(crate) mod closing;
pub(crate) mod duty;
pub mod seat;
pub(crate) mod shared;
pub mod space;
