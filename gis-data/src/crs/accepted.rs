//! The systems an import may declare, where each is valid, and why the old ones are refused.

use std::fmt;
use std::str::FromStr;

use super::shift::is_shifted;

/// An accepted coordinate reference system. Parsed from `EPSG:4490`, a URN or URL of OGC, `GCJ-02`,
/// `BD-09`, `WGS84` or `CGCS2000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crs(Kind);

/// What can be wrong with a declared system.
#[derive(Debug, thiserror::Error)]
pub enum CrsError {
    /// Not on the list.
    #[error(
        "unknown coordinate system {0:?}; accepted: EPSG:4326 (WGS 84), EPSG:4490 (CGCS2000), \
         EPSG:4491 to 4554 (CGCS2000 Gauss-Kruger belts), EPSG:3857, EPSG:326xx and 327xx (UTM), \
         GCJ-02, BD-09"
    )]
    Unknown(String),
    /// Needs parameters that nobody may publish.
    #[error(
        "{0} is on the {1} datum, which cannot be brought to CGCS2000 without the local \
         transformation parameters: without them places are wrong by about 100 m; transform the \
         file to CGCS2000 (EPSG:4490) first"
    )]
    NeedsParameters(String, &'static str),
    /// PROJ refused a definition.
    #[error("prepare the projection of {crs}")]
    Proj {
        /// The system.
        crs: String,
        /// PROJ's answer.
        #[source]
        source: proj::ProjCreateError,
    },
}

impl CrsError {
    /// The system as it was named.
    pub fn system(&self) -> String {
        match self {
            Self::Unknown(name) => format!("{name:?}"),
            Self::NeedsParameters(name, datum) => format!("{name} ({datum})"),
            Self::Proj { crs, .. } => crs.clone(),
        }
    }

