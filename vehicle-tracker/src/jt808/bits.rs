//! The 32 alarms and the 32 bits of status of a location.

use super::words::Words;

/// Alarms, by their bits. Bits 0, 3, 20 to 23, 27, 28 and 31 are to be cleared by the terminal once the
/// platform has answered; the others stand as long as what they tell of lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Alarms(pub u32);

/// Bits of status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status(pub u32);

/// How full a vehicle is, of people or of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Nobody, nothing.
    Empty,
    /// Half.
    Half,
    /// No room is left.
    Full,
    /// Bits that the standard keeps for later.
    Reserved,
}

impl Alarms {
    /// Whether an alarm of bit 0 to 31 is on.
    pub fn has(self, bit: u8) -> bool {
        has(self.0, bit)
    }

    /// Somebody asks for help.
    pub fn sos(self) -> bool {
        self.has(0)
    }

    /// A part of the terminal or its supply is broken: bits 4 to 12.
    pub fn device_fault(self) -> bool {
        self.0 & 0x1ff0 != 0
    }

    /// The alarms that are on, in the order of their bits.
    pub fn words(self) -> Vec<Words> {
        named(self.0, &ALARMS)
    }
}

impl Status {
    /// Whether bit 0 to 31 is set.
    pub fn has(self, bit: u8) -> bool {
        has(self.0, bit)
    }

    /// The ignition is on.
    pub fn acc_on(self) -> bool {
        self.has(0)
    }

    /// The receiver has a fix. Without it coordinates are often those of the last one.
    pub fn fixed(self) -> bool {
        self.has(1)
    }

    /// The latitude counts southwards.
    pub fn south(self) -> bool {
        self.has(2)
    }

    /// The longitude counts westwards.
    pub fn west(self) -> bool {
        self.has(3)
    }

    /// The vehicle is not in service.
    pub fn out_of_service(self) -> bool {
        self.has(4)
    }

    /// The coordinates went through the map plug-in of the state: they are GCJ-02, not WGS 84.
    pub fn through_map_plugin(self) -> bool {
        self.has(5)
    }

    /// How full the vehicle is.
    pub fn load(self) -> Load {
        match self.0 >> 8 & 0b11 {
            0b00 => Load::Empty,
            0b01 => Load::Half,
            0b11 => Load::Full,
            _ => Load::Reserved,
        }
    }

    /// The bits that are set and have a meaning of their own, in their order; the load is not one.
    pub fn words(self) -> Vec<Words> {
        named(self.0, &STATUS)
    }
}

impl Load {
    pub(super) fn words(self) -> Words {
        match self {
            Self::Empty => Words::fixed("空车", "empty"),
            Self::Half => Words::fixed("半载", "half full"),
            Self::Full => Words::fixed("满载", "full"),
            Self::Reserved => Words::fixed("载重保留", "load reserved"),
        }
    }
}

pub(super) fn has(bits: u32, bit: u8) -> bool {
    bits.checked_shr(bit.into()).is_some_and(|shifted| shifted & 1 == 1)
}

/// Names of the bits that are set; of one that has no name its number.
pub(super) fn named(bits: u32, names: &[(u8, &'static str, &'static str)]) -> Vec<Words> {
    names
        .iter()
        .filter(|(bit, ..)| has(bits, *bit))
        .map(|(_, zh, en)| Words::fixed(zh, en))
        .collect()
}

const ALARMS: [(u8, &str, &str); 32] = [
    (0, "紧急报警", "SOS"),
    (1, "超速报警", "overspeed"),
    (2, "疲劳驾驶报警", "fatigue"),
    (3, "危险驾驶行为报警", "dangerous driving"),
    (4, "GNSS模块故障", "GNSS module fault"),
    (5, "GNSS天线未接或被剪断", "GNSS antenna open"),
    (6, "GNSS天线短路", "GNSS antenna short"),
    (7, "终端主电源欠压", "main power low"),
    (8, "终端主电源掉电", "main power off"),
    (9, "终端显示器故障", "display fault"),
    (10, "TTS模块故障", "speech module fault"),
    (11, "摄像头故障", "camera fault"),
    (12, "IC卡模块故障", "card module fault"),
    (13, "超速预警", "overspeed warning"),
    (14, "疲劳驾驶预警", "fatigue warning"),
    (15, "违规行驶报警", "driving against the rules"),
    (16, "胎压报警", "tyre pressure"),
    (17, "右转盲区异常报警", "right blind zone"),
    (18, "当天累计驾驶超时", "driving time of the day exceeded"),
    (19, "超时停车", "parked too long"),
    (20, "进出区域", "area entered or left"),
    (21, "进出路线", "route entered or left"),
    (22, "路段行驶时间不足或过长", "too fast or too slow through a segment"),
    (23, "路线偏离", "off the route"),
    (24, "车辆VSS故障", "speed sensor fault"),
    (25, "车辆油量异常", "fuel abnormal"),
    (26, "车辆被盗", "stolen"),
    (27, "车辆非法点火", "illegal ignition"),
    (28, "车辆非法位移", "illegal move"),
    (29, "碰撞报警", "collision"),
    (30, "侧翻报警", "rollover"),
    (31, "非法开门报警", "illegal door opening"),
];

const STATUS: [(u8, &str, &str); 21] = [
    (0, "ACC开", "ACC on"),
    (1, "已定位", "fixed"),
    (2, "南纬", "south"),
    (3, "西经", "west"),
    (4, "停运", "out of service"),
    (5, "经纬度经地图插件加密", "coordinates through the map plug-in"),
    (6, "前撞预警", "forward collision warning"),
    (7, "车道偏移预警", "lane departure warning"),
    (10, "油路断开", "fuel line cut"),
    (11, "电路断开", "circuit cut"),
    (12, "车门加锁", "doors locked"),
    (13, "门1开", "door 1 open"),
    (14, "门2开", "door 2 open"),
    (15, "门3开", "door 3 open"),
    (16, "门4开", "door 4 open"),
    (17, "门5开", "door 5 open"),
    (18, "使用GPS", "GPS"),
    (19, "使用北斗", "BeiDou"),
    (20, "使用GLONASS", "GLONASS"),
    (21, "使用Galileo", "Galileo"),
    (22, "车辆行驶", "running"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_the_order_of_bits() {
        assert!(ALARMS.iter().map(|(bit, ..)| *bit).eq(0..32));
        assert!(STATUS.is_sorted_by(|(one, ..), (other, ..)| one < other));
    }

    #[test]
    fn a_bit_beyond_the_word_is_not_set() {
        assert!(Alarms(u32::MAX).has(31));
        assert!(!Alarms(u32::MAX).has(32));
    }

    #[test]
    fn faults_of_the_device_are_bits_4_to_12() {
        assert!(Alarms(1 << 4).device_fault() && Alarms(1 << 12).device_fault());
        assert!(!Alarms(!0x1ff0).device_fault());
        assert_eq!(Alarms(1 | 1 << 31).words()[1].zh, "非法开门报警");
    }

    #[test]
    fn the_load_has_two_bits() {
        let loads = [0, 0x100, 0x200, 0x300].map(|bits| Status(bits).load());
        assert_eq!(loads, [Load::Empty, Load::Half, Load::Reserved, Load::Full]);
    }
}
