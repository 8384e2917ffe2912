//! Vehicles as moving features: where they are, where they were, and what their terminals told there.
//!
//! Only those that the viewer may track are in the collection, and only once they have been somewhere.

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use gis_data::{FeatureId, Permission, Personal, Viewer};
use serde_json::{Value, json};
use time::OffsetDateTime;
use vehicle_tracker::{LivePosition, LiveVehicle, vehicles};

use super::ogc::{Here, JSON, NOTHING};
use super::vehicles::unknown;
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, Asker, Loaded};
use crate::live::now_ms;
use crate::moving::{
    Asked, Parameter, Reading, SOURCES, Source, Takes, Wanted, always, instant, moment_of,
    moving_point, span,
};
use crate::state::City;

/// The title of the collection.
pub(super) const VEHICLES: &str = "公务用车 vehicles";
const COLLECTION: &str = "/ogc/collections/vehicles";
const GEOJSON: &str = "application/geo+json";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const GREGORIAN: &str = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian";
/// Vehicles of which the database is asked at one time whether they were somewhere, and how often for one page.
const CHUNK: usize = 500;
const MOST_CHUNKS: usize = 4;
/// Positions that are read for one answer about several vehicles.
const MOST_POSITIONS: usize = 100_000;

/// What a page of vehicles takes.
pub(super) const VEHICLES_AT_ONCE: Takes = Takes {
    parameters: &[
        Parameter::Bbox,
        Parameter::Datetime,
        Parameter::Limit,
        Parameter::SubTrajectory,
        Parameter::After,
    ],
    default_limit: 100,
    most: 1_000,
    most_hours: Some(24),
};
/// What a page of pieces takes.
pub(super) const PIECES: Takes = Takes {
    parameters: &[
        Parameter::Bbox,
        Parameter::Datetime,
        Parameter::Limit,
        Parameter::Leaf,
        Parameter::SubTrajectory,
        Parameter::After,
    ],
    default_limit: 10,
    most: 100,
    most_hours: None,
};
/// What the list of values takes.
const PROPERTIES: Takes = Takes {
    parameters: &[
        Parameter::Datetime,
        Parameter::Limit,
        Parameter::SubTemporalValue,
        Parameter::After,
    ],
    most_hours: Some(24),
    ..PIECES
};
/// What one value takes.
const PROPERTY: Takes = Takes {
    parameters: &[
        Parameter::Datetime,
        Parameter::Limit,
        Parameter::Leaf,
        Parameter::SubTemporalValue,
        Parameter::After,
    ],
    ..PIECES
};

/// The collection as the viewer sees it: up to the last moment, around the last places. Its beginning is left open: it would
/// take a look for each vehicle into every day on file.
pub(super) fn collection(city: &City, viewer: &Viewer, here: &Here) -> Value {
    let roving = vehicles::roving(&city.live, viewer);
    let items = format!("{COLLECTION}/items");
    let mut collection = json!({
        "id": "vehicles",
        "title": VEHICLES,
        "description": "能够查看行程的车辆：最近位置、轨迹与随车数据 Vehicles whose journeys you may see: last places, tracks and what their terminals tell",
        "itemType": "movingfeature",
        "crs": [CRS84],
        "links": [
            here.link("self", COLLECTION, JSON, VEHICLES),
            here.link("items", &items, GEOJSON, VEHICLES),
        ],
    });
    if let Some((bbox, last_ms)) = bounds(roving.iter().map(|(_, position)| position)) {
        let interval = [None, Some(instant(last_ms))];
        collection["extent"] = json!({
            "spatial": {"bbox": [bbox], "crs": CRS84},
            "temporal": {"interval": [interval], "trs": GREGORIAN},
        });
    }
    collection
}

