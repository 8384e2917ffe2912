//! Commands to terminals 指令下发: asked for by one person, let pass by another, handed to the terminal by whichever way it is
//! linked with this server, and answered by it.
//!
//! A command is handed over at most once. It is `sent` on file before it leaves, so that a server that dies meanwhile does not
//! repeat it; what is not answered until it expires is told as expired.

mod answer;
mod desk;
mod links;
mod order;
mod queries;
mod sender;

pub(crate) use answer::{Answer, read_answer};
pub use desk::{
    CommandFilter, CommandOnFile, CommandPlan, Decision, DecisionFault, PlanProblem, ask, commands,
    decide,
};
pub(crate) use links::{Links, Listed, Order};
pub use order::{CommandKind, MOST_TEXT, Outcome};
pub(crate) use sender::{Sender, Way, keep_answer};
