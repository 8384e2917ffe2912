//! The SQL of the space ledger. Rows of rooms that the viewer may not see are not there for it: row-level security.

use std::collections::{BTreeMap, BTreeSet};

use gis_data::{FeatureId, OrgId, Viewer};
use sqlx::PgConnection;
use time::Date;

use super::Posting;
use super::room::{Account, Entry, Room};
use super::timeline::Period;
use crate::{ModuleError, Result};

/// room, organisation, square centimetres, first day, first day after.
type Row = (FeatureId, Option<OrgId>, i64, Date, Option<Date>);
type Piece = (FeatureId, Account, Period, i64);

fn piece((room, org, cm2, from, until): Row) -> Piece {
    (room, org.map_or(Account::Area, Account::Use), Period { from, until }, cm2)
}

fn org_of(account: Account) -> Option<i64> {
    match account {
        Account::Area => None,
        Account::Use(org) => Some(org.0),
    }
}

/// One lock a room, in the order of the numbers, so that two postings never wait for each other.
pub(super) async fn lock(tx: &mut PgConnection, rooms: &BTreeSet<FeatureId>) -> Result<()> {
    sqlx::query(
        "select pg_advisory_xact_lock(hashtextextended('space ' || id, 0))
         from (select unnest($1::bigint[]) as id order by 1) ordered",
    )
    .bind(numbers(rooms))
    .execute(tx)
    .await
    .map_err(ModuleError::query("hold rooms"))?;
    Ok(())
}

pub(super) async fn balance(
    tx: &mut PgConnection,
    rooms: &BTreeSet<FeatureId>,
) -> Result<Vec<Piece>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select feature_id, org_id, cm2, lower(during), upper(during) from space_balance where feature_id = any($1)",
    )
    .bind(numbers(rooms))
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read the use of rooms"))?;
    Ok(rows.into_iter().map(piece).collect())
}

pub(super) async fn posted(tx: &mut PgConnection, posting: &Posting<'_>) -> Result<Option<i64>> {
    sqlx::query_scalar(
        "select space_posting_id from space_posting where doc_id = $1 and purpose = $2 and revision = $3",
    )
    .bind(posting.doc_id)
    .bind(posting.purpose)
    .bind(posting.revision)
    .fetch_optional(tx)
    .await
    .map_err(ModuleError::query("look for a posting"))
}

pub(super) async fn insert_posting(
    tx: &mut PgConnection,
    viewer: &Viewer,
    posting: &Posting<'_>,
) -> Result<i64> {
    sqlx::query_scalar(
        "insert into space_posting (doc_id, purpose, revision, reverses, actor)
         values ($1, $2, $3, $4, $5) returning space_posting_id",
    )
    .bind(posting.doc_id)
    .bind(posting.purpose)
    .bind(posting.revision)
    .bind(posting.reverses)
    .bind(viewer.name())
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("post to the space ledger"))
}

pub(super) async fn insert_entries(
    tx: &mut PgConnection,
    posting: i64,
    entries: &[Entry],
) -> Result<()> {
    sqlx::query(
        "insert into space_entry (space_posting_id, feature_id, org_id, cm2, during)
         select $1, room, org, cm2, daterange(begins, ends)
         from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::date[], $6::date[]) as e(room, org, cm2, begins, ends)",
    )
    .bind(posting)
    .bind(entries.iter().map(|e| e.room.0).collect::<Vec<_>>())
    .bind(entries.iter().map(|e| org_of(e.account)).collect::<Vec<_>>())
    .bind(entries.iter().map(|e| e.cm2).collect::<Vec<_>>())
    .bind(entries.iter().map(|e| e.during.from).collect::<Vec<_>>())
    .bind(entries.iter().map(|e| e.during.until).collect::<Vec<_>>())
    .execute(tx)
    .await
    .map_err(ModuleError::query("write the entries of a posting"))?;
    Ok(())
}

