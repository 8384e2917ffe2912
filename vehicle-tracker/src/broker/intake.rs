//! Where what terminals publish goes: positions into the journal, what they say to commands onto file.

use gis_data::Store;

use crate::command::keep_answer;
use crate::decode::Mark;
use crate::error::Result;
use crate::journal::Journal;
use crate::message::Message;
use crate::topic::TerminalId;

#[derive(Debug, Clone)]
pub(crate) struct Intake {
    pub(crate) journal: Journal,
    pub(crate) store: Store,
}

/// What a message held that is on file now, as its terminal counts it.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// `None` for what has no numbers.
    pub(crate) terminal: Option<TerminalId>,
    pub(crate) marks: Vec<Mark>,
}

impl Intake {
    /// Once this is done the message may be acknowledged; `None` for a topic that is none of ours.
    pub(crate) async fn take(&self, message: Message) -> Option<Result<Kept>> {
        match message.answer() {
            None => {
                let mut judged = self.journal.judge(message)?;
                let marks = std::mem::take(&mut judged.marks);
                let terminal = judged.terminal.clone().filter(|_| !marks.is_empty());
                let stored = self.journal.store(judged).await;
                Some(stored.map(|()| Kept { terminal, marks }))
            }
            Some((terminal, Some(answer))) => {
                let kept = keep_answer(&self.store, &terminal, &answer).await;
                Some(kept.map(|()| Kept::default()))
            }
            Some((terminal, None)) => {
                tracing::warn!(%terminal, "what a terminal said to a command cannot be read");
                Some(Ok(Kept::default()))
            }
        }
    }
}
