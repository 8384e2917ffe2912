//! The SQL that writes a city: one statement a table, columns as arrays.

use geo_types::{Geometry, MultiLineString, MultiPolygon, Polygon};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::wkb;
use crate::demo::{Area, Building, City, Facility, Floor, Org, Parcel, Road, Vehicle};
use crate::{FeatureId, GisError, Result, Text2};

pub(super) async fn is_empty(connection: &mut PgConnection) -> Result<bool> {
    sqlx::query_scalar("select not exists (select from feature)")
        .fetch_one(connection)
        .await
        .map_err(GisError::query("look for features"))
}

pub(super) async fn set_notice(connection: &mut PgConnection, notice: &Text2) -> Result<()> {
    sqlx::query("insert into setting (key, value) values ('notice', $1)")
        .bind(Json(notice))
        .execute(connection)
        .await
        .map_err(GisError::query("write the notice"))?;
    Ok(())
}

/// The planner must not guess about what was just written.
pub(super) async fn refresh_statistics(connection: &mut PgConnection) -> Result<()> {
    sqlx::query("select refresh_statistics()")
        .execute(connection)
        .await
        .map_err(GisError::query("refresh statistics"))?;
    Ok(())
}

pub(super) async fn notice(connection: &mut PgConnection) -> Result<Option<Text2>> {
    let found: Option<Json<Text2>> =
        sqlx::query_scalar("select value from setting where key = 'notice'")
            .fetch_optional(connection)
            .await
            .map_err(GisError::query("read the notice"))?;
    Ok(found.map(|json| json.0))
}

pub(super) async fn sample_rooms(
    connection: &mut PgConnection,
    count: usize,
) -> Result<Vec<FeatureId>> {
    sqlx::query_scalar(
        "select feature_id from room where status = '在用' and org_id is not null
         order by md5(feature_id::text) limit $1",
    )
    .bind(i64::try_from(count).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await
    .map_err(GisError::query("choose rooms"))
}

pub(super) async fn insert_region(
    connection: &mut PgConnection,
    code: &str,
    name: &str,
    path: &str,
    area: Vec<u8>,
) -> Result<()> {
    sqlx::query(
        "insert into region (code, name, path, geom) values ($1, $2, $3::text::ltree, st_geomfromwkb($4, 4326))",
    )
    .bind(code)
    .bind(name)
    .bind(path)
    .bind(area)
    .execute(connection)
    .await
    .map_err(GisError::query("write a region"))?;
    Ok(())
}

pub(super) async fn next_org_ids(connection: &mut PgConnection, count: usize) -> Result<Vec<i64>> {
    sqlx::query_scalar(
        "select nextval(pg_get_serial_sequence('org', 'org_id')) from generate_series(1, $1::bigint)",
    )
    .bind(i64::try_from(count).expect("a city's size"))
    .fetch_all(connection)
    .await
    .map_err(GisError::query("number organisations"))
}

pub(super) async fn insert_org(
    connection: &mut PgConnection,
    id: i64,
    org: &Org,
    path: &str,
    color: &str,
) -> Result<()> {
    sqlx::query(
        // A city, and below it what lies in another region than its own: a county.
        "insert into org (org_id, code, name, path, level, region_code, color, authority)
         values ($1, $2, $3, $4::text::ltree, $5::smallint, $6, $7,
                 case when $5::smallint = 1 then 'city'
                      when $5::smallint = 2 and $6 <> (select region_code from org where level = 1 limit 1) then 'county' end)",
    )
    .bind(id)
    .bind(&org.code)
    .bind(&org.name)
    .bind(path)
    .bind(i16::from(org.level))
    .bind(&org.region_code)
    .bind(color)
    .execute(connection)
    .await
    .map_err(GisError::query("write an organisation"))?;
    Ok(())
}

pub(super) async fn scope_for(
    connection: &mut PgConnection,
    managing: Vec<i64>,
    using: Vec<i64>,
    kind: &str,
) -> Result<i32> {
    sqlx::query_scalar("select scope_for($1, $2, 0::smallint, $3)")
        .bind(managing)
        .bind(using)
        .bind(kind)
        .fetch_one(connection)
        .await
        .map_err(GisError::query("make a scope"))
}

/// Answers the new ids in the order given.
pub(super) async fn insert_features(
    connection: &mut PgConnection,
    kind: &str,
    scopes: &[i32],
    parents: &[Option<i64>],
) -> Result<Vec<i64>> {
    sqlx::query_scalar(
        "with numbered as materialized (
             select nextval(pg_get_serial_sequence('feature', 'feature_id')) as id, scope, parent, n
             from unnest($2::int[], $3::bigint[]) with ordinality as t(scope, parent, n)),
         written as (
             insert into feature (feature_id, kind, scope_id, parent_id)
             select id, $1, scope, parent from numbered)
         select id from numbered order by n",
    )
    .bind(kind)
    .bind(scopes)
    .bind(parents)
    .fetch_all(connection)
    .await
    .map_err(GisError::query("write features"))
}

