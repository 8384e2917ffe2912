//! Single frames from the tests of others, and random ones.

use proptest::prelude::*;

use super::frame::Frame;
use super::header::{Encryption, Header, Layout, Part};
use super::message::MessageId;
use crate::noise;

/// `SmallChi/JT808`, README, first example: both escapes.
pub(crate) const LOCATION_2013: &str = "7E02000026123456789012007D02000000010000000200BA7F0E07E4F11C0028003C00001810151010100104000000640202007D01137E";
/// `SmallChi/JT808`, `JT808_0x0002Test.cs`: the checksum is a flag.
pub(crate) const HEARTBEAT: &str = "7E00020000040021679287002B7D027E";
/// `SmallChi/JT808`, `JT808_0x0100Test.cs`.
pub(crate) const REGISTER_2013: &str = "7E0100002D000123456789000A002800323132333400736D616C6C6368693132330000000000000000004348493132330001D4C14131323334358A7E";
/// `SmallChi/JT808`, the extension for JT/T 1078, `JT808_0x0200Test.cs`.
pub(crate) const LOCATION_2019: &str = "7E020040420100000000013419905507021200040000001410010213679206C4A97D01001300000002220720103957010400000E3E020200000302025825040000001030014531010814040000000115040000000C797E";
/// `SmallChi/JT808`, `JT808_0x0200Test.cs`: bit 14 is set before a header of 2013.
pub(crate) const LYING_VERSION_BIT: &str = "7E0200406C010030000681090E00000000000C0003026C936F074C794C0004036300D7210625155739010400000000052801CC00210625155739054145BBC91E4145A2FA1141450000004145BBC8194145A1370A4145000000240200002A0200002B04000000003001153101125F0A89860418231870850620757E";

/// `SmallChi/JT808`, `JT808_0x0001Test.cs`: to a message 1000 of 0x0002, which a platform never sends.
pub(crate) const TERMINAL_REPLY: &str = "7E0001000501234567890004B303E8000200D37E";
/// `SmallChi/JT808`, `JT808_0x0201Test.cs`.
pub(crate) const LOCATION_REPLY: &str = "7E0201002811223344556622B83039000000010000000200BA7F0E07E4F11C0028003C000018071510101001040000006402020037517E";
/// `SmallChi/JT808`, `JT808_0x0104Test.cs`: a heartbeat every 10 s. The second frame there has an id twice.
pub(crate) const PARAMETERS: &str = "7E0104000C000123456789000A00140100000001040000000A907E";

const ALL: [&str; 8] = [
    LOCATION_2013,
    HEARTBEAT,
    REGISTER_2013,
    LOCATION_2019,
    LYING_VERSION_BIT,
    TERMINAL_REPLY,
    LOCATION_REPLY,
    PARAMETERS,
];

