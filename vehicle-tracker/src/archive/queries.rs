//! What the archive of positions reads and writes.

use std::collections::BTreeMap;
use std::ops::Range;

use futures::TryStreamExt as _;
use gis_data::Tx;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{FromRow, PgConnection, Postgres, Row as _};
use time::{Date, Duration, OffsetDateTime, Time};
use tokio::sync::mpsc;

use super::columns::{COLUMNS, Cells, Kind, Part};
use super::file::GROUP_ROWS;
use super::place::Named;
use super::{FileOnBook, Stayed, Taken};
use crate::error::{Result, TrackerError};

/// A day's partition, as the catalogue tells of it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(super) struct DayRow {
    pub(super) day: Date,
    /// As estimated when it was last analysed.
    pub(super) row_estimate: i64,
    /// With its indexes.
    pub(super) byte_count: i64,
    pub(super) is_indexed: bool,
}

/// Days before a day that nobody has put back since a moment, oldest first.
pub(super) async fn days_before(
    tx: &mut Tx,
    day: Date,
    kept_from: OffsetDateTime,
) -> Result<Vec<DayRow>> {
    sqlx::query_as(
        "select d.day, greatest(c.reltuples, 0)::bigint as row_estimate,
            pg_total_relation_size(c.oid) as byte_count,
            to_regclass(c.relname || '_place') is not null as is_indexed
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        cross join lateral (select to_date(right(c.relname, 8), 'YYYYMMDD') as day) d
        where i.inhparent = 'position'::regclass and c.relname ~ '^position_[0-9]{8}$' and d.day < $1
            and not exists (select from position_archive a where a.day = d.day and a.restored_at >= $2)
        order by d.day",
    )
    .bind(day)
    .bind(kept_from)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("list the days of positions"))
}

/// The days' first moment and the first of the next, in UTC.
pub(super) fn span(day: Date) -> Range<OffsetDateTime> {
    let start = day.with_time(Time::MIDNIGHT).assume_utc();
    start..start + Duration::DAY
}

/// Whether something was received of a day since a moment.
pub(super) async fn is_received_since(
    tx: &mut Tx,
    day: Date,
    since: OffsetDateTime,
) -> Result<bool> {
    let span = span(day);
    sqlx::query_scalar(
        "select exists (select from position
            where fix_time >= $1 and fix_time < $2 and received_at >= $3)",
    )
    .bind(span.start)
    .bind(span.end)
    .bind(since)
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("look for what was received lately"))
}

/// Keeps every other archiver away until the transaction ends; `false` while one is at work.
pub(super) async fn lock(tx: &mut Tx) -> Result<bool> {
    sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtextextended('position archive', 0))")
        .fetch_one(&mut **tx)
        .await
        .map_err(TrackerError::query("take the lock of the archive"))
}

/// The columns that the table has.
pub(super) async fn columns(tx: &mut Tx) -> Result<Vec<String>> {
    sqlx::query_scalar(
        "select attname::text from pg_attribute
        where attrelid = 'position'::regclass and attnum > 0 and not attisdropped order by attnum",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the columns of positions"))
}

/// From the commit on, whoever changes the day is noted; `Some` says why that is not so.
pub(super) async fn watch(tx: &mut Tx, day: Date) -> Result<Option<Stayed>> {
    let watched =
        sqlx::query_scalar("select watch_position_partition($1)").bind(day).fetch_one(&mut **tx);
    match watched.await {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some(Stayed::Elsewhere)),
        Err(error) if is_about_locks(&error) => Ok(Some(Stayed::Busy)),
        Err(error) => Err(TrackerError::query("watch a day of positions")(error)),
    }
}

/// What a snapshot sees.
pub(super) async fn seen(snapshot: &mut Tx) -> Result<String> {
    sqlx::query_scalar("select pg_current_snapshot()::text")
        .fetch_one(&mut **snapshot)
        .await
        .map_err(TrackerError::query("name a snapshot"))
}

