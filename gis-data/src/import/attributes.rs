//! The names that files give to what they know -> columns.

use std::collections::BTreeSet;

use super::ImportLayer;
use super::shape::Tags;
use super::terms::{BUILDING_USES, FACILITY_CLASSES, LAND_USES, Term, find};

/// A row's columns beside its geometry; a layer stores those it has.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Attributes {
    pub(super) code: Option<String>,
    pub(super) name: Option<String>,
    /// Use of a building, use of land or class of a facility.
    pub(super) term: Option<String>,
    pub(super) address: Option<String>,
    pub(super) height_m: Option<f32>,
    pub(super) floors_above: Option<i16>,
    pub(super) floors_below: Option<i16>,
    pub(super) built_year: Option<i16>,
    pub(super) certificate_no: Option<String>,
}

const CODE: &[&str] = &["code", "编号", "编码", "宗地代码", "ref"];
const NAME: &[&str] = &["name:zh-Hans", "name:zh", "name", "名称", "name:en"];
const BUILDING_USE: &[&str] = &[
    "use_kind",
    "用途",
    "building:use",
    "building",
    "amenity",
    "office",
    "shop",
    "tourism",
    "leisure",
    "kind_detail",
    "kind",
];
const LAND_USE: &[&str] = &[
    "land_use",
    "地类",
    "土地用途",
    "用途",
    "landuse",
    "kind_detail",
    "kind",
    "leisure",
    "natural",
];
const FACILITY_CLASS: &[&str] = &[
    "class",
    "类别",
    "amenity",
    "emergency",
    "power",
    "leisure",
    "tourism",
    "highway",
    "kind_detail",
    "kind",
];
const HEIGHT: &[&str] = &["height_m", "height", "building:height", "高度"];
const FLOORS_ABOVE: &[&str] =
    &["floors_above", "building:levels", "levels", "floors", "地上层数", "层数"];
const FLOORS_BELOW: &[&str] = &["floors_below", "building:levels:underground", "地下层数"];
const BUILT_YEAR: &[&str] = &["built_year", "start_date", "建成年份"];
const ADDRESS: &[&str] = &["address", "addr:full", "地址", "坐落"];
const CERTIFICATE: &[&str] = &["certificate_no", "不动产权证号", "证书号"];

/// Every name above, and those that addresses are made of.
fn known_names() -> impl Iterator<Item = &'static str> {
    let address = [
        "addr:street",
        "addr:place",
        "addr:housenumber",
        "addr:postcode",
        "addr:city",
        "addr:district",
    ];
    [
        CODE,
        NAME,
        BUILDING_USE,
        LAND_USE,
        FACILITY_CLASS,
        HEIGHT,
        FLOORS_ABOVE,
        FLOORS_BELOW,
        BUILT_YEAR,
        ADDRESS,
        CERTIFICATE,
    ]
    .into_iter()
    .flatten()
    .copied()
    .chain(address)
}

/// Whether the format may have cut a heading off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heading {
    /// As it was written.
    Whole,
    /// As long as the format allows, so perhaps the beginning of a longer one.
    PerhapsCut,
}

/// The name that the heading of a column means: as it is where it is known, else without capitals or without a unit in
/// brackets, else the only known name that begins so where it may be cut off; else as it is.
pub(super) fn column_name(heading: &str, length: Heading) -> String {
    let heading = heading.trim();
    let is_known = |name: &str| known_names().any(|known| known == name);
    if is_known(heading) {
        return heading.to_owned();
    }
    let plain = heading.to_lowercase();
    let plain = plain.split(['(', '（', '[', '【']).next().unwrap_or_default().trim();
    if is_known(plain) {
        return plain.to_owned();
    }
    if length == Heading::PerhapsCut {
        let longer: BTreeSet<&str> =
            known_names().filter(|known| known.starts_with(plain)).collect();
        if let (1, Some(only)) = (longer.len(), longer.first()) {
            return (*only).to_owned();
        }
    }
    heading.to_owned()
}

impl Attributes {
    /// Reads what the layer has columns for; values that mean nothing are left out.
    pub(super) fn from_tags(tags: &Tags, layer: ImportLayer) -> Self {
        let term = term_of(tags, layer).map(|t| t.zh.to_owned());
        let mut it = Self { code: text(tags, CODE), name: text(tags, NAME), ..Self::default() };
        match layer {
            ImportLayer::Buildings => {
                it.term = term;
                it.address = text(tags, ADDRESS).or_else(|| address(tags));
                it.height_m = text(tags, HEIGHT).and_then(|t| metres(&t));
                it.floors_above = text(tags, FLOORS_ABOVE).and_then(|t| count(&t));
                it.floors_below = text(tags, FLOORS_BELOW).and_then(|t| count(&t));
                it.built_year = text(tags, BUILT_YEAR).and_then(|t| year(&t));
            }
            ImportLayer::Parcels => {
                it.term = term.or_else(|| text(tags, LAND_USE));
                it.certificate_no = text(tags, CERTIFICATE);
            }
            ImportLayer::Facilities => {
                let class = term
                    .or_else(|| text(tags, FACILITY_CLASS))
                    .unwrap_or_else(|| "其他".to_owned());
                it.name = it.name.or_else(|| Some(class.clone()));
                it.term = Some(class);
            }
        }
        it
    }

    /// Everything in one line, for the content hash.
    pub(super) fn canonical(&self) -> String {
        format!("{self:?}")
    }
}

