//! Where what terminals publish goes: positions into the journal, what they say to commands onto file.

use gis_data::Store;

use crate::command::keep_answer;
use crate::error::Result;
use crate::journal::Journal;
use crate::message::Message;

#[derive(Debug, Clone)]
pub(crate) struct Intake {
    pub(crate) journal: Journal,
    pub(crate) store: Store,
}

impl Intake {
    /// Once this is done the message may be acknowledged; `None` for a topic that is none of ours.
    pub(crate) async fn take(&self, message: Message) -> Option<Result<()>> {
        match message.answer() {
            None => Some(self.journal.store(self.journal.judge(message)?).await),
            Some((terminal, Some(answer))) => {
                Some(keep_answer(&self.store, &terminal, &answer).await)
            }
            Some((terminal, None)) => {
                tracing::warn!(%terminal, "what a terminal said to a command cannot be read");
                Some(Ok(()))
            }
        }
    }
}
