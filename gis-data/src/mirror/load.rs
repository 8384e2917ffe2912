//! Rows become packed features.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::value::{Interner, Value};
use super::{Mirror, Mirrors, OwnedFeature, queries, wkb};
use crate::layer::{self, AttributeType, Layer};
use crate::{FeatureId, GisError, Result, ScopeId};

/// Loads every layer of the catalogue inside one snapshot.
pub(crate) async fn load_all(connection: &mut PgConnection) -> Result<Mirrors> {
    let mut by_id = BTreeMap::new();
    for layer in layer::list(connection).await? {
        let started = std::time::Instant::now();
        let features = features(connection, &layer, None).await?;
        tracing::info!(
            layer = layer.layer_id,
            features = features.len(),
            ms = started.elapsed().as_millis(),
            "loaded"
        );
        by_id.insert(layer.layer_id.clone(), Mirror::new(layer, features));
    }
    Ok(Mirrors { by_id })
}

/// Reads the named features again; those that no longer exist are absent from the answer.
pub(crate) async fn reload(
    connection: &mut PgConnection,
    layer: &Layer,
    ids: &[FeatureId],
) -> Result<Vec<OwnedFeature>> {
    features(connection, layer, Some(ids)).await
}

async fn features(
    connection: &mut PgConnection,
    layer: &Layer,
    only: Option<&[FeatureId]>,
) -> Result<Vec<OwnedFeature>> {
    let sql = queries::select_features(layer);
    let only: Option<Vec<i64>> = only.map(|ids| ids.iter().map(|id| id.0).collect());
    let mut rows = sqlx::query(&sql).bind(only).fetch(connection);
    let mut interner = Interner::default();
    let mut features = Vec::new();
    while let Some(row) = rows.try_next().await.map_err(GisError::query("load a layer"))? {
        features.push(feature(layer, &row, &mut interner)?);
    }
    Ok(features)
}

fn feature(layer: &Layer, row: &PgRow, interner: &mut Interner) -> Result<OwnedFeature> {
    let read = GisError::query("read a feature");
    let (id, scope, wkb): (i64, i32, Vec<u8>) =
        (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))().map_err(read)?;
    let bad = |reason: &str| GisError::Geometry {
        layer: layer.layer_id.clone(),
        feature_id: id,
        reason: reason.to_owned(),
    };
    let geometry = wkb::geometry(&wkb).map_err(|reason| bad(&reason))?;
    let values = layer
        .attributes
        .iter()
        .enumerate()
        .map(|(n, a)| value(row, n + 3, a.kind, interner))
        .collect::<std::result::Result<_, _>>()
        .map_err(GisError::query("read an attribute"))?;
    OwnedFeature::new(FeatureId(id), ScopeId(scope), &geometry, values)
        .ok_or_else(|| bad("empty, off the earth, or a collection"))
}

fn value(
    row: &PgRow,
    column: usize,
    kind: AttributeType,
    interner: &mut Interner,
) -> sqlx::Result<Value> {
    Ok(match kind {
        AttributeType::Int => row.try_get::<Option<i64>, _>(column)?.map(Value::Int),
        AttributeType::Float => row.try_get::<Option<f64>, _>(column)?.map(Value::Float),
        AttributeType::Text => row.try_get::<Option<String>, _>(column)?.map(|t| interner.text(t)),
    }
    .unwrap_or(Value::Null))
}
