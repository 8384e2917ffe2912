//! What the value of a field means, in words.

use crate::jt808::bits::{Status, named};
use crate::jt808::fault::ItemFault;
use crate::jt808::header::{Attributes, Encryption, FIXED_2013, FIXED_2019};
use crate::jt808::item::{Value, value};
use crate::jt808::location::time_of;
use crate::jt808::message::MessageId;
use crate::jt808::words::Words;

pub(super) const LEFTOVER: Words = Words::fixed("不属于任何字段", "belongs to no field");

pub(super) fn cut_short(needed: usize, left: usize) -> Words {
    Words::new(
        format!("需要{needed}字节，只剩{left}字节"),
        format!("{needed} bytes are needed, {left} are left"),
    )
}

pub(super) fn plain(number: u32) -> Words {
    Words::same(number.to_string())
}

pub(super) fn tenths(tenths: u32, unit: &str) -> Words {
    Words::same(format!("{}.{} {unit}", tenths / 10, tenths % 10))
}

pub(super) fn degrees(millionths: u32, hemisphere: char) -> Words {
    let (whole, part) = (millionths / 1_000_000, millionths % 1_000_000);
    Words::same(format!("{whole}.{part:06}° {hemisphere}"))
}

pub(super) fn altitude(bytes: &[u8]) -> Words {
    let metres = <[u8; 2]>::try_from(bytes).map(i16::from_be_bytes).unwrap_or_default();
    Words::same(format!("{metres} m"))
}

pub(super) fn time(bcd: &[u8]) -> Option<Words> {
    let time = time_of(bcd.try_into().ok()?)?;
    let (date, time) = (time.date(), time.time());
    let (hour, minute, second) = time.as_hms();
    Some(Words::same(format!("{date} {hour:02}:{minute:02}:{second:02} +08:00")))
}

pub(super) fn message_id(id: u32) -> Words {
    let unknown = || Words::fixed("未知消息", "unknown");
    u16::try_from(id).ok().and_then(|id| MessageId(id).words()).unwrap_or_else(unknown)
}

/// The length, and what is out of the ordinary.
pub(super) fn attributes(attributes: Attributes) -> Words {
    let len = attributes.body_len();
    let mut all = vec![Words::new(format!("消息体{len}字节"), format!("body of {len} bytes"))];
    match attributes.encryption() {
        Encryption::NONE => {}
        Encryption::RSA => all.push(Words::fixed("RSA加密", "RSA")),
        _ => all.push(Words::fixed("未知加密", "unknown encryption")),
    }
    if attributes.has_part() {
        all.push(Words::fixed("分包", "in parts"));
    }
    if attributes.has_version_bit() {
        all.push(Words::fixed("版本标识", "version bit"));
    }
    Words::joined(&all)
}

pub(super) fn wrong_length(attributes: Attributes, content_len: usize) -> Words {
    let fixed = if attributes.has_version_bit() { FIXED_2019 } else { FIXED_2013 };
    let part = if attributes.has_part() { 4 } else { 0 };
    let declared = attributes.body_len();
    let found = content_len.saturating_sub(fixed + part);
    Words::new(
        format!("声明消息体{declared}字节，实际{found}字节"),
        format!("a body of {declared} bytes is told of, {found} follow"),
    )
}

pub(super) fn all_or_none(all: &[Words]) -> Words {
    if all.is_empty() { Words::fixed("无", "none") } else { Words::joined(all) }
}

pub(super) fn status(status: Status) -> Words {
    let mut all = Vec::new();
    if !status.acc_on() {
        all.push(Words::fixed("ACC关", "ACC off"));
    }
    if !status.fixed() {
        all.push(Words::fixed("未定位", "no fix"));
    }
    all.extend(status.words());
    let load = status.load().words();
    all.push(Words::new(load.zh.into_owned(), format!("load {}", load.en)));
    Words::joined(&all)
}

pub(super) fn batch_kind(kind: u32) -> Words {
    match kind {
        0 => Words::fixed("正常位置批量汇报", "normal"),
        1 => Words::fixed("盲区补报", "sent later from a place without network"),
        _ => Words::fixed("未知类型", "unknown"),
    }
}

pub(super) fn plate_colour(colour: u32) -> Words {
    match colour {
        0 => Words::fixed("未上牌", "no plate"),
        1 => Words::fixed("蓝色", "blue"),
        2 => Words::fixed("黄色", "yellow"),
        3 => Words::fixed("黑色", "black"),
        4 => Words::fixed("白色", "white"),
        5 => Words::fixed("绿色", "green"),
        9 => Words::fixed("其他", "other"),
        other => plain(other),
    }
}

