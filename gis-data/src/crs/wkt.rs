//! Coordinate systems written out in words: WKT 1 (OGC 01-009), as ESRI writes it, and WKT 2 (ISO 19162). A system is
//! known by its code where it has one, else by what it is made of; its name decides nothing that numbers say.

use super::accepted::{Crs, CrsError};

/// Longer texts are no definition.
const MOST_BYTES: usize = 1 << 16;

/// Deeper than any definition.
const DEEPEST: usize = 24;

impl Crs {
    /// The accepted system that a definition in WKT describes.
    ///
    /// # Errors
    /// Names the system as the text does, where it is not an accepted one.
    pub fn from_wkt(text: &str) -> Result<Self, CrsError> {
        let unread = || CrsError::Unknown(text.trim().chars().take(80).collect());
        let tree = read(text).ok_or_else(unread)?;
        let system = horizontal(&tree).ok_or_else(unread)?;
        let datum = Datum::of(system);
        if let Datum::Old(name) = datum {
            return Err(CrsError::NeedsParameters(system.title(), name));
        }
        if let Some(code) = system.epsg() {
            match format!("EPSG:{code}").parse() {
                Err(CrsError::Unknown(_)) => {}
                known => return known,
            }
        }
        let code = if system.is(&["PROJCS", "PROJCRS", "PROJECTEDCRS"]) {
            projected(system, datum)
        } else {
            geographic(system, datum)
        };
        let code = code.ok_or_else(|| CrsError::Unknown(system.title()))?;
        format!("EPSG:{code}").parse()
    }
}

/// The datums that can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Datum {
    Wgs84,
    Cgcs2000,
    Old(&'static str),
    Other,
}

impl Datum {
    fn of(system: &Node) -> Self {
        let datum = system.below(&["DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE"]);
        let base = system.below(&["GEOGCS", "BASEGEOGCRS", "BASEGEODCRS"]).unwrap_or(system);
        let names = [datum, Some(base)].into_iter().flatten().map(Node::title);
        names
            .map(|name| Self::named(&name))
            .find(|datum| *datum != Self::Other)
            .unwrap_or(Self::Other)
    }

    fn named(name: &str) -> Self {
        let name = plain(name);
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if has(&["NEWBEIJING", "新北京54", "新54"]) {
            Self::Old("New Beijing")
        } else if has(&["BEIJING1954", "BEIJING54", "北京54", "北京1954"]) {
            Self::Old("Beijing 1954")
        } else if has(&["XIAN1980", "XIAN80", "西安80", "西安1980"]) {
            Self::Old("Xian 1980")
        } else if has(&[
            "CHINA2000",
            "CGCS2000",
            "CHINAGEODETICCOORDINATESYSTEM2000",
            "国家大地坐标系",
        ]) {
            Self::Cgcs2000
        } else if has(&["WGS1984", "WGS84", "WORLDGEODETICSYSTEM1984"]) {
            Self::Wgs84
        } else {
            Self::Other
        }
    }
}

fn geographic(system: &Node, datum: Datum) -> Option<u32> {
    if !in_degrees(system) || !from_greenwich(system) {
        return None;
    }
    match datum {
        Datum::Wgs84 => Some(4326),
        Datum::Cgcs2000 => Some(4490),
        Datum::Old(_) | Datum::Other => None,
    }
}

