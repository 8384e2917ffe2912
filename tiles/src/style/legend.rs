//! What the colours stand for: the one list that both the style's expressions and the legend are made
//! from, so that neither can say something else.

use gis_data::{GeometryType, Layer, Text2};
use serde::Serialize;

use super::palette::{Pair, Theme};
use super::{pictogram, themed};
use crate::Icons;

/// How a legend draws its sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A filled square.
    Fill,
    /// A stroke.
    Line,
    /// A dot.
    Circle,
}

/// One line of a legend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LegendItem {
    /// What it stands for.
    pub title: Text2,
    /// CSS colour.
    pub color: String,
    /// How it is drawn.
    pub shape: Shape,
    /// The pictogram on it, or in place of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<LegendIcon>,
}

/// A pictogram in a legend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LegendIcon {
    /// As an icon is named in styles.
    pub name: String,
    /// Where its SVG is; another address whenever it looks different.
    pub href: String,
}

impl LegendItem {
    /// With the pictogram of this name, if there is one.
    pub(super) fn pictured(mut self, name: Option<&str>, icons: &Icons) -> Self {
        self.icon = name.and_then(|name| {
            icons.href(name).map(|href| LegendIcon { name: name.to_owned(), href })
        });
        self
    }
}

/// A value of an attribute that has a colour of its own.
pub(super) struct Class {
    /// Values in the data, the first one Chinese where the data are.
    pub(super) values: &'static [&'static str],
    zh: &'static str,
    en: &'static str,
    pub(super) color: Pair,
    /// The pictogram of points of this class.
    pub(super) icon: Option<&'static str>,
}

const fn class(
    values: &'static [&'static str],
    zh: &'static str,
    en: &'static str,
    color: Pair,
) -> Class {
    Class { values, zh, en, color, icon: None }
}

impl Class {
    fn item(&self, theme: Theme, shape: Shape) -> LegendItem {
        item(self.zh, self.en, theme.pick(self.color), shape)
    }

    const fn with(mut self, icon: &'static str) -> Self {
        self.icon = Some(icon);
        self
    }
}

/// By `use_kind`; what is not listed has the plain colour of buildings.
pub(super) const BUILDINGS: &[Class] = &[
    class(
        &["办公", "office", "government", "public"],
        "办公",
        "Offices",
        Pair("#b9cbe4", "#3c5478"),
    ),
    class(
        &["住宅", "residential", "apartments", "house"],
        "住宅",
        "Dwellings",
        Pair("#e3dccf", "#38352f"),
    ),
    class(&["商业", "commercial", "retail"], "商业", "Commerce", Pair("#ecd0bd", "#5b4334")),
    class(&["工业", "industrial"], "工业", "Industry", Pair("#cfc8d6", "#423b4a")),
    class(&["仓储", "warehouse"], "仓储", "Storage", Pair("#c3c3c8", "#33363c")),
    class(&["教育", "school", "university"], "教育", "Education", Pair("#ecdfa6", "#5a5230")),
    class(&["医疗", "hospital"], "医疗", "Health", Pair("#e6bdc2", "#5f3a40")),
    class(&["文体"], "文体", "Culture and sports", Pair("#bcdcd3", "#2f544c")),
    class(&["农房", "farm"], "农房", "Farm houses", Pair("#dbdbc9", "#32352d")),
];

/// By `land_use`.
pub(super) const PARCELS: &[Class] = &[
    class(&["机关团体用地"], "机关团体用地", "Public bodies", Pair("#5b86bd", "#6f9bd6")),
    class(&["教育用地"], "教育用地", "Education", Pair("#c9a72c", "#d6bb5c")),
    class(&["医疗卫生用地"], "医疗卫生用地", "Health", Pair("#c9727f", "#d98c97")),
    class(&["商服用地"], "商服用地", "Commerce", Pair("#cf8555", "#dc9a70")),
    class(&["工业用地"], "工业用地", "Industry", Pair("#8c7aa3", "#a592bd")),
    class(&["城镇住宅用地"], "城镇住宅用地", "Dwellings", Pair("#a99b78", "#bdb08e")),
    class(&["储备用地"], "储备用地", "Land reserve", Pair("#5f9a86", "#79b8a3")),
];

