//! The SQL of people in rooms and of posts.

use std::collections::BTreeSet;

use gis_data::{FeatureId, OrgId, Tx};
use sqlx::FromRow;
use time::Date;

use super::over::Over;
use super::{PostEntry, Seat};
use crate::ledger::space::Period;
use crate::{ModuleError, Result};

#[derive(FromRow)]
struct SeatRow {
    feature_id: FeatureId,
    org_id: OrgId,
    staff_no: String,
    name: String,
    level: String,
    rank: String,
    cm2: i64,
    begins: Date,
    ends: Option<Date>,
}

impl From<SeatRow> for Seat {
    fn from(row: SeatRow) -> Self {
        Self {
            room: row.feature_id,
            org: row.org_id,
            staff_no: row.staff_no,
            name: row.name,
            level: row.level,
            rank: row.rank,
            cm2: row.cm2,
            during: Period { from: row.begins, until: row.ends },
        }
    }
}

const COLUMNS: &str = "feature_id, org_id, staff_no, name, level, rank, cm2, lower(during) as begins, upper(during) as ends";

pub(super) async fn insert(tx: &mut Tx, posting: i64, seats: &[Seat]) -> Result<()> {
    sqlx::query(
        "insert into seat_entry (space_posting_id, feature_id, org_id, staff_no, name, level, rank, cm2, during)
         select $1, room, org, staff_no, name, level, rank, cm2, daterange(begins, ends)
         from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::date[], $10::date[])
              as e(room, org, staff_no, name, level, rank, cm2, begins, ends)",
    )
    .bind(posting)
    .bind(seats.iter().map(|s| s.room.0).collect::<Vec<_>>())
    .bind(seats.iter().map(|s| s.org.0).collect::<Vec<_>>())
    .bind(seats.iter().map(|s| s.staff_no.clone()).collect::<Vec<_>>())
    .bind(seats.iter().map(|s| s.name.clone()).collect::<Vec<_>>())
    .bind(seats.iter().map(|s| s.level.clone()).collect::<Vec<_>>())
    .bind(seats.iter().map(|s| s.rank.clone()).collect::<Vec<_>>())
    .bind(seats.iter().map(|s| s.cm2).collect::<Vec<_>>())
    .bind(seats.iter().map(|s| s.during.from).collect::<Vec<_>>())
    .bind(seats.iter().map(|s| s.during.until).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("post people to rooms"))?;
    Ok(())
}

pub(super) async fn entries_of(tx: &mut Tx, room: FeatureId) -> Result<Vec<(OrgId, Period, i64)>> {
    let rows: Vec<(OrgId, Date, Option<Date>, i64)> = sqlx::query_as(
        "select org_id, lower(during), upper(during), cm2 from seat_entry where feature_id = $1",
    )
    .bind(room)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read the people of a room"))?;
    Ok(rows.into_iter().map(|(org, from, until, cm2)| (org, Period { from, until }, cm2)).collect())
}

pub(super) async fn seats_of(
    tx: &mut Tx,
    rooms: &BTreeSet<FeatureId>,
    org: OrgId,
    staff_no: Option<&str>,
) -> Result<Vec<Seat>> {
    let rows: Vec<SeatRow> = sqlx::query_as(&format!(
        "select {COLUMNS} from seat_entry
         where org_id = $1 and (cardinality($2::bigint[]) = 0 or feature_id = any($2)) and ($3::text is null or staff_no = $3)
         order by seat_entry_id"
    ))
    .bind(org)
    .bind(rooms.iter().map(|r| r.0).collect::<Vec<_>>())
    .bind(staff_no)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read who sits in rooms"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn in_room(tx: &mut Tx, room: FeatureId, on: Date) -> Result<Vec<Seat>> {
    let rows: Vec<SeatRow> = sqlx::query_as(
        "select feature_id, org_id, staff_no, min(name) as name, level, rank, sum(cm2)::bigint as cm2,
                min(lower(during)) as begins, null::date as ends
         from seat_entry where feature_id = $1 and during @> $2
         group by feature_id, org_id, staff_no, level, rank having sum(cm2) > 0 order by org_id, staff_no",
    )
    .bind(room)
    .bind(on)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read who sits in a room"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn held_by(tx: &mut Tx, org: OrgId, staff_no: &str, on: Date) -> Result<i64> {
    sqlx::query_scalar(
        "select coalesce(sum(cm2), 0)::bigint from seat_entry where org_id = $1 and staff_no = $2 and during @> $3",
    )
    .bind(org)
    .bind(staff_no)
    .bind(on)
    .fetch_one(&mut **tx)
    .await
    .map_err(ModuleError::query("add up what somebody has"))
}

