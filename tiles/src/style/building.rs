//! Buildings, and inside the open one its floor with rooms.

use gis_data::Layer;
use serde_json::{Value as Json, json};

use super::expression::{
    FLOOR_BUILDING, by_class, by_state, by_zoom, ink, lettering, named, on_open_floor, with,
};
use super::legend::BUILDINGS;
use super::palette::{Palette, Theme};
use super::{Drawn, part};

pub(super) fn buildings(layer: &Layer, theme: Theme) -> Drawn {
    let p = theme.palette();
    let color = by_class("use_kind", BUILDINGS, p.building, theme);
    let fill = json!({ "paint": { "fill-color": color, "fill-opacity": by_zoom(&[(12.0, 0.75), (15.0, 1.0)]) } });
    let line = json!({
        "minzoom": 14,
        "paint": {
            "line-color": by_state(&json!(p.accent), &json!(p.accent), &json!(p.building_line)),
            "line-width": by_state(&json!(2.2), &json!(1.4), &json!(0.7)),
        },
    });
    let solid = json!({
        "minzoom": 14,
        "layout": { "visibility": "none" },
        "paint": {
            "fill-extrusion-color": by_state(&json!(p.accent), &color, &color),
            "fill-extrusion-height": ["coalesce", ["get", "height_m"], 3],
            "fill-extrusion-opacity": 0.9,
            "fill-extrusion-vertical-gradient": true,
        },
    });
    let is_open = json!(["==", ["id"], ["global-state", FLOOR_BUILDING]]);
    let label = json!({
        "minzoom": 15,
        "filter": ["all", named(), ["!", is_open]],
        "layout": with(
            lettering(&json!(["get", "name"]), p, &[(15.0, 11.0), (18.0, 14.0)]),
            json!({ "symbol-sort-key": ["-", 0, ["coalesce", ["get", "area_m2"], 0]] }),
        ),
        "paint": ink(p.text, p.halo),
    });
    Drawn {
        body: vec![
            part(layer, "fill", "fill", fill),
            part(layer, "line", "line", line),
            part(layer, "3d", "fill-extrusion", solid),
        ],
        labels: vec![part(layer, "label", "symbol", label)],
    }
}

pub(super) fn floors(layer: &Layer, theme: Theme) -> Drawn {
    let p = theme.palette();
    let fill = json!({ "filter": on_open_floor(), "paint": { "fill-color": p.floor } });
    let line = json!({
        "filter": on_open_floor(),
        "layout": { "line-join": "round" },
        "paint": { "line-color": p.wall, "line-width": by_zoom(&[(15.0, 1.0), (19.0, 3.0)]) },
    });
    Drawn {
        body: vec![part(layer, "fill", "fill", fill), part(layer, "line", "line", line)],
        labels: Vec::new(),
    }
}

pub(super) fn rooms(layer: &Layer, theme: Theme) -> Drawn {
    let p = theme.palette();
    let fill = json!({
        "filter": on_open_floor(),
        "paint": {
            "fill-color": ["to-color", ["get", "org_color"], p.room],
            "fill-opacity": by_state(&json!(1.0), &json!(1.0), &json!(0.86)),
        },
    });
    let line = json!({
        "filter": on_open_floor(),
        "paint": {
            "line-color": by_state(&json!(p.accent), &json!(p.accent), &json!(p.wall)),
            "line-width": by_state(&json!(2.6), &json!(1.8), &json!(0.8)),
        },
    });
    Drawn {
        body: vec![part(layer, "fill", "fill", fill), part(layer, "line", "line", line)],
        labels: vec![part(layer, "label", "symbol", room_label(p))],
    }
}

/// The number, and under it the name where it says more.
fn room_label(p: &Palette) -> Json {
    let text = |key: &str| json!(["coalesce", ["get", key], ""]);
    let field = json!([
        "case",
        ["any", ["==", text("name"), ""], ["==", text("name"), text("number")]],
        text("number"),
        ["==", text("number"), ""],
        text("name"),
        ["concat", text("number"), "\n", text("name")]
    ]);
    json!({
        "minzoom": 17.5,
        "filter": on_open_floor(),
        "layout": with(
            lettering(&field, p, &[(17.5, 10.0), (20.0, 14.0)]),
            json!({ "text-padding": 1, "symbol-sort-key": ["-", 0, ["coalesce", ["get", "area_m2"], 0]] }),
        ),
        "paint": ink(p.room_text, p.room_halo),
    })
}
