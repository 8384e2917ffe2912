//! The catalogue as the layer tree needs it.

use axum::Json;
use gis_data::layer::group_title;
use serde_json::{Value, json};
use tiles::TileCoord;
use time::format_description::well_known::Rfc3339;

use crate::extract::{Asker, Loaded};

pub(crate) async fn list_layers(Loaded(city): Loaded, Asker(viewer): Asker) -> Json<Value> {
    let icons = city.icons.held();
    let layers: Vec<Value> = city
        .tiles
        .sources()
        .iter()
        .map(|source| {
            let layer = source.layer();
            let earth = TileCoord::new_checked(0, 0, 0);
            json!({
                "layer_id": layer.layer_id,
                "title": layer.title,
                "group": {"id": layer.group_id, "title": group_title(&layer.group_id)},
                "geometry": layer.geometry,
                "min_zoom": layer.min_zoom,
                "max_zoom": layer.max_zoom,
                // Those in the database are not counted for a list.
                "count": source.held().in_memory().map(|features| features.count(&viewer)),
                "version": earth.map(|earth| source.version(earth)),
                "updated_at": layer.updated_at.format(&Rfc3339).ok(),
                "visible": layer.style["hidden"] != true,
                "attributes": layer.attributes,
                "legend": tiles::legend(layer, tiles::Theme::Light, &icons.icons),
            })
        })
        .collect();
    Json(json!({"layers": layers}))
}
