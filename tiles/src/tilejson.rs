//! TileJSON 3.0: what a client has to know before it asks for tiles.

use gis_data::{AttributeType, GeometryType, Layer, Viewer, WorldBox};
use serde_json::{Map, Value as Json, json};

use crate::{Held, MERGED, POINT_COUNT, Source};

/// The part of the earth that Web Mercator shows.
const EARTH: [f64; 4] = [-180.0, -85.051_129, 180.0, 85.051_129];

/// Describes a tile set of these layers.
///
/// `base_url` has no slash at its end; bounds are those of what
/// the viewer sees, or the earth while there is nothing. The attribution is what must be said about the
/// data wherever they are shown.
pub fn tilejson(
    sources: &[&dyn Source],
    viewer: &Viewer,
    base_url: &str,
    attribution: Option<&str>,
) -> Json {
    let ids: Vec<&str> = sources.iter().map(|s| s.layer().layer_id.as_str()).collect();
    let zooms = |pick: fn(&Layer) -> u8| sources.iter().map(move |s| pick(s.layer()));
    json!({
        "tilejson": "3.0.0",
        "name": ids.join(","),
        "scheme": "xyz",
        "tiles": [template(base_url, &ids.join(","))],
        "minzoom": zooms(|l| l.min_zoom).min().unwrap_or(0),
        "maxzoom": zooms(|l| l.max_zoom).max().unwrap_or(0),
        "bounds": bounds(sources, viewer),
        "attribution": attribution.unwrap_or_default(),
        "vector_layers": sources.iter().map(|s| held(*s)).collect::<Vec<_>>(),
    })
}

/// The address of a layer's tiles with its three placeholders.
pub(crate) fn template(base_url: &str, layers: &str) -> String {
    format!("{base_url}/tiles/{layers}/{{z}}/{{x}}/{{y}}")
}

/// A layer of the set, and where its features are.
fn held(source: &dyn Source) -> Json {
    let held = match source.held() {
        Held::Memory(_) => "memory",
        Held::Database(_) => "database",
    };
    let mut described = vector_layer(source.layer());
    described["onemap:held"] = held.into();
    described
}

pub(crate) fn vector_layer(layer: &Layer) -> Json {
    let mut fields: Map<String, Json> = layer
        .attributes
        .iter()
        .map(|a| {
            let kind = match a.kind {
                AttributeType::Int | AttributeType::Float => "Number",
                AttributeType::Text => "String",
            };
            (a.name.clone(), Json::from(format!("{kind}; {} {}", a.title.zh, a.title.en)))
        })
        .collect();
    if layer.geometry == GeometryType::Polygon {
        fields.insert(MERGED.to_owned(), "Number; 合并的小要素 small features merged".into());
    }
    if layer.clustered_below() > 0 {
        fields.insert(POINT_COUNT.to_owned(), "Number; 聚合的点数 points of a cluster".into());
    }
    json!({
        "id": layer.layer_id,
        "description": format!("{} {}", layer.title.zh, layer.title.en),
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "fields": fields,
    })
}

fn bounds(sources: &[&dyn Source], viewer: &Viewer) -> [f64; 4] {
    let snapshots: Vec<_> = sources.iter().filter_map(|s| s.held().in_memory()).collect();
    let corners = snapshots
        .iter()
        .flat_map(|s| s.iter())
        .filter(|f| viewer.sees(f.scope))
        .flat_map(|f| [f.bbox.min, f.bbox.max]);
    WorldBox::around(corners).map_or(EARTH, |b| b.to_bbox().to_array())
}