/// West, south, east, north in degrees, and the last moment.
fn bounds<'p>(positions: impl Iterator<Item = &'p LivePosition>) -> Option<([f64; 4], i64)> {
    positions
        .map(|p| ([p.place.lon(), p.place.lat(), p.place.lon(), p.place.lat()], p.fix_ms))
        .reduce(|(a, a_ms), (b, b_ms)| {
            let around = [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])];
            (around, a_ms.max(b_ms))
        })
}

pub(super) async fn list_items(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    here: Here,
) -> ApiResult<Response> {
    let asked = here.asked(&VEHICLES_AT_ONCE)?;
    let mut roving = vehicles::roving(&city.live, &viewer);
    if let Some(bbox) = asked.bbox {
        roving.retain(|(_, at)| bbox.contains([at.place.lon(), at.place.lat()]));
    }
    // Counted where it costs nothing: in time, the database is asked for a page only.
    let matched = asked.window.is_none().then_some(roving.len());
    if let Some(window) = &asked.window {
        roving.retain(|(_, at)| at.fix_ms >= *window.start());
    }
    let after = asked.after.map_or(FeatureId(0), FeatureId);
    let rest: Vec<FeatureId> =
        roving.into_iter().map(|(id, _)| id).filter(|id| *id > after).collect();
    let (ids, next) = page(&city, &viewer, &asked, &rest).await?;
    let first = vehicles::first_seen(&city.store, &viewer, &ids).await?;
    let mut features = Vec::with_capacity(ids.len());
    let mut rows = 0;
    for id in ids {
        let Some(vehicle) = vehicles::one(&city.live, &viewer, id) else { continue };
        let mut feature = feature(&vehicle, &viewer, first.get(&id).copied());
        if asked.is_cut {
            feature["temporalGeometry"] = part(&city, &viewer, &asked, id, &mut rows).await?;
        }
        features.push(feature);
    }
    let mut links = vec![here.this(GEOJSON), here.link("collection", COLLECTION, JSON, VEHICLES)];
    links.extend(next.map(|id| here.next(id.0, GEOJSON)));
    let mut answer = json!({
        "type": "FeatureCollection",
        "timeStamp": instant(now_ms()),
        "numberReturned": features.len(),
        "features": features,
        "links": links,
    });
    if let Some(matched) = matched {
        answer["numberMatched"] = json!(matched);
    }
    Ok(geojson(&answer))
}

/// The vehicles of a page, and after which one there may be more.
async fn page(
    city: &City,
    viewer: &Viewer,
    asked: &Asked,
    rest: &[FeatureId],
) -> ApiResult<(Vec<FeatureId>, Option<FeatureId>)> {
    let mut found: Vec<FeatureId> = Vec::new();
    let mut looked_at = 0;
    let Some(window) = &asked.window else {
        found.extend(rest.iter().take(asked.limit));
        let next = found.last().copied().filter(|_| rest.len() > found.len());
        return Ok((found, next));
    };
    for chunk in rest.chunks(CHUNK).take(MOST_CHUNKS) {
        let there = vehicles::were_somewhere(&city.store, viewer, chunk, span(window)).await?;
        found.extend(there);
        looked_at += chunk.len();
        if found.len() > asked.limit {
            found.truncate(asked.limit);
            let next = found.last().copied();
            return Ok((found, next));
        }
    }
    let last = looked_at.checked_sub(1).and_then(|last| rest.get(last)).copied();
    Ok((found, last.filter(|_| looked_at < rest.len())))
}

