//! The bodies, field by field.

use super::{Explainer, meaning};
use crate::jt808::authentication::code_len_of_2019;
use crate::jt808::bits::{Alarms, Status};
use crate::jt808::message::MessageId;
use crate::jt808::register::Edition;
use crate::jt808::text::gbk;
use crate::jt808::words::Words;

/// A terminal of 2019 asks for parts of a message again.
const ASKED_AGAIN: MessageId = MessageId(0x0005);

impl Explainer<'_> {
    /// What cannot be read to its end is left to be told as such.
    pub(super) fn body(&mut self) {
        match self.id {
            MessageId::HEARTBEAT
            | MessageId::UNREGISTER
            | MessageId::LOCATE
            | MessageId::ASK_PARAMETERS => None,
            MessageId::REGISTER => self.register(),
            MessageId::AUTHENTICATION => self.authentication(),
            MessageId::LOCATION => self.location(),
            MessageId::LOCATION_REPLY => self.location_reply(),
            MessageId::BATCH => self.batch(),
            MessageId::PARAMETERS => self.parameters_reply(),
            MessageId::SET_PARAMETERS => self.parameters(),
            MessageId::SEND_AGAIN | ASKED_AGAIN => self.send_again(),
            MessageId::TEXT => self.text_message(),
            MessageId::PLATFORM_REPLY | MessageId::TERMINAL_REPLY => self.general_reply(),
            MessageId::REGISTER_REPLY => self.register_reply(),
            _ => {
                self.rest(Words::fixed("消息体", "body"), None);
                None
            }
        };
    }

    pub(super) fn location(&mut self) -> Option<()> {
        self.number(4, Words::fixed("报警标志", "alarms"), |bits| {
            meaning::all_or_none(&Alarms(bits).words())
        })?;
        let status = Words::fixed("状态", "status");
        let status = Status(self.number(4, status, |bits| meaning::status(Status(bits)))?);
        self.number(4, Words::fixed("纬度", "latitude"), |millionths| {
            meaning::degrees(millionths, if status.south() { 'S' } else { 'N' })
        })?;
        self.number(4, Words::fixed("经度", "longitude"), |millionths| {
            meaning::degrees(millionths, if status.west() { 'W' } else { 'E' })
        })?;
        self.field(2, Words::fixed("高程", "altitude"), meaning::altitude)?;
        self.number(2, Words::fixed("速度", "speed"), |t| meaning::tenths(t, "km/h"))?;
        self.number(2, Words::fixed("方向", "heading"), |d| Words::same(format!("{d}°")))?;
        let mut is_time = true;
        self.field(6, Words::fixed("时间", "time"), |bcd| {
            let time = meaning::time(bcd);
            is_time = time.is_some();
            time.unwrap_or_else(|| Words::same(""))
        })?;
        if !is_time {
            self.blame(Words::fixed("不是有效时间", "no time"));
        }
        while self.left() > 0 {
            self.item()?;
        }
        Some(())
    }

    fn item(&mut self) -> Option<()> {
        let id = Words::fixed("附加信息ID", "item id");
        let id = self.number(1, id, meaning::item_name)?;
        let len = self.number(1, Words::fixed("附加信息长度", "item length"), meaning::plain)?;
        let len = usize::try_from(len).unwrap_or_default();
        let mut fault = None;
        self.field(len, meaning::item_name(id), |bytes| {
            let (meaning, found) = meaning::item(id, bytes);
            fault = found;
            meaning
        })?;
        if let Some(fault) = fault {
            self.blame(fault);
        }
        Some(())
    }

    fn batch(&mut self) -> Option<()> {
        let count = self.number(2, Words::fixed("数据项个数", "locations"), meaning::plain)?;
        self.number(1, Words::fixed("位置数据类型", "kind"), meaning::batch_kind)?;
        let body_end = self.end;
        for number in 1..=u16::try_from(count).unwrap_or_default() {
            self.location = Some(number);
            let read = self.batch_item();
            self.end = body_end;
            if read.is_none() {
                break;
            }
        }
        self.location = None;
        Some(())
    }

    /// `None` where the next one cannot be found.
    fn batch_item(&mut self) -> Option<()> {
        let name = Words::fixed("位置数据长度", "length of the location");
        let len = self.number(2, name, meaning::plain)?;
        let len = usize::try_from(len).unwrap_or_default();
        if len > self.left() {
            self.blame(meaning::cut_short(len, self.left()));
            self.rest(Words::fixed("不完整的位置数据", "location cut short"), None);
            return None;
        }
        self.end = self.at + len;
        if self.location().is_none() {
            self.rest(Words::fixed("多余字节", "left over"), Some(meaning::LEFTOVER));
        }
        Some(())
    }

    fn register(&mut self) -> Option<()> {
        let layout = self.announced?.layout;
        let body = self.plain.get(self.at..self.end).unwrap_or_default();
        let [maker, model, terminal_id] = Edition::of(body, layout).lengths();
        self.number(2, Words::fixed("省域ID", "province"), meaning::plain)?;
        self.number(2, Words::fixed("市县域ID", "city"), meaning::plain)?;
        self.text(maker, Words::fixed("制造商ID", "maker"))?;
        self.text(model, Words::fixed("终端型号", "model"))?;
        self.text(terminal_id, Words::fixed("终端ID", "terminal id"))?;
        self.number(1, Words::fixed("车牌颜色", "plate's colour"), meaning::plate_colour)?;
        self.text(self.left(), Words::fixed("车辆标识", "plate"))
    }

    fn authentication(&mut self) -> Option<()> {
        let header = self.announced?;
        let body = self.plain.get(self.at..self.end).unwrap_or_default();
        let code = Words::fixed("鉴权码", "code");
        let Some(code_len) = code_len_of_2019(body, &header) else {
            return self.text(self.left().max(1), code);
        };
        self.number(1, Words::fixed("鉴权码长度", "length of the code"), meaning::plain)?;
        self.text(code_len, code)?;
        self.text(15, Words::fixed("终端IMEI", "IMEI"))?;
        self.text(20, Words::fixed("软件版本号", "software"))
    }

    fn general_reply(&mut self) -> Option<()> {
        self.number(2, Words::fixed("应答流水号", "serial answered"), meaning::plain)?;
        self.number(2, Words::fixed("应答ID", "id answered"), meaning::message_id)?;
        self.number(1, Words::fixed("结果", "result"), meaning::general_result)?;
        Some(())
    }

    fn register_reply(&mut self) -> Option<()> {
        self.number(2, Words::fixed("应答流水号", "serial answered"), meaning::plain)?;
        let result = self.number(1, Words::fixed("结果", "result"), meaning::register_result)?;
        if result == 0 {
            let name = Words::fixed("鉴权码", "code");
            self.field(self.left(), name, |bytes| Words::same(gbk(bytes)))?;
        }
        Some(())
    }
}
