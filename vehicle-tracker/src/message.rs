//! A message as it came, and what is left of it after decoding and judging: fixes and rejections.

use bytes::Bytes;
use time::OffsetDateTime;

use crate::command::{Answer, read_answer};
use crate::decode::{self, Mark, decoder};
use crate::fix::Fix;
use crate::reason::{Fault, Reason};
use crate::topic::{Channel, NotOurs, TerminalId, Topic};

/// Bytes from a terminal.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Where it was published.
    pub topic: String,
    /// What was published.
    pub payload: Bytes,
    /// When it reached us.
    pub received_at: OffsetDateTime,
}

/// An item that is kept as evidence instead of as a position.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reject {
    /// Place in an array, from 1; 0 is the payload itself.
    pub index: i32,
    /// Why.
    pub fault: Fault,
    /// The item's own bytes.
    pub evidence: Bytes,
}

/// A message, judged.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    /// The message.
    pub message: Message,
    /// Who sent it, where the topic can tell.
    pub terminal: Option<TerminalId>,
    /// The good items.
    pub fixes: Vec<Fix>,
    /// The bad items.
    pub rejects: Vec<Reject>,
    /// What the terminal calls its items, good and bad.
    pub marks: Vec<Mark>,
}

impl Message {
    /// A message received now.
    pub(crate) fn now(topic: impl Into<String>, payload: Bytes) -> Self {
        Self { topic: topic.into(), payload, received_at: OffsetDateTime::now_utc() }
    }

    /// What a terminal says to a command, if it can be read; `None` when the topic is for something else.
    pub(crate) fn answer(&self) -> Option<(TerminalId, Option<Answer>)> {
        let topic: Topic = self.topic.parse().ok()?;
        (topic.channel == Channel::CommandAck).then(|| (topic.terminal, read_answer(&self.payload)))
    }

    /// Decodes and judges; `None` when the topic is not one we store.
    pub(crate) fn judge(self) -> Option<Judged> {
        let topic = match self.topic.parse::<Topic>() {
            Ok(topic) => topic,
            Err(NotOurs::Foreign) => return None,
            Err(NotOurs::BadTerminal(name)) => {
                let detail = format!("{name:?} cannot name a terminal");
                return Some(self.refuse(None, Fault::new(Reason::UnknownTerminal, detail)));
            }
        };
        let decoder = decoder(topic.channel)?;
        let (mut fixes, mut rejects, mut marks) = (Vec::new(), Vec::new(), Vec::new());
        for decode::Item { index, mark, outcome } in (decoder.decode)(&self.payload) {
            marks.extend(mark);
            match outcome.and_then(|reading| {
                Fix::new_checked(&reading, self.received_at)
                    .map_err(|fault| (fault, reading.to_json()))
            }) {
                Ok(fix) => fixes.push(fix),
                Err((fault, evidence)) => {
                    let evidence = if index == 0 { self.payload.clone() } else { evidence };
                    rejects.push(Reject { index, fault, evidence });
                }
            }
        }
        Some(Judged { message: self, terminal: Some(topic.terminal), fixes, rejects, marks })
    }

    /// The whole message as one rejection.
    pub(crate) fn refuse(self, terminal: Option<TerminalId>, fault: Fault) -> Judged {
        let reject = Reject { index: 0, fault, evidence: self.payload.clone() };
        let rejects = vec![reject];
        Judged { message: self, terminal, fixes: Vec::new(), rejects, marks: Vec::new() }
    }
}