fn projected(system: &Node, datum: Datum) -> Option<u32> {
    let on_axis = || system.own(&["AXIS"]).and_then(|axis| axis.own(&["LENGTHUNIT"]));
    let metres = system.own(&["UNIT", "LENGTHUNIT"]).or_else(on_axis);
    let in_metres = metres.and_then(Node::first_number).is_none_or(|factor| is(factor, 1.0));
    if !in_metres || !in_degrees(system) || !from_greenwich(system) {
        return None;
    }
    let method = plain(&system.below(&["PROJECTION", "METHOD"])?.title());
    let parameter = |names: &[&str]| system.parameter(names).unwrap_or(0.0);
    let meridian = parameter(&["CENTRALMERIDIAN", "LONGITUDEOFNATURALORIGIN", "LONGITUDEOFCENTER"]);
    let east = parameter(&["FALSEEASTING"]);
    let north = parameter(&["FALSENORTHING"]);
    let scale = system.parameter(&["SCALEFACTOR", "SCALEFACTORATNATURALORIGIN"]).unwrap_or(1.0);
    let latitude = parameter(&["LATITUDEOFORIGIN", "LATITUDEOFNATURALORIGIN"]);
    match method.as_str() {
        "MERCATORAUXILIARYSPHERE" | "POPULARVISUALISATIONPSEUDOMERCATOR" => {
            let is_plain = is(meridian, 0.0) && is(east, 0.0) && is(north, 0.0);
            (datum == Datum::Wgs84 && is_plain).then_some(3857)
        }
        // WKT 1 has no such method: GDAL writes another and the truth beside it.
        "MERCATOR1SP" => {
            let truth = system.own(&["EXTENSION"]).and_then(|node| node.texts.get(1));
            let is_sphere = truth.is_some_and(|text| text.contains("+b=6378137 "));
            (datum == Datum::Wgs84 && is_sphere && is(meridian, 0.0)).then_some(3857)
        }
        "TRANSVERSEMERCATOR" | "GAUSSKRUGER" if is(latitude, 0.0) => match datum {
            Datum::Cgcs2000 if is(scale, 1.0) && is(north, 0.0) => {
                belt(meridian, east, &plain(&system.title()))
            }
            Datum::Wgs84 if is(scale, 0.9996) && is(east, 500_000.0) => utm(meridian, north),
            _ => None,
        },
        _ => None,
    }
}

/// A belt's prefix says its number and so its width. Without one the same numbers are of a belt 3 or 6 degrees wide,
/// and the name says which; the wider one where it does not.
fn belt(meridian: f64, east: f64, name: &str) -> Option<u32> {
    let prefix = whole((east - 500_000.0) / 1_000_000.0)?;
    let degrees = whole(meridian)?;
    match prefix {
        0 => {
            let is_six = degrees % 6 == 3 && (75..=135).contains(&degrees);
            let says_three = name.contains("3DEGREE") || name.contains("3度");
            if is_six && !says_three {
                Some(4502 + (degrees - 75) / 6)
            } else {
                (degrees % 3 == 0 && (75..=135).contains(&degrees)).then(|| 4534 + degrees / 3 - 25)
            }
        }
        13..=23 => (degrees == prefix * 6 - 3).then(|| 4491 + prefix - 13),
        25..=45 => (degrees == prefix * 3).then(|| 4513 + prefix - 25),
        _ => None,
    }
}

fn utm(meridian: f64, north: f64) -> Option<u32> {
    let zone = whole((meridian + 183.0) / 6.0).filter(|zone| (1..=60).contains(zone))?;
    let first = match whole(north)? {
        0 => 32_600,
        10_000_000 => 32_700,
        _ => return None,
    };
    Some(first + zone)
}

fn in_degrees(system: &Node) -> bool {
    let base = system.below(&["GEOGCS", "BASEGEOGCRS", "BASEGEODCRS"]).unwrap_or(system);
    let unit = base.own(&["UNIT", "ANGLEUNIT"]).or_else(|| system.below(&["ANGLEUNIT"]));
    unit.and_then(Node::first_number).is_none_or(|f| (f - 1_f64.to_radians()).abs() < 1e-8)
}

fn from_greenwich(system: &Node) -> bool {
    let meridian = system.below(&["PRIMEM", "PRIMEMERIDIAN"]).and_then(Node::first_number);
    meridian.is_none_or(|degrees| is(degrees, 0.0))
}

