//! The SQL of places. Every statement is cut to the viewer's scopes (`$1`, null for all).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{Brief, Detail, FloorBrief, Org, OrgBrief, Site, property};
use crate::{FeatureId, GisError, LonLat, OrgId, Personal, Result, ScopeId, Viewer};

#[derive(FromRow)]
struct BriefRow {
    feature_id: FeatureId,
    scope_id: ScopeId,
    kind: String,
    layer_id: String,
    name: Option<String>,
    code: Option<String>,
    lon: Option<f64>,
    lat: Option<f64>,
    bbox: Option<Vec<f64>>,
    ordinal: Option<i16>,
    area_m2: Option<f64>,
    org_id: Option<OrgId>,
    org_name: Option<String>,
    org_color: Option<String>,
}

const BRIEF: &str = "
    select p.feature_id, p.scope_id, p.kind, p.layer_id, p.name, p.code, st_x(mark.point) as lon, st_y(mark.point) as lat,
           bbox_of(p.geom) as bbox, p.ordinal, p.area_m2, o.org_id, o.name as org_name, o.color as org_color
    from place p
    left join org o using (org_id)
    cross join lateral (select st_pointonsurface(p.geom) as point) mark";

/// Places by id, in the order asked for; those the viewer may not see are absent.
pub async fn briefs(
    connection: &mut PgConnection,
    viewer: &Viewer,
    ids: &[FeatureId],
) -> Result<Vec<Brief>> {
    let sql = format!(
        "{BRIEF} where ($1::int[] is null or p.scope_id = any($1)) and p.feature_id = any($2)"
    );
    let rows: Vec<BriefRow> = sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
        .fetch_all(&mut *connection)
        .await
        .map_err(GisError::query("read places"))?;
    let briefs = with_containers(connection, viewer, rows).await?;
    let mut by_id: BTreeMap<FeatureId, Brief> =
        briefs.into_iter().map(|b| (b.feature_id, b)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// What lies directly in a place, floors by level, rooms by number.
pub async fn children(
    connection: &mut PgConnection,
    viewer: &Viewer,
    parent: FeatureId,
    kind: Option<&str>,
) -> Result<Vec<Brief>> {
    let sql = format!(
        "{BRIEF} where ($1::int[] is null or p.scope_id = any($1)) and p.parent_id = $2
             and ($3::text is null or p.kind = $3)
         order by p.ordinal, p.code, p.feature_id limit 2000"
    );
    let rows: Vec<BriefRow> = sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .bind(parent)
        .bind(kind)
        .fetch_all(&mut *connection)
        .await
        .map_err(GisError::query("read children"))?;
    with_containers(connection, viewer, rows).await
}

/// What each of these places is called, one answer for each in their order.
///
/// It is the smallest building with a name that it is in, else the smallest parcel, else the nearest road within 30 m; `None` where
/// nothing with a name is that the viewer may see.
pub async fn sites_at(
    connection: &mut PgConnection,
    viewer: &Viewer,
    places: &[Option<LonLat>],
) -> Result<Vec<Option<Site>>> {
    let mut sites = vec![None; places.len()];
    if places.iter().all(Option::is_none) {
        return Ok(sites);
    }
    // The box about a road's place is 30 m wide or more up to 57 degrees north, and the metres decide. Both are made first: policies
    // let an index be asked with what is there already, and not with what a function has yet to make.
    let rows: Vec<(i64, FeatureId, String, String)> = sqlx::query_as(
        "with spot as materialized (
             select nth, point, st_expand(point, 0.0005, 0.0003) as about
             from unnest($2::float8[], $3::float8[]) with ordinality asked(lon, lat, nth)
             cross join lateral (select st_setsrid(st_makepoint(lon, lat), 4326) as point) made)
         select spot.nth, site.feature_id, site.kind, site.name
         from spot cross join lateral (
             (select 1 as rank, b.feature_id, 'building' as kind, b.name from building_version b
              where b.geom && spot.point and st_intersects(b.geom, spot.point) and b.valid @> city_today()
                  and b.name <> '' and ($1::int[] is null or b.scope_id = any($1))
              order by b.area_m2 limit 1)
             union all
             (select 2, c.feature_id, 'parcel', c.name from parcel_version c
              where c.geom && spot.point and st_intersects(c.geom, spot.point) and c.valid @> city_today()
                  and c.name <> '' and ($1::int[] is null or c.scope_id = any($1))
              order by c.area_m2 limit 1)
             union all
             (select 3, r.feature_id, 'road', r.name from road r
              where r.geom && spot.about and r.name <> ''
                  and st_distance(r.geom::geography, spot.point::geography) <= 30
                  and ($1::int[] is null or r.scope_id = any($1))
              order by st_distance(r.geom::geography, spot.point::geography) limit 1)
             order by rank limit 1) site",
    )
    .bind(viewer.scope_array())
    .bind(places.iter().map(|place| place.map(LonLat::lon)).collect::<Vec<_>>())
    .bind(places.iter().map(|place| place.map(LonLat::lat)).collect::<Vec<_>>())
    .fetch_all(connection)
    .await
    .map_err(GisError::query("name where something is"))?;
    for (nth, feature_id, kind, name) in rows {
        let nth = usize::try_from(nth - 1).unwrap_or(usize::MAX);
        if let Some(site) = sites.get_mut(nth) {
            *site = Some(Site { feature_id, kind, name });
        }
    }
    Ok(sites)
}

/// Names what contains each place, outermost first, in two statements for all of them.
async fn with_containers(
    connection: &mut PgConnection,
    viewer: &Viewer,
    rows: Vec<BriefRow>,
) -> Result<Vec<Brief>> {
    let ids: Vec<i64> = rows.iter().map(|r| r.feature_id.0).collect();
    let chains: Vec<(FeatureId, i64)> = sqlx::query_as(
        "with recursive up(leaf, id, depth) as (
             select feature_id, parent_id, 1 from feature
             where feature_id = any($1) and parent_id is not null
             union all
             select leaf, f.parent_id, depth + 1 from up join feature f on f.feature_id = up.id
             where f.parent_id is not null)
         select leaf, id from up order by leaf, depth desc",
    )
    .bind(ids)
    .fetch_all(&mut *connection)
    .await
    .map_err(GisError::query("walk up from places"))?;
    let containers: BTreeSet<i64> = chains.iter().map(|(_, id)| *id).collect();
    let names: Vec<(i64, String)> = sqlx::query_as(
        "select feature_id, name from place where feature_id = any($1) and name is not null",
    )
    .bind(containers.into_iter().collect::<Vec<_>>())
    .fetch_all(connection)
    .await
    .map_err(GisError::query("name containers"))?;
    let names: BTreeMap<i64, String> = names.into_iter().collect();
    let mut within: BTreeMap<FeatureId, Vec<String>> = BTreeMap::new();
    for (leaf, container) in chains {
        within.entry(leaf).or_default().extend(names.get(&container).cloned());
    }
    let dressed = rows.into_iter().map(|row| {
        let mut brief = brief(row, viewer);
        brief.within = within.remove(&brief.feature_id).unwrap_or_default();
        brief
    });
    Ok(dressed.collect())
}

