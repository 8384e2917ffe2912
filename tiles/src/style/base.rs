//! The ground beneath: background, water, green, roads.

use gis_data::Layer;
use serde_json::{Value as Json, json};

use super::expression::{ink, lettering, named, with};
use super::palette::Theme;
use super::{Drawn, part};

/// Widths in pixels at zooms 8, 12, 16 and 19, and which is drawn above which.
const ROADS: &[(&str, [f64; 4], i32)] = &[
    ("motorway", [1.0, 2.4, 14.0, 84.0], 7),
    ("trunk", [0.9, 2.2, 13.0, 80.0], 6),
    ("primary", [0.7, 1.9, 12.0, 72.0], 5),
    ("secondary", [0.3, 1.3, 9.0, 52.0], 4),
    ("tertiary", [0.1, 0.8, 6.0, 36.0], 3),
    ("residential", [0.0, 0.4, 4.0, 22.0], 2),
];
const OTHER_ROAD: ([f64; 4], i32) = ([0.0, 0.2, 2.5, 13.0], 1);
const ROAD_ZOOMS: [f64; 4] = [8.0, 12.0, 16.0, 19.0];

pub(super) fn background(theme: Theme) -> Json {
    json!({
        "id": "background",
        "type": "background",
        "paint": { "background-color": theme.palette().ground },
    })
}

pub(super) fn water(layer: &Layer, theme: Theme) -> Drawn {
    let p = theme.palette();
    Drawn {
        body: vec![part(layer, "fill", "fill", json!({ "paint": { "fill-color": p.water } }))],
        labels: vec![area_label(layer, theme, p.water_text)],
    }
}

pub(super) fn green(layer: &Layer, theme: Theme) -> Drawn {
    let p = theme.palette();
    let color = json!([
        "match",
        ["coalesce", ["get", "class"], ""],
        ["farmland", "orchard", "meadow", "allotments"],
        p.field,
        p.green
    ]);
    Drawn {
        body: vec![part(layer, "fill", "fill", json!({ "paint": { "fill-color": color } }))],
        labels: vec![area_label(layer, theme, p.text_soft)],
    }
}

pub(super) fn roads(layer: &Layer, theme: Theme) -> Drawn {
    let p = theme.palette();
    let layout = json!({ "line-cap": "round", "line-join": "round", "line-sort-key": by_road(|r| json!(r.1)) });
    let color = json!([
        "match",
        class(),
        "motorway",
        p.road_motorway,
        ["trunk", "primary", "secondary"],
        p.road_major,
        p.road_minor
    ]);
    let casing = json!({
        "minzoom": 11,
        "layout": layout,
        "paint": { "line-color": p.road_case, "line-width": widths(1.6) },
    });
    let fill =
        json!({ "layout": layout, "paint": { "line-color": color, "line-width": widths(0.0) } });
    let along = |minzoom: u8, filter: Json| {
        json!({
            "minzoom": minzoom,
            "filter": ["all", named(), filter],
            "layout": with(
                lettering(&json!(["get", "name"]), p, &[(12.0, 11.0), (18.0, 14.0)]),
                json!({ "symbol-placement": "line", "symbol-spacing": 380, "text-max-angle": 30,
                        "text-letter-spacing": 0.08 }),
            ),
            "paint": ink(p.text_soft, p.halo),
        })
    };
    let main = json!(["motorway", "trunk", "primary", "secondary"]);
    Drawn {
        body: vec![part(layer, "casing", "line", casing), part(layer, "fill", "line", fill)],
        labels: vec![
            part(
                layer,
                "minor-label",
                "symbol",
                along(15, json!(["!", ["in", class(), ["literal", main]]])),
            ),
            part(layer, "label", "symbol", along(12, json!(["in", class(), ["literal", main]]))),
        ],
    }
}

fn area_label(layer: &Layer, theme: Theme, color: &str) -> Json {
    let p = theme.palette();
    part(
        layer,
        "label",
        "symbol",
        json!({
            "minzoom": 12,
            "filter": named(),
            "layout": lettering(&json!(["get", "name"]), p, &[(12.0, 11.0), (17.0, 14.0)]),
            "paint": ink(color, p.halo),
        }),
    )
}

fn class() -> Json {
    json!(["coalesce", ["get", "class"], ""])
}

fn by_road(value: impl Fn(([f64; 4], i32)) -> Json) -> Json {
    let mut matched = vec![json!("match"), class()];
    for (name, widths, rank) in ROADS {
        matched.extend([json!(name), value((*widths, *rank))]);
    }
    matched.push(value(OTHER_ROAD));
    Json::Array(matched)
}

fn widths(casing: f64) -> Json {
    let mut interpolated = vec![json!("interpolate"), json!(["exponential", 1.6]), json!(["zoom"])];
    for (n, zoom) in ROAD_ZOOMS.iter().enumerate() {
        interpolated.extend([json!(zoom), by_road(|(widths, _)| json!(widths[n] + casing))]);
    }
    Json::Array(interpolated)
}
