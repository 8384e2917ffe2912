//! Expressions that several layers use.

use serde_json::{Value as Json, json};

use super::legend::Class;
use super::palette::{Palette, Theme};

/// Global state: the building whose floors are open, or −1.
pub(super) const FLOOR_BUILDING: &str = "om_building";
/// Global state: the level that is shown.
pub(super) const FLOOR_ORDINAL: &str = "om_ordinal";

const FONT: &str = "Noto Sans SC";

/// A colour per class of an attribute.
pub(super) fn by_class(attribute: &str, classes: &[Class], other: &str, theme: Theme) -> Json {
    let mut matched = vec![json!("match"), json!(["coalesce", ["get", attribute], ""])];
    for class in classes {
        matched.extend([json!(class.values), json!(theme.pick(class.color))]);
    }
    matched.push(json!(other));
    Json::Array(matched)
}

/// One value for what is selected, one for what is pointed at, one for all else.
pub(super) fn by_state(selected: &Json, hover: &Json, otherwise: &Json) -> Json {
    let is = |state: &str| json!(["boolean", ["feature-state", state], false]);
    json!(["case", is("selected"), selected, is("hover"), hover, otherwise])
}

/// Only what belongs to the open floor.
pub(super) fn on_open_floor() -> Json {
    json!([
        "all",
        ["==", ["get", "building_id"], ["global-state", FLOOR_BUILDING]],
        ["==", ["get", "ordinal"], ["global-state", FLOOR_ORDINAL]]
    ])
}

/// Only what has a name.
pub(super) fn named() -> Json {
    json!(["!=", ["coalesce", ["get", "name"], ""], ""])
}

/// Straight between `(zoom, value)` stops.
pub(super) fn by_zoom(stops: &[(f64, f64)]) -> Json {
    let mut interpolated = vec![json!("interpolate"), json!(["linear"]), json!(["zoom"])];
    interpolated.extend(stops.iter().flat_map(|(zoom, value)| [json!(zoom), json!(value)]));
    Json::Array(interpolated)
}

/// Layout of lettering at a point.
pub(super) fn lettering(field: &Json, p: &Palette, sizes: &[(f64, f64)]) -> Json {
    let scaled: Vec<(f64, f64)> = sizes.iter().map(|(z, size)| (*z, size * p.text_scale)).collect();
    json!({
        "text-field": field,
        "text-font": [FONT],
        "text-size": by_zoom(&scaled),
        "text-max-width": 8,
        "text-padding": 4,
    })
}

/// Paint of lettering: a colour on a halo.
pub(super) fn ink(color: &str, halo: &str) -> Json {
    json!({ "text-color": color, "text-halo-color": halo, "text-halo-width": 1.4, "text-halo-blur": 0.4 })
}

/// A JSON object with further members.
pub(super) fn with(mut object: Json, more: Json) -> Json {
    if let (Some(object), Json::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}
