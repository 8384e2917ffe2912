//! What the platform asks of a terminal, in the layout in which the terminal itself writes.

mod parameter;
#[cfg(test)]
mod tests;
mod text;

pub(super) use parameter::KNOWN;
pub use parameter::Parameter;
pub use text::{Outlet, Text, TextKind};

use super::fault::CommandFault;
use super::frame::Frame;
use super::header::{Header, Layout};
use super::message::MessageId;
use super::parts::Gap;

/// What is asked of a terminal. Nothing here stops a vehicle or turns a terminal off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// 0x8201: where it is now. Answered by 0x0201.
    Locate,
    /// 0x8104: how all of its parameters are set. Answered by 0x0104.
    AskParameters,
    /// 0x8103: to set these. Answered by 0x0001.
    SetParameters(Vec<Parameter>),
    /// 0x8300: to give this text out. Answered by 0x0001.
    Text(Text),
    /// 0x8003: to send parts of a message again. Answered by these, as they were.
    SendAgain(Gap),
}

impl Command {
    /// What kind of message it is.
    pub fn id(&self) -> MessageId {
        match self {
            Self::Locate => MessageId::LOCATE,
            Self::AskParameters => MessageId::ASK_PARAMETERS,
            Self::SetParameters(_) => MessageId::SET_PARAMETERS,
            Self::Text(_) => MessageId::TEXT,
            Self::SendAgain(_) => MessageId::SEND_AGAIN,
        }
    }

    fn body(&self, layout: Layout) -> Result<Vec<u8>, CommandFault> {
        match self {
            Self::Locate | Self::AskParameters => Ok(Vec::new()),
            Self::SetParameters(parameters) => parameter::body(parameters),
            Self::Text(text) => text.body(layout),
            Self::SendAgain(gap) => send_again(gap, layout),
        }
    }
}

impl Frame {
    /// A command to the terminal whose frames have this layout; `serial` is the platform's own, and
    /// what the terminal names in its answer.
    pub fn command(to: Layout, serial: u16, command: &Command) -> Result<Self, CommandFault> {
        let body = command.body(to)?;
        let header = Header::of_platform(to, command.id(), serial);
        Ok(Self::new_checked(header, body).expect("each kind of body keeps its own limit"))
    }
}

/// The first part's serial, how many parts and which; before 2019 the count had one byte.
fn send_again(gap: &Gap, layout: Layout) -> Result<Vec<u8>, CommandFault> {
    let (found, limit) = (gap.parts().len(), Gap::limit(layout));
    let too_many = CommandFault::TooManyParts { found, limit };
    let count = u16::try_from(found).ok().filter(|_| found <= limit).ok_or(too_many)?;
    let [_, low] = count.to_be_bytes();
    let mut body = gap.first_serial().to_be_bytes().to_vec();
    match layout {
        Layout::V2013 { .. } => body.push(low),
        Layout::V2019 { .. } => body.extend(count.to_be_bytes()),
    }
    body.extend(gap.parts().iter().flat_map(|part| part.to_be_bytes()));
    Ok(body)
}