/// What of a vehicle's way lies in the window.
async fn part(
    city: &City,
    viewer: &Viewer,
    asked: &Asked,
    id: FeatureId,
    rows: &mut usize,
) -> ApiResult<Value> {
    let mut prisms: Vec<Value> = Vec::new();
    let mut rest = Asked { bbox: None, after: None, limit: usize::MAX, ..asked.clone() };
    loop {
        let (span, limit) = Reading::needs(&rest, Wanted::Around);
        let samples = vehicles::samples(&city.store, viewer, id, span, limit).await?;
        let reading = Reading::of(&rest, samples.unwrap_or_default());
        *rows += reading.rows();
        if *rows > MOST_POSITIONS {
            return Err(too_many());
        }
        let (page, shown) = reading.way();
        prisms.extend(page.pieces.iter().map(|piece| {
            let mut prism = moving_point(piece, shown);
            // Its beginning, which names the whole piece, was not read.
            prism.as_object_mut().map(|members| members.remove("id"));
            prism
        }));
        match page.next_ms {
            Some(next) => rest.after = Some(next),
            None => break,
        }
    }
    Ok(json!({"type": "MovingGeometryCollection", "prisms": prisms}))
}

fn too_many() -> ApiError {
    ApiError::bad_request(
        &format!(
            "要截取的轨迹超过 {MOST_POSITIONS} 个定位；请缩短 datetime、减小 limit 或 bbox，或按车辆查询 tgsequence"
        ),
        &format!(
            "the tracks have more than {MOST_POSITIONS} positions; ask for less time, a lower limit, a smaller bbox, or the tgsequence of one vehicle"
        ),
    )
}

pub(super) async fn get_item(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
    here: Here,
) -> ApiResult<Response> {
    here.asked(&NOTHING)?;
    let vehicle = tracked(&city, &viewer, id)?;
    let first = vehicles::first_seen(&city.store, &viewer, &[FeatureId(id)]).await?;
    let mut feature = feature(&vehicle, &viewer, first.into_values().next());
    let own = |part: &str| format!("{COLLECTION}/items/{id}/{part}");
    feature["links"] = json!([
        here.this(GEOJSON),
        here.link("collection", COLLECTION, JSON, VEHICLES),
        here.link("related", &own("tgsequence"), JSON, "轨迹 tgsequence"),
        here.link("related", &own("tproperties"), JSON, "随车数据 tproperties"),
    ]);
    Ok(geojson(&feature))
}

pub(super) async fn get_tgsequence(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
    here: Here,
) -> ApiResult<Json<Value>> {
    let asked = here.asked(&PIECES)?;
    tracked(&city, &viewer, id)?;
    let (page, shown) = read(&city, &viewer, id, (&asked, Wanted::Whole)).await?.way();
    let sequence: Vec<Value> = page.pieces.iter().map(|piece| moving_point(piece, shown)).collect();
    Ok(Json(json!({
        "type": "TemporalGeometrySequence",
        "timeStamp": instant(now_ms()),
        "numberReturned": sequence.len(),
        "geometrySequence": sequence,
        "links": links(&here, page.next_ms),
    })))
}

pub(super) async fn list_tproperties(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
    here: Here,
) -> ApiResult<Json<Value>> {
    let asked = here.asked(&PROPERTIES)?;
    tracked(&city, &viewer, id)?;
    let window = asked.window.clone().map_or_else(always, |w| span(&w));
    let told = vehicles::told(&city.store, &viewer, FeatureId(id), window).await?;
    let all: Vec<&Source> = SOURCES.iter().filter(|s| s.is_told(told)).collect();
    let skipped = usize::try_from(asked.after.unwrap_or(0)).unwrap_or(usize::MAX);
    let shown: Vec<&Source> = all.iter().skip(skipped).take(asked.limit).copied().collect();
    let mut properties: Vec<Value> = shown.iter().map(|source| source.bare()).collect();
    if asked.is_cut {
        // Of one day all pieces are wanted.
        let whole = Asked { limit: usize::MAX, after: None, ..asked.clone() };
        let reading = read(&city, &viewer, id, (&whole, Wanted::Around)).await?;
        for (property, source) in properties.iter_mut().zip(&shown) {
            let (values, next_ms) = reading.values(source);
            if next_ms.is_some() {
                return Err(too_long());
            }
            property["valueSequence"] = values;
        }
    }
    let end = skipped.saturating_add(shown.len());
    let next = i64::try_from(end).ok().filter(|_| end < all.len());
    Ok(Json(json!({
        "temporalProperties": properties,
        "timeStamp": instant(now_ms()),
        "numberMatched": all.len(),
        "numberReturned": properties.len(),
        "links": links(&here, next),
    })))
}