#[derive(FromRow)]
struct RestRow {
    feature_uuid: Uuid,
    properties: Json,
    geometry: Option<Json>,
    org_path: Vec<String>,
    parents: Vec<i64>,
}

/// One place with everything the panel shows; `None` when it does not exist or may not be seen.
pub async fn detail(
    connection: &mut PgConnection,
    viewer: &Viewer,
    id: FeatureId,
) -> Result<Option<Detail>> {
    let Some(brief) = briefs(connection, viewer, &[id]).await?.pop() else { return Ok(None) };
    let rest: RestRow = sqlx::query_as(
        "select p.feature_uuid, p.properties, st_asgeojson(p.geom)::jsonb as geometry,
                array(select a.name from org o join org a on a.path @> o.path
                      where o.org_id = p.org_id order by a.level) as org_path,
                array(with recursive up(id, parent, depth) as (
                          select f.feature_id, f.parent_id, 0 from feature f where f.feature_id = p.parent_id
                          union all
                          select f.feature_id, f.parent_id, depth + 1
                          from up join feature f on f.feature_id = up.parent)
                      select id from up order by depth desc) as parents
         from place p where p.feature_id = $1",
    )
    .bind(id)
    .fetch_one(&mut *connection)
    .await
    .map_err(GisError::query("read a place"))?;
    let floors = sqlx::query_as(
        "select l.feature_id, l.ordinal, l.name, l.area_m2, count(r.feature_id) as room_count
         from floor l left join room r on r.floor_id = l.feature_id
         where l.building_id = $1 group by l.feature_id, l.ordinal, l.name, l.area_m2 order by l.ordinal",
    )
    .bind(id)
    .fetch_all(&mut *connection)
    .await
    .map_err(GisError::query("read floors"))?;
    let parent_ids: Vec<FeatureId> = rest.parents.iter().copied().map(FeatureId).collect();
    let parents = briefs(connection, viewer, &parent_ids).await?;
    let properties = rest.properties.as_object().map(property::titled).unwrap_or_default();
    let floors: Vec<FloorBrief> = floors;
    Ok(Some(Detail {
        brief,
        feature_uuid: rest.feature_uuid,
        properties,
        org_path: rest.org_path,
        parents,
        floors,
        geometry: rest.geometry.unwrap_or(Json::Null),
    }))
}

