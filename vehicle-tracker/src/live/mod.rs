//! The newest position of every vehicle, in memory, under an R-tree; fed by what was committed.

mod follow;
mod queries;
mod state;
mod status;
mod vehicle;

pub(crate) use follow::LiveFollower;
pub(crate) use queries::look;
pub use state::{Counts, Live};
pub use status::Status;
pub use vehicle::{LivePosition, LiveVehicle, VehicleInfo};