/// Hexadecimal as bytes.
pub(crate) fn sample(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().map(|c| u8::try_from(c.to_digit(16).unwrap()).unwrap()).collect();
    assert!(digits.len().is_multiple_of(2), "{hex}");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Frames of every layout, with bodies of all kinds.
pub(crate) fn frame() -> impl Strategy<Value = Frame> {
    let layout = prop_oneof![
        any::<[u8; 6]>().prop_map(|phone| Layout::V2013 { phone }),
        any::<(u8, [u8; 10])>().prop_map(|(version, phone)| Layout::V2019 { version, phone }),
    ];
    let part = (1..20_u16, 1..20_u16).prop_map(|(a, b)| Part::new_checked(a.max(b), a.min(b)));
    let part = prop_oneof![4 => Just(None), 1 => part];
    let encryption = prop_oneof![4 => Just(Encryption::NONE), 1 => Just(Encryption::RSA)];
    let flags = any::<(bool, bool, u16)>();
    (layout, part, encryption, flags, id_and_body()).prop_map(
        |(layout, part, encryption, (version_bit, reserved_bit, serial), (id, body))| {
            let id = MessageId(id);
            let header = Header { id, encryption, version_bit, reserved_bit, layout, serial, part };
            Frame::new_checked(header, body).unwrap()
        },
    )
}

/// Noise, frames, and frames in which something was changed; also ones that are changed in their
/// content and have a right checksum, so that what lies behind it is reached.
pub(crate) fn anything() -> impl Strategy<Value = Vec<u8>> {
    let real = || proptest::sample::select(&ALL).prop_map(sample);
    let whole = prop_oneof![real(), frame().prop_map(|frame| frame.write())];
    let rebodied = noise::damaged(id_and_body().prop_map(|(_, body)| body));
    let rebodied = (frame(), rebodied).prop_map(|(frame, mut body)| {
        body.truncate(1_023);
        Frame::new_checked(*frame.header(), body).unwrap().write()
    });
    prop_oneof![
        noise::bytes(80),
        noise::bytes(40).prop_map(|inner| [&[0x7e][..], &inner, &[0x7e]].concat()),
        whole,
        noise::damaged(real()),
        noise::damaged(frame().prop_map(|frame| frame.write())),
        rebodied,
    ]
}

/// A location of a real time with up to five items.
pub(crate) fn location_body() -> impl Strategy<Value = Vec<u8>> {
    let time = (0x20..0x2a_u8, 1..10_u8, 1..10_u8, 0..10_u8, 0..10_u8, 0..10_u8);
    let id = prop_oneof![0..8_u8, 0x25..0x32_u8, any::<u8>()];
    let item = (id, noise::bytes(6));
    (any::<[u8; 22]>(), time, proptest::collection::vec(item, 0..5)).prop_map(
        |(fixed, (year, month, day, hour, minute, second), items)| {
            let mut body = fixed.to_vec();
            body.extend([year, month, day, hour, minute, second]);
            for (id, value) in items {
                body.extend([id, u8::try_from(value.len()).unwrap()]);
                body.extend(value);
            }
            body
        },
    )
}

/// An answer with up to five parameters, known and unknown, with values of right and wrong lengths.
pub(crate) fn parameters_body() -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![proptest::sample::select(&[0x01, 0x27, 0x29, 0x55_u32]), any::<u32>()];
    let value = prop_oneof![any::<[u8; 4]>().prop_map(Vec::from), noise::bytes(6)];
    (any::<u16>(), proptest::collection::vec((id, value), 0..5)).prop_map(|(serial, items)| {
        let mut body = serial.to_be_bytes().to_vec();
        body.push(u8::try_from(items.len()).unwrap());
        for (id, value) in items {
            body.extend(id.to_be_bytes());
            body.push(u8::try_from(value.len()).unwrap());
            body.extend(value);
        }
        body
    })
}

fn id_and_body() -> impl Strategy<Value = (u16, Vec<u8>)> {
    const KNOWN: [u16; 16] = [
        0x0001, 0x0002, 0x0003, 0x0005, 0x0100, 0x0102, 0x0104, 0x0200, 0x0201, 0x0704, 0x8001,
        0x8003, 0x8100, 0x8103, 0x8201, 0x8300,
    ];
    let reply = location_body().prop_map(|body| [&[0x12, 0x34], body.as_slice()].concat());
    let batch = proptest::collection::vec(location_body(), 0..4).prop_map(|locations| {
        let mut body = u16::try_from(locations.len()).unwrap().to_be_bytes().to_vec();
        body.push(0);
        for location in locations {
            body.extend(u16::try_from(location.len()).unwrap().to_be_bytes());
            body.extend(location);
        }
        body
    });
    prop_oneof![
        2 => location_body().prop_map(|body| (0x0200, body)),
        1 => reply.prop_map(|body| (0x0201, body)),
        1 => parameters_body().prop_map(|body| (0x0104, body)),
        1 => parameters_body().prop_map(|body| (0x8103, body[2..].to_vec())),
        2 => batch.prop_map(|body| (0x0704, body)),
        2 => (proptest::sample::select(&KNOWN), noise::bytes(120)),
        1 => (any::<u16>(), noise::bytes(120)),
        1 => (any::<u16>(), proptest::collection::vec(any::<u8>(), 1_000..=1_023)),
    ]
}
