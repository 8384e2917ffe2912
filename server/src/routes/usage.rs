//! How vehicles were used: figures, and the same as a workbook.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use gis_data::{FeatureId, OrgId, Personal, ScopeId, Viewer};
use modules::Lang;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde::Deserialize;
use serde_json::{Value, json};
use time::Duration;
use vehicle_tracker::vehicles::{By, Usage, UsageFilter, UsageRow, usage};

use super::sheets::XLSX;
use super::standards::day;
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiQuery, Asker, Loaded};
use crate::live::now_ms;
use crate::state::City;

/// A leap year.
const MOST_DAYS: i64 = 366;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsageParams {
    by: String,
    from: String,
    to: String,
    org: Option<i64>,
    vehicle: Option<i64>,
    lang: Option<Lang>,
}

pub(crate) async fn get_usage(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<UsageParams>,
) -> ApiResult<Json<Value>> {
    let (filter, found) = counted(&city, &viewer, &params).await?;
    let rows: Vec<Value> = found.rows.iter().map(|row| shown(row, filter.by, &viewer)).collect();
    Ok(Json(json!({
        "by": filter.by,
        "from": params.from,
        "to": params.to,
        "rows": rows,
        "total": figures(&found.total),
        "as_of_ms": now_ms(),
    })))
}

/// What the page shows, with the same figures.
pub(crate) async fn export_usage(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<UsageParams>,
) -> ApiResult<Response> {
    let (filter, found) = counted(&city, &viewer, &params).await?;
    let lang = params.lang.unwrap_or_default();
    let book = workbook(&found, filter.by, &viewer, lang).map_err(|e| ApiError::internal(&e))?;
    let name = format!("usage-{}-{}.xlsx", params.from, params.to);
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers =
        [(header::CONTENT_TYPE, XLSX.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, book).into_response())
}

async fn counted(
    city: &City,
    viewer: &Viewer,
    params: &UsageParams,
) -> ApiResult<(UsageFilter, Usage)> {
    let by: By = params.by.parse().map_err(|fault: String| {
        ApiError::bad_request(
            &format!("统计方式无效：“{}”，可用 day、month、vehicle、driver、org", params.by),
            &fault,
        )
    })?;
    let (from, to) = (day(&params.from)?, day(&params.to)?);
    if from > to || to - from >= Duration::days(MOST_DAYS) {
        return Err(ApiError::bad_request(
            &format!("统计时段须在 {MOST_DAYS} 天以内，且开始日期不晚于结束日期"),
            &format!(
                "figures are for at most {MOST_DAYS} days, and the first is not after the last"
            ),
        ));
    }
    let (org, vehicle) = (params.org.map(OrgId), params.vehicle.map(FeatureId));
    let filter = UsageFilter { by, from, to, org, vehicle };
    let found = usage(&city.store, viewer, &filter).await?;
    Ok((filter, found))
}

/// A name as the viewer reads it. Drivers whose name is masked share a key with those whose mask is alike.
fn named(row: &UsageRow, by: By, viewer: &Viewer) -> (Option<String>, Option<String>) {
    let field = match by {
        By::Vehicle => Personal::Plate,
        By::Driver => Personal::Name,
        By::Day | By::Month | By::Org => return (row.key.clone(), row.label.clone()),
    };
    let scope = ScopeId(row.scope_id.unwrap_or_default());
    let label = row.label.as_deref().map(|name| viewer.shown(field, scope, name).into_owned());
    let key = if by == By::Driver { label.clone() } else { row.key.clone() };
    (key, label)
}

fn shown(row: &UsageRow, by: By, viewer: &Viewer) -> Value {
    let mut shown = figures(row);
    let (key, label) = named(row, by, viewer);
    shown["key"] = json!(key);
    shown["label"] = json!(label);
    shown["org"] = json!(row.org_id.map(|id| json!({"org_id": id, "name": row.org_name})));
    shown
}

fn figures(row: &UsageRow) -> Value {
    let orders = json!({"trips": row.outside_trips, "distance_km": km(row.outside_m)});
    json!({
        "vehicles": row.vehicles,
        "days": row.days,
        "trips": row.trips,
        "distance_km": km(row.distance_m),
        "moving_h": hours(row.moving_s),
        "trip_h": hours(row.trip_s),
        "max_kmh": row.max_kmh,
        "odometer_km": row.odometer_m.map(km),
        "odometer_trips": row.odometer_trips,
        "odometer_track_km": row.odometer_of_m.map(km),
        "fuel_l": row.fuel_l,
        "fuel_trips": row.fuel_trips,
        "fuel_km": row.fuel_of_m.map(km),
        "refuels": row.refuels,
        "refuelled_l": row.refuelled_l,
        "idle_h": row.idle_s.map(hours),
        "outside_orders": row.has_orders.then_some(orders),
        "alarms": {"severe": row.severe, "warning": row.warning, "notice": row.notice},
    })
}