/// The organisation tree, parents first: all of it, or what lies under some organisations, with the way up to the root.
pub async fn orgs(connection: &mut PgConnection, under: Option<&[OrgId]>) -> Result<Vec<Org>> {
    sqlx::query_as(
        "select o.org_id, o.code, o.name, o.level, p.org_id as parent_id, o.color
         from org o left join org p on nlevel(o.path) > 1 and p.path = subpath(o.path, 0, -1)
         where $1::bigint[] is null or exists (
             select from org top where top.org_id = any($1) and (o.path <@ top.path or o.path @> top.path))
         order by nlevel(o.path), o.path",
    )
    .bind(under.map(|ids| ids.iter().map(|id| id.0).collect::<Vec<_>>()))
    .fetch_all(connection)
    .await
    .map_err(GisError::query("read organisations"))
}

/// How many features of each kind the viewer sees.
pub async fn count_by_kind(
    connection: &mut PgConnection,
    viewer: &Viewer,
) -> Result<BTreeMap<String, i64>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select kind, count(*) from feature where $1::int[] is null or scope_id = any($1) group by kind",
    )
    .bind(viewer.scope_array())
    .fetch_all(connection)
    .await
    .map_err(GisError::query("count features"))?;
    Ok(rows.into_iter().collect())
}

/// Ground area of the buildings and net area of the rooms that the viewer sees, in square metres.
pub async fn total_area_m2(connection: &mut PgConnection, viewer: &Viewer) -> Result<(f64, f64)> {
    sqlx::query_as(
        "select (select coalesce(sum(area_m2), 0) from building join feature using (feature_id)
                 where $1::int[] is null or scope_id = any($1)),
                (select coalesce(sum(area_m2), 0) from room join feature using (feature_id)
                 where $1::int[] is null or scope_id = any($1))",
    )
    .bind(viewer.scope_array())
    .fetch_one(connection)
    .await
    .map_err(GisError::query("sum areas"))
}

/// A row as its viewer reads it. A vehicle is named by its plate.
fn brief(r: BriefRow, viewer: &Viewer) -> Brief {
    let shown = |text: String| match r.kind.as_str() {
        "vehicle" => viewer.shown(Personal::Plate, r.scope_id, &text).into_owned(),
        _ => text,
    };
    let (name, code) = (r.name.map(shown), r.code.map(shown));
    let org = match (r.org_id, r.org_name, r.org_color) {
        (Some(org_id), Some(name), Some(color)) => Some(OrgBrief { org_id, name, color }),
        _ => None,
    };
    Brief {
        feature_id: r.feature_id,
        kind: r.kind,
        layer_id: r.layer_id,
        name,
        code,
        lon: r.lon,
        lat: r.lat,
        bbox: r.bbox.and_then(|b| b.try_into().ok()),
        ordinal: r.ordinal,
        area_m2: r.area_m2,
        org,
        within: Vec::new(),
    }
}