/// Sends a day's rows on, in the order of vehicle, time and content; ends early when nobody takes them any more.
pub(super) async fn read_day(tx: &mut Tx, day: Date, send: mpsc::Sender<Part>) -> Result<()> {
    let failed = || TrackerError::query("read a day of positions");
    let span = span(day);
    let mut rows = sqlx::query(
        "select vehicle_id, fix_time, content_hash, lon, lat, speed_kmh, heading_deg, accuracy_m,
            serial, quality, terminal_id, received_at, datum, sent_lon, sent_lat, altitude_m,
            satellites, odometer_km, fuel_l, ignition, status_bits, alarm_bits, extra::text
        from position where fix_time >= $1 and fix_time < $2
        order by vehicle_id, fix_time, content_hash",
    )
    .bind(span.start)
    .bind(span.end)
    .fetch(&mut **tx);
    let mut part = Part::empty();
    while let Some(row) = rows.try_next().await.map_err(failed())? {
        push(&mut part, &row).map_err(failed())?;
        if part.len() >= GROUP_ROWS {
            let full = std::mem::replace(&mut part, Part::empty());
            if send.send(full).await.is_err() {
                return Ok(());
            }
        }
    }
    if part.len() > 0 {
        // Whoever takes them says why they did not.
        let _ = send.send(part).await;
    }
    Ok(())
}

fn push(part: &mut Part, row: &PgRow) -> sqlx::Result<()> {
    for (at, (column, cells)) in COLUMNS.iter().zip(part.cells_mut()).enumerate() {
        match cells {
            Cells::Long(cells) if column.kind == Kind::Time => {
                let moment: Option<OffsetDateTime> = row.try_get(at)?;
                cells.push(moment.map(micros).transpose()?);
            }
            Cells::Long(cells) => cells.push(row.try_get(at)?),
            Cells::Int(cells) if column.kind == Kind::Short => {
                cells.push(row.try_get::<Option<i16>, _>(at)?.map(i32::from));
            }
            Cells::Int(cells) => cells.push(row.try_get(at)?),
            Cells::Double(cells) => cells.push(row.try_get(at)?),
            Cells::Float(cells) => cells.push(row.try_get(at)?),
            Cells::Bool(cells) => cells.push(row.try_get(at)?),
            Cells::Text(cells) => cells.push(row.try_get(at)?),
        }
    }
    Ok(())
}

fn micros(moment: OffsetDateTime) -> sqlx::Result<i64> {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000)
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// What the database says of a day that is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Release {
    Gone,
    /// It is not as the snapshot saw it.
    Changed,
    /// Not all of it has become trips yet.
    Unread,
    /// It is in use.
    Busy,
}

/// Enters a file into the book and takes its day out of the database, in the caller's transaction.
pub(super) async fn release(
    tx: &mut PgConnection,
    kept_days: u16,
    taken: &Taken,
    file: Option<&Named>,
) -> Result<Release> {
    let answer: sqlx::Result<String> = sqlx::query_scalar(
        "select release_position_partition($1, $2, $3::text::pg_snapshot, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(taken.told.day)
    .bind(i32::from(kept_days))
    .bind(&taken.seen)
    .bind(file.map(|file| &file.name))
    .bind(file.map(|file| file.byte_count))
    .bind(taken.told.rows)
    .bind(&taken.told.sha256)
    .bind(taken.last_received_us.map(moment))
    .bind(taken.newest.iter().map(|(vehicle, _)| *vehicle).collect::<Vec<_>>())
    .bind(taken.newest.iter().map(|(_, us)| us.div_euclid(1_000)).collect::<Vec<_>>())
    .fetch_one(tx)
    .await;
    match answer {
        Ok(answer) => Ok(match answer.as_str() {
            "gone" => Release::Gone,
            "changed" => Release::Changed,
            _ => Release::Unread,
        }),
        Err(error) if is_about_locks(&error) => Ok(Release::Busy),
        Err(error) => {
            Err(TrackerError::query("take a day of positions out of the database")(error))
        }
    }
}

/// A lock that was waited for too long, or for ever.
fn is_about_locks(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("55P03" | "40P01"))
}

/// A statement that took too long.
fn is_about_time(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.as_deref() == Some("57014")
}

