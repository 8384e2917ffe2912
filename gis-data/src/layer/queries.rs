//! The catalogue's SQL.

use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;

use super::{Attribute, GeometryType, Layer, Text2};
use crate::{GisError, Result};

#[derive(FromRow)]
struct Row {
    layer_id: String,
    relation: String,
    geometry_column: String,
    geometry: String,
    title: Json<Text2>,
    group_id: String,
    attributes: Json<Vec<Attribute>>,
    min_zoom: i16,
    max_zoom: i16,
    ordinal: i16,
    style: Json<serde_json::Value>,
    version: i64,
    updated_at: OffsetDateTime,
}

/// All layers in drawing order.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<Layer>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select layer_id, relation, geometry_column, geometry, title, group_id, attributes, min_zoom,
                max_zoom, ordinal, style, version, updated_at
         from layer order by ordinal, layer_id",
    )
    .fetch_all(connection)
    .await
    .map_err(GisError::query("list layers"))?;
    rows.into_iter().map(Row::into_layer).collect()
}

/// Writes a layer's definition; its version moves only when something differs.
pub async fn publish(connection: &mut PgConnection, layer: &Layer) -> Result<()> {
    if !layer.has_plain_names() {
        return Err(GisError::Catalogue {
            layer: layer.layer_id.clone(),
            reason: "relation and columns must be plain lower-case identifiers".to_owned(),
        });
    }
    let geometry = serde_json::to_value(layer.geometry).expect("a unit variant is a string");
    sqlx::query(
        "insert into layer as l (layer_id, relation, geometry_column, geometry, title, group_id, attributes,
                                 min_zoom, max_zoom, ordinal, style)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (layer_id) do update set
             relation = excluded.relation, geometry_column = excluded.geometry_column,
             geometry = excluded.geometry, title = excluded.title, group_id = excluded.group_id,
             attributes = excluded.attributes, min_zoom = excluded.min_zoom, max_zoom = excluded.max_zoom,
             ordinal = excluded.ordinal, style = excluded.style, version = l.version + 1, updated_at = now()
         where (l.relation, l.geometry_column, l.geometry, l.title, l.group_id, l.attributes, l.min_zoom,
                l.max_zoom, l.ordinal, l.style)
             is distinct from
               (excluded.relation, excluded.geometry_column, excluded.geometry, excluded.title,
                excluded.group_id, excluded.attributes, excluded.min_zoom, excluded.max_zoom,
                excluded.ordinal, excluded.style)",
    )
    .bind(&layer.layer_id)
    .bind(&layer.relation)
    .bind(&layer.geometry_column)
    .bind(geometry.as_str())
    .bind(Json(&layer.title))
    .bind(&layer.group_id)
    .bind(Json(&layer.attributes))
    .bind(i16::from(layer.min_zoom))
    .bind(i16::from(layer.max_zoom))
    .bind(layer.ordinal)
    .bind(Json(&layer.style))
    .execute(connection)
    .await
    .map_err(GisError::query("publish a layer"))?;
    Ok(())
}

impl Row {
    fn into_layer(self) -> Result<Layer> {
        let bad = |reason: &str| GisError::Catalogue {
            layer: self.layer_id.clone(),
            reason: reason.to_owned(),
        };
        let geometry = match self.geometry.as_str() {
            "polygon" => GeometryType::Polygon,
            "line" => GeometryType::Line,
            "point" => GeometryType::Point,
            _ => return Err(bad("unknown geometry type")),
        };
        let zoom = |z: i16| u8::try_from(z).map_err(|_source| bad("zoom below 0"));
        let (min_zoom, max_zoom) = (zoom(self.min_zoom)?, zoom(self.max_zoom)?);
        let layer = Layer {
            layer_id: self.layer_id.clone(),
            relation: self.relation,
            geometry_column: self.geometry_column,
            geometry,
            title: self.title.0,
            group_id: self.group_id,
            attributes: self.attributes.0,
            min_zoom,
            max_zoom,
            ordinal: self.ordinal,
            style: self.style.0,
            version: self.version,
            updated_at: self.updated_at,
        };
        if !layer.has_plain_names() {
            return Err(GisError::Catalogue {
                layer: self.layer_id,
                reason: "relation and columns must be plain lower-case identifiers".to_owned(),
            });
        }
        Ok(layer)
    }
}