fn is(number: f64, expected: f64) -> bool {
    (number - expected).abs() < 1e-6
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
fn whole(number: f64) -> Option<u32> {
    let rounded = number.round();
    (is(number, rounded) && (0.0..4e9).contains(&rounded)).then_some(rounded as u32)
}

/// Capital letters and digits alone: names are spelled with blanks, strokes and underscores at will.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// `KEYWORD["text", 1.5, word, OTHER[...]]`.
#[derive(Debug, Default)]
struct Node {
    keyword: String,
    texts: Vec<String>,
    numbers: Vec<f64>,
    nodes: Vec<Self>,
}

impl Node {
    fn is(&self, keywords: &[&str]) -> bool {
        keywords.contains(&self.keyword.as_str())
    }

    /// Directly in it.
    fn own(&self, keywords: &[&str]) -> Option<&Self> {
        self.nodes.iter().find(|node| node.is(keywords))
    }

    /// Anywhere in it.
    fn below(&self, keywords: &[&str]) -> Option<&Self> {
        self.own(keywords).or_else(|| self.nodes.iter().find_map(|node| node.below(keywords)))
    }

    fn title(&self) -> String {
        self.texts.first().cloned().unwrap_or_default()
    }

    fn first_number(&self) -> Option<f64> {
        self.numbers.first().copied()
    }

    fn epsg(&self) -> Option<String> {
        let authorities = self.nodes.iter().filter(|node| node.is(&["AUTHORITY", "ID"]));
        authorities.filter(|node| node.title().eq_ignore_ascii_case("EPSG")).find_map(|node| {
            node.texts.get(1).cloned().or_else(|| node.first_number().map(|n| n.to_string()))
        })
    }

    fn parameter(&self, names: &[&str]) -> Option<f64> {
        if self.is(&["PARAMETER"]) && names.contains(&plain(&self.title()).as_str()) {
            return self.first_number();
        }
        self.nodes.iter().find_map(|node| node.parameter(names))
    }
}

/// The system of the two coordinates on the ground.
fn horizontal(node: &Node) -> Option<&Node> {
    if node.is(&["COMPD_CS", "COMPOUNDCRS", "BOUNDCRS", "SOURCECRS"]) {
        return node.nodes.iter().find_map(horizontal);
    }
    node.is(&[
        "GEOGCS",
        "GEOGCRS",
        "GEOGRAPHICCRS",
        "GEODCRS",
        "GEODETICCRS",
        "PROJCS",
        "PROJCRS",
        "PROJECTEDCRS",
    ])
    .then_some(node)
}

fn read(text: &str) -> Option<Node> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let mut reading = Reading { rest: text.trim_start_matches('\u{feff}') };
    reading.node(DEEPEST)
}

struct Reading<'a> {
    rest: &'a str,
}

