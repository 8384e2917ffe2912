//! What a terminal answers to a command.

use super::command::{KNOWN, Parameter};
use super::cursor::Cursor;
use super::fault::{BodyFault, ItemFault};
use super::location::Location;
use super::message::MessageId;

/// 0x0001: how a command was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalReply {
    /// That of the platform's message.
    pub serial: u16,
    /// What kind of message that was.
    pub id: MessageId,
    /// How it was taken.
    pub result: TerminalResult,
}

/// How a terminal took a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerminalResult {
    /// 0: done, or seen.
    Done,
    /// 1: not done.
    Failed,
    /// 2: the message is broken.
    BadMessage,
    /// 3: the terminal knows no such message.
    Unsupported,
    /// Not in the standard.
    Other(u8),
}

/// 0x0201: where a terminal is that was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct LocationReply {
    /// That of the question.
    pub serial: u16,
    /// As in a report.
    pub location: Location,
}

/// 0x0104: how a terminal is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// That of the question.
    pub serial: u16,
    /// How many the terminal says there are.
    pub declared: u8,
    /// Those that there are, in their order.
    pub items: Vec<ParameterItem>,
}

/// A parameter with its bytes whatever they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterItem {
    /// Offset of its id in the unescaped body.
    pub at: usize,
    /// Which.
    pub id: u32,
    /// Those of the value.
    pub bytes: Vec<u8>,
    /// What they say; `None` for a parameter that is not read here.
    pub value: Result<Option<Parameter>, ItemFault>,
}

impl TerminalReply {
    /// Reads a body of at least 5 bytes; what follows them is not looked at.
    pub fn read(body: &[u8]) -> Result<Self, BodyFault> {
        let mut cursor = Cursor::new(body, 0);
        Ok(Self {
            serial: cursor.u16()?,
            id: MessageId(cursor.u16()?),
            result: TerminalResult::of(cursor.u8()?),
        })
    }
}

impl TerminalResult {
    fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Done,
            1 => Self::Failed,
            2 => Self::BadMessage,
            3 => Self::Unsupported,
            other => Self::Other(other),
        }
    }
}

impl LocationReply {
    /// Reads a body of at least 30 bytes; offsets of items and faults are those in it.
    pub fn read(body: &[u8]) -> Result<Self, BodyFault> {
        let mut cursor = Cursor::new(body, 0);
        let serial = cursor.u16()?;
        let at = cursor.at();
        Ok(Self { serial, location: Location::read_at(cursor.rest(), at)? })
    }
}

impl Parameters {
    /// Reads a body to its end, however many it says there are. One whose value has a wrong length spoils
    /// no other; one cut short spoils the answer.
    pub fn read(body: &[u8]) -> Result<Self, BodyFault> {
        let mut cursor = Cursor::new(body, 0);
        let (serial, declared) = (cursor.u16()?, cursor.u8()?);
        let mut items = Vec::new();
        while cursor.left() > 0 {
            let (at, id, len) = (cursor.at(), cursor.u32()?, cursor.u8()?);
            let bytes = cursor.take(len.into())?;
            items.push(ParameterItem { at, id, bytes: bytes.to_vec(), value: value(id, bytes) });
        }
        Ok(Self { serial, declared, items })
    }
}

