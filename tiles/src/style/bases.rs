//! Base maps 底图 beneath our layers: pictures as they are, vector tiles plainly in the greys of the theme.

use serde_json::{Map, Value as Json, json};

use super::palette::Theme;
use crate::Base;

/// Names of sources that are base maps begin with this; no layer of the catalogue has a dot in its name.
const PREFIX: &str = "base.";

/// The style with base maps under its layers, above its background. Only the first is visible: whoever shows the style
/// lets people choose another, or none, by `metadata["onemap:bases"]`.
#[must_use]
pub fn with_bases(mut style: Json, theme: Theme, base_url: &str, bases: &[Base]) -> Json {
    let mut under = Vec::new();
    for (n, base) in bases.iter().enumerate() {
        let visibility = if n == 0 { "visible" } else { "none" };
        style["sources"][id(base)] = source(base, base_url);
        under.extend(layers(base, theme, visibility));
    }
    if let Some(drawn) = style["layers"].as_array_mut() {
        let above_background = drawn.len().min(1);
        drop(drawn.splice(above_background..above_background, under));
    }
    style["metadata"]["onemap:bases"] = bases.iter().map(told).collect();
    style
}

fn id(base: &Base) -> String {
    format!("{PREFIX}{}", base.name())
}

fn told(base: &Base) -> Json {
    json!({ "id": id(base), "title": base.title(), "attribution": base.attribution() })
}

fn source(base: &Base, base_url: &str) -> Json {
    let (first, last) = base.zooms();
    let mut source = json!({
        "type": if base.format().is_raster() { "raster" } else { "vector" },
        "tiles": [base.template(base_url)],
        "minzoom": first,
        "maxzoom": last,
        "bounds": base.bounds(),
        "attribution": base.attribution(),
    });
    if base.format().is_raster() {
        source["tileSize"] = json!(256);
    }
    source
}

/// Areas of all its layers, then their lines, then their points: what the layers mean is not known here.
fn layers(base: &Base, theme: Theme, visibility: &str) -> Vec<Json> {
    let p = theme.palette();
    let layer = |part: String, kind: &str, rest: Json| {
        let mut layer = json!({
            "id": format!("{}-{part}", id(base)),
            "type": kind,
            "source": id(base),
            "layout": { "visibility": visibility },
            "metadata": { "onemap:base": base.name(), "onemap:part": part },
        });
        if let (Some(layer), Json::Object(rest)) = (layer.as_object_mut(), rest) {
            layer.extend(rest);
        }
        layer
    };
    if base.format().is_raster() {
        return vec![layer("raster".to_owned(), "raster", json!({}))];
    }
    let names: Vec<&str> = base.vector_layers().iter().filter_map(|l| l["id"].as_str()).collect();
    let parts: [(&str, &str, Json); 3] = [
        ("fill", "Polygon", json!({ "fill-color": p.building, "fill-opacity": 0.5 })),
        ("line", "LineString", json!({ "line-color": p.building_line, "line-width": 1.0 })),
        ("circle", "Point", json!({ "circle-color": p.text_soft, "circle-radius": 1.5 })),
    ];
    let mut drawn = Vec::new();
    for (kind, shape, paint) in parts {
        for name in &names {
            let rest: Map<String, Json> = [
                ("source-layer".to_owned(), json!(name)),
                ("filter".to_owned(), of_shape(shape)),
                ("paint".to_owned(), paint.clone()),
            ]
            .into_iter()
            .collect();
            drawn.push(layer(format!("{name}-{kind}"), kind, Json::Object(rest)));
        }
    }
    drawn
}

/// One or several of a shape.
fn of_shape(shape: &str) -> Json {
    json!(["match", ["geometry-type"], [shape, format!("Multi{shape}")], true, false])
}
