//! Frames good and bad, and what is said of them.

use proptest::prelude::*;

use super::*;
use crate::jt808::frame::Frame;
use crate::jt808::header::Part;
use crate::jt808::message::Message;
use crate::jt808::samples::{self, sample};
use crate::noise;

fn field<'a>(told: &'a [Explained], en: &str) -> &'a Explained {
    told.iter().find(|field| field.name.en == en).unwrap_or_else(|| panic!("{en}: {told:#?}"))
}

fn faults(told: &[Explained]) -> Vec<&str> {
    told.iter().filter(|field| field.fault.is_some()).map(|f| f.name.en.as_ref()).collect()
}

#[test]
fn a_location_is_explained_field_by_field() {
    let told = explain(&sample(samples::LOCATION_2013));
    for (en, range, hex, meaning) in [
        ("flag", 0..1, "7E", ""),
        ("message id", 1..3, "0200", "location"),
        ("terminal's number", 5..11, "123456789012", "123456789012"),
        ("serial", 11..14, "007D02", "126"),
        ("alarms", 14..18, "00000001", "SOS"),
        ("status", 18..22, "00000002", "ACC off, fixed, load empty"),
        ("latitude", 22..26, "00BA7F0E", "12.222222° N"),
        ("longitude", 26..30, "07E4F11C", "132.444444° E"),
        ("altitude", 30..32, "0028", "40 m"),
        ("speed", 32..34, "003C", "6.0 km/h"),
        ("heading", 34..36, "0000", "0°"),
        ("time", 36..42, "181015101010", "2018-10-15 10:10:10 +08:00"),
        ("mileage", 44..48, "00000064", "10.0 km"),
        ("fuel", 50..53, "007D01", ""),
    ] {
        let field = field(&told, en);
        assert_eq!((&field.range, field.hex.as_str()), (&range, hex), "{en}");
        if !meaning.is_empty() {
            assert_eq!(field.meaning.en, meaning);
        }
    }
    assert_eq!(field(&told, "fuel").meaning.zh, "12.5 L");
    assert_eq!(field(&told, "alarms").meaning.zh, "紧急报警");
    assert_eq!(faults(&told), [""; 0]);
}

#[test]
fn good_frames_have_no_fault() {
    for hex in [samples::HEARTBEAT, samples::REGISTER_2013, samples::LOCATION_2019] {
        assert_eq!(faults(&explain(&sample(hex))), [""; 0], "{hex}");
    }
    let told = explain(&sample(samples::REGISTER_2013));
    assert_eq!(field(&told, "plate").meaning.zh, "粤A12345");
    assert_eq!(field(&told, "plate's colour").meaning.zh, "蓝色");
}

/// From `Jt808ProtocolDecoderTest.java` of `traccar/traccar`.
#[test]
fn a_wrong_length_and_a_wrong_checksum_are_both_told() {
    let told = explain(&sample(
        "7E02000032013511221122000700000000000C000301578CC006CA3A5C00470000000014072317201501040000000030011631010BD07E",
    ));
    assert_eq!(faults(&told), ["attributes", "checksum"]);
    let fault = field(&told, "attributes").fault.clone().unwrap();
    assert_eq!(fault.en, "a body of 50 bytes is told of, 40 follow");
    assert_eq!(field(&told, "latitude").meaning.en, "22.514880° N");
}

#[test]
fn a_version_bit_that_lies_is_said() {
    let told = explain(&sample(samples::LYING_VERSION_BIT));
    assert_eq!(field(&told, "terminal's number").meaning.en, "010030000681");
    assert!(field(&told, "attributes").meaning.en.contains("version bit"));
    assert_eq!(faults(&told), [""; 0]);
}

#[test]
fn what_is_missing_or_broken_is_told_at_its_place() {
    assert_eq!(faults(&explain(&[])), ["flag", "message id", "checksum", "flag"]);
    let told = explain(&[0x7e, 0, 2, 0, 0, 1, 0x7d, 9, 0x7e]);
    assert!(faults(&told).contains(&"terminal's number"), "{told:#?}");
    let endless = explain(&[1; INNER_LIMIT + 3]);
    assert_eq!(faults(&endless), ["no frame"]);
}

