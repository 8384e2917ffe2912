//! Commands to a terminal and its answers, field by field.

use super::{Explainer, meaning};
use crate::jt808::answer::value;
use crate::jt808::bits::named;
use crate::jt808::header::Layout;
use crate::jt808::text::gbk;
use crate::jt808::words::Words;

impl Explainer<'_> {
    pub(super) fn location_reply(&mut self) -> Option<()> {
        self.number(2, Words::fixed("应答流水号", "serial answered"), meaning::plain)?;
        self.location()
    }

    pub(super) fn parameters_reply(&mut self) -> Option<()> {
        self.number(2, Words::fixed("应答流水号", "serial answered"), meaning::plain)?;
        self.parameters()
    }

    pub(super) fn parameters(&mut self) -> Option<()> {
        let name = Words::fixed("参数总数", "parameters");
        let declared = self.number(1, name, meaning::plain)?;
        let counted_at = self.told.len().saturating_sub(1);
        let mut found = 0;
        while self.left() > 0 {
            self.parameter()?;
            found += 1;
        }
        if found != declared
            && let Some(count) = self.told.get_mut(counted_at)
        {
            count.fault = Some(Words::new(format!("实际{found}个"), format!("{found} follow")));
        }
        Some(())
    }

    fn parameter(&mut self) -> Option<()> {
        let id = Words::fixed("参数ID", "parameter id");
        let id = self.number(4, id, |id| Parameter::of(id).name)?;
        let len = self.number(1, Words::fixed("参数长度", "parameter length"), meaning::plain)?;
        let Parameter { name, says } = Parameter::of(id);
        let mut fault = None;
        self.field(usize::try_from(len).unwrap_or_default(), name, |bytes| {
            fault = value(id, bytes).err().map(meaning::item_fault);
            says.meaning(bytes)
        })?;
        if let Some(fault) = fault {
            self.blame(fault);
        }
        Some(())
    }

    /// 0x8003, and 0x0005 the other way round.
    pub(super) fn send_again(&mut self) -> Option<()> {
        let is_2019 = matches!(self.announced?.layout, Layout::V2019 { .. });
        let first = Words::fixed("原始消息流水号", "serial of the first part");
        self.number(2, first, meaning::plain)?;
        let name = Words::fixed("重传包总数", "parts asked for");
        let count = self.number(if is_2019 { 2 } else { 1 }, name, meaning::plain)?;
        let len = usize::try_from(count).unwrap_or_default() * 2;
        self.field(len, Words::fixed("重传包ID列表", "which parts"), |bytes| {
            let (parts, _) = bytes.as_chunks::<2>();
            let parts = parts.iter().map(|part| meaning::plain(u16::from_be_bytes(*part).into()));
            Words::joined(&parts.collect::<Vec<_>>())
        })
    }

    pub(super) fn text_message(&mut self) -> Option<()> {
        let is_2019 = matches!(self.announced?.layout, Layout::V2019 { .. });
        let flags = if is_2019 { flags_2019 } else { flags_2013 };
        self.number(1, Words::fixed("标志", "flags"), flags)?;
        if is_2019 {
            self.number(1, Words::fixed("文本类型", "kind of text"), text_kind)?;
        }
        self.text(self.left(), Words::fixed("文本信息", "text"))
    }
}

fn flags_2013(flags: u32) -> Words {
    let bits = [URGENT, DISPLAY, SPEECH, (4, "广告屏显示", "advertising screen"), FAULT_CODES];
    meaning::all_or_none(&named(flags, &bits))
}

fn flags_2019(flags: u32) -> Words {
    let kind = match flags & 0b11 {
        0b01 => Words::fixed("服务", "service"),
        0b10 => Words::fixed("紧急", "urgent"),
        0b11 => Words::fixed("通知", "notice"),
        _ => Words::fixed("类型保留", "kind reserved"),
    };
    let mut all = vec![kind];
    all.extend(named(flags, &[DISPLAY, SPEECH, FAULT_CODES]));
    Words::joined(&all)
}

fn text_kind(kind: u32) -> Words {
    match kind {
        1 => Words::fixed("通知", "notice"),
        2 => Words::fixed("服务", "service"),
        other => meaning::plain(other),
    }
}

const URGENT: (u8, &str, &str) = (0, "紧急", "urgent");
const DISPLAY: (u8, &str, &str) = (2, "终端显示器显示", "display");
const SPEECH: (u8, &str, &str) = (3, "终端TTS播读", "speech");
const FAULT_CODES: (u8, &str, &str) = (5, "CAN故障码信息", "CAN fault codes");

/// A parameter's name, and how its value is told.
struct Parameter {
    name: Words,
    says: Says,
}

#[derive(Clone, Copy)]
enum Says {
    /// A DWORD in this unit.
    Number(&'static str),
    /// GBK.
    Text,
    /// What is not known here.
    Nothing,
}

impl Parameter {
    fn of(id: u32) -> Self {
        PARAMETERS.iter().find(|(known, ..)| *known == id).map_or(
            Self { name: Words::fixed("其他参数", "other parameter"), says: Says::Nothing },
            |(_, zh, en, says)| Self { name: Words::fixed(zh, en), says: *says },
        )
    }
}

impl Says {
    fn meaning(self, bytes: &[u8]) -> Words {
        match (self, <[u8; 4]>::try_from(bytes)) {
            (Self::Number(unit), Ok(number)) => {
                let said = format!("{} {unit}", u32::from_be_bytes(number));
                Words::same(said.trim_end())
            }
            (Self::Text, _) => Words::same(gbk(bytes)),
            _ => Words::same(""),
        }
    }
}

const PARAMETERS: [(u32, &str, &str, Says); 15] = [
    (0x0001, "心跳发送间隔", "heartbeat interval", Says::Number("s")),
    (0x0010, "主服务器APN", "APN", Says::Text),
    (0x0013, "主服务器地址", "server", Says::Text),
    (0x0017, "备份服务器地址", "second server", Says::Text),
    (0x0020, "位置汇报策略", "report strategy", Says::Number("")),
    (0x0021, "位置汇报方案", "report scheme", Says::Number("")),
    (0x0027, "休眠时汇报时间间隔", "report interval while asleep", Says::Number("s")),
    (0x0028, "紧急报警时汇报时间间隔", "report interval during SOS", Says::Number("s")),
    (0x0029, "缺省时间汇报间隔", "report interval", Says::Number("s")),
    (0x002c, "缺省距离汇报间隔", "report distance", Says::Number("m")),
    (0x0055, "最高速度", "maximum speed", Says::Number("km/h")),
    (0x0056, "超速持续时间", "time before overspeed", Says::Number("s")),
    (0x0057, "连续驾驶时间门限", "longest driving time", Says::Number("s")),
    (0x005a, "最长停车时间", "longest parking time", Says::Number("s")),
    (0x0083, "机动车号牌", "plate", Says::Text),
];
