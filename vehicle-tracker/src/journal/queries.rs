//! The statements of one commit.

use std::collections::{BTreeSet, HashMap, HashSet};

use gis_data::{FeatureId, Tx};
use sqlx::FromRow;
use sqlx::types::Json;
use time::{Date, OffsetDateTime};

use crate::batch::{self, Stored};
use crate::datum::Datum;
use crate::error::{Result, TrackerError};
use crate::fix::{Fix, epoch_ms};
use crate::message::{Judged, Reject};
use crate::reason::{Fault, Reason};
use crate::topic::TerminalId;

/// What a commit held.
#[derive(Debug)]
pub(super) struct Written {
    /// Positions that were new.
    pub(super) new: Vec<Stored>,
    /// The row that holds them; `None` without any.
    pub(super) batch_id: Option<i64>,
    pub(super) duplicate: u64,
    pub(super) rejected: Vec<Reason>,
}

/// Makes the partition of a day; days are in UTC.
pub(crate) async fn ensure_partition(tx: &mut Tx, day: Date) -> Result<()> {
    sqlx::query("select ensure_position_partition($1)")
        .bind(day)
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("make a partition"))?;
    Ok(())
}

/// Positions, rejections and the batch row, in the caller's transaction.
pub(super) async fn write(tx: &mut Tx, messages: &[&Judged]) -> Result<Written> {
    let vehicles = vehicles_of(tx, messages).await?;
    let mut fixes = Vec::new();
    let mut rejects = Vec::new();
    for judged in messages {
        match judged.terminal.as_ref().map(|t| (t, vehicles.get(t.as_str()))) {
            Some((terminal, Some(vehicle))) => {
                fixes.extend(judged.fixes.iter().map(|f| Row::new(f, *vehicle, terminal, judged)));
                rejects.extend(judged.rejects.iter().map(|r| (*judged, r.clone())));
            }
            Some((terminal, None)) => rejects.push((*judged, unknown(terminal, judged))),
            None => rejects.extend(judged.rejects.iter().map(|r| (*judged, r.clone()))),
        }
    }
    // In one order for everybody: two commits that hold the same positions then wait for each other in
    // a row and never in a circle.
    fixes.sort_unstable_by_key(|row| (row.vehicle_id, row.fix.fix_time(), row.content_hash));
    let new = insert_positions(tx, &fixes).await?;
    insert_rejects(tx, &rejects).await?;
    let batch_id = if new.is_empty() { None } else { Some(insert_batch(tx, &new).await?) };
    Ok(Written {
        duplicate: (fixes.len() - new.len()) as u64,
        new,
        batch_id,
        rejected: rejects.into_iter().map(|(_, reject)| reject.fault.reason).collect(),
    })
}

fn unknown(terminal: &TerminalId, judged: &Judged) -> Reject {
    let detail = format!("no vehicle carries terminal {terminal}");
    Reject {
        index: 0,
        fault: Fault::new(Reason::UnknownTerminal, detail),
        evidence: judged.message.payload.clone(),
    }
}

/// Asked anew for every batch: a terminal registered or moved a moment ago counts at once.
async fn vehicles_of(tx: &mut Tx, messages: &[&Judged]) -> Result<HashMap<String, i64>> {
    let names: BTreeSet<&str> =
        messages.iter().filter_map(|j| j.terminal.as_ref()).map(TerminalId::as_str).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let rows: Vec<(String, i64)> =
        sqlx::query_as("select terminal_id, vehicle_id from terminal where terminal_id = any($1)")
            .bind(names)
            .fetch_all(&mut **tx)
            .await
            .map_err(TrackerError::query("find the vehicles of terminals"))?;
    Ok(rows.into_iter().collect())
}

/// A fix with everything its row needs.
struct Row<'a> {
    fix: &'a Fix,
    content_hash: i64,
    vehicle_id: i64,
    terminal: &'a TerminalId,
    received_at: OffsetDateTime,
}

impl<'a> Row<'a> {
    fn new(fix: &'a Fix, vehicle_id: i64, terminal: &'a TerminalId, judged: &Judged) -> Self {
        let content_hash = fix.content_hash();
        let received_at = judged.message.received_at;
        Self { fix, content_hash, vehicle_id, terminal, received_at }
    }

    fn to_stored(&self) -> Stored {
        Stored {
            vehicle_id: FeatureId(self.vehicle_id),
            received_ms: epoch_ms(self.received_at),
            point: self.fix.to_point(),
        }
    }
}

/// What a statement found of the rows that it was given.
#[derive(FromRow)]
struct Answer {
    stored: i64,
    /// Vehicle and content of the rows that were new, where not all were.
    vehicles: Option<Vec<i64>>,
    hashes: Option<Vec<i64>>,
}