pub(super) async fn insert_parcels(
    connection: &mut PgConnection,
    ids: &[i64],
    parcels: &[Parcel],
    orgs: &[i64],
) -> Result<()> {
    sqlx::query(
        "insert into parcel_version (feature_id, valid, geom, code, name, land_use, org_id, area_m2)
         select id, '[2020-01-01,)', st_multi(st_geomfromwkb(geom, 4326)), code, name, land_use, org, 0
         from unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::bigint[])
              as t(id, geom, code, name, land_use, org)",
    )
    .bind(ids)
    .bind(parcels.iter().map(|p| polygon(&p.area)).collect::<Vec<_>>())
    .bind(parcels.iter().map(|p| p.code.as_str()).collect::<Vec<_>>())
    .bind(parcels.iter().map(|p| p.name.as_str()).collect::<Vec<_>>())
    .bind(parcels.iter().map(|p| p.land_use).collect::<Vec<_>>())
    .bind(parcels.iter().map(|p| orgs[p.org]).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map_err(GisError::query("write parcels"))?;
    Ok(())
}

pub(super) async fn insert_buildings(
    connection: &mut PgConnection,
    ids: &[i64],
    buildings: &[Building],
    orgs: &[i64],
) -> Result<()> {
    #[expect(clippy::cast_possible_truncation, reason = "heights are metres with a decimal or two")]
    let height = |b: &Building| b.height_m as f32;
    sqlx::query(
        "insert into building_version (feature_id, valid, geom, code, name, use_kind, org_id, address, height_m,
                                       floors_above, floors_below, built_year, area_m2)
         select id, '[2020-01-01,)', st_multi(st_geomfromwkb(geom, 4326)), code, name, use_kind, org, address,
                height, above, below, built, 0
         from unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                     $8::real[], $9::smallint[], $10::smallint[], $11::smallint[])
              as t(id, geom, code, name, use_kind, org, address, height, above, below, built)",
    )
    .bind(ids)
    .bind(buildings.iter().map(|b| polygon(&b.footprint)).collect::<Vec<_>>())
    .bind(buildings.iter().map(|b| b.code.as_str()).collect::<Vec<_>>())
    .bind(buildings.iter().map(|b| b.name.as_deref()).collect::<Vec<_>>())
    .bind(buildings.iter().map(|b| b.use_kind).collect::<Vec<_>>())
    .bind(buildings.iter().map(|b| orgs[b.managing_org]).collect::<Vec<_>>())
    .bind(buildings.iter().map(|b| b.address.as_str()).collect::<Vec<_>>())
    .bind(buildings.iter().map(height).collect::<Vec<_>>())
    .bind(buildings.iter().map(|b| i16::from(b.floors_above)).collect::<Vec<_>>())
    .bind(buildings.iter().map(|b| i16::from(b.floors_below)).collect::<Vec<_>>())
    .bind(buildings.iter().map(|b| b.built_year.cast_signed()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map_err(GisError::query("write buildings"))?;
    Ok(())
}

pub(super) async fn insert_floors(
    connection: &mut PgConnection,
    ids: &[i64],
    floors: &[Floor],
    buildings: &[i64],
) -> Result<()> {
    sqlx::query(
        "insert into floor_version (feature_id, valid, geom, code, building_id, ordinal, name, area_m2)
         select id, '[2020-01-01,)', st_multi(st_geomfromwkb(geom, 4326)), code, building, ordinal, name, 0
         from unnest($1::bigint[], $2::bytea[], $3::text[], $4::bigint[], $5::smallint[], $6::text[])
              as t(id, geom, code, building, ordinal, name)",
    )
    .bind(ids)
    .bind(floors.iter().map(|f| polygon(&f.area)).collect::<Vec<_>>())
    .bind(floors.iter().map(|f| f.code.as_str()).collect::<Vec<_>>())
    .bind(floors.iter().map(|f| buildings[f.building]).collect::<Vec<_>>())
    .bind(floors.iter().map(|f| i16::from(f.ordinal)).collect::<Vec<_>>())
    .bind(floors.iter().map(|f| f.name.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map_err(GisError::query("write floors"))?;
    Ok(())
}

pub(super) async fn insert_rooms(
    connection: &mut PgConnection,
    ids: &[i64],
    city: &City,
    floors: &[i64],
    buildings: &[i64],
    orgs: &[i64],
) -> Result<()> {
    let rooms = &city.rooms;
    sqlx::query(
        "insert into room_version (feature_id, valid, geom, code, building_id, floor_id, ordinal, number, name,
                                   use_kind, org_id, status, area_m2)
         select id, '[2020-01-01,)', st_multi(st_geomfromwkb(geom, 4326)), code, building, floor, ordinal, number,
                name, use_kind, org, status, 0
         from unnest($1::bigint[], $2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::smallint[], $7::text[],
                     $8::text[], $9::text[], $10::bigint[], $11::text[])
              as t(id, geom, code, building, floor, ordinal, number, name, use_kind, org, status)",
    )
    .bind(ids)
    .bind(rooms.iter().map(|r| polygon(&r.area)).collect::<Vec<_>>())
    .bind(rooms.iter().map(|r| r.code.as_str()).collect::<Vec<_>>())
    .bind(rooms.iter().map(|r| buildings[city.floors[r.floor].building]).collect::<Vec<_>>())
    .bind(rooms.iter().map(|r| floors[r.floor]).collect::<Vec<_>>())
    .bind(rooms.iter().map(|r| i16::from(city.floors[r.floor].ordinal)).collect::<Vec<_>>())
    .bind(rooms.iter().map(|r| r.number.as_str()).collect::<Vec<_>>())
    .bind(rooms.iter().map(|r| r.name.as_str()).collect::<Vec<_>>())
    .bind(rooms.iter().map(|r| r.use_kind).collect::<Vec<_>>())
    .bind(rooms.iter().map(|r| r.org.map(|o| orgs[o])).collect::<Vec<_>>())
    .bind(rooms.iter().map(|r| r.status).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map_err(GisError::query("write rooms"))?;
    Ok(())
}

pub(super) async fn insert_facilities(
    connection: &mut PgConnection,
    ids: &[i64],
    facilities: &[Facility],
    orgs: &[i64],
) -> Result<()> {
    sqlx::query(
        "insert into facility (feature_id, geom, code, name, class, org_id)
         select id, st_setsrid(st_point(lon, lat), 4326), code, name, class, org
         from unnest($1::bigint[], $2::float8[], $3::float8[], $4::text[], $5::text[], $6::text[], $7::bigint[])
              as t(id, lon, lat, code, name, class, org)",
    )
    .bind(ids)
    .bind(facilities.iter().map(|f| f.point.x()).collect::<Vec<_>>())
    .bind(facilities.iter().map(|f| f.point.y()).collect::<Vec<_>>())
    .bind(facilities.iter().map(|f| f.code.as_str()).collect::<Vec<_>>())
    .bind(facilities.iter().map(|f| f.name.as_str()).collect::<Vec<_>>())
    .bind(facilities.iter().map(|f| f.class).collect::<Vec<_>>())
    .bind(facilities.iter().map(|f| orgs[f.org]).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map_err(GisError::query("write facilities"))?;
    Ok(())
}

pub(super) async fn insert_roads(
    connection: &mut PgConnection,
    ids: &[i64],
    roads: &[Road],
) -> Result<()> {
    let line = |r: &Road| wkb(&Geometry::MultiLineString(MultiLineString(vec![r.line.clone()])));
    sqlx::query(
        "insert into road (feature_id, geom, code, name, class)
         select id, st_geomfromwkb(geom, 4326), code, name, class
         from unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::text[]) as t(id, geom, code, name, class)",
    )
    .bind(ids)
    .bind(roads.iter().map(line).collect::<Vec<_>>())
    .bind(roads.iter().map(|r| r.code.as_str()).collect::<Vec<_>>())
    .bind(roads.iter().map(|r| r.name.as_str()).collect::<Vec<_>>())
    .bind(roads.iter().map(|r| r.class.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map_err(GisError::query("write roads"))?;
    Ok(())
}

/// Which of the two tables of the ground.
#[derive(Debug, Clone, Copy)]
pub(super) enum AreaTable {
    Water,
    Green,
}

pub(super) async fn insert_areas(
    connection: &mut PgConnection,
    table: AreaTable,
    ids: &[i64],
    areas: &[Area],
) -> Result<()> {
    let sql = match table {
        AreaTable::Water => {
            "insert into water (feature_id, geom, code, name, class)
             select id, st_multi(st_geomfromwkb(geom, 4326)), code, name, class
             from unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::text[]) as t(id, geom, code, name, class)"
        }
        AreaTable::Green => {
            "insert into green (feature_id, geom, code, name, class)
             select id, st_multi(st_geomfromwkb(geom, 4326)), code, name, class
             from unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::text[]) as t(id, geom, code, name, class)"
        }
    };
    sqlx::query(sql)
        .bind(ids)
        .bind(areas.iter().map(|a| polygon(&a.area)).collect::<Vec<_>>())
        .bind(areas.iter().map(|a| a.code.as_str()).collect::<Vec<_>>())
        .bind(areas.iter().map(|a| a.name.as_deref()).collect::<Vec<_>>())
        .bind(areas.iter().map(|a| a.class).collect::<Vec<_>>())
        .execute(connection)
        .await
        .map_err(GisError::query("write water and green"))?;
    Ok(())
}

pub(super) async fn insert_vehicles(
    connection: &mut PgConnection,
    ids: &[i64],
    vehicles: &[Vehicle],
    orgs: &[i64],
) -> Result<()> {
    sqlx::query(
        "with written as (
             insert into vehicle (feature_id, plate, name, vehicle_type, org_id)
             select id, plate, name, vehicle_type, org
             from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[])
                  as t(id, plate, name, vehicle_type, org)
             returning feature_id)
         insert into terminal (terminal_id, vehicle_id)
         select terminal, feature_id from unnest($1::bigint[], $6::text[]) as t(id, terminal)
         join written on feature_id = id",
    )
    .bind(ids)
    .bind(vehicles.iter().map(|v| v.plate.as_str()).collect::<Vec<_>>())
    .bind(vehicles.iter().map(|v| v.name.as_str()).collect::<Vec<_>>())
    .bind(vehicles.iter().map(|v| v.vehicle_type).collect::<Vec<_>>())
    .bind(vehicles.iter().map(|v| orgs[v.org]).collect::<Vec<_>>())
    .bind(vehicles.iter().map(|v| v.terminal_id.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map_err(GisError::query("write vehicles"))?;
    Ok(())
}

fn polygon(polygon: &Polygon<f64>) -> Vec<u8> {
    wkb(&Geometry::MultiPolygon(MultiPolygon(vec![polygon.clone()])))
}
