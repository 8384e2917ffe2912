//! The statements of one commit.

use std::collections::{BTreeSet, HashMap};

use gis_data::{FeatureId, Tx};
use sqlx::FromRow;
use time::{Date, OffsetDateTime};

use crate::batch::{self, Moved};
use crate::error::{Result, TrackerError};
use crate::fix::Fix;
use crate::message::{Judged, Reject};
use crate::reason::{Fault, Reason};
use crate::topic::TerminalId;

/// What a commit held.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) stored: u64,
    pub(super) duplicate: u64,
    pub(super) rejected: Vec<Reason>,
}

/// Makes the partition of a day; days are in UTC.
pub(super) async fn ensure_partition(tx: &mut Tx, day: Date) -> Result<()> {
    sqlx::query("select ensure_position_partition($1)")
        .bind(day)
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("make a partition"))?;
    Ok(())
}

/// Positions, latest positions, rejections and the batch row, in the caller's transaction.
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
    let (stored, moved) = insert_positions(tx, &fixes).await?;
    insert_rejects(tx, &rejects).await?;
    if stored > 0 {
        insert_batch(tx, stored, &moved).await?;
    }
    Ok(Written {
        stored,
        duplicate: fixes.len() as u64 - stored,
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
    vehicle_id: i64,
    terminal: &'a TerminalId,
    received_at: OffsetDateTime,
}

impl<'a> Row<'a> {
    fn new(fix: &'a Fix, vehicle_id: i64, terminal: &'a TerminalId, judged: &Judged) -> Self {
        Self { fix, vehicle_id, terminal, received_at: judged.message.received_at }
    }
}

#[derive(FromRow)]
struct Answer {
    stored: i64,
    vehicle_id: Option<i64>,
    lon: Option<f64>,
    lat: Option<f64>,
    speed_kmh: Option<f32>,
    heading_deg: Option<f32>,
    fix_time: Option<OffsetDateTime>,
    received_at: Option<OffsetDateTime>,
}

/// Inserts what is new and moves `vehicle_latest` forward, never backward; answers how many were
/// new and which vehicles moved. Vehicles are updated in the order of their ids, so that two servers
/// never wait for each other in a circle.
async fn insert_positions(tx: &mut Tx, rows: &[Row<'_>]) -> Result<(u64, Vec<Moved>)> {
    if rows.is_empty() {
        return Ok((0, Vec::new()));
    }
    let answers: Vec<Answer> = sqlx::query_as(
        "with inserted as (
            insert into position (vehicle_id, fix_time, content_hash, lon, lat, speed_kmh,
                heading_deg, accuracy_m, serial, terminal_id, received_at)
            select * from unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::float8[],
                $5::float8[], $6::real[], $7::real[], $8::real[], $9::bigint[], $10::text[],
                $11::timestamptz[])
            on conflict do nothing
            returning vehicle_id, fix_time, content_hash, lon, lat, speed_kmh, heading_deg,
                accuracy_m, received_at
        ), newest as (
            select distinct on (vehicle_id) * from inserted
            order by vehicle_id, fix_time desc, content_hash
        ), moved as (
            insert into vehicle_latest as l (vehicle_id, fix_time, lon, lat, speed_kmh,
                heading_deg, accuracy_m, received_at)
            select vehicle_id, fix_time, lon, lat, speed_kmh, heading_deg, accuracy_m, received_at
            from newest order by vehicle_id
            on conflict (vehicle_id) do update set fix_time = excluded.fix_time,
                lon = excluded.lon, lat = excluded.lat, speed_kmh = excluded.speed_kmh,
                heading_deg = excluded.heading_deg, accuracy_m = excluded.accuracy_m,
                received_at = excluded.received_at
            where excluded.fix_time > l.fix_time
            returning *
        )
        select n.stored, m.vehicle_id, m.lon, m.lat, m.speed_kmh, m.heading_deg, m.fix_time,
            m.received_at
        from (select count(*) as stored from inserted) n left join moved m on true",
    )
    .bind(rows.iter().map(|r| r.vehicle_id).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fix.fix_time()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fix.content_hash()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fix.place().lon()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fix.place().lat()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fix.speed_kmh()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fix.heading_deg()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fix.accuracy_m()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.fix.serial()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.terminal.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.received_at).collect::<Vec<_>>())
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("insert positions"))?;
    let stored = answers.first().map_or(0, |a| a.stored);
    let moved = answers.into_iter().filter_map(Answer::into_moved).collect();
    Ok((u64::try_from(stored).unwrap_or_default(), moved))
}

impl Answer {
    fn into_moved(self) -> Option<Moved> {
        Some(Moved {
            vehicle_id: FeatureId(self.vehicle_id?),
            lon: self.lon?,
            lat: self.lat?,
            speed_kmh: self.speed_kmh,
            heading: self.heading_deg,
            fix_ms: epoch_ms(self.fix_time?),
            received_ms: epoch_ms(self.received_at?),
        })
    }
}

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

async fn insert_batch(tx: &mut Tx, stored: u64, moved: &[Moved]) -> Result<()> {
    sqlx::query("insert into position_batch (position_count, payload) values ($1, $2)")
        .bind(i32::try_from(stored).unwrap_or(i32::MAX))
        .bind(batch::pack(moved))
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("insert a batch"))?;
    Ok(())
}

/// PostgreSQL keeps every character in text but NUL.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn epoch_ms(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}
