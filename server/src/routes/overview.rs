//! The figures of the big screen. Each says as of when it is true and where its records are.

use std::sync::Arc;

use axum::Json;
use gis_data::{Text2, Viewer, feature};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vehicle_tracker::vehicles;

use crate::error::ApiResult;
use crate::extract::{Asker, Loaded};
use crate::state::City;

pub(crate) async fn get_overview(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
) -> ApiResult<Json<Value>> {
    let as_of = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    let figures: Vec<Value> = figures(&city, &viewer)
        .await?
        .into_iter()
        .map(|(id, title, value, unit, href)| {
            json!({"id": id, "title": title, "value": value, "unit": unit, "as_of": as_of, "href": href})
        })
        .collect();
    Ok(Json(json!({"figures": figures, "notice": city.notice})))
}

type Figure = (&'static str, Text2, f64, Option<&'static str>, &'static str);

#[expect(clippy::cast_precision_loss, reason = "counts of places and vehicles stay far below 2^53")]
async fn figures(city: &Arc<City>, viewer: &Viewer) -> ApiResult<Vec<Figure>> {
    let mut tx = city.store.as_viewer(viewer).await?;
    let (building_m2, room_m2) = feature::total_area_m2(&mut tx, viewer).await?;
    drop(tx);
    let count =
        |layer: &str| city.mirrors.get(layer).map_or(0, |m| m.snapshot().count(viewer)) as f64;
    let fleet = city.live.counts(viewer);
    // Positions are counted for the whole fleet; of a part of it nobody learns from the whole.
    let sees_fleet = fleet.total > 0 && fleet.total == city.live.counts(&Viewer::program()).total;
    let today = if sees_fleet { Some(vehicles::today(&city.store).await?) } else { None };
    let repairs = city.modules.open_count(viewer, "repair").await?;
    let t = Text2::new;
    let mut figures = vec![
        ("buildings", t("房屋", "Buildings"), count("buildings"), None, "/?layers=buildings"),
        ("floors", t("楼层", "Floors"), count("floors"), None, "/?layers=buildings,floors"),
        ("rooms", t("房间", "Rooms"), count("rooms"), None, "/?layers=buildings,rooms"),
        ("parcels", t("宗地", "Land parcels"), count("parcels"), None, "/?layers=parcels"),
        ("facilities", t("设施", "Facilities"), count("facilities"), None, "/?layers=facilities"),
        (
            "vehicles",
            t("公务用车", "Official vehicles"),
            fleet.total as f64,
            None,
            "/?list=vehicles",
        ),
        (
            "vehicles_moving",
            t("行驶", "Moving"),
            fleet.moving as f64,
            None,
            "/?list=vehicles&status=moving",
        ),
        (
            "vehicles_idle",
            t("停驻", "Idle"),
            fleet.idle as f64,
            None,
            "/?list=vehicles&status=idle",
        ),
        (
            "vehicles_offline",
            t("离线", "Offline"),
            fleet.offline as f64,
            None,
            "/?list=vehicles&status=offline",
        ),
        (
            "repairs_open",
            t("未办结报修", "Open repairs"),
            repairs as f64,
            None,
            "/modules/repair?phase=open",
        ),
        (
            "building_area_m2",
            t("房屋占地面积", "Building footprint"),
            building_m2,
            Some("m2"),
            "/?layers=buildings",
        ),
        (
            "room_area_m2",
            t("房间面积", "Room area"),
            room_m2,
            Some("m2"),
            "/?layers=buildings,rooms",
        ),
    ];
    if let Some(today) = today {
        let (stored, rejected) =
            (t("今日定位", "Positions today"), t("今日拒收定位", "Rejected today"));
        let at = figures.iter().position(|f| f.0 == "repairs_open").unwrap_or(figures.len());
        figures
            .insert(at, ("positions_today", stored, today.stored as f64, None, "/?list=vehicles"));
        let rejected =
            ("positions_rejected_today", rejected, today.rejected as f64, None, "/?list=vehicles");
        figures.insert(at + 1, rejected);
    }
    Ok(figures)
}