/// A moment that PostgreSQL has kept.
fn moment(us: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(us) * 1_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Gives a day that is over its index by place. `false` when that is not to be had now.
pub(super) async fn index(tx: &mut Tx, day: Date, limit_ms: u32) -> Result<bool> {
    let failed = || TrackerError::query("index a day of positions by place");
    sqlx::query("select set_config('statement_timeout', $1, true)")
        .bind(limit_ms.to_string())
        .execute(&mut **tx)
        .await
        .map_err(failed())?;
    let made = sqlx::query("select index_position_partition($1)").bind(day).execute(&mut **tx);
    match made.await {
        Ok(_) => Ok(true),
        Err(error) if is_about_locks(&error) || is_about_time(&error) => Ok(false),
        Err(error) => Err(failed()(error)),
    }
}

/// Takes old rejections away, so many at most, and says how many.
pub(super) async fn prune_rejects(tx: &mut Tx, kept_days: u16, most: i32) -> Result<i64> {
    sqlx::query_scalar("select prune_position_rejects($1, $2)")
        .bind(i32::from(kept_days))
        .bind(most)
        .fetch_one(&mut **tx)
        .await
        .map_err(TrackerError::query("take old rejections away"))
}

/// Puts rows back that are not there, and says how many.
pub(super) async fn put_back(tx: &mut Tx, part: Part) -> Result<u64> {
    let mut statement: Query<'_, Postgres, PgArguments> = sqlx::query(
        "insert into position (vehicle_id, fix_time, content_hash, lon, lat, speed_kmh, heading_deg,
            accuracy_m, serial, quality, terminal_id, received_at, datum, sent_lon, sent_lat,
            altitude_m, satellites, odometer_km, fuel_l, ignition, status_bits, alarm_bits, extra)
        select vehicle_id, fix_time, content_hash, lon, lat, speed_kmh, heading_deg, accuracy_m,
            serial, quality, terminal_id, received_at, datum, sent_lon, sent_lat, altitude_m,
            satellites, odometer_km, fuel_l, ignition, status_bits, alarm_bits, extra::jsonb
        from unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::float8[], $5::float8[],
            $6::real[], $7::real[], $8::real[], $9::bigint[], $10::integer[], $11::text[],
            $12::timestamptz[], $13::integer[], $14::float8[], $15::float8[], $16::real[],
            $17::integer[], $18::float8[], $19::real[], $20::boolean[], $21::integer[],
            $22::integer[], $23::text[])
            p(vehicle_id, fix_time, content_hash, lon, lat, speed_kmh, heading_deg, accuracy_m,
              serial, quality, terminal_id, received_at, datum, sent_lon, sent_lat, altitude_m,
              satellites, odometer_km, fuel_l, ignition, status_bits, alarm_bits, extra)
        on conflict do nothing",
    );
    for (column, cells) in COLUMNS.iter().zip(part.into_cells()) {
        statement = match cells {
            Cells::Long(cells) if column.kind == Kind::Time => {
                statement.bind(cells.into_iter().map(|us| us.map(moment)).collect::<Vec<_>>())
            }
            Cells::Long(cells) => statement.bind(cells),
            Cells::Int(cells) => statement.bind(cells),
            Cells::Double(cells) => statement.bind(cells),
            Cells::Float(cells) => statement.bind(cells),
            Cells::Bool(cells) => statement.bind(cells),
            Cells::Text(cells) => statement.bind(cells),
        };
    }
    let done = statement.execute(&mut **tx).await;
    Ok(done.map_err(TrackerError::query("put positions back"))?.rows_affected())
}

/// The content hash of a file on the book.
pub(super) async fn hash_on_book(tx: &mut Tx, file_name: &str) -> Result<Option<Vec<u8>>> {
    sqlx::query_scalar("select content_sha256 from position_archive where file_name = $1")
        .bind(file_name)
        .fetch_optional(&mut **tx)
        .await
        .map_err(TrackerError::query("look a file up in the book of archives"))
}

/// The files of a day that are on the book, by name, with the hashes of what they hold.
pub(super) async fn hashes_of(tx: &mut Tx, day: Date) -> Result<BTreeMap<String, Vec<u8>>> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("select file_name, content_sha256 from position_archive where day = $1")
            .bind(day)
            .fetch_all(&mut **tx)
            .await
            .map_err(TrackerError::query("look a day up in the book of archives"))?;
    Ok(rows.into_iter().collect())
}

/// From now on the file's day counts as received today.
pub(super) async fn mark_restored(tx: &mut Tx, file_name: &str) -> Result<()> {
    sqlx::query("update position_archive set restored_at = now() where file_name = $1")
        .bind(file_name)
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("note that a day was put back"))?;
    Ok(())
}

/// Every file on the book.
pub(super) async fn files(tx: &mut Tx) -> Result<Vec<FileOnBook>> {
    sqlx::query_as("select file_name, byte_count from position_archive order by file_name")
        .fetch_all(&mut **tx)
        .await
        .map_err(TrackerError::query("read the book of archives"))
}

/// Days of a window the positions of which are in files and not in the database.
pub(super) async fn days_away(tx: &mut Tx, from: Date, to: Date) -> Result<Vec<Date>> {
    sqlx::query_scalar(
        "select day from position_archive where day between $1 and $2
        group by day having bool_and(restored_at is null) order by day",
    )
    .bind(from)
    .bind(to)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("look for archived days"))
}