/// The term of the first name whose value is in the layer's vocabulary.
pub(super) fn term_of(tags: &Tags, layer: ImportLayer) -> Option<&'static Term> {
    let (names, vocabulary) = match layer {
        ImportLayer::Buildings => (BUILDING_USE, BUILDING_USES),
        ImportLayer::Parcels => (LAND_USE, LAND_USES),
        ImportLayer::Facilities => (FACILITY_CLASS, FACILITY_CLASSES),
    };
    // In OpenStreetMap `shop=*` and `office=*` say the use by their key.
    let by_key = || {
        let key = ["shop", "office"].into_iter().find(|key| tags.contains_key(*key))?;
        (layer == ImportLayer::Buildings).then(|| find(vocabulary, key)).flatten()
    };
    names.iter().filter_map(|n| tags.get(*n)).find_map(|v| find(vocabulary, v)).or_else(by_key)
}

fn text(tags: &Tags, names: &[&str]) -> Option<String> {
    names
        .iter()
        .filter_map(|name| tags.get(*name))
        .map(|value| value.trim())
        .find(|value| !value.is_empty())
        .map(str::to_owned)
}

/// `12`, `12.5`, `12,5 m`, `12米`, `40'` and `40 ft`.
fn metres(text: &str) -> Option<f32> {
    let text = text.replace(',', ".");
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let number: f32 = number.parse().ok()?;
    let metres = match unit.trim() {
        "" | "m" | "米" => number,
        "'" | "ft" => number * 0.3048,
        _ => return None,
    };
    (metres.is_finite() && metres < 2_000.0).then_some(metres)
}

/// `5`, `5.0`, `5层`; half storeys are rounded down.
fn count(text: &str) -> Option<i16> {
    let whole = text.trim_end_matches(['层', ' ']).split('.').next()?;
    whole.parse().ok().filter(|n| (0..=300).contains(n))
}

/// The year at the front of a date.
fn year(text: &str) -> Option<i16> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    (digits.len() == 4).then(|| digits.parse().ok()).flatten().filter(|y| (1000..=2200).contains(y))
}

/// From the parts OpenStreetMap keeps: Chinese order and spacing for Chinese places, else
/// `street number, postcode city`.
fn address(tags: &Tags) -> Option<String> {
    let part = |name: &str| text(tags, &[name]);
    let street = part("addr:street").or_else(|| part("addr:place"))?;
    let number = part("addr:housenumber").unwrap_or_default();
    if street.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
        let area =
            part("addr:city").unwrap_or_default() + &part("addr:district").unwrap_or_default();
        let sign = if number.ends_with(|c: char| c.is_ascii_digit()) { "号" } else { "" };
        return Some(format!("{area}{street}{number}{sign}"));
    }
    let town = [part("addr:postcode"), part("addr:city")].into_iter().flatten();
    let town = town.collect::<Vec<_>>().join(" ");
    let place = format!("{street} {number}");
    Some(if town.is_empty() {
        place.trim().to_owned()
    } else {
        format!("{}, {town}", place.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_building_is_understood_in_the_words_of_openstreetmap() {
        let it = Attributes::from_tags(
            &tags(&[
                ("building", "apartments"),
                ("name", "Haus Rhein"),
                ("height", "12,5 m"),
                ("building:levels", "4.5"),
                ("start_date", "1994-05"),
                ("addr:street", "Landstrasse"),
                ("addr:housenumber", "12"),
                ("addr:postcode", "9490"),
                ("addr:city", "Vaduz"),
            ]),
            ImportLayer::Buildings,
        );
        assert_eq!(it.term.as_deref(), Some("住宅"));
        assert_eq!(
            (it.height_m, it.floors_above, it.built_year),
            (Some(12.5), Some(4), Some(1994))
        );
        assert_eq!(it.address.as_deref(), Some("Landstrasse 12, 9490 Vaduz"));
    }

    #[test]
    fn a_building_is_understood_in_chinese() {
        let it = Attributes::from_tags(
            &tags(&[
                ("名称", "示例办公楼"),
                ("用途", "办公"),
                ("层数", "12层"),
                ("高度", "48米"),
                ("addr:city", "示例市"),
                ("addr:street", "人民路"),
                ("addr:housenumber", "8"),
            ]),
            ImportLayer::Buildings,
        );
        assert_eq!(it.name.as_deref(), Some("示例办公楼"));
        assert_eq!(it.term.as_deref(), Some("办公"));
        assert_eq!((it.height_m, it.floors_above), (Some(48.0), Some(12)));
        assert_eq!(it.address.as_deref(), Some("示例市人民路8号"));
    }

    #[test]
    fn headings_of_tables_mean_the_names_they_are_written_for() {
        let whole = |heading| column_name(heading, Heading::Whole);
        let cut = |heading| column_name(heading, Heading::PerhapsCut);
        assert_eq!(whole(" 名称 "), "名称");
        assert_eq!(whole("高度（米）"), "高度");
        assert_eq!(whole("HEIGHT (m)"), "height");
        assert_eq!(whole("Id"), "Id", "what is no column of a layer stays");
        assert_eq!(whole("floors_abo"), "floors_abo");
        assert_eq!(cut("FLOORS_ABO"), "floors_above");
        assert_eq!(cut("certificat"), "certificate_no");
        assert_eq!(cut("不动产权证"), "不动产权证号");
        assert_eq!(cut("building:l"), "building:l", "of levels above or below");
    }

    #[test]
    fn values_that_mean_nothing_are_left_out() {
        let it = Attributes::from_tags(
            &tags(&[
                ("building", "yes"),
                ("height", "-3"),
                ("building:levels", "many"),
                ("name", " "),
            ]),
            ImportLayer::Buildings,
        );
        assert_eq!(it, Attributes::default());
    }
}