pub(super) async fn reverse(
    tx: &mut Tx,
    posting: i64,
    reversed: i64,
) -> Result<BTreeSet<(OrgId, String)>> {
    let touched: Vec<(OrgId, String)> = sqlx::query_as(
        "insert into seat_entry (space_posting_id, feature_id, org_id, staff_no, name, level, rank, cm2, during)
         select $1, feature_id, org_id, staff_no, name, level, rank, -cm2, during from seat_entry where space_posting_id = $2
         returning org_id, staff_no",
    )
    .bind(posting)
    .bind(reversed)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("take people's entries back"))?;
    sqlx::query(
        "insert into post_entry (space_posting_id, org_id, level, rank, posts, during)
         select $1, org_id, level, rank, -posts, during from post_entry where space_posting_id = $2",
    )
    .bind(posting)
    .bind(reversed)
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("take posts back"))?;
    Ok(touched.into_iter().collect())
}

/// Where a body is and by which level standards judge it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct OrgContext {
    pub(crate) region: String,
    pub(crate) level: String,
}

pub(crate) async fn org_context(tx: &mut Tx, org: OrgId) -> Result<OrgContext> {
    let found: Option<OrgContext> = sqlx::query_as(
        "select coalesce((select a.region_code from org a where a.path @> o.path and a.region_code is not null
                          order by nlevel(a.path) desc limit 1), '') as region,
                coalesce((select a.authority from org a where a.path @> o.path and a.authority is not null
                          order by nlevel(a.path) desc limit 1), '') as level
         from org o where o.org_id = $1",
    )
    .bind(org)
    .fetch_optional(&mut **tx)
    .await
    .map_err(ModuleError::query("read where a body is"))?;
    Ok(found.unwrap_or(OrgContext { region: String::new(), level: String::new() }))
}

/// Posts of a body on a day: level, rank, how many.
pub(crate) async fn posts_of(
    tx: &mut Tx,
    org: OrgId,
    on: Date,
) -> Result<Vec<(String, String, i64)>> {
    sqlx::query_as(
        "select level, rank, sum(posts)::bigint from post_entry where org_id = $1 and during @> $2
         group by level, rank having sum(posts) > 0 order by rank",
    )
    .bind(org)
    .bind(on)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read posts"))
}

pub(super) async fn end_posts(tx: &mut Tx, posting: i64, org: OrgId, from: Date) -> Result<()> {
    sqlx::query(
        "insert into post_entry (space_posting_id, org_id, level, rank, posts, during)
         select $1, org_id, level, rank, -sum(posts), daterange(greatest(lower(during), $3), upper(during))
         from post_entry where org_id = $2 and (upper(during) is null or upper(during) > $3)
         group by org_id, level, rank, during having sum(posts) <> 0",
    )
    .bind(posting)
    .bind(org)
    .bind(from)
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("end posts"))?;
    Ok(())
}

pub(super) async fn insert_posts(
    tx: &mut Tx,
    posting: i64,
    org: OrgId,
    from: Date,
    posts: &[PostEntry],
) -> Result<()> {
    sqlx::query(
        "insert into post_entry (space_posting_id, org_id, level, rank, posts, during)
         select $1, $2, level, rank, posts, daterange($3, null)
         from unnest($4::text[], $5::text[], $6::int[]) as p(level, rank, posts)",
    )
    .bind(posting)
    .bind(org)
    .bind(from)
    .bind(posts.iter().map(|p| p.level.clone()).collect::<Vec<_>>())
    .bind(posts.iter().map(|p| p.rank.clone()).collect::<Vec<_>>())
    .bind(posts.iter().map(|p| p.posts).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("write posts"))?;
    Ok(())
}

