//! Commands as bytes worked by hand from the tables of the standard, as others write them, and at random.

use proptest::prelude::*;

use super::*;
use crate::jt808::cursor::Cursor;
use crate::jt808::explain::explain;
use crate::jt808::samples::{self, sample};
use crate::jt808::text::{gbk, to_gbk};
use crate::noise;

/// 2011 and 2013, whose headers are the same.
const OLD: Layout = Layout::V2013 { phone: [0x01, 0x23, 0x45, 0x67, 0x89, 0x00] };
const NEW: Layout = Layout::V2019 {
    version: 1,
    phone: [0x00, 0x00, 0x00, 0x00, 0x01, 0x34, 0x19, 0x90, 0x55, 0x07],
};

fn written(to: Layout, serial: u16, command: &Command) -> Vec<u8> {
    Frame::command(to, serial, command).unwrap().write()
}

fn refused(to: Layout, command: &Command) -> CommandFault {
    Frame::command(to, 1, command).unwrap_err()
}

fn text(kind: TextKind, outlets: &[Outlet], text: &str) -> Command {
    Command::Text(Text { kind, outlets: outlets.to_vec(), words: text.to_owned() })
}

#[test]
fn a_question_for_the_location_has_no_body() {
    // The last byte is the exclusive or of all before it.
    assert_eq!(written(OLD, 1, &Command::Locate), sample("7E8201000001234567890000010B7E"));
    let raw = written(NEW, 0x0213, &Command::Locate);
    assert_eq!(raw, sample("7E82014000010000000001341990550702133D7E"));
    let raw = written(NEW, 0x0213, &Command::AskParameters);
    assert_eq!(raw, sample("7E81044000010000000001341990550702133B7E"));
}

/// From `JT808_0x8300Test.cs` of `SmallChi/JT808`.
#[test]
fn a_text_before_2019_is_what_others_write() {
    let urgent = text(TextKind::Urgent, &[Outlet::Display], "smallchi 518");
    let expected = "7E8300000D012345678900000105736D616C6C63686920353138027E";
    assert_eq!(written(OLD, 1, &urgent), sample(expected));
}

#[test]
fn the_flags_of_a_text_are_those_of_the_edition() {
    use Outlet::{AdvertisingScreen, Display, Speech};
    let body = |to, kind, outlets: &[Outlet]| {
        Frame::command(to, 1, &text(kind, outlets, "停车")).map(|f| f.body().to_vec())
    };
    let parked = [0xcd, 0xa3, 0xb3, 0xb5];
    let bytes = |fixed: &[u8]| Ok([fixed, &parked].concat());
    // Bit 0 urgent, 2 display, 3 speech, 4 advertising screen.
    for (kind, outlets, flags) in [
        (TextKind::Notice, &[Display][..], 0b0_0100),
        (TextKind::Service, &[Speech], 0b0_1000),
        (TextKind::Urgent, &[AdvertisingScreen, Speech, Display, Display], 0b1_1101),
    ] {
        assert_eq!(body(OLD, kind, outlets), bytes(&[flags]));
    }
    // Bits 0 and 1: 01 service, 10 urgent, 11 notice; then the byte of the kind.
    for (kind, outlets, fixed) in [
        (TextKind::Notice, &[Display][..], [0b0111, 1]),
        (TextKind::Service, &[Speech], [0b1001, 2]),
        (TextKind::Urgent, &[Speech, Display], [0b1110, 1]),
    ] {
        assert_eq!(body(NEW, kind, outlets), bytes(&fixed));
    }
    let screen = body(NEW, TextKind::Notice, &[Display, AdvertisingScreen]);
    assert_eq!(screen, Err(CommandFault::NoAdvertisingScreen));
    assert_eq!(body(OLD, TextKind::Notice, &[]), Err(CommandFault::NoOutlet));
}

/// The second byte of 緘 is an escape, that of 緙 a flag.
#[test]
fn a_text_whose_bytes_are_flags_and_escapes_is_escaped() {
    let command = text(TextKind::Notice, &[Outlet::Display], "緘緙");
    let raw = written(OLD, 1, &command);
    let body = Frame::read(&raw).unwrap().body().to_vec();
    assert_eq!(body[1..], [0xbe, 0x7d, 0xbe, 0x7e]);
    assert!(raw.windows(6).any(|w| w == [0xbe, 0x7d, 1, 0xbe, 0x7d, 2]), "{raw:x?}");
}

#[test]
fn what_gbk_cannot_say_is_refused_with_its_place() {
    let refused = |said| refused(NEW, &text(TextKind::Notice, &[Outlet::Speech], said));
    let fault = refused("前方🚗请停");
    assert_eq!(fault, CommandFault::NotGbk { at: 2, found: '🚗' });
    assert_eq!(fault.to_string(), "character 2 of the text is '🚗', which GBK does not have");
    assert_eq!(refused("5€"), CommandFault::NotGbk { at: 1, found: '€' });
    assert_eq!(refused("停\0车"), CommandFault::Nul { at: 1 });
    assert_eq!(refused(""), CommandFault::NoText);
}