#[test]
fn the_locations_of_a_batch_are_numbered() {
    let header = *Frame::read(&sample(samples::HEARTBEAT)).unwrap().header();
    let header = Header { id: MessageId::BATCH, ..header };
    let mut body = vec![0, 3, 1];
    for _ in 0..2 {
        body.extend([0, 28]);
        body.extend([0; 28]);
    }
    body.extend([0, 28, 1]);
    let told = explain(&Frame::new_checked(header, body).unwrap().write());
    let numbers: Vec<u16> =
        told.iter().filter(|f| f.name.en == "latitude").filter_map(|f| f.location).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(field(&told, "kind").meaning.zh, "盲区补报");
    assert!(faults(&told).contains(&"length of the location"), "{told:#?}");
}

proptest! {
    #![proptest_config(noise::config())]

    #[test]
    fn random_bytes_are_explained_without_a_gap(raw in samples::anything()) {
        let told = explain(&raw);
        let mut end = 0;
        for field in &told {
            prop_assert_eq!(field.range.start, end, "{:?}", told);
            end = field.range.end;
        }
        prop_assert_eq!(end, raw.len());
        let whole: String = told.iter().map(|field| field.hex.as_str()).collect();
        prop_assert_eq!(whole, hex(&raw));
    }

    #[test]
    fn random_frames_that_are_refused_have_a_fault_explained(raw in samples::anything()) {
        if Frame::read(&raw).is_err() {
            prop_assert!(!faults(&explain(&raw)).is_empty());
        }
    }
}

/// A frame of the platform to a terminal of this layout.
fn down(layout: Layout, id: u16, body: &[u8]) -> Vec<u8> {
    let header = Header::of_platform(layout, MessageId(id), 7);
    Frame::new_checked(header, body.to_vec()).unwrap().write()
}

const OLD: Layout = Layout::V2013 { phone: [0x01, 0x23, 0x45, 0x67, 0x89, 0x00] };
const NEW: Layout = Layout::V2019 { version: 1, phone: [0x11; 10] };

/// The fields of the body: where it begins, what follows.
fn says(raw: &[u8], expected: &[(&str, &str, &str, &str, &str)]) {
    let told = explain(raw);
    let begin = told.iter().position(|field| field.name.en == "serial").unwrap() + 1;
    let body: Vec<_> = told[begin..told.len() - 2]
        .iter()
        .map(|f| (&*f.name.zh, &*f.name.en, &*f.hex, &*f.meaning.zh, &*f.meaning.en))
        .collect();
    assert_eq!(body, expected);
    assert_eq!(faults(&told), [""; 0]);
}

#[test]
fn a_text_is_explained_in_each_edition() {
    let kind = ("文本类型", "kind of text", "01", "通知", "notice");
    let text = ("文本信息", "text", "BCB1", "急", "急");
    let flags = "紧急、终端显示器显示、广告屏显示";
    let old = ("标志", "flags", "15", flags, "urgent, display, advertising screen");
    says(&down(OLD, 0x8300, &[0x15, 0xbc, 0xb1]), &[old, text]);
    let flags = "紧急、终端显示器显示、终端TTS播读";
    let new = ("标志", "flags", "0E", flags, "urgent, display, speech");
    says(&down(NEW, 0x8300, &[0x0e, 1, 0xbc, 0xb1]), &[new, kind, text]);
    let flags =
        ("标志", "flags", "20", "类型保留、CAN故障码信息", "kind reserved, CAN fault codes");
    let kind = ("文本类型", "kind of text", "02", "服务", "service");
    says(&down(NEW, 0x8300, &[0x20, 2, 0xbc, 0xb1]), &[flags, kind, text]);
}

#[test]
fn parts_asked_for_again_are_explained_in_each_edition() {
    let first = ("原始消息流水号", "serial of the first part", "04D2", "1234", "1234");
    let parts = ("重传包ID列表", "which parts", "00020103", "2、259", "2, 259");
    let count = ("重传包总数", "parts asked for", "02", "2", "2");
    says(&down(OLD, 0x8003, &[4, 0xd2, 2, 0, 2, 1, 3]), &[first, count, parts]);
    let count = ("重传包总数", "parts asked for", "0002", "2", "2");
    for id in [0x8003, 0x0005] {
        says(&down(NEW, id, &[4, 0xd2, 0, 2, 0, 2, 1, 3]), &[first, count, parts]);
    }
    let told = explain(&down(OLD, 0x8003, &[4, 0xd2, 3, 0, 2, 1, 3]));
    assert_eq!(faults(&told), ["which parts"]);
}