fn km(metres: f64) -> f64 {
    metres / 1_000.0
}

fn hours(seconds: f64) -> f64 {
    seconds / 3_600.0
}

const HEADINGS: [(&str, &str); 20] = [
    ("用车车辆", "Vehicles used"),
    ("出车天数", "Days used"),
    ("车次", "Trips"),
    ("里程（km）", "Distance (km)"),
    ("行驶时长（h）", "Moving (h)"),
    ("出行时长（h）", "Trips (h)"),
    ("最高速度（km/h）", "Top speed (km/h)"),
    ("里程表（km）", "Odometer (km)"),
    ("对应轨迹里程（km）", "Its trips (km)"),
    ("油耗（L）", "Fuel used (L)"),
    ("百公里油耗（L）", "Fuel per 100 km (L)"),
    ("加油次数", "Refuels"),
    ("加油量（L）", "Filled in (L)"),
    ("怠速停车（h）", "Standing, ignition on (h)"),
    ("无派车单车次", "Trips without order"),
    ("无派车单里程（km）", "Distance without order (km)"),
    ("严重报警", "Severe alarms"),
    ("警告报警", "Warnings"),
    ("提示报警", "Notices"),
    ("所属单位", "Organisation"),
];

fn workbook(found: &Usage, by: By, viewer: &Viewer, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let in_words = |(zh, en): (&'static str, &'static str)| if lang == Lang::Zh { zh } else { en };
    let first = in_words(match by {
        By::Day => ("日期", "Day"),
        By::Month => ("月份", "Month"),
        By::Vehicle => ("车辆", "Vehicle"),
        By::Driver => ("驾驶员", "Driver"),
        By::Org => ("单位", "Organisation"),
    });
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(in_words(("用车统计", "Vehicle usage")))?;
    let bold = Format::new().set_bold();
    for (n, heading) in (0..).zip(std::iter::once(first).chain(HEADINGS.map(in_words))) {
        sheet.write_string_with_format(0, n, heading, &bold)?;
        sheet.set_column_width(n, 14)?;
    }
    sheet.set_freeze_panes(1, 1)?;
    let nobody = in_words(("无派车单", "no order"));
    for (at, row) in (1..).zip(&found.rows) {
        let (key, label) = named(row, by, viewer);
        let name = label.or(key);
        sheet.write_string(
            at,
            0,
            name.as_deref().unwrap_or(if by == By::Driver { nobody } else { "" }),
        )?;
        write_row(sheet, at, row)?;
    }
    let last = u32::try_from(found.rows.len()).unwrap_or(u32::MAX - 1) + 1;
    sheet.write_string_with_format(last, 0, in_words(("合计", "Total")), &bold)?;
    write_row(sheet, last, &found.total)?;
    book.save_to_buffer()
}

/// What is not known stays empty: a zero would be a figure.
fn write_row(sheet: &mut Worksheet, at: u32, row: &UsageRow) -> Result<(), XlsxError> {
    #[expect(clippy::cast_precision_loss, reason = "counts of trips and alarms")]
    let count = |n: i64| Some(n as f64);
    let order = |figure: Option<f64>| figure.filter(|_| row.has_orders);
    let per_100_km = row.fuel_l.zip(row.fuel_of_m).filter(|(_, metres)| *metres > 0.0);
    let cells = [
        count(row.vehicles),
        count(row.days),
        count(row.trips),
        Some(km(row.distance_m)),
        Some(hours(row.moving_s)),
        Some(hours(row.trip_s)),
        row.max_kmh,
        row.odometer_m.map(km),
        row.odometer_of_m.map(km),
        row.fuel_l,
        per_100_km.map(|(litres, metres)| litres / km(metres) * 100.0),
        count(row.refuels),
        Some(row.refuelled_l),
        row.idle_s.map(hours),
        order(count(row.outside_trips)),
        order(Some(km(row.outside_m))),
        count(row.severe),
        count(row.warning),
        count(row.notice),
    ];
    let two_places = Format::new().set_num_format("0.##");
    for (n, figure) in (1..).zip(cells) {
        if let Some(figure) = figure {
            sheet.write_number_with_format(at, n, figure, &two_places)?;
        }
    }
    if let Some(name) = &row.org_name {
        sheet.write_string(at, 20, name)?;
    }
    Ok(())
}