/// What the bytes of a parameter say.
pub(super) fn value(id: u32, bytes: &[u8]) -> Result<Option<Parameter>, ItemFault> {
    let Some((_, parameter)) = KNOWN.iter().find(|(known, _)| *known == id) else {
        return Ok(None);
    };
    let value = <[u8; 4]>::try_from(bytes).map(u32::from_be_bytes);
    let wrong = ItemFault::Length { expected: 4, found: bytes.len() };
    value.ok().map(|value| Some(parameter(value))).ok_or(wrong)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jt808::frame::Frame;
    use crate::jt808::message::Message;
    use crate::jt808::samples::{self, sample};
    use crate::noise;

    fn heard(hex: &str) -> Message {
        Message::read(&Frame::read(&sample(hex)).unwrap()).unwrap()
    }

    #[test]
    fn a_terminals_reply_names_the_message_and_says_how_it_was_taken() {
        let Message::TerminalReply(reply) = heard(samples::TERMINAL_REPLY) else { panic!() };
        let expected =
            TerminalReply { serial: 1_000, id: MessageId::HEARTBEAT, result: TerminalResult::Done };
        assert_eq!(reply, expected);
        for (byte, result) in [
            (1, TerminalResult::Failed),
            (2, TerminalResult::BadMessage),
            (3, TerminalResult::Unsupported),
            (4, TerminalResult::Other(4)),
        ] {
            let body = [0x12, 0x34, 0x83, 0x00, byte];
            let expected = TerminalReply { serial: 0x1234, id: MessageId::TEXT, result };
            assert_eq!(TerminalReply::read(&body), Ok(expected));
            assert_eq!(TerminalReply::read(&[&body[..], &[0]].concat()), Ok(expected), "padded");
        }
        let short = BodyFault::cut_short(4, 1, 0);
        assert_eq!(TerminalReply::read(&[0x12, 0x34, 0x83, 0x00]), Err(short));
    }

    #[test]
    fn a_location_that_was_asked_for_is_one_behind_a_serial() {
        let Message::LocationReply(reply) = heard(samples::LOCATION_REPLY) else { panic!() };
        assert_eq!(reply.serial, 12_345);
        let location = &reply.location;
        assert_eq!((location.lon, location.lat), (132.444_444, 12.222_222));
        assert_eq!((location.mileage_km(), location.fuel_l()), (Some(10.0), Some(5.5)));
        assert_eq!(location.items[0].at, 30);
        assert_eq!(LocationReply::read(&[1]), Err(BodyFault::cut_short(0, 2, 1)));
        assert_eq!(LocationReply::read(&[0; 29]), Err(BodyFault::cut_short(24, 6, 5)));
    }

    #[test]
    fn parameters_are_read_whether_they_are_known_or_not() {
        let Message::Parameters(read) = heard(samples::PARAMETERS) else { panic!() };
        assert_eq!((read.serial, read.declared, read.items.len()), (20, 1, 1));
        let mut body = Frame::read(&sample(samples::PARAMETERS)).unwrap().body().to_vec();
        body.extend([0, 0, 0, 0x13, 13]);
        body.extend(b"www.baidu.com");
        let read = Parameters::read(&body).unwrap();
        let [heartbeat, server] = read.items.as_slice() else { panic!("{read:?}") };
        assert_eq!((heartbeat.id, heartbeat.value), (1, Ok(Some(Parameter::HeartbeatS(10)))));
        assert_eq!((server.at, server.id, server.value), (12, 0x13, Ok(None)));
        assert_eq!(server.bytes, b"www.baidu.com");
    }

    /// Table of the parameters in the standard: 0x0027, 0x0029 and 0x0055 are DWORDs.
    #[test]
    fn a_parameter_of_a_wrong_length_spoils_no_other() {
        let body = [
            &[0, 9, 3][..],
            &[0, 0, 0, 0x27, 4, 0, 0, 0x0e, 0x10],
            &[0, 0, 0, 0x29, 2, 0, 30],
            &[0, 0, 0, 0x55, 4, 0, 0, 0, 100],
        ]
        .concat();
        let read = Parameters::read(&body).unwrap();
        let values: Vec<_> = read.items.iter().map(|item| item.value).collect();
        let expected = [
            Ok(Some(Parameter::SleepReportS(3_600))),
            Err(ItemFault::Length { expected: 4, found: 2 }),
            Ok(Some(Parameter::MaxSpeedKmh(100))),
        ];
        assert_eq!(values, expected);
        let cut = Parameters::read(&body[..body.len() - 1]);
        assert_eq!(cut, Err(BodyFault::cut_short(24, 4, 3)));
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_parameters_have_each_byte_in_one_item(body in samples::parameters_body()) {
            let read = Parameters::read(&body).unwrap();
            let mut end = 3;
            for item in &read.items {
                prop_assert_eq!(item.at, end);
                prop_assert_eq!(item.value, value(item.id, &item.bytes));
                end += 5 + item.bytes.len();
            }
            prop_assert_eq!(end, body.len());
            prop_assert_eq!(usize::from(read.declared), read.items.len());
        }

        #[test]
        fn random_bodies_are_answers_or_faults_inside_of_them(body in noise::bytes(80)) {
            prop_assert_eq!(TerminalReply::read(&body).is_ok(), body.len() >= 5);
            prop_assert_eq!(LocationReply::read(&body).is_ok(), body.len() >= 30);
            if let Err(fault) = Parameters::read(&body) {
                prop_assert!(fault.at <= body.len(), "{}", fault);
            }
        }
    }
}
