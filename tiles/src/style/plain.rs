//! Parcels, facilities, and every layer that has no drawing of its own.

use gis_data::{GeometryType, Layer};
use serde_json::{Value as Json, json};

use super::expression::{by_class, by_state, by_zoom, ink, lettering, named, with};
use super::legend::{FACILITIES, PARCELS, own_color};
use super::palette::Theme;
use super::{Drawn, is_point, part, pictogram};
use crate::Icons;

pub(super) fn parcels(layer: &Layer, theme: Theme) -> Drawn {
    let p = theme.palette();
    let color = by_class("land_use", PARCELS, p.parcel_line, theme);
    let mut drawn = area(layer, theme, &color);
    drawn.labels.push(part(
        layer,
        "label",
        "symbol",
        json!({
            "minzoom": 14,
            "maxzoom": 17,
            "filter": named(),
            "layout": with(
                lettering(&json!(["get", "name"]), p, &[(14.0, 10.5), (17.0, 12.0)]),
                json!({ "symbol-sort-key": ["-", 0, ["coalesce", ["get", "area_m2"], 0]] }),
            ),
            "paint": ink(p.text_soft, p.halo),
        }),
    ));
    drawn
}

pub(super) fn facilities(layer: &Layer, theme: Theme, icons: &Icons) -> Drawn {
    let color = by_class("class", FACILITIES, theme.palette().text_soft, theme);
    let image = pictogram::of_facilities(icons);
    Drawn { body: points(layer, theme, &color, &image), labels: vec![label(layer, theme, 16.0)] }
}

/// In the colour that the layer's definition asks for.
pub(super) fn layer(layer: &Layer, theme: Theme, icons: &Icons) -> Drawn {
    let color = json!(own_color(layer, theme));
    let image = json!(pictogram::own(layer).filter(|name| icons.get(name).is_some()).unwrap_or(""));
    let mut drawn = match layer.geometry {
        GeometryType::Polygon => area(layer, theme, &color),
        GeometryType::Line => {
            let line = json!({ "paint": { "line-color": color, "line-width": by_zoom(&[(8.0, 1.0), (18.0, 4.0)]) } });
            Drawn { body: vec![part(layer, "line", "line", line)], labels: Vec::new() }
        }
        GeometryType::Point => {
            Drawn { body: points(layer, theme, &color, &image), labels: Vec::new() }
        }
    };
    if !is_point(layer) && !pictogram::is_nothing(&image) {
        drawn.labels.push(pictogram::alone(layer, theme, &image, &color));
    }
    if layer.attributes.iter().any(|a| a.name == "name") {
        drawn.labels.push(label(layer, theme, 14.0));
    }
    drawn
}

/// A light tint and a clear edge.
fn area(layer: &Layer, theme: Theme, color: &Json) -> Drawn {
    let p = theme.palette();
    let fill = json!({
        "paint": {
            "fill-color": color,
            "fill-opacity": by_state(&json!(0.3), &json!(0.2), &json!(0.09)),
        },
    });
    let line = json!({
        "paint": {
            "line-color": by_state(&json!(p.accent), &json!(p.accent), color),
            "line-width": by_state(&json!(2.6), &json!(1.8), &json!(1.1)),
            "line-opacity": by_zoom(&[(9.0, 0.35), (13.0, 0.8)]),
        },
    });
    Drawn {
        body: vec![part(layer, "fill", "fill", fill), part(layer, "line", "line", line)],
        labels: Vec::new(),
    }
}

/// Dots, which near enough become discs with a pictogram where there is one.
pub(super) fn points(layer: &Layer, theme: Theme, color: &Json, image: &Json) -> Vec<Json> {
    if pictogram::is_nothing(image) {
        return vec![dots(layer, theme, color, &[(14.0, 2.2), (16.0, 4.5), (19.0, 8.0)])];
    }
    let discs = dots(layer, theme, color, &[(14.0, 2.4), (15.0, 6.0), (16.0, 9.0), (19.0, 12.5)]);
    vec![discs, pictogram::on_disc(layer, theme, image)]
}

fn dots(layer: &Layer, theme: Theme, color: &Json, radii: &[(f64, f64)]) -> Json {
    let p = theme.palette();
    // Points that are alone far away are few, and all others are many.
    let far = if layer.clustered_below() > 0 { (9.0, 2.4) } else { (12.0, 1.0) };
    let radii: Vec<(f64, f64)> = [far].iter().chain(radii).copied().collect();
    part(
        layer,
        "circle",
        "circle",
        json!({
            "paint": {
                "circle-color": color,
                "circle-radius": by_zoom(&radii),
                "circle-stroke-color": by_state(&json!(p.accent), &json!(p.accent), &json!(p.halo)),
                "circle-stroke-width": by_state(&json!(3.0), &json!(2.0), &json!(0.8)),
            },
        }),
    )
}

fn label(layer: &Layer, theme: Theme, minzoom: f64) -> Json {
    let p = theme.palette();
    let text = lettering(&json!(["get", "name"]), p, &[(14.0, 10.5), (18.0, 13.0)]);
    let beside = json!({ "text-variable-anchor": ["top", "bottom", "left", "right"], "text-radial-offset": 1.1 });
    let layout = if is_point(layer) { with(text, beside) } else { text };
    part(
        layer,
        "label",
        "symbol",
        json!({ "minzoom": minzoom, "filter": named(), "layout": layout, "paint": ink(p.text, p.halo) }),
    )
}
