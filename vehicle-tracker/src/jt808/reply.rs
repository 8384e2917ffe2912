//! What the platform answers, in the layout in which it was asked.

use super::frame::Frame;
use super::header::Header;
use super::message::MessageId;
use super::text::to_gbk;

/// How a message of a terminal was taken (0x8001).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeneralResult {
    /// Taken. For a location: a terminal keeps what was not answered, so only once it is stored.
    Done = 0,
    /// Not taken; the terminal may send it again.
    Failed = 1,
    /// The message is broken.
    BadMessage = 2,
    /// Nothing here reads such a message.
    Unsupported = 3,
    /// The alarm in it was seen.
    AlarmConfirmed = 4,
}

/// How a registration ended (0x8100).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterResult<'a> {
    /// The terminal is known, and shows this code when it comes again.
    Accepted {
        /// At most 1,020 bytes in GBK.
        code: &'a str,
    },
    /// The vehicle has a terminal already.
    VehicleTaken,
    /// Nobody knows the vehicle.
    NoSuchVehicle,
    /// The terminal belongs to a vehicle already.
    TerminalTaken,
    /// Nobody knows the terminal.
    NoSuchTerminal,
}

impl Frame {
    /// 0x8001 to the message with this header; `serial` is the platform's own.
    pub fn general_reply(question: &Header, serial: u16, result: GeneralResult) -> Self {
        let mut body = question.serial.to_be_bytes().to_vec();
        body.extend(question.id.0.to_be_bytes());
        body.push(result as u8);
        let header = Header::of_platform(question.layout, MessageId::PLATFORM_REPLY, serial);
        Self::new_checked(header, body).expect("five bytes fit")
    }

    /// 0x8100 to the registration with this header; `serial` is the platform's own. `None` for a code
    /// that is too long or has a character outside of GBK.
    pub fn register_reply(
        question: &Header,
        serial: u16,
        result: RegisterResult<'_>,
    ) -> Option<Self> {
        let mut body = question.serial.to_be_bytes().to_vec();
        body.push(result.code());
        if let RegisterResult::Accepted { code } = result {
            body.extend(to_gbk(code)?);
        }
        let header = Header::of_platform(question.layout, MessageId::REGISTER_REPLY, serial);
        Self::new_checked(header, body)
    }
}

impl RegisterResult<'_> {
    fn code(self) -> u8 {
        match self {
            Self::Accepted { .. } => 0,
            Self::VehicleTaken => 1,
            Self::NoSuchVehicle => 2,
            Self::TerminalTaken => 3,
            Self::NoSuchTerminal => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jt808::header::{Encryption, Layout};
    use crate::jt808::samples::{self, sample};
    use crate::noise;

    /// The frames that `JT808_0x8001Test.cs` and `JT808_0x8100Test.cs` of `SmallChi/JT808` expect.
    const DONE: &str = "7E80010005012345678900000A0064020000617E";
    const ACCEPTED: &str = "7E81000009012345678900000A006400313233343536687E";
    const NO_SUCH_TERMINAL: &str = "7E81000003012345678900000A006404617E";

    fn question(id: MessageId) -> Header {
        Header {
            id,
            encryption: Encryption::RSA,
            version_bit: true,
            reserved_bit: true,
            layout: Layout::V2013 { phone: [0x01, 0x23, 0x45, 0x67, 0x89, 0x00] },
            serial: 100,
            part: None,
        }
    }

    #[test]
    fn replies_are_what_others_write() {
        let location = question(MessageId::LOCATION);
        let reply = Frame::general_reply(&location, 10, GeneralResult::Done);
        assert_eq!(reply.write(), sample(DONE));
        let register = question(MessageId::REGISTER);
        for (result, expected) in [
            (RegisterResult::Accepted { code: "123456" }, ACCEPTED),
            (RegisterResult::NoSuchTerminal, NO_SUCH_TERMINAL),
        ] {
            let reply = Frame::register_reply(&register, 10, result).unwrap();
            assert_eq!(reply.write(), sample(expected));
        }
    }

    #[test]
    fn a_question_of_2019_is_answered_in_its_layout() {
        let header = *Frame::read(&sample(samples::LOCATION_2019)).unwrap().header();
        let reply = Frame::general_reply(&header, 1, GeneralResult::BadMessage);
        let read = Frame::read(&reply.write()).unwrap();
        assert_eq!(read.header().layout, header.layout);
        assert!(read.header().version_bit);
        assert_eq!(read.body(), [0x02, 0x12, 0x02, 0x00, 2]);
    }

    #[test]
    fn a_code_that_cannot_be_sent_makes_no_reply() {
        let question = question(MessageId::REGISTER);
        let long = "x".repeat(1_021);
        for code in [long.as_str(), "🚗"] {
            let result = RegisterResult::Accepted { code };
            assert_eq!(Frame::register_reply(&question, 1, result), None);
        }
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_questions_are_answered_readably(frame in samples::frame(), code in "[ -~]{0,60}") {
            let result = RegisterResult::Accepted { code: &code };
            for reply in [
                Frame::general_reply(frame.header(), 7, GeneralResult::Done),
                Frame::register_reply(frame.header(), 7, result).unwrap(),
            ] {
                let read = Frame::read(&reply.write()).unwrap();
                prop_assert_eq!(read.header().phone(), frame.header().phone());
                prop_assert!(read.header().version_bit_is_true());
                prop_assert_eq!(read, reply);
            }
        }
    }
}