fn too_long() -> ApiError {
    ApiError::bad_request(
        "该时段的定位太多，无法一次给出全部随车数据；请缩短 datetime，或按名称查询 tproperties/{名称}，可分页",
        "there are too many positions to tell all values at once; ask for less time, or for one value by its name, which comes in pages",
    )
}

pub(super) async fn get_tproperty(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath((id, name)): ApiPath<(i64, String)>,
    here: Here,
) -> ApiResult<Json<Value>> {
    let asked = here.asked(&PROPERTY)?;
    tracked(&city, &viewer, id)?;
    let source = SOURCES.iter().find(|source| source.name == name).ok_or_else(|| {
        let names: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
        ApiError::not_found(
            &format!("没有随车数据“{name}”，现有：{}", names.join("、")),
            &format!("no value is named {name:?}; there are: {}", names.join(", ")),
        )
    })?;
    let (values, next_ms) = read(&city, &viewer, id, (&asked, Wanted::Whole)).await?.values(source);
    let mut property = source.bare();
    property["valueSequence"] = values;
    property["links"] = json!(links(&here, next_ms));
    Ok(Json(property))
}

/// The vehicle, where the viewer may see its past.
fn tracked(city: &City, viewer: &Viewer, id: i64) -> ApiResult<LiveVehicle> {
    let vehicle = vehicles::one(&city.live, viewer, FeatureId(id)).ok_or_else(|| unknown(id))?;
    if viewer.may(Permission::Track, vehicle.info.scope) {
        return Ok(vehicle);
    }
    Err(ApiError::not_allowed(&[Permission::Track]))
}

async fn read<'a>(
    city: &City,
    viewer: &Viewer,
    id: i64,
    (asked, wanted): (&'a Asked, Wanted),
) -> ApiResult<Reading<'a>> {
    let (span, limit) = Reading::needs(asked, wanted);
    let samples = vehicles::samples(&city.store, viewer, FeatureId(id), span, limit).await?;
    Ok(Reading::of(asked, samples.ok_or_else(|| unknown(id))?))
}

fn links(here: &Here, next: Option<i64>) -> Vec<Value> {
    [here.this(JSON)].into_iter().chain(next.map(|after| here.next(after, JSON))).collect()
}

/// A vehicle by its last place; its life is from the first moment to the last.
fn feature(vehicle: &LiveVehicle, viewer: &Viewer, first: Option<OffsetDateTime>) -> Value {
    let (info, last) = (&vehicle.info, vehicle.position);
    let mut feature = json!({
        "type": "Feature",
        "id": info.feature_id,
        "geometry": last.map(|p| json!({"type": "Point", "coordinates": [p.place.lon(), p.place.lat()]})),
        "properties": {
            "plate": viewer.shown(Personal::Plate, info.scope, &info.plate),
            "name": info.name,
            "kind_title": &*info.vehicle_type,
            "org": info.org.as_ref().map(|(_, name)| &**name),
            "status": vehicle.status.name(),
            "speed_kmh": last.and_then(|p| p.speed_kmh),
            "heading": last.and_then(|p| p.heading_deg),
            "fix_at": last.map(|p| instant(p.fix_ms)),
        },
    });
    let first_ms = first.map(moment_of);
    if let Some((first_ms, last)) = first_ms.zip(last)
        && first_ms < last.fix_ms
    {
        feature["time"] = json!([instant(first_ms), instant(last.fix_ms)]);
    }
    feature
}

fn geojson(value: &Value) -> Response {
    ([(CONTENT_TYPE, GEOJSON)], value.to_string()).into_response()
}
