//! What a frame says, by its message id.

use std::fmt;

use super::answer::{LocationReply, Parameters, TerminalReply};
use super::authentication::Authentication;
use super::batch::Batch;
use super::fault::BodyFault;
use super::frame::Frame;
use super::header::{Encryption, Header, Part};
use super::location::Location;
use super::register::Register;
use super::words::Words;

/// What kind of message it is; printed as `0x0200`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u16);

/// What a terminal says.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// 0x0001.
    TerminalReply(TerminalReply),
    /// 0x0002: it is still there. Has no body; one that comes is not looked at.
    Heartbeat,
    /// 0x0003: it is no longer to be known. Has no body; one that comes is not looked at.
    Unregister,
    /// 0x0100.
    Register(Register),
    /// 0x0102.
    Authentication(Authentication),
    /// 0x0104.
    Parameters(Parameters),
    /// 0x0200.
    Location(Location),
    /// 0x0201.
    LocationReply(LocationReply),
    /// 0x0704.
    Batch(Batch),
    /// One of several frames that make a message; [`Message::read_whole`] reads them together.
    Part(Part),
    /// The body is encrypted.
    Encrypted(Encryption),
    /// No kind that is read here.
    Unknown {
        /// Which.
        id: MessageId,
        /// Unescaped.
        body: Vec<u8>,
    },
}

impl Message {
    /// Reads a frame's body, unless it is encrypted or a part of more.
    pub fn read(frame: &Frame) -> Result<Self, BodyFault> {
        let header = frame.header();
        match header.part {
            _ if header.encryption != Encryption::NONE => Ok(Self::Encrypted(header.encryption)),
            Some(part) if part.total() > 1 => Ok(Self::Part(part)),
            _ => Self::read_whole(header, frame.body()),
        }
    }

    /// Reads a body that is complete and not encrypted, such as one put together from its parts.
    pub fn read_whole(header: &Header, body: &[u8]) -> Result<Self, BodyFault> {
        Ok(match header.id {
            MessageId::TERMINAL_REPLY => Self::TerminalReply(TerminalReply::read(body)?),
            MessageId::HEARTBEAT => Self::Heartbeat,
            MessageId::UNREGISTER => Self::Unregister,
            MessageId::REGISTER => Self::Register(Register::read(body, header.layout)?),
            MessageId::AUTHENTICATION => Self::Authentication(Authentication::read(body, header)?),
            MessageId::LOCATION => Self::Location(Location::read(body)?),
            MessageId::LOCATION_REPLY => Self::LocationReply(LocationReply::read(body)?),
            MessageId::PARAMETERS => Self::Parameters(Parameters::read(body)?),
            MessageId::BATCH => Self::Batch(Batch::read(body)?),
            id => Self::Unknown { id, body: body.to_vec() },
        })
    }
}

impl MessageId {
    /// The terminal answers in general.
    pub const TERMINAL_REPLY: Self = Self(0x0001);
    /// The terminal is still there.
    pub const HEARTBEAT: Self = Self(0x0002);
    /// The terminal is no longer to be known.
    pub const UNREGISTER: Self = Self(0x0003);
    /// The terminal asks to be registered.
    pub const REGISTER: Self = Self(0x0100);
    /// The terminal shows its code.
    pub const AUTHENTICATION: Self = Self(0x0102);
    /// The terminal answers how it is set.
    pub const PARAMETERS: Self = Self(0x0104);
    /// A location.
    pub const LOCATION: Self = Self(0x0200);
    /// The terminal answers where it is.
    pub const LOCATION_REPLY: Self = Self(0x0201);
    /// Many locations.
    pub const BATCH: Self = Self(0x0704);
    /// The platform answers in general.
    pub const PLATFORM_REPLY: Self = Self(0x8001);
    /// The platform asks for parts of a message again.
    pub const SEND_AGAIN: Self = Self(0x8003);
    /// The platform answers a registration.
    pub const REGISTER_REPLY: Self = Self(0x8100);
    /// The platform sets parameters of the terminal.
    pub const SET_PARAMETERS: Self = Self(0x8103);
    /// The platform asks how the terminal is set.
    pub const ASK_PARAMETERS: Self = Self(0x8104);
    /// The platform asks where the terminal is.
    pub const LOCATE: Self = Self(0x8201);
    /// The platform has a text for the driver.
    pub const TEXT: Self = Self(0x8300);

