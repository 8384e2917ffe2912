//! The catalogue becomes a MapLibre style: one vector source per layer, named like it, and style layers
//! named `<source>-<part>` whose metadata say which layer and part they draw.
//!
//! Vehicles have a legend but no style layer: the client draws them itself, between two fixes.

mod base;
mod bases;
mod building;
mod cluster;
mod expression;
mod legend;
mod palette;
mod pictogram;
mod plain;
mod themed;

use gis_data::{GeometryType, Layer, Text2};
use serde_json::{Map, Value as Json, json};

pub use bases::with_bases;
pub use legend::{LegendIcon, LegendItem, Shape, legend};
pub use palette::Theme;

use crate::Icons;
use crate::tilejson::template;

/// The language of the style's own words; names in the data are as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// 简体中文.
    Zh,
    /// English.
    En,
}

/// The style layers of one catalogue layer.
#[derive(Default)]
struct Drawn {
    /// Fills, lines and marks, lowest first; the pictogram of a point is right above its disc.
    body: Vec<Json>,
    /// Lettering and the pictograms of areas and lines, above the bodies of all layers.
    labels: Vec<Json>,
}

type Builder = fn(&Layer, Theme, &Icons) -> Drawn;

/// Layers with a drawing of their own. Others are drawn plainly, in the colour their `style` asks for.
const BUILDERS: &[(&str, Builder)] = &[
    ("water", |layer, theme, _| base::water(layer, theme)),
    ("green", |layer, theme, _| base::green(layer, theme)),
    ("roads", |layer, theme, _| base::roads(layer, theme)),
    ("parcels", |layer, theme, _| plain::parcels(layer, theme)),
    ("buildings", |layer, theme, _| building::buildings(layer, theme)),
    ("floors", |layer, theme, _| building::floors(layer, theme)),
    ("rooms", |layer, theme, _| building::rooms(layer, theme)),
    ("facilities", plain::facilities),
    ("vehicles", |_, _, _| Drawn { body: Vec::new(), labels: Vec::new() }),
];

/// A whole style. Layers come in drawing order; `icons` are those of the sprite it names; `fonts` is the style's
/// `font-faces`; `notice` is what must be said about the data wherever they are shown.
pub fn style(
    theme: Theme,
    lang: Lang,
    layers: &[&Layer],
    icons: &Icons,
    base_url: &str,
    fonts: &Json,
    notice: Option<&Text2>,
) -> Json {
    let mut body = vec![base::background(theme)];
    let mut labels = Vec::new();
    for layer in layers {
        let own = BUILDERS.iter().find(|(id, _)| *id == layer.layer_id);
        let other: Builder = if themed::is_themed(layer) { themed::layer } else { plain::layer };
        let drawn = own.map_or(other, |(_, build)| *build)(layer, theme, icons);
        let drawn = cluster::beside(drawn, layer, theme);
        body.extend(drawn.body);
        labels.extend(drawn.labels);
    }
    body.append(&mut labels);
    let by_id = |make: &dyn Fn(&Layer) -> Json| -> Map<String, Json> {
        layers.iter().map(|l| (l.layer_id.clone(), make(l))).collect()
    };
    json!({
        "version": 8,
        "name": match lang { Lang::Zh => "机关事务一张图", Lang::En => "OneMap" },
        "metadata": {
            "onemap:theme": theme.name(),
            "onemap:legend": by_id(&|l| json!(legend(l, theme, icons))),
            "onemap:notice": notice,
        },
        "state": {
            expression::FLOOR_BUILDING: { "default": -1 },
            expression::FLOOR_ORDINAL: { "default": 0 },
        },
        "font-faces": fonts,
        "sprite": icons.sprite(base_url),
        "sources": by_id(&|l| source(l, base_url)),
        "layers": body,
    })
}

fn source(layer: &Layer, base_url: &str) -> Json {
    json!({
        "type": "vector",
        "tiles": [template(base_url, &layer.layer_id)],
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
    })
}

/// A style layer of a catalogue layer: what all of them share, and the rest as given.
fn part(layer: &Layer, part: &str, kind: &str, rest: Json) -> Json {
    let id = &layer.layer_id;
    let mut common = json!({
        "id": format!("{id}-{part}"),
        "type": kind,
        "source": id,
        "source-layer": id,
        "minzoom": layer.min_zoom,
        "metadata": { "onemap:layer": id, "onemap:part": part },
    });
    if let (Some(common), Json::Object(rest)) = (common.as_object_mut(), rest) {
        common.extend(rest);
    }
    common
}

/// Whether its features are points.
fn is_point(layer: &Layer) -> bool {
    layer.geometry == GeometryType::Point
}

#[cfg(test)]
mod tests;