#[test]
fn parameters_set_and_answered_are_explained() {
    let parameters = [
        ("参数总数", "parameters", "02", "2", "2"),
        ("参数ID", "parameter id", "00000029", "缺省时间汇报间隔", "report interval"),
        ("参数长度", "parameter length", "04", "4", "4"),
        ("缺省时间汇报间隔", "report interval", "0000001E", "30 s", "30 s"),
        ("参数ID", "parameter id", "00000083", "机动车号牌", "plate"),
        ("参数长度", "parameter length", "03", "3", "3"),
        ("机动车号牌", "plate", "D4C141", "粤A", "粤A"),
    ];
    let body = [2, 0, 0, 0, 0x29, 4, 0, 0, 0, 30, 0, 0, 0, 0x83, 3, 0xd4, 0xc1, 0x41];
    says(&down(OLD, 0x8103, &body), &parameters);
    says(&down(NEW, 0x8103, &body), &parameters);
    let serial = ("应答流水号", "serial answered", "0014", "20", "20");
    let answer = [&[0, 20][..], &body].concat();
    says(&down(NEW, 0x0104, &answer), &[&[serial][..], &parameters].concat());
}

#[test]
fn a_wrong_count_or_length_of_parameters_is_told_at_its_place() {
    let told = explain(&down(OLD, 0x8103, &[2, 0, 0, 0, 0x55, 2, 0, 80]));
    assert_eq!(faults(&told), ["parameters", "maximum speed"]);
    assert_eq!(field(&told, "parameters").fault.clone().unwrap().zh, "实际1个");
    let told = explain(&down(OLD, 0x8103, &[1, 0, 0, 0, 0x55, 4, 0, 80]));
    assert_eq!(faults(&told), ["maximum speed"]);
    assert_eq!(field(&told, "maximum speed").fault.clone().unwrap().zh, "需要4字节，只剩2字节");
}

#[test]
fn answers_of_a_terminal_are_explained() {
    let reply = [
        ("应答流水号", "serial answered", "03E8", "1000", "1000"),
        ("应答ID", "id answered", "0002", "终端心跳", "heartbeat"),
        ("结果", "result", "00", "成功", "done"),
    ];
    says(&sample(samples::TERMINAL_REPLY), &reply);
    says(&down(NEW, 0x0001, &[3, 0xe8, 0, 2, 0]), &reply);
    let told = explain(&sample(samples::LOCATION_REPLY));
    assert_eq!(field(&told, "serial answered").meaning.en, "12345");
    assert_eq!(field(&told, "latitude").meaning.zh, "12.222222° N");
    assert_eq!(field(&told, "fuel").meaning.en, "5.5 L");
    assert_eq!(faults(&told), [""; 0]);
}

#[test]
fn questions_without_a_body_have_none() {
    for id in [0x8201, 0x8104] {
        says(&down(OLD, id, &[]), &[]);
        assert_eq!(faults(&explain(&down(NEW, id, &[1]))), ["left over"]);
    }
}

/// A part of a batch was once told as a batch without a count, because its bytes had been told already.
#[test]
fn a_part_and_an_encrypted_body_are_no_fault() {
    let whole = *Frame::read(&sample(samples::LOCATION_2013)).unwrap().header();
    for header in [
        Header { part: Part::new_checked(3, 2), id: MessageId::BATCH, ..whole },
        Header { encryption: Encryption::RSA, ..whole },
    ] {
        let told = explain(&Frame::new_checked(header, vec![1, 2]).unwrap().write());
        assert_eq!((field(&told, "body").hex.as_str(), faults(&told)), ("0102", vec![]));
    }
    let header = Header { part: Part::new_checked(1, 1), ..whole };
    let told = explain(&Frame::new_checked(header, vec![0; 28]).unwrap().write());
    assert_eq!(field(&told, "longitude").meaning.en, "0.000000° E");
}

proptest! {
    #![proptest_config(noise::config())]

    #[test]
    fn random_bodies_that_are_refused_have_a_fault_explained(raw in samples::anything()) {
        if let Ok(frame) = Frame::read(&raw)
            && let Err(fault) = Message::read(&frame)
        {
            prop_assert!(!faults(&explain(&raw)).is_empty(), "{}", fault);
        }
    }
}