pub(super) fn general_result(result: u32) -> Words {
    match result {
        0 => Words::fixed("成功", "done"),
        1 => Words::fixed("失败", "failed"),
        2 => Words::fixed("消息有误", "bad message"),
        3 => Words::fixed("不支持", "unsupported"),
        4 => Words::fixed("报警处理确认", "alarm confirmed"),
        other => plain(other),
    }
}

pub(super) fn register_result(result: u32) -> Words {
    match result {
        0 => Words::fixed("成功", "accepted"),
        1 => Words::fixed("车辆已被注册", "the vehicle has a terminal already"),
        2 => Words::fixed("数据库中无该车辆", "no such vehicle"),
        3 => Words::fixed("终端已被注册", "the terminal belongs to a vehicle already"),
        4 => Words::fixed("数据库中无该终端", "no such terminal"),
        other => plain(other),
    }
}

pub(super) fn item_name(id: u32) -> Words {
    match id {
        0x01 => Words::fixed("里程", "mileage"),
        0x02 => Words::fixed("油量", "fuel"),
        0x03 => Words::fixed("行驶记录速度", "speed of the recorder"),
        0x04 => Words::fixed("需人工确认的报警事件ID", "event to confirm"),
        0x05 => Words::fixed("胎压", "tyre pressure"),
        0x06 => Words::fixed("车厢温度", "temperature inside"),
        0x11 => Words::fixed("超速报警附加信息", "about overspeed"),
        0x12 => Words::fixed("进出区域或路线报警附加信息", "about an area or a route"),
        0x13 => Words::fixed("路段行驶时间报警附加信息", "about time in a segment"),
        0x14..=0x18 => Words::fixed("视频报警", "video alarms of JT/T 1078"),
        0x25 => Words::fixed("扩展车辆信号状态", "signals"),
        0x2a => Words::fixed("IO状态", "inputs and outputs"),
        0x2b => Words::fixed("模拟量", "analog inputs"),
        0x30 => Words::fixed("无线通信网络信号强度", "network strength"),
        0x31 => Words::fixed("GNSS定位卫星数", "satellites"),
        0xe1..=0xff => Words::fixed("厂商自定义", "the maker's own"),
        _ => Words::fixed("其他附加信息", "other item"),
    }
}

/// What an item says, and what is wrong with it.
pub(super) fn item(id: u32, bytes: &[u8]) -> (Words, Option<Words>) {
    let number = bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte));
    match value(u8::try_from(id).unwrap_or_default(), bytes) {
        Ok(Value::MileageKm(_)) => (tenths(number, "km"), None),
        Ok(Value::FuelL(_)) => (tenths(number, "L"), None),
        Ok(Value::RecorderSpeedKmh(_)) => (tenths(number, "km/h"), None),
        Ok(Value::Signals(bits)) => (all_or_none(&named(bits, &SIGNALS)), None),
        Ok(Value::InputOutput(bits)) => (all_or_none(&named(bits.into(), &SLEEP)), None),
        Ok(Value::Analog { ad0, ad1 }) => (Words::same(format!("AD0 {ad0}, AD1 {ad1}")), None),
        Ok(Value::EventToConfirm(_) | Value::NetworkStrength(_) | Value::Satellites(_)) => {
            (plain(number), None)
        }
        Ok(Value::Raw) => (Words::same(""), None),
        Err(fault) => (Words::same(""), Some(item_fault(fault))),
    }
}

pub(super) fn item_fault(fault: ItemFault) -> Words {
    match fault {
        ItemFault::Length { expected, found } => Words::new(
            format!("{found}字节，标准为{expected}字节"),
            format!("{found} bytes, the standard says {expected}"),
        ),
        fault => Words::same(fault.to_string()),
    }
}

const SIGNALS: [(u8, &str, &str); 15] = [
    (0, "近光灯", "low beam"),
    (1, "远光灯", "high beam"),
    (2, "右转向灯", "right indicator"),
    (3, "左转向灯", "left indicator"),
    (4, "制动", "brake"),
    (5, "倒挡", "reverse"),
    (6, "雾灯", "fog lamp"),
    (7, "示廓灯", "clearance lamp"),
    (8, "喇叭", "horn"),
    (9, "空调", "air conditioning"),
    (10, "空挡", "neutral"),
    (11, "缓速器", "retarder"),
    (12, "ABS工作", "ABS"),
    (13, "加热器", "heater"),
    (14, "离合器", "clutch"),
];

const SLEEP: [(u8, &str, &str); 2] = [(0, "深度休眠", "deep sleep"), (1, "休眠", "sleep")];
