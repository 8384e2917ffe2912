//! Points that stand together: a disc that grows with their number, and the number.

use gis_data::Layer;
use serde_json::{Value as Json, json};

use super::expression::{lettering, with};
use super::palette::Theme;
use super::{Drawn, part};
use crate::POINT_COUNT;

/// Radius in pixels from so many points on.
const RADII: [(i64, f64); 4] = [(0, 9.0), (10, 12.0), (100, 16.0), (1_000, 21.0)];

/// What is drawn of a layer whose points stand together at some zooms, and what that is.
pub(super) fn beside(mut drawn: Drawn, layer: &Layer, theme: Theme) -> Drawn {
    if layer.clustered_below() == 0 {
        return drawn;
    }
    for part in drawn.body.iter_mut().chain(&mut drawn.labels) {
        let is_alone = json!(["!", is_cluster()]);
        let filter = match part.get("filter") {
            Some(own) => json!(["all", is_alone, own]),
            None => is_alone,
        };
        part["filter"] = filter;
    }
    let p = theme.palette();
    let below = f64::from(layer.clustered_below());
    let disc = json!({
        "maxzoom": below,
        "filter": is_cluster(),
        "paint": {
            "circle-color": p.accent,
            "circle-opacity": 0.85,
            "circle-radius": radius(),
            "circle-stroke-color": p.halo,
            "circle-stroke-width": 1.5,
        },
    });
    let count = json!({
        "maxzoom": below,
        "filter": is_cluster(),
        "layout": with(
            lettering(&json!(["to-string", ["get", POINT_COUNT]]), p, &[(9.0, 11.0), (15.0, 12.5)]),
            // The number is always there, and other lettering makes room for its disc.
            json!({ "text-allow-overlap": true, "text-padding": 8 }),
        ),
        "paint": { "text-color": p.halo },
    });
    drawn.body.push(part(layer, "cluster", "circle", disc));
    drawn.labels.push(part(layer, "count", "symbol", count));
    drawn
}

fn is_cluster() -> Json {
    json!(["has", POINT_COUNT])
}

fn radius() -> Json {
    let [(_, smallest), steps @ ..] = RADII;
    let mut stepped = vec![json!("step"), json!(["get", POINT_COUNT]), json!(smallest)];
    stepped.extend(steps.iter().flat_map(|(count, radius)| [json!(count), json!(radius)]));
    Json::Array(stepped)
}
