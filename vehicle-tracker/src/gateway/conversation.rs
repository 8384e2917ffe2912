//! What the frames of one link ask for, in their order; pure.
//!
//! A terminal registers once (0x0100), shows the code that it got on every new link (0x0102), and is
//! then believed for its own number and no other. Whoever has not shown a code is told so and stores
//! nothing.

use bytes::Bytes;

use crate::jt808::{
    Authentication, Cut, Frame, Gap, GeneralResult, Header, Layout, Message, MessageId, Parts,
    Register, TerminalResult,
};
use crate::topic::TerminalId;

/// Messages in parts that are waited for at one time; beyond it the oldest is given up.
const WAITING: usize = 4;
/// The longest message: a day of blind-area positions fits.
const PARTS_LIMIT: usize = 1_024;

/// How often the parts that are missing are asked for; then the rest is given up.
const ASKED: u8 = 3;

/// How often a link may ask to be registered or show a code: one asks for a look at the database, the other is a
/// guess.
const GREETINGS: u8 = 6;

/// What a frame asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// An answer, once it is its turn.
    Answer(Header, GeneralResult),
    /// To be registered.
    Register(Header, TerminalId, Register),
    /// To be believed; tell [`Conversation::believe`] if the code is right.
    Authenticate(Header, TerminalId, Authentication),
    /// To be stored, and then answered, each frame of it.
    Store(Vec<Header>, TerminalId, Bytes),
    /// To be heeded: what the terminal says to the message of this serial, with its frame where that holds a position.
    Heed(TerminalId, u16, TerminalResult, Option<Bytes>),
    /// To be kept as evidence: nothing in it can be answered.
    Keep(TerminalId, Bytes),
    /// An answer, and the end of the link.
    Leave(Header),
    /// The end of the link: it guesses.
    HangUp,
}

/// Of one link.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    /// Who has shown the right code.
    known: Option<TerminalId>,
    greetings: u8,
    waiting: Vec<Waiting>,
}

/// A message whose parts have not all come.
#[derive(Debug)]
struct Waiting {
    parts: Parts,
    frames: Vec<(Header, Vec<u8>)>,
    /// Whether a part came since the last tick.
    is_fresh: bool,
    asked: u8,
}

impl Conversation {
    /// From now on what is sent under this name is stored.
    pub(super) fn believe(&mut self, terminal: TerminalId) {
        self.known = Some(terminal);
    }

    /// Who is believed.
    pub(super) fn known(&self) -> Option<&TerminalId> {
        self.known.as_ref()
    }

    /// Whether parts of a message have not come.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The parts to ask for again, with the layout to ask in: those of messages of which nothing came since the last tick.
    pub(super) fn tick(&mut self) -> Vec<(Layout, Gap)> {
        self.waiting.retain(|waiting| waiting.is_fresh || waiting.asked < ASKED);
        let mut gaps = Vec::new();
        for waiting in &mut self.waiting {
            if std::mem::take(&mut waiting.is_fresh) {
                continue;
            }
            waiting.asked += 1;
            let layout = waiting.frames.first().map(|(header, _)| header.layout);
            gaps.extend(layout.zip(waiting.parts.gap()));
        }
        gaps
    }

    /// What the next frame of the stream asks for; `None` for what needs no answer.
    pub(super) fn hear(&mut self, cut: Cut) -> Option<Act> {
        let Ok(frame) = cut.frame else {
            return self.known.clone().map(|who| Act::Keep(who, Bytes::from(cut.raw)));
        };
        let header = *frame.header();
        let Some(terminal) = terminal_of(&header) else {
            return Some(Act::Answer(header, GeneralResult::Failed));
        };
        let is_known = self.known.as_ref() == Some(&terminal);
        if [MessageId::REGISTER, MessageId::AUTHENTICATION].contains(&header.id) {
            self.greetings = self.greetings.saturating_add(1);
            if self.greetings > GREETINGS {
                return Some(Act::HangUp);
            }
        }
        match Message::read(&frame) {
            Ok(Message::Register(claim)) => Some(Act::Register(header, terminal, claim)),
            Ok(Message::Authentication(shown)) => Some(Act::Authenticate(header, terminal, shown)),
            _ if !is_known => Some(Act::Answer(header, GeneralResult::Failed)),
            Ok(Message::Heartbeat) => Some(Act::Answer(header, GeneralResult::Done)),
            Ok(Message::Unregister) => Some(Act::Leave(header)),
            Ok(Message::Part(_)) => self.gather(terminal, &frame, cut.raw),
            _ if is_stored(header.id) => {
                Some(Act::Store(vec![header], terminal, Bytes::from(cut.raw)))
            }
            // An answer is not answered.
            Ok(Message::TerminalReply(reply)) => {
                Some(Act::Heed(terminal, reply.serial, reply.result, None))
            }
            Ok(Message::LocationReply(reply)) => {
                let frame = Some(Bytes::from(cut.raw));
                Some(Act::Heed(terminal, reply.serial, TerminalResult::Done, frame))
            }
            _ if header.id.is_answer() => None,
            Ok(_) => Some(Act::Answer(header, GeneralResult::Unsupported)),
            Err(_) => Some(Act::Answer(header, GeneralResult::BadMessage)),
        }
    }