    /// Whether it answers a command, and so is itself not answered.
    pub fn is_answer(self) -> bool {
        [Self::TERMINAL_REPLY, Self::PARAMETERS, Self::LOCATION_REPLY].contains(&self)
    }

    /// The standard's name for it; `None` for those of makers and those not used here.
    pub fn words(self) -> Option<Words> {
        let found = NAMES.iter().find(|(id, ..)| *id == self.0)?;
        Some(Words::fixed(found.1, found.2))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x}", self.0)
    }
}

const NAMES: [(u16, &str, &str); 28] = [
    (0x0001, "终端通用应答", "general reply of the terminal"),
    (0x0002, "终端心跳", "heartbeat"),
    (0x0003, "终端注销", "unregister"),
    (0x0004, "查询服务器时间", "ask for the time"),
    (0x0005, "终端补传分包请求", "ask for parts again"),
    (0x0100, "终端注册", "register"),
    (0x0102, "终端鉴权", "authentication"),
    (0x0104, "查询终端参数应答", "parameters of the terminal"),
    (0x0107, "查询终端属性应答", "properties of the terminal"),
    (0x0200, "位置信息汇报", "location"),
    (0x0201, "位置信息查询应答", "location as asked for"),
    (0x0702, "驾驶员身份信息采集上报", "driver's card"),
    (0x0704, "定位数据批量上传", "batch of locations"),
    (0x0800, "多媒体事件信息上传", "event with media"),
    (0x0801, "多媒体数据上传", "media"),
    (0x0900, "数据上行透传", "transparent data to the platform"),
    (0x8001, "平台通用应答", "general reply of the platform"),
    (0x8003, "服务器补传分包请求", "ask for parts again"),
    (0x8004, "查询服务器时间应答", "the time"),
    (0x8100, "终端注册应答", "reply to a registration"),
    (0x8103, "设置终端参数", "set parameters"),
    (0x8104, "查询终端参数", "ask for parameters"),
    (0x8105, "终端控制", "control the terminal"),
    (0x8201, "位置信息查询", "ask for the location"),
    (0x8202, "临时位置跟踪控制", "follow for a while"),
    (0x8300, "文本信息下发", "text for the driver"),
    (0x8500, "车辆控制", "control the vehicle"),
    (0x8900, "数据下行透传", "transparent data to the terminal"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jt808::samples::{self, sample};
    use crate::noise;

    fn with(change: impl FnOnce(&mut Header), body: &[u8]) -> Message {
        let mut header = *Frame::read(&sample(samples::HEARTBEAT)).unwrap().header();
        change(&mut header);
        Message::read(&Frame::new_checked(header, body.to_vec()).unwrap()).unwrap()
    }

    #[test]
    fn every_kind_is_told_by_its_id() {
        assert_eq!(with(|_| (), &[]), Message::Heartbeat);
        assert_eq!(with(|h| h.id = MessageId::UNREGISTER, &[]), Message::Unregister);
        let unknown = Message::Unknown { id: MessageId(0x0f01), body: vec![1, 2] };
        assert_eq!(with(|h| h.id = MessageId(0x0f01), &[1, 2]), unknown);
        let body = [7; 28];
        let location = Location::read(&body).unwrap();
        assert_eq!(with(|h| h.id = MessageId::LOCATION, &body), Message::Location(location));
    }

    #[test]
    fn what_is_encrypted_or_a_part_is_not_read() {
        let encrypted = with(|h| h.encryption = Encryption::RSA, &[1]);
        assert_eq!(encrypted, Message::Encrypted(Encryption::RSA));
        let part = Part::new_checked(3, 1).unwrap();
        assert_eq!(with(|h| h.part = Some(part), &[1]), Message::Part(part));
        assert_eq!(with(|h| h.part = Part::new_checked(1, 1), &[]), Message::Heartbeat);
    }

    #[test]
    fn an_id_prints_as_the_standard_writes_it() {
        assert_eq!(MessageId::LOCATION.to_string(), "0x0200");
        assert_eq!(MessageId::LOCATION.words().unwrap().zh, "位置信息汇报");
        assert!(NAMES.is_sorted_by(|one, other| one.0 < other.0));
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_frames_have_a_message_or_a_fault_inside_of_their_body(raw in samples::anything()) {
            if let Ok(frame) = Frame::read(&raw)
                && let Err(fault) = Message::read(&frame)
            {
                prop_assert!(fault.at <= frame.body().len(), "{fault}");
            }
        }
    }
}