#[test]
fn a_text_that_no_frame_has_room_for_is_refused_with_the_limit() {
    for (to, limit) in [(OLD, 1_022), (NEW, 1_021)] {
        assert_eq!(Text::limit(to), limit);
        let of = |said: &str| text(TextKind::Notice, &[Outlet::Display], said);
        let longest = "车".repeat(limit / 2) + if limit % 2 == 1 { "x" } else { "" };
        let frame = Frame::command(to, 1, &of(&longest)).unwrap();
        assert_eq!(frame.body().len(), 1_023);
        assert_eq!(Frame::read(&frame.write()), Ok(frame));
        let fault = refused(to, &of(&(longest + "y")));
        assert_eq!(fault, CommandFault::TextTooLong { found: limit + 1, limit });
        let said = format!("the text has {} bytes in GBK, the limit is {limit}", limit + 1);
        assert_eq!(fault.to_string(), said);
    }
}

/// The first from `JT808_0x8103Test.cs` of `SmallChi/JT808`.
#[test]
fn parameters_are_set_with_their_ids_and_lengths() {
    let heartbeat = Command::SetParameters(vec![Parameter::HeartbeatS(10)]);
    let expected = "7E8103000A000123456789000A0100000001040000000A057E";
    let phone = [0x00, 0x01, 0x23, 0x45, 0x67, 0x89];
    assert_eq!(written(Layout::V2013 { phone }, 10, &heartbeat), sample(expected));
    let all = Command::SetParameters(vec![
        Parameter::SleepReportS(3_600),
        Parameter::ReportS(30),
        Parameter::MaxSpeedKmh(80),
    ]);
    let body = ["03", "000000270400000E10", "00000029040000001E", "000000550400000050"].concat();
    for to in [OLD, NEW] {
        assert_eq!(Frame::command(to, 1, &all).unwrap().body(), sample(&body));
    }
}

#[test]
fn parameters_that_say_nothing_are_refused() {
    let refused = |parameters: &[Parameter]| {
        refused(OLD, &Command::SetParameters(parameters.to_vec())).to_string()
    };
    assert_eq!(refused(&[]), "no parameter is set");
    assert_eq!(refused(&[Parameter::MaxSpeedKmh(0)]), "parameter 0x0055 is 0");
    let twice = [Parameter::ReportS(10), Parameter::HeartbeatS(60), Parameter::ReportS(20)];
    assert_eq!(refused(&twice), "parameter 0x0029 is set twice");
}

/// The first body from `JT808_0x8003Test.cs` of `SmallChi/JT808`; since 2019 the count is a WORD.
#[test]
fn parts_are_asked_for_again_by_the_serial_of_the_first() {
    let again = Command::SendAgain(Gap::new_checked(1_234, vec![0x0102, 0x0203]).unwrap());
    let body = |to| Frame::command(to, 9, &again).unwrap().body().to_vec();
    assert_eq!(body(OLD), sample("04D20201020203"));
    assert_eq!(body(NEW), sample("04D2000201020203"));
}

#[test]
fn more_parts_than_a_frame_can_name_are_refused() {
    for (to, limit, body_len) in [(OLD, 255, 513), (NEW, 509, 1_022)] {
        let again = |count| Command::SendAgain(Gap::new_checked(7, (1..=count).collect()).unwrap());
        let frame = Frame::command(to, 1, &again(limit)).unwrap();
        assert_eq!(frame.body().len(), body_len);
        let (found, limit) = (usize::from(limit) + 1, limit.into());
        let fault = refused(to, &again(u16::try_from(found).unwrap()));
        assert_eq!(fault, CommandFault::TooManyParts { found, limit });
    }
}

#[test]
fn a_terminal_is_spoken_to_as_it_speaks_whatever_its_version_bit_says() {
    for hex in [samples::LYING_VERSION_BIT, samples::LOCATION_2013, samples::LOCATION_2019] {
        let theirs = *Frame::read(&sample(hex)).unwrap().header();
        let frame = Frame::command(theirs.layout, 3, &Command::Locate).unwrap();
        assert_eq!((frame.header().layout, frame.header().serial), (theirs.layout, 3));
        assert!(frame.header().version_bit_is_true());
    }
}

