//! Rows become packed features.

use std::collections::BTreeSet;
use std::time::Instant;

use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::base::Packing;
use super::copy::{CopyRow, CopyRows};
use super::value::{Interner, Value};
use super::{Direct, Mirror, Mirrors, OwnedFeature, queries, wkb};
use crate::layer::{self, Attribute, AttributeType, Layer};
use crate::{FeatureId, GisError, Result, ScopeId};

/// How often a long load says how far it is.
const SAY_EVERY: usize = 200_000;

/// How much of the layers may be held in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of one layer.
    pub layer_bytes: u64,
    /// Bytes of all of them.
    pub total_bytes: u64,
    /// Layers that are drawn from the database in any case.
    pub direct: BTreeSet<String>,
}

impl Budget {
    /// Everything in memory, whatever it takes.
    pub fn unlimited() -> Self {
        Self { layer_bytes: u64::MAX, total_bytes: u64::MAX, direct: BTreeSet::new() }
    }
}

impl Default for Budget {
    /// 1 GiB for a layer, which is some seven million buildings, and 4 GiB for all.
    fn default() -> Self {
        Self { layer_bytes: 1 << 30, total_bytes: 4 << 30, direct: BTreeSet::new() }
    }
}

/// Loads every layer of the catalogue inside one snapshot, as far as the budget goes.
pub(crate) async fn load_all(connection: &mut PgConnection, budget: &Budget) -> Result<Mirrors> {
    let mut mirrors = Mirrors::default();
    let mut left = budget.total_bytes;
    for layer in layer::list(connection).await? {
        let layer_id = layer.layer_id.clone();
        if budget.direct.contains(&layer_id) {
            tracing::info!(layer = layer_id, "drawn from the database, as configured");
            mirrors.direct.insert(layer_id, Direct::new(layer));
            continue;
        }
        let started = Instant::now();
        let Some(packing) = copied(connection, &layer, left.min(budget.layer_bytes)).await? else {
            let limit_mb = left.min(budget.layer_bytes) >> 20;
            tracing::warn!(
                layer = layer_id,
                limit_mb,
                "too large for the memory of layers: drawn from the database; name it as direct, and the start is quicker"
            );
            mirrors.direct.insert(layer_id, Direct::new(layer));
            continue;
        };
        let features = packing.len();
        let base = packing.finish(layer.max_zoom);
        left = left.saturating_sub(base.bytes() as u64);
        let ms = started.elapsed().as_millis();
        tracing::info!(layer = layer_id, features, ms, bytes = base.bytes(), "loaded");
        mirrors.by_id.insert(layer_id, Mirror::new(layer, base));
    }
    Ok(mirrors)
}

/// All features of a layer, by COPY; `None` when they take more bytes than the limit.
async fn copied(
    connection: &mut PgConnection,
    layer: &Layer,
    limit: u64,
) -> Result<Option<Packing>> {
    let mut stream = queries::copy_features(connection, layer).await?;
    let (mut rows, mut packing, mut interner) =
        (CopyRows::default(), Packing::default(), Interner::default());
    let broken = |reason: &str| GisError::Catalogue {
        layer: layer.layer_id.clone(),
        reason: reason.to_owned(),
    };
    while let Some(bytes) = stream.try_next().await.map_err(GisError::query("copy a layer"))? {
        rows.feed(&bytes);
        while let Some(row) = rows.next().map_err(broken)? {
            packing.push(copied_feature(layer, &row, &mut interner)?.as_ref());
            if packing.len() % SAY_EVERY == 0 {
                tracing::info!(layer = layer.layer_id, features = packing.len(), "loading");
            }
        }
        if packing.bytes() as u64 > limit {
            drop(packing);
            // The connection is of use again when the last of it has been taken.
            while stream.try_next().await.map_err(GisError::query("copy a layer"))?.is_some() {}
            return Ok(None);
        }
    }
    if !rows.is_ended() {
        return Err(broken("the database stopped in the middle of its rows"));
    }
    Ok(Some(packing))
}

fn copied_feature(
    layer: &Layer,
    row: &CopyRow<'_>,
    interner: &mut Interner,
) -> Result<OwnedFeature> {
    let id = row.int(0).unwrap_or_default();
    let bad = |reason: &str| GisError::Geometry {
        layer: layer.layer_id.clone(),
        feature_id: id,
        reason: reason.to_owned(),
    };
    let scope = row.int(1).and_then(|scope| i32::try_from(scope).ok());
    let (Some(_id), Some(scope)) = (row.int(0), scope) else {
        return Err(bad("without an id or a scope"));
    };
    let geometry =
        wkb::geometry(row.bytes(2).unwrap_or_default()).map_err(|reason| bad(&reason))?;
    let value = |(n, attribute): (usize, &Attribute)| {
        let value = match attribute.kind {
            AttributeType::Int => row.int(n).map(Value::Int),
            AttributeType::Float => row.float(n).map(Value::Float),
            AttributeType::Text => row.text(n).map(|t| interner.text(t)),
        };
        value.unwrap_or(Value::Null)
    };
    let values = (3..).zip(&layer.attributes).map(value).collect();
    OwnedFeature::new(FeatureId(id), ScopeId(scope), &geometry, values)
        .ok_or_else(|| bad("empty, off the earth, or a collection"))
}

/// Reads the named features again; those that no longer exist are absent from the answer.
pub(crate) async fn reload(
    connection: &mut PgConnection,
    layer: &Layer,
    ids: &[FeatureId],
) -> Result<Vec<OwnedFeature>> {
    let sql = queries::select_features(layer);
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut rows = sqlx::query(&sql).bind(ids).fetch(connection);
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
        AttributeType::Text => row.try_get::<Option<String>, _>(column)?.map(|t| interner.text(&t)),
    }
    .unwrap_or(Value::Null))
}
