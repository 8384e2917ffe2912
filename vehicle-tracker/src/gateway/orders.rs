//! Commands that leave by one link, and which of them a terminal's answers are about.

use std::collections::VecDeque;
use std::future::pending;

use crate::command::{CommandKind, Links, Listed, Order, Outcome};
use crate::jt808::{Command, CommandFault, Frame, Layout, Outlet, Parameter, Text, TextKind};
use crate::topic::TerminalId;

/// Commands that wait for an answer; of more the oldest is given up.
const UNANSWERED: usize = 64;

/// Of one link.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// Since the terminal is known.
    listed: Option<(Listed, Layout)>,
    /// Serials of the platform's messages, and the commands that they carried.
    unanswered: VecDeque<(u16, i64)>,
}

impl Orders {
    /// From now on this link is the terminal's.
    pub(super) fn list(&mut self, links: &Links, terminal: TerminalId, layout: Layout) {
        self.listed = Some((links.list(terminal), layout));
    }

    /// The next one; never, until the terminal is known.
    pub(super) async fn next(&mut self) -> Order {
        if let Some((listed, _)) = &mut self.listed
            && let Some(order) = listed.next().await
        {
            return order;
        }
        pending().await
    }

    /// The frame that carries an order, in the terminal's own layout.
    pub(super) fn frame(&mut self, order: &Order, serial: u16) -> Result<Vec<u8>, String> {
        let Some((_, layout)) = self.listed else { return Err("no terminal".to_owned()) };
        let frame = Frame::command(layout, serial, &message(&order.kind))
            .map_err(|fault: CommandFault| fault.to_string())?;
        if self.unanswered.len() == UNANSWERED {
            self.unanswered.pop_front();
        }
        self.unanswered.push_back((serial, order.command_id));
        Ok(frame.write())
    }

    /// The command that an answer is about.
    pub(super) fn answered(&mut self, serial: u16) -> Option<i64> {
        let at = self.unanswered.iter().position(|(sent, _)| *sent == serial)?;
        self.unanswered.remove(at).map(|(_, command_id)| command_id)
    }
}

/// How a command is put in JT/T 808.
fn message(kind: &CommandKind) -> Command {
    match kind {
        CommandKind::Locate {} => Command::Locate,
        CommandKind::Text { text } => Command::Text(Text {
            kind: TextKind::Notice,
            outlets: vec![Outlet::Display, Outlet::Speech],
            words: text.clone(),
        }),
        CommandKind::Interval { seconds } => {
            Command::SetParameters(vec![Parameter::ReportS(*seconds)])
        }
        CommandKind::SpeedLimit { kmh } => {
            Command::SetParameters(vec![Parameter::MaxSpeedKmh(*kmh)])
        }
    }
}

/// What a terminal says to a command, in our words.
pub(super) fn outcome(result: crate::jt808::TerminalResult) -> (Outcome, &'static str) {
    use crate::jt808::TerminalResult::{BadMessage, Done, Failed, Other, Unsupported};
    match result {
        Done => (Outcome::Done, ""),
        Failed => (Outcome::Failed, ""),
        BadMessage => (Outcome::Failed, "bad message"),
        Unsupported => (Outcome::Unsupported, ""),
        Other(_) => (Outcome::Failed, "unknown result"),
    }
}
