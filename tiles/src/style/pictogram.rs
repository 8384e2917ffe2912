//! Pictograms on points, areas and lines: which icon a layer asks for, and how it is drawn. The icons of the sprite have
//! a shape and no colour; what is named and not there is not drawn.

use gis_data::{GeometryType, Layer};
use serde_json::{Value as Json, json};

use super::expression::{by_zoom, on_open_floor};
use super::legend::FACILITIES;
use super::palette::Theme;
use super::part;
use crate::Icons;

/// What stands for points of a class that has no pictogram.
pub(super) const OTHER: &str = "place";

/// Facilities that come with imports: they have a pictogram, and the colour of all others.
const MORE_FACILITIES: &[(&str, &str)] = &[
    ("学校", "school"),
    ("医院", "hospital"),
    ("药店", "pharmacy"),
    ("政务服务点", "townhall"),
    ("派出所", "police"),
    ("消防站", "fire-station"),
    ("消火栓", "fire-hydrant"),
    ("公共厕所", "toilets"),
    ("加油站", "fuel"),
    ("邮局", "post-office"),
    ("银行", "bank"),
    ("图书馆", "library"),
    ("餐饮", "restaurant"),
    ("饮水点", "drinking-water"),
    ("垃圾收集点", "waste"),
    ("公交站", "bus-stop"),
];

/// The icon that a layer asks for by its style: `{"icon": "flag"}`.
pub(super) fn own(layer: &Layer) -> Option<&str> {
    layer.style["icon"].as_str()
}

/// The icon of each facility.
pub(super) fn of_facilities(icons: &Icons) -> Json {
    let listed = FACILITIES.iter().filter_map(|class| Some((class.values, class.icon?)));
    let more = MORE_FACILITIES.iter().map(|(value, icon)| (std::slice::from_ref(value), *icon));
    by_class(listed.chain(more), Some(OTHER), icons)
}

/// An icon per value of `class`, of those that are there.
pub(super) fn by_class<'c, V: serde::Serialize>(
    classes: impl Iterator<Item = (V, &'c str)>,
    other: Option<&str>,
    icons: &Icons,
) -> Json {
    let mut matched = vec![json!("match"), json!(["coalesce", ["get", "class"], ""])];
    for (values, icon) in classes.filter(|(_, icon)| icons.get(icon).is_some()) {
        matched.extend([json!(values), json!(icon)]);
    }
    let other = other.filter(|icon| icons.get(icon).is_some()).unwrap_or_default();
    matched.push(json!(other));
    // A match needs a class.
    if matched.len() > 3 { Json::Array(matched) } else { json!(other) }
}

/// Whether such an image can ever be anything.
pub(super) fn is_nothing(image: &Json) -> bool {
    image.as_str().is_some_and(str::is_empty)
}

/// On the disc of a point, in the colour of the ground. Never hidden: the disc is not, either.
pub(super) fn on_disc(layer: &Layer, theme: Theme, image: &Json) -> Json {
    part(
        layer,
        "icon",
        "symbol",
        json!({
            "minzoom": 15,
            "layout": {
                "icon-image": image,
                "icon-size": by_zoom(&[(15.0, 0.42), (16.0, 0.6), (19.0, 0.85)]),
                "icon-allow-overlap": true,
                "icon-ignore-placement": true,
                "icon-padding": 0,
            },
            "paint": { "icon-color": theme.palette().halo },
        }),
    )
}

/// In the middle of an area or along a line, in a colour of its own, where no other lettering is in the way.
pub(super) fn alone(layer: &Layer, theme: Theme, image: &Json, color: &Json) -> Json {
    let is_line = layer.geometry == GeometryType::Line;
    let mut drawn = json!({
        "layout": {
            "icon-image": image,
            "icon-size": by_zoom(&[(12.0, 0.6), (18.0, 0.9)]),
            "symbol-placement": if is_line { "line" } else { "point" },
        },
        "paint": { "icon-color": color, "icon-halo-color": theme.palette().halo, "icon-halo-width": 1.2 },
    });
    if is_line {
        drawn["layout"]["icon-rotation-alignment"] = json!("viewport");
    }
    if layer.attributes.iter().any(|a| a.name == "building_id") {
        drawn["filter"] = on_open_floor();
    }
    part(layer, "icon", "symbol", drawn)
}