/// By `class`; the stroke of the mark in the dark is light, the fill is the same.
pub(super) const FACILITIES: &[Class] = &[
    class(&["食堂"], "食堂", "Canteens", Pair("#d55e00", "#f08a3c")).with("canteen"),
    class(&["充电桩"], "充电桩", "Chargers", Pair("#00805f", "#35b58f")).with("charger"),
    class(&["停车场"], "停车场", "Car parks", Pair("#0072b2", "#56a5dc")).with("car-park"),
    class(&["门岗"], "门岗", "Gates", Pair("#4d565f", "#aab3bb")).with("gate"),
    class(&["会议中心"], "会议中心", "Conference centres", Pair("#a2538c", "#d58cc0"))
        .with("conference"),
    class(&["配电房"], "配电房", "Power rooms", Pair("#a07d00", "#e0c04a")).with("power"),
    class(&["文体中心"], "文体中心", "Sports centres", Pair("#3f8fa8", "#7cc6dd")).with("sports"),
    class(&["应急物资点"], "应急物资点", "Emergency stores", Pair("#b3261e", "#f0837b"))
        .with("emergency-store"),
];

/// What a layer's colours mean, in the colours of a theme.
pub fn legend(layer: &Layer, theme: Theme, icons: &Icons) -> Vec<LegendItem> {
    let mut all = of_features(layer, theme, icons);
    if layer.clustered_below() > 0 {
        all.push(item(
            "多个（数字为个数）",
            "Several, with their number",
            theme.palette().accent,
            Shape::Circle,
        ));
    }
    all
}

fn of_features(layer: &Layer, theme: Theme, icons: &Icons) -> Vec<LegendItem> {
    let p = theme.palette();
    match layer.layer_id.as_str() {
        "water" => vec![item("水面", "Water", p.water, Shape::Fill)],
        "green" => vec![
            item("公园与林地", "Parks and woods", p.green, Shape::Fill),
            item("农用地", "Farmland", p.field, Shape::Fill),
        ],
        "roads" => vec![
            item("高速公路", "Motorways", p.road_motorway, Shape::Line),
            item("主干路", "Main roads", p.road_major, Shape::Line),
            item("支路", "Minor roads", p.road_minor, Shape::Line),
        ],
        "parcels" => items(PARCELS, theme, Shape::Fill),
        "buildings" => {
            let mut all = items(BUILDINGS, theme, Shape::Fill);
            all.push(item("其他", "Other", p.building, Shape::Fill));
            all
        }
        "floors" => vec![item("楼层轮廓", "Floor outline", p.wall, Shape::Line)],
        "rooms" => vec![
            item("按所属机构着色", "Coloured by organisation", "#a8c7e6", Shape::Fill),
            item("公共部位或未分配", "Shared or not assigned", p.room, Shape::Fill),
        ],
        "facilities" => {
            let mut all: Vec<LegendItem> = FACILITIES
                .iter()
                .map(|c| c.item(theme, Shape::Circle).pictured(c.icon, icons))
                .collect();
            let other = item("其他", "Other", p.text_soft, Shape::Circle);
            all.push(other.pictured(Some(pictogram::OTHER), icons));
            all
        }
        "vehicles" => vec![
            item("行驶", "Moving", theme.pick(Pair("#00796b", "#35d0b4")), Shape::Circle),
            item("静止", "Idle", theme.pick(Pair("#c77700", "#f2b24b")), Shape::Circle),
            item("离线", "Offline", theme.pick(Pair("#66707a", "#8d98a3")), Shape::Circle),
            item("未知", "Unknown", theme.pick(Pair("#98a2ab", "#6f7a84")), Shape::Circle),
        ],
        _ if themed::is_themed(layer) => themed::legend(layer, theme, icons),
        _ => {
            let item = LegendItem {
                title: layer.title.clone(),
                color: own_color(layer, theme).to_owned(),
                shape: shape_of(layer),
                icon: None,
            };
            vec![item.pictured(pictogram::own(layer), icons)]
        }
    }
}

/// How a sample of a layer is drawn.
pub(super) fn shape_of(layer: &Layer) -> Shape {
    match layer.geometry {
        GeometryType::Polygon => Shape::Fill,
        GeometryType::Line => Shape::Line,
        GeometryType::Point => Shape::Circle,
    }
}

/// The colour that a published layer asks for (`{"color": "#rrggbb"}`), else the accent.
pub(super) fn own_color(layer: &Layer, theme: Theme) -> &str {
    layer.style["color"].as_str().unwrap_or(theme.palette().accent)
}

fn items(classes: &[Class], theme: Theme, shape: Shape) -> Vec<LegendItem> {
    classes.iter().map(|c| c.item(theme, shape)).collect()
}

fn item(zh: &str, en: &str, color: &str, shape: Shape) -> LegendItem {
    LegendItem { title: Text2::new(zh, en), color: color.to_owned(), shape, icon: None }
}