    /// The same in Chinese, for people.
    pub fn message_zh(&self) -> String {
        match self {
            Self::Unknown(name) => format!(
                "无法识别的坐标系 {name:?}；可用：EPSG:4326（WGS 84）、EPSG:4490（CGCS2000）、\
                 EPSG:4491–4554（CGCS2000 高斯-克吕格分带）、EPSG:3857、EPSG:326xx/327xx（UTM）、GCJ-02、BD-09"
            ),
            Self::NeedsParameters(name, datum) => format!(
                "{name} 属于{}，没有当地转换参数无法转到 CGCS2000，直接使用会偏差约 100 米；\
                 请先将文件转换为 CGCS2000（EPSG:4490）",
                if datum.starts_with("Xian") {
                    "西安 80 坐标系"
                } else {
                    "北京 54 坐标系"
                }
            ),
            Self::Proj { crs, .. } => format!("无法准备 {crs} 的投影"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Wgs84,
    Cgcs2000,
    WebMercator,
    Utm { zone: u8, south: bool },
    Belt(Belt),
    Gcj02,
    Bd09,
}

/// A Gauss-Kruger belt of CGCS2000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Belt {
    code: u16,
    pub(super) meridian_deg: u8,
    /// The belt's number in front of the easting (39500000), where the system has one.
    prefix: Option<u8>,
    width_deg: u8,
}

impl Belt {
    /// EPSG gives the four families of CGCS2000 belts consecutive codes from west to east.
    fn from_epsg(code: u16) -> Option<Self> {
        let belt = |first: u16, first_number: u8, width_deg: u8, prefixed: bool| {
            let number = first_number + u8::try_from(code - first).ok()?;
            let meridian_deg = if width_deg == 6 { number * 6 - 3 } else { number * 3 };
            Some(Self { code, meridian_deg, prefix: prefixed.then_some(number), width_deg })
        };
        match code {
            4491..=4501 => belt(4491, 13, 6, true),
            4502..=4512 => belt(4502, 13, 6, false),
            4513..=4533 => belt(4513, 25, 3, true),
            4534..=4554 => belt(4534, 25, 3, false),
            _ => None,
        }
    }

    pub(super) fn false_easting_m(self) -> f64 {
        500_000.0 + f64::from(self.prefix.unwrap_or(0)) * 1_000_000.0
    }

    /// Within the belt and half a belt of overlap on either side, between equator and 60° north.
    fn covers(self, east: f64, north: f64) -> bool {
        let half_m = (f64::from(self.width_deg) * 111_400.0).min(499_999.0);
        (east - self.false_easting_m()).abs() <= half_m && (0.0..=6_700_000.0).contains(&north)
    }
}

impl Crs {
    /// WGS 84 longitude and latitude (EPSG:4326).
    pub const WGS84: Self = Self(Kind::Wgs84);

    pub(super) fn kind(self) -> Kind {
        self.0
    }

    /// Whether this can be a place in the system, in its own units; the test that catches a file
    /// declared in the wrong system.
    pub fn covers(self, east: f64, north: f64) -> bool {
        let degrees = east.abs() <= 180.0 && north.abs() <= 90.0;
        match self.0 {
            Kind::Wgs84 => degrees,
            // CGCS2000 is defined for China, its seas and their surroundings.
            Kind::Cgcs2000 => (70.0..=140.0).contains(&east) && (0.0..=60.0).contains(&north),
            Kind::Gcj02 | Kind::Bd09 => is_shifted(east, north),
            // A whole file within 180 m of 0° 0° in the Atlantic is a file in degrees.
            Kind::WebMercator => {
                east.abs() <= 20_037_508.343 && north.abs() <= 20_048_966.105 && !degrees
            }
            Kind::Utm { .. } => {
                (0.0..=1_000_000.0).contains(&east)
                    && (0.0..=10_000_000.0).contains(&north)
                    && !degrees
            }
            Kind::Belt(belt) => belt.covers(east, north) && !degrees,
        }
    }

    /// What numbers that the system does not cover look like, in English and Chinese.
    pub fn guess(self, east: f64, north: f64) -> Option<(String, String)> {
        if !east.is_finite() || !north.is_finite() {
            return None;
        }
        let both = |en: &str, zh: &str| Some((en.to_owned(), zh.to_owned()));
        let metric = matches!(self.0, Kind::WebMercator | Kind::Utm { .. } | Kind::Belt(_));
        if east.abs() <= 180.0 && north.abs() <= 90.0 {
            return if metric {
                both("the numbers look like degrees", "数值看起来是经纬度（度）")
            } else {
                both("the place is outside China", "位置在中国范围之外")
            };
        }
        if !metric && east.abs() <= 90.0 && north.abs() <= 180.0 {
            return both("latitude and longitude look swapped", "看起来经度和纬度写反了");
        }
        if metric && self.covers(north, east) {
            return both(
                "easting and northing look swapped (in surveying X points north)",
                "看起来东坐标和北坐标写反了（测量坐标系中 X 指北）",
            );
        }
        let number = (east / 1_000_000.0).floor();
        if (13.0..=45.0).contains(&number) && (0.0..=6_700_000.0).contains(&north) {
            let (code, width) =
                if number < 24.0 { (4478.0 + number, 6) } else { (4488.0 + number, 3) };
            return Some((
                format!(
                    "the numbers look like {width}-degree belt {number} with prefix, EPSG:{code}"
                ),
                format!("数值看起来是带号为 {number} 的 {width} 度带坐标，EPSG:{code}"),
            ));
        }
        both("the numbers look like metres of another projection", "数值看起来是其他投影的米制坐标")
    }

    /// The name in EPSG's words, where it has one.
    pub fn code(self) -> String {
        match self.0 {
            Kind::Wgs84 => "EPSG:4326".to_owned(),
            Kind::Cgcs2000 => "EPSG:4490".to_owned(),
            Kind::WebMercator => "EPSG:3857".to_owned(),
            Kind::Utm { zone, south } => format!("EPSG:32{}{zone:02}", if south { 7 } else { 6 }),
            Kind::Belt(belt) => format!("EPSG:{}", belt.code),
            Kind::Gcj02 => "GCJ-02".to_owned(),
            Kind::Bd09 => "BD-09".to_owned(),
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code())
    }
}

impl FromStr for Crs {
    type Err = CrsError;

    fn from_str(text: &str) -> Result<Self, CrsError> {
        let name = text.trim().to_uppercase();
        let unknown = || CrsError::Unknown(text.to_owned());
        match name.as_str() {
            "GCJ-02" | "GCJ02" => return Ok(Self(Kind::Gcj02)),
            "BD-09" | "BD09" => return Ok(Self(Kind::Bd09)),
            "CGCS2000" => return Ok(Self(Kind::Cgcs2000)),
            "WGS84" | "WGS 84" => return Ok(Self::WGS84),
            _ => {}
        }
        if name == "CRS84" || name.ends_with(":CRS84") || name.ends_with("/CRS84") {
            return Ok(Self::WGS84);
        }
        // EPSG:4490, urn:ogc:def:crs:EPSG::4490, http://www.opengis.net/def/crs/EPSG/0/4490
        let code: u16 = if name.contains("EPSG") {
            name.rsplit([':', '/']).next().and_then(|c| c.parse().ok()).ok_or_else(unknown)?
        } else {
            name.parse().map_err(|_not_a_number| unknown())?
        };
        let old = |datum| Err(CrsError::NeedsParameters(format!("EPSG:{code}"), datum));
        let zone = |first: u16| u8::try_from(code - first).map_err(|_too_far| unknown());
        match code {
            4326 => Ok(Self::WGS84),
            4490 => Ok(Self(Kind::Cgcs2000)),
            3857 => Ok(Self(Kind::WebMercator)),
            32601..=32660 => Ok(Self(Kind::Utm { zone: zone(32600)?, south: false })),
            32701..=32760 => Ok(Self(Kind::Utm { zone: zone(32700)?, south: true })),
            4491..=4554 => Belt::from_epsg(code).map(|b| Self(Kind::Belt(b))).ok_or_else(unknown),
            4610 | 2327..=2390 => old("Xian 1980"),
            4214 | 2401..=2442 | 21413..=21423 | 21453..=21463 | 21473..=21483 => {
                old("Beijing 1954")
            }
            4555 | 4568..=4589 | 4652..=4656 | 4766..=4800 | 4812 | 4822 => old("New Beijing"),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_system_has_many_spellings() {
        for name in [
            "EPSG:4490",
            "epsg:4490",
            "4490",
            "CGCS2000",
            "urn:ogc:def:crs:EPSG::4490",
            "http://www.opengis.net/def/crs/EPSG/0/4490",
        ] {
            assert_eq!(name.parse::<Crs>().unwrap().to_string(), "EPSG:4490", "{name}");
        }
        assert_eq!("urn:ogc:def:crs:OGC:1.3:CRS84".parse::<Crs>().unwrap(), Crs::WGS84);
    }

    #[test]
    fn the_old_datums_are_refused_with_the_reason() {
        for code in ["EPSG:4214", "EPSG:4610", "EPSG:2362", "EPSG:2437", "EPSG:21453", "EPSG:4580"]
        {
            let text = code.parse::<Crs>().unwrap_err().to_string();
            assert!(text.contains("100 m") && text.contains(code), "{text}");
        }
    }

    #[test]
    fn an_unknown_system_is_named_with_what_is_accepted() {
        for name in ["EPSG:9999", "Mars 2000", "", "EPSG:"] {
            let text = name.parse::<Crs>().unwrap_err().to_string();
            assert!(text.contains(&format!("{name:?}")) && text.contains("EPSG:4490"), "{text}");
        }
    }

    #[test]
    fn numbers_of_another_system_are_recognised() {
        let belt: Crs = "EPSG:4549".parse().unwrap();
        let guess = |crs: Crs, x, y| crs.guess(x, y).unwrap().0;
        assert!(guess(belt, 120.1, 30.2).contains("degrees"));
        assert!(guess(belt, 40_514_432.0, 3_351_162.0).contains("EPSG:4528"));
        assert!(guess(Crs::WGS84, 31.2, 121.5).contains("swapped"));
        assert!(guess(Crs::WGS84, 514_432.0, 3_351_162.0).contains("metres"));
    }
}