/// What people have in rooms on a day.
pub(super) async fn held(
    tx: &mut Tx,
    staff: &BTreeSet<(OrgId, String)>,
    on: Date,
) -> Result<Vec<Seat>> {
    let (orgs, numbers) = keys(staff);
    let rows: Vec<SeatRow> = sqlx::query_as(
        "select e.feature_id, e.org_id, e.staff_no, min(e.name) as name, e.level, e.rank, sum(e.cm2)::bigint as cm2,
                $3::date as begins, null::date as ends
         from unnest($1::bigint[], $2::text[]) as s(org_id, staff_no)
         join seat_entry e on e.staff_no = s.staff_no and e.org_id = s.org_id
         where e.during @> $3::date
         group by e.feature_id, e.org_id, e.staff_no, e.level, e.rank having sum(e.cm2) > 0",
    )
    .bind(orgs)
    .bind(numbers)
    .bind(on)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("add up what people have"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// What everybody has in rooms on a day.
pub(super) async fn held_by_all(tx: &mut Tx, on: Date) -> Result<Vec<Seat>> {
    let rows: Vec<SeatRow> = sqlx::query_as(
        "select feature_id, org_id, staff_no, min(name) as name, level, rank, sum(cm2)::bigint as cm2,
                $1::date as begins, null::date as ends
         from seat_entry where during @> $1::date
         group by feature_id, org_id, staff_no, level, rank having sum(cm2) > 0",
    )
    .bind(on)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("add up what everybody has"))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

fn keys(staff: &BTreeSet<(OrgId, String)>) -> (Vec<i64>, Vec<String>) {
    staff.iter().map(|(org, number)| (org.0, number.clone())).unzip()
}

/// Takes the findings of some, or of all, away.
pub(super) async fn delete_over(
    tx: &mut Tx,
    staff: Option<&BTreeSet<(OrgId, String)>>,
) -> Result<()> {
    let deleting = match staff.map(keys) {
        Some((orgs, numbers)) => sqlx::query(
            "delete from seat_over o using unnest($1::bigint[], $2::text[]) as s(org_id, staff_no)
             where o.staff_no = s.staff_no and o.org_id = s.org_id",
        )
        .bind(orgs)
        .bind(numbers),
        None => sqlx::query("delete from seat_over"),
    };
    deleting.execute(&mut **tx).await.map_err(ModuleError::query("take old findings away"))?;
    Ok(())
}

pub(super) async fn insert_over(tx: &mut Tx, over: &[Over]) -> Result<()> {
    let rows: Vec<serde_json::Value> = over
        .iter()
        .flat_map(|o| {
            o.rooms.iter().map(move |room| {
                serde_json::json!({
                    "feature_id": room.feature_id, "org_id": o.org_id, "staff_no": o.staff_no, "name": o.name,
                    "level": o.level, "rank": o.rank, "room_cm2": room.cm2, "held_cm2": o.held_cm2,
                    "limit_cm2": o.limit_cm2, "standard_param_id": o.standard_param_id,
                })
            })
        })
        .collect();
    sqlx::query(
        "insert into seat_over (feature_id, org_id, staff_no, name, level, rank, room_cm2, held_cm2, limit_cm2, standard_param_id)
         select feature_id, org_id, staff_no, name, level, rank, room_cm2, held_cm2, limit_cm2, standard_param_id
         from jsonb_to_recordset($1) as o(feature_id bigint, org_id bigint, staff_no text, name text, level text, rank text,
              room_cm2 bigint, held_cm2 bigint, limit_cm2 bigint, standard_param_id bigint)",
    )
    .bind(sqlx::types::Json(rows))
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("keep findings"))?;
    Ok(())
}