impl Reading<'_> {
    /// A keyword with what is in its brackets.
    fn node(&mut self, depth: usize) -> Option<Node> {
        let keyword = self.word().to_uppercase();
        if depth == 0 || keyword.is_empty() || !self.take(&['[', '(']) {
            return None;
        }
        let mut node = Node { keyword, ..Node::default() };
        loop {
            self.value(&mut node, depth)?;
            if self.take(&[']', ')']) {
                return Some(node);
            }
            if !self.take(&[',']) {
                return None;
            }
        }
    }

    fn value(&mut self, node: &mut Node, depth: usize) -> Option<()> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with(['"', '“']) {
            node.texts.push(self.quoted()?);
            return Some(());
        }
        let before = self.rest;
        let word = self.word();
        if word.is_empty() {
            return None;
        }
        if self.rest.trim_start().starts_with(['[', '(']) {
            self.rest = before;
            node.nodes.push(self.node(depth - 1)?);
        } else if let Ok(number) = word.parse() {
            node.numbers.push(number);
        }
        // A word without brackets, such as the direction of an axis, says nothing that is needed.
        Some(())
    }

    /// Letters, digits and the signs of numbers.
    fn word(&mut self) -> String {
        self.rest = self.rest.trim_start();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '+' | '-' | ':');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn quoted(&mut self) -> Option<String> {
        let mut chars = self.rest.char_indices().skip(1).peekable();
        let mut text = String::new();
        while let Some((at, c)) = chars.next() {
            if !matches!(c, '"' | '”') {
                text.push(c);
            } else if chars.peek().is_some_and(|(_, next)| *next == '"') {
                chars.next();
                text.push('"');
            } else {
                self.rest = self.rest.get(at + c.len_utf8()..)?;
                return Some(text);
            }
        }
        None
    }

    fn take(&mut self, any: &[char]) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(any) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::noise;

    const ESRI_BELT: &str = r#"PROJCS["CGCS2000_3_Degree_GK_Zone_39",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",39500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",117.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
    const WKT2_BELT: &str = r#"PROJCRS["CGCS2000 / 3-degree Gauss-Kruger CM 117E",BASEGEOGCRS["China Geodetic Coordinate System 2000",DATUM["China 2000",ELLIPSOID["CGCS2000",6378137,298.257222101,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]]],CONVERSION["3-degree Gauss-Kruger CM 117E",METHOD["Transverse Mercator",ID["EPSG",9807]],PARAMETER["Latitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Longitude of natural origin",117,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Scale factor at natural origin",1,SCALEUNIT["unity",1]],PARAMETER["False easting",500000,LENGTHUNIT["metre",1]],PARAMETER["False northing",0,LENGTHUNIT["metre",1]]],CS[Cartesian,2],AXIS["northing (X)",north,ORDER[1],LENGTHUNIT["metre",1]],AXIS["easting (Y)",east,ORDER[2],LENGTHUNIT["metre",1]]]"#;
    const WGS84: &str = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;

    fn code(wkt: &str) -> String {
        Crs::from_wkt(wkt).map_or_else(|e| e.to_string(), Crs::code)
    }

    #[test]
    fn systems_are_known_by_what_they_are_made_of() {
        assert_eq!(code(WGS84), "EPSG:4326");
        assert_eq!(code(ESRI_BELT), "EPSG:4527");
        assert_eq!(code(WKT2_BELT), "EPSG:4548");
        assert_eq!(code(&WKT2_BELT.replace("3-degree ", "")), "EPSG:4509");
        assert_eq!(code(&WGS84.replace("D_WGS_1984", "D_China_2000")), "EPSG:4490");
        let coded = r#"GEOGCS["名称不重要",DATUM["?",SPHEROID["?",1,2]],AUTHORITY["EPSG","4490"]]"#;
        assert_eq!(code(coded), "EPSG:4490");
    }

    #[test]
    fn a_system_that_is_made_otherwise_is_not_guessed() {
        for (from, to) in [
            ("117.0]", "117.5]"),
            ("117.0]", "120.0]"),
            ("39500000.0", "39400000.0"),
            ("\"Scale_Factor\",1.0", "\"Scale_Factor\",0.9999"),
            ("\"Latitude_Of_Origin\",0.0", "\"Latitude_Of_Origin\",30.0"),
            ("\"Meter\",1.0", "\"Foot_US\",0.3048006096012192"),
            ("\"Greenwich\",0.0", "\"Paris\",2.33722917"),
            ("Gauss_Kruger", "Lambert_Conformal_Conic"),
        ] {
            let changed = ESRI_BELT.replace(from, to);
            assert_ne!(changed, ESRI_BELT, "{from}");
            let text = code(&changed);
            assert!(
                text.contains("CGCS2000_3_Degree_GK_Zone_39") && text.contains("accepted"),
                "{text}"
            );
        }
    }

    #[test]
    fn the_old_datums_are_refused_even_with_an_accepted_code() {
        for (datum, told) in [
            ("D_Beijing_1954", "Beijing 1954"),
            ("D_Xian_1980", "Xian 1980"),
            ("New_Beijing", "New Beijing"),
        ] {
            let old = ESRI_BELT.replace("D_China_2000", datum).replace(
                "UNIT[\"Meter\",1.0]]",
                "UNIT[\"Meter\",1.0],AUTHORITY[\"EPSG\",\"4527\"]]",
            );
            let text = code(&old);
            assert!(text.contains(told) && text.contains("100 m"), "{text}");
        }
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_definitions_are_a_system_or_named(
            text in prop_oneof![
                noise::text(200),
                noise::damaged(select(vec![ESRI_BELT, WKT2_BELT, WGS84]).prop_map(|t| t.as_bytes().to_vec()))
                    .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
                (0..9_000_usize).prop_map(|depth| "GEOGCS[".repeat(depth)),
            ]
        ) {
            match Crs::from_wkt(&text) {
                Ok(crs) => prop_assert_eq!(crs.to_string().parse::<Crs>().unwrap(), crs),
                Err(refused) => prop_assert!(!refused.to_string().is_empty() && !refused.message_zh().is_empty()),
            }
        }
    }
}