    /// Parts are answered when their message is stored: an answer to one alone would promise too much.
    fn gather(&mut self, terminal: TerminalId, frame: &Frame, raw: Vec<u8>) -> Option<Act> {
        let header = *frame.header();
        if !is_stored(header.id) {
            return Some(Act::Answer(header, GeneralResult::Unsupported));
        }
        let at = self.waiting.iter().position(|waiting| waiting.parts.owns(frame));
        let at = if let Some(at) = at {
            at
        } else {
            let parts = Parts::of(frame).filter(|parts| parts.total() <= PARTS_LIMIT);
            let Some(parts) = parts else {
                return Some(Act::Answer(header, GeneralResult::BadMessage));
            };
            if self.waiting.len() == WAITING {
                self.waiting.remove(0);
            }
            let (frames, is_fresh, asked) = (Vec::new(), true, 0);
            self.waiting.push(Waiting { parts, frames, is_fresh, asked });
            self.waiting.len() - 1
        };
        let waiting = self.waiting.get_mut(at)?;
        waiting.is_fresh = true;
        waiting.parts.take(frame);
        if !waiting.frames.iter().any(|(kept, _)| kept.serial == header.serial) {
            waiting.frames.push((header, raw));
        }
        if waiting.parts.missing() > 0 {
            return None;
        }
        let (headers, frames): (Vec<Header>, Vec<Vec<u8>>) =
            self.waiting.remove(at).frames.into_iter().unzip();
        Some(Act::Store(headers, terminal, Bytes::from(frames.concat())))
    }
}

/// What holds positions.
fn is_stored(id: MessageId) -> bool {
    [MessageId::LOCATION, MessageId::BATCH].contains(&id)
}

/// A terminal's number without the zeros that fill it up to the length of its edition.
fn terminal_of(header: &Header) -> Option<TerminalId> {
    TerminalId::new_checked(header.phone().trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jt808::samples::{self, sample};
    use crate::jt808::{Part, Splitter};
    use crate::noise;

    fn cut(raw: &[u8]) -> Cut {
        Splitter::new().feed(raw).remove(0)
    }

    fn known(phone: &str) -> Conversation {
        let mut conversation = Conversation::default();
        conversation.believe(TerminalId::new_checked(phone).unwrap());
        conversation
    }

    #[test]
    fn nothing_is_stored_for_whoever_has_not_shown_a_code() {
        let mut conversation = Conversation::default();
        let act = conversation.hear(cut(&sample(samples::LOCATION_2013)));
        assert!(matches!(act, Some(Act::Answer(_, GeneralResult::Failed))), "{act:?}");
        let act = known("1").hear(cut(&sample(samples::LOCATION_2013)));
        assert!(matches!(act, Some(Act::Answer(_, GeneralResult::Failed))), "another's: {act:?}");
    }

    #[test]
    fn a_location_of_the_known_terminal_is_stored_as_it_came() {
        let raw = sample(samples::LOCATION_2013);
        let act = known("123456789012").hear(cut(&raw));
        let Some(Act::Store(headers, terminal, payload)) = act else { panic!("{act:?}") };
        assert_eq!((headers.len(), terminal.as_str()), (1, "123456789012"));
        assert_eq!(payload, raw);
    }

    #[test]
    fn zeros_before_a_number_are_no_part_of_a_terminals_name() {
        let act = Conversation::default().hear(cut(&sample(samples::REGISTER_2013)));
        let Some(Act::Register(_, terminal, claim)) = act else { panic!("{act:?}") };
        assert_eq!(terminal.as_str(), "123456789");
        assert_eq!(claim.plate, "粤A12345");
    }

    #[test]
    fn whoever_goes_on_guessing_is_hung_up_on() {
        let mut conversation = Conversation::default();
        for _ in 0..GREETINGS {
            let act = conversation.hear(cut(&sample(samples::REGISTER_2013)));
            assert!(matches!(act, Some(Act::Register(..))), "{act:?}");
        }
        let act = conversation.hear(cut(&sample(samples::REGISTER_2013)));
        assert_eq!(act, Some(Act::HangUp));
    }

    #[test]
    fn parts_are_stored_together_and_answered_each() {
        let whole = Frame::read(&sample(samples::LOCATION_2013)).unwrap();
        let frames: Vec<Vec<u8>> = (1..)
            .zip(whole.body().chunks(20))
            .map(|(index, body)| {
                let part = Part::new_checked(2, index);
                let serial = 40 + index;
                Frame::new_checked(Header { serial, part, ..*whole.header() }, body.to_vec())
                    .unwrap()
                    .write()
            })
            .collect();
        let mut conversation = known("123456789012");
        assert_eq!(conversation.hear(cut(&frames[1])), None);
        assert_eq!(conversation.hear(cut(&frames[1])), None, "sent again");
        let act = conversation.hear(cut(&frames[0]));
        let Some(Act::Store(headers, _, payload)) = act else { panic!("{act:?}") };
        assert_eq!(headers.iter().map(|h| h.serial).collect::<Vec<_>>(), [42, 41]);
        assert_eq!(payload, [frames[1].as_slice(), &frames[0]].concat());
    }

    #[test]
    fn a_broken_frame_of_a_known_terminal_is_kept_and_the_link_goes_on() {
        let mut raw = sample(samples::LOCATION_2013);
        raw[20] ^= 1;
        let mut conversation = known("123456789012");
        assert!(matches!(conversation.hear(cut(&raw)), Some(Act::Keep(..))));
        assert_eq!(Conversation::default().hear(cut(&raw)), None);
        assert!(matches!(
            conversation.hear(cut(&sample(samples::LOCATION_2013))),
            Some(Act::Store(..))
        ));
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_frames_store_nothing_under_another_name(raw in samples::anything()) {
            let mut conversation = known("123456789012");
            for cut in Splitter::new().feed(&raw) {
                if let Some(Act::Store(_, terminal, _) | Act::Keep(terminal, _)) = conversation.hear(cut) {
                    prop_assert_eq!(terminal.as_str(), "123456789012");
                }
            }
        }
    }
}