/// What these rooms now add up to.
pub(super) async fn replace_balance(
    tx: &mut PgConnection,
    rooms: &BTreeMap<FeatureId, &Room>,
) -> Result<()> {
    let ids: BTreeSet<FeatureId> = rooms.keys().copied().collect();
    sqlx::query("delete from space_balance where feature_id = any($1)")
        .bind(numbers(&ids))
        .execute(&mut *tx)
        .await
        .map_err(ModuleError::query("take the old use of rooms away"))?;
    let mut pieces: Vec<Piece> = Vec::new();
    for (&id, room) in rooms {
        let uses = room.uses.iter().map(|(org, line)| (Account::Use(*org), line));
        for (account, line) in uses.chain([(Account::Area, &room.area)]) {
            pieces.extend(line.pieces().into_iter().map(|(p, cm2)| (id, account, p, cm2)));
        }
    }
    sqlx::query(
        "insert into space_balance (feature_id, org_id, cm2, during)
         select room, org, cm2, daterange(begins, ends)
         from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::date[], $5::date[]) as e(room, org, cm2, begins, ends)",
    )
    .bind(pieces.iter().map(|p| p.0.0).collect::<Vec<_>>())
    .bind(pieces.iter().map(|p| org_of(p.1)).collect::<Vec<_>>())
    .bind(pieces.iter().map(|p| p.3).collect::<Vec<_>>())
    .bind(pieces.iter().map(|p| p.2.from).collect::<Vec<_>>())
    .bind(pieces.iter().map(|p| p.2.until).collect::<Vec<_>>())
    .execute(tx)
    .await
    .map_err(ModuleError::query("write the new use of rooms"))?;
    Ok(())
}

pub(super) async fn entries(tx: &mut PgConnection, posting: i64) -> Result<Vec<Entry>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select feature_id, org_id, cm2, lower(during), upper(during) from space_entry
         where space_posting_id = $1 order by space_entry_id",
    )
    .bind(posting)
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read the entries of a posting"))?;
    let entry = |(room, account, during, cm2)| Entry { room, account, cm2, during };
    Ok(rows.into_iter().map(piece).map(entry).collect())
}

/// From here on the transaction reads one picture.
pub(super) async fn freeze(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("lock table space_balance in share mode")
        .execute(tx)
        .await
        .map_err(ModuleError::query("hold the space ledger"))?;
    Ok(())
}

pub(super) async fn every_entry(tx: &mut PgConnection) -> Result<Vec<Piece>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select feature_id, org_id, cm2, lower(during), upper(during) from space_entry order by feature_id",
    )
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read every entry of the space ledger"))?;
    Ok(rows.into_iter().map(piece).collect())
}

pub(super) async fn every_balance(tx: &mut PgConnection) -> Result<Vec<Piece>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select feature_id, org_id, cm2, lower(during), upper(during) from space_balance order by feature_id",
    )
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read every balance of the space ledger"))?;
    Ok(rows.into_iter().map(piece).collect())
}

fn numbers(ids: &BTreeSet<FeatureId>) -> Vec<i64> {
    ids.iter().map(|id| id.0).collect()
}

pub(super) async fn standing(
    tx: &mut PgConnection,
    doc_id: crate::DocId,
) -> Result<Vec<(i64, String)>> {
    sqlx::query_as(
        "select p.space_posting_id, p.purpose from space_posting p
         where p.doc_id = $1 and p.reverses is null
           and not exists (select from space_posting r where r.reverses = p.space_posting_id)
         order by 1 desc",
    )
    .bind(doc_id)
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read the postings of a document"))
}

/// Rooms in some places, to any depth, with the area of the drawing in square centimetres.
pub(crate) async fn rooms_in(
    tx: &mut PgConnection,
    places: &[FeatureId],
) -> Result<Vec<(FeatureId, i64)>> {
    let ids: Vec<i64> = places.iter().map(|p| p.0).collect();
    sqlx::query_as(
        "with recursive inside(feature_id) as (
             select unnest($1::bigint[]) union select c.feature_id from inside join feature c on c.parent_id = inside.feature_id)
         select feature_id, floor(area_m2 * 10000)::bigint from room
         where feature_id = any(array(select feature_id from inside)) and area_m2 > 0 order by 1",
    )
    .bind(ids)
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read the rooms of places"))
}