/// Inserts what is new, and answers it.
async fn insert_positions(tx: &mut Tx, rows: &[Row<'_>]) -> Result<Vec<Stored>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let hashes: Vec<i64> = rows.iter().map(|r| r.content_hash).collect();
    let shifted = |r: &Row<'_>| (r.fix.datum() != Datum::Wgs84).then(|| r.fix.sent());
    let told = || rows.iter().map(|r| r.fix.told());
    let answer: Answer = sqlx::query_as(INSERT_POSITIONS)
        .bind(rows.iter().map(|r| r.vehicle_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.fix.fix_time()).collect::<Vec<_>>())
        .bind(&hashes)
        .bind(rows.iter().map(|r| r.fix.place().lon()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.fix.place().lat()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.fix.speed_kmh()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.fix.heading_deg()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.fix.accuracy_m()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.fix.serial()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.fix.quality().0).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.terminal.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.received_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.fix.datum().code()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| shifted(r).map(|s| s.0)).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| shifted(r).map(|s| s.1)).collect::<Vec<_>>())
        .bind(told().map(|t| t.altitude_m).collect::<Vec<_>>())
        .bind(told().map(|t| t.satellites.map(i16::from)).collect::<Vec<_>>())
        .bind(told().map(|t| t.odometer_km).collect::<Vec<_>>())
        .bind(told().map(|t| t.fuel_l).collect::<Vec<_>>())
        .bind(told().map(|t| t.ignition).collect::<Vec<_>>())
        .bind(told().map(|t| t.status_bits.map(u32::cast_signed)).collect::<Vec<_>>())
        .bind(told().map(|t| t.alarm_bits.cast_signed()).collect::<Vec<_>>())
        .bind(told().map(|t| t.extra.clone().map(Json)).collect::<Vec<_>>())
        .fetch_one(&mut **tx)
        .await
        .map_err(TrackerError::query("insert positions"))?;
    let all = rows.iter().map(Row::to_stored);
    if usize::try_from(answer.stored).is_ok_and(|stored| stored == rows.len()) {
        return Ok(all.collect());
    }
    let (vehicles, new) = (answer.vehicles.unwrap_or_default(), answer.hashes.unwrap_or_default());
    let mut new: HashSet<(i64, i64)> = vehicles.into_iter().zip(new).collect();
    // A row that stands twice in the batch is taken once.
    let is_new = all.zip(hashes).filter(|(s, hash)| new.remove(&(s.vehicle_id.0, *hash)));
    Ok(is_new.map(|(stored, _)| stored).collect())
}

/// Positions as columns, in the order of the bindings.
const INSERT_POSITIONS: &str = "
    with inserted as (
        insert into position (vehicle_id, fix_time, content_hash, lon, lat, speed_kmh, heading_deg,
            accuracy_m, serial, quality, terminal_id, received_at, datum, sent_lon, sent_lat,
            altitude_m, satellites, odometer_km, fuel_l, ignition, status_bits, alarm_bits, extra)
        select * from unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::float8[],
            $5::float8[], $6::real[], $7::real[], $8::real[], $9::bigint[], $10::smallint[],
            $11::text[], $12::timestamptz[], $13::smallint[], $14::float8[], $15::float8[],
            $16::float8[], $17::smallint[], $18::float8[], $19::float8[], $20::boolean[],
            $21::integer[], $22::integer[], $23::jsonb[])
        on conflict do nothing
        returning vehicle_id, content_hash
    )
    select count(*) as stored,
        case when count(*) < cardinality($1) then array_agg(vehicle_id) end as vehicles,
        case when count(*) < cardinality($1) then array_agg(content_hash) end as hashes
    from inserted";

async fn insert_rejects(tx: &mut Tx, rejects: &[(&Judged, Reject)]) -> Result<()> {
    if rejects.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into position_reject (received_at, topic, terminal_id, reason, detail, payload, item)
        select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[],
            $6::bytea[], $7::integer[])",
    )
    .bind(rejects.iter().map(|(j, _)| j.message.received_at).collect::<Vec<_>>())
    .bind(rejects.iter().map(|(j, _)| storable(&j.message.topic)).collect::<Vec<_>>())
    .bind(rejects.iter().map(|(j, _)| j.terminal.as_ref().map(TerminalId::as_str)).collect::<Vec<_>>())
    .bind(rejects.iter().map(|(_, r)| r.fault.reason.code()).collect::<Vec<_>>())
    .bind(rejects.iter().map(|(_, r)| storable(&r.fault.detail)).collect::<Vec<_>>())
    .bind(rejects.iter().map(|(_, r)| r.evidence.as_ref()).collect::<Vec<_>>())
    .bind(rejects.iter().map(|(_, r)| r.index).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("insert rejections"))?;
    Ok(())
}

async fn insert_batch(tx: &mut Tx, stored: &[Stored]) -> Result<i64> {
    sqlx::query_scalar(
        "insert into position_batch (position_count, payload, format) values ($1, $2, $3)
        returning batch_id",
    )
    .bind(i32::try_from(stored.len()).unwrap_or(i32::MAX))
    .bind(batch::pack(stored))
    .bind(batch::FORMAT)
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("insert a batch"))
}

/// PostgreSQL keeps every character in text but NUL.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
