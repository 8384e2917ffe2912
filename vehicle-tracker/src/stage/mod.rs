//! One pure stage a file: a reading in, a fault or nothing out.

mod clock;
mod earth;
mod quality;
mod range;

pub(crate) use clock::clock;
pub(crate) use earth::earth;
pub(crate) use quality::quality;
pub(crate) use range::range;
