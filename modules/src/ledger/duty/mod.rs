//! The ledger of approved orders 派车: which vehicle was given to whom, from when to when, for which way and how far.
//!
//! It is the table `vehicle_duty`, which whoever judges driving reads. A row is a revision of an order and only ever added; the
//! last one holds. At every instant a vehicle has one order: under a lock on the vehicle, and once more by the database.

mod period;
mod queries;

use gis_data::{FeatureId, OrgId, Tx, Viewer};
use rust_decimal::Decimal;
use time::OffsetDateTime;

pub(crate) use period::{Given, is_late};

use super::space::Posting;
use crate::dates::minute_text;
use crate::definition::FieldFault;
use crate::{DocId, ModuleError, Result};

/// What an order gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Duty {
    pub(crate) vehicle: FeatureId,
    pub(crate) given: Given,
    pub(crate) driver: String,
    /// The account of who drives.
    pub(crate) driver_id: Option<i64>,
    /// Whose errand.
    pub(crate) org: Option<OrgId>,
    pub(crate) purpose: String,
    pub(crate) destination: String,
    pub(crate) destination_id: Option<FeatureId>,
    pub(crate) corridor: Option<Corridor>,
    pub(crate) limit_km: Option<Decimal>,
    pub(crate) is_late: bool,
}

/// The approved way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Corridor {
    /// Places in their order.
    pub(crate) through: Vec<FeatureId>,
    /// Metres to either side.
    pub(crate) metres: i32,
}

/// What holds of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Present {
    pub(crate) given: Given,
    pub(crate) driver: String,
    pub(crate) is_late: bool,
}

/// Another order that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Clash {
    number: String,
    given: Given,
    /// The vehicle is taken; otherwise the driver is.
    is_vehicle: bool,
}

/// What holds of an order, with its vehicle held until the transaction ends: whoever else orders it waits.
pub(crate) async fn hold(
    tx: &mut Tx,
    vehicle: FeatureId,
    doc_id: DocId,
) -> Result<Option<Present>> {
    queries::lock(tx, vehicle).await?;
    queries::present(tx, doc_id).await
}

/// Posts an order, or its next revision. The caller holds the vehicle.
pub(crate) async fn post(
    tx: &mut Tx,
    viewer: &Viewer,
    posting: &Posting<'_>,
    duty: &Duty,
) -> Result<()> {
    let clashes = queries::clashes(tx, posting.doc_id, duty).await?;
    if !clashes.is_empty() {
        return Err(ModuleError::Invalid(clashes.iter().map(taken).collect()));
    }
    if let Some(corridor) = &duty.corridor {
        let known = queries::distinct_points(tx, &corridor.through).await?;
        if known < 2 {
            return Err(ModuleError::Invalid(vec![FieldFault::new(
                "body.corridor_m",
                None,
                "核准路线至少需要两个不同的地点：出发地、途经点或目的地（地图）",
                "an approved way leads through at least two places: where it begins, between, where it ends",
            )]));
        }
    }
    queries::supersede(tx, posting.doc_id).await?;
    queries::insert(tx, viewer, posting, duty).await
}

/// The order ends earlier than it was given for. The caller holds the vehicle.
pub(crate) async fn shorten(
    tx: &mut Tx,
    viewer: &Viewer,
    posting: &Posting<'_>,
    until: OffsetDateTime,
) -> Result<()> {
    if let Some(old) = queries::supersede(tx, posting.doc_id).await? {
        queries::revise(tx, viewer, posting, old, Some(until)).await?;
    }
    Ok(())
}

/// No moment of the order is approved any more. The caller holds the vehicle.
pub(crate) async fn void(tx: &mut Tx, viewer: &Viewer, posting: &Posting<'_>) -> Result<()> {
    if let Some(old) = queries::supersede(tx, posting.doc_id).await? {
        queries::revise(tx, viewer, posting, old, None).await?;
    }
    Ok(())
}

/// Names the other order, with the way out.
fn taken(clash: &Clash) -> FieldFault {
    let Clash { number, given, is_vehicle } = clash;
    let (from, until) = (minute_text(given.from), minute_text(given.until));
    let (field, zh, en) = if *is_vehicle {
        ("feature_ids", ("该车辆", "请另选车辆或调整起止时间"), ("the vehicle", "take another one"))
    } else {
        (
            "body.driver_account",
            ("该驾驶员", "请另选驾驶员或调整起止时间"),
            ("the driver", "name another one"),
        )
    };
    FieldFault::new(
        field,
        Some(serde_json::json!(number)),
        &format!("{}已由派车单 {number} 派出（{from} 至 {until}），{}", zh.0, zh.1),
        &format!(
            "{} is taken by order {number} ({from} to {until}): {}, or change the time",
            en.0, en.1
        ),
    )
}