/// A terminal's ear, written from the tables on its own.
fn heard(frame: &Frame) -> Command {
    let is_2019 = matches!(frame.header().layout, Layout::V2019 { .. });
    let mut cursor = Cursor::new(frame.body(), 0);
    let command = match frame.header().id.0 {
        0x8201 => Command::Locate,
        0x8104 => Command::AskParameters,
        0x8103 => {
            let count = cursor.u8().unwrap();
            let parameter = |cursor: &mut Cursor<'_>| {
                let (id, len) = (cursor.u32().unwrap(), cursor.u8().unwrap());
                assert_eq!(len, 4);
                let value = cursor.u32().unwrap();
                match id {
                    0x0001 => Parameter::HeartbeatS(value),
                    0x0027 => Parameter::SleepReportS(value),
                    0x0029 => Parameter::ReportS(value),
                    0x0055 => Parameter::MaxSpeedKmh(value),
                    id => panic!("{id}"),
                }
            };
            Command::SetParameters((0..count).map(|_| parameter(&mut cursor)).collect())
        }
        0x8300 => {
            let flags = cursor.u8().unwrap();
            let kind = match (is_2019, flags & 0b11) {
                (false, 0b01) | (true, 0b10) => TextKind::Urgent,
                (true, 0b01) => TextKind::Service,
                (false, 0b00) | (true, 0b11) => TextKind::Notice,
                (_, bits) => panic!("{bits}"),
            };
            if is_2019 {
                let code = if kind == TextKind::Service { 2 } else { 1 };
                assert_eq!(cursor.u8().unwrap(), code);
            }
            let outlets = [Outlet::Display, Outlet::Speech, Outlet::AdvertisingScreen];
            let on = (2..).zip(outlets).filter(|(bit, _)| flags >> bit & 1 == 1);
            let outlets = on.map(|(_, outlet)| outlet).collect();
            Command::Text(Text { kind, outlets, words: gbk(cursor.rest()) })
        }
        0x8003 => {
            let first = cursor.u16().unwrap();
            let count = if is_2019 { cursor.u16().unwrap() } else { cursor.u8().unwrap().into() };
            let parts = (0..count).map(|_| cursor.u16().unwrap()).collect();
            Command::SendAgain(Gap::new_checked(first, parts).unwrap())
        }
        id => panic!("{id}"),
    };
    assert_eq!(cursor.left(), 0);
    command
}

fn layouts() -> impl Strategy<Value = Layout> {
    prop_oneof![
        any::<[u8; 6]>().prop_map(|phone| Layout::V2013 { phone }),
        any::<(u8, [u8; 10])>().prop_map(|(version, phone)| Layout::V2019 { version, phone }),
    ]
}

/// Good ones, but for screens that a terminal of 2019 has not.
fn commands() -> impl Strategy<Value = Command> {
    let value = || 1..=u32::MAX;
    let parameters = (value(), value(), value(), value()).prop_map(|(a, b, c, d)| {
        vec![
            Parameter::HeartbeatS(a),
            Parameter::SleepReportS(b),
            Parameter::ReportS(c),
            Parameter::MaxSpeedKmh(d),
        ]
    });
    let parameters = (parameters, 1..=4_usize).prop_map(|(mut all, count)| {
        all.truncate(count);
        Command::SetParameters(all)
    });
    let kind = proptest::sample::select(&[TextKind::Notice, TextKind::Service, TextKind::Urgent]);
    let outlets = [Outlet::Display, Outlet::Speech, Outlet::AdvertisingScreen];
    let outlets = proptest::sample::subsequence(outlets.to_vec(), 1..=3);
    let words = (kind, outlets, "[!-~一-龥，。（）]{1,400}")
        .prop_map(|(kind, outlets, said)| text(kind, &outlets, &said));
    let parts = proptest::collection::btree_set(1..=u16::MAX, 1..255);
    let again = (any::<u16>(), parts).prop_map(|(first, parts)| {
        Command::SendAgain(Gap::new_checked(first, parts.into_iter().collect()).unwrap())
    });
    prop_oneof![
        1 => Just(Command::Locate),
        1 => Just(Command::AskParameters),
        3 => parameters,
        3 => words,
        3 => again,
    ]
}

proptest! {
    #![proptest_config(noise::config())]

    #[test]
    fn random_commands_are_heard_as_they_were_given(
        (to, serial, command) in (layouts(), any::<u16>(), commands()),
    ) {
        let frame = match Frame::command(to, serial, &command) {
            Ok(frame) => frame,
            Err(fault) => {
                prop_assert_eq!(fault, CommandFault::NoAdvertisingScreen);
                return Ok(());
            }
        };
        let raw = frame.write();
        let read = Frame::read(&raw).unwrap();
        prop_assert_eq!(&read, &frame);
        prop_assert_eq!((read.header().layout, read.header().serial), (to, serial));
        let mut expected = command;
        if let (Command::Text(text), Layout::V2013 { .. }) = (&mut expected, to)
            && text.kind == TextKind::Service
        {
            text.kind = TextKind::Notice;
        }
        prop_assert_eq!(heard(&read), expected);
        let told = explain(&raw);
        prop_assert!(told.iter().all(|field| field.fault.is_none()), "{:?}", told);
    }

    #[test]
    fn random_texts_are_written_in_gbk_or_refused_within_them(
        (to, said) in (layouts(), noise::text(60)),
    ) {
        match Frame::command(to, 1, &text(TextKind::Notice, &[Outlet::Display], &said)) {
            Ok(frame) => {
                let fixed = frame.body().len() - to_gbk(&said).unwrap().len();
                prop_assert_eq!(gbk(&frame.body()[fixed..]), said.trim_matches(' '));
            }
            Err(CommandFault::NoText) => prop_assert!(said.is_empty()),
            Err(CommandFault::Nul { at }) => prop_assert_eq!(said.chars().nth(at), Some('\0')),
            Err(CommandFault::NotGbk { at, found }) => {
                prop_assert_eq!(said.chars().nth(at), Some(found));
            }
            Err(fault) => prop_assert!(false, "{}", fault),
        }
    }
}
