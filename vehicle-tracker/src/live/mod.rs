//! The newest position of every vehicle, in memory, under an index by place, and what else of vehicles changed that people watch; fed
//! by what was committed.

mod changes;
mod follow;
mod news;
mod queries;
mod state;
mod status;
mod vehicle;

pub(crate) use follow::{LiveFollower, Own};
pub use news::About;
pub(crate) use queries::{latest_cursor, look, look_some};
pub(crate) use state::Seen;
pub use state::{Counts, Live, RegisterNews};
pub use status::Status;
pub(crate) use vehicle::Standing;
pub use vehicle::{Handle, LivePosition, LiveVehicle, VehicleInfo};
