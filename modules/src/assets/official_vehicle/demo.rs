//! Fictional requests and orders for a demonstration, walked through the same door as real ones.

use gis_data::{FeatureId, OrgId, Viewer};
use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime};

use super::queries;
use crate::dates::moment_text;
use crate::document::pass_for_demo;
use crate::{
    ActRequest, DemoPlaces, DocId, Document, Engine, Filter, ModuleError, NewDocument, Result,
};

const LABEL: &str = "示例数据（虚构）";

/// How far an errand of the demonstration has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reached {
    Waiting,
    Dispatched,
    Out,
    Returned,
    Cancelled,
}

use Reached::{Cancelled, Dispatched, Out, Returned, Waiting};

/// Errand, its kind, destination, minutes from now until it begins, minutes it takes, kilometres, how far it has come.
type Errand = (&'static str, &'static str, &'static str, i64, i64, &'static str, Reached);

/// What has begun long ago can only be ordered after the fact here, as after a night of storm.
const ERRANDS: &[Errand] = &[
    ("暴雨夜抢修协调", "emergency", "示例变电站", -500, 240, "90", Returned),
    ("参加全市会议", "official", "示例会议中心", -12, 300, "40", Out),
    ("检查在建工程", "inspection", "示例经济开发区", -9, 300, "60", Out),
    ("送取机要文件", "courier", "示例机要局", -6, 180, "30", Out),
    ("接送评审专家", "reception", "示例火车站", 1200, 240, "80", Dispatched),
    ("防汛值守", "emergency", "示例河闸站", 120, 720, "120", Dispatched),
    ("现场督办信访事项", "official", "示例街道", 1440, 300, "50", Cancelled),
    ("送取档案", "official", "示例档案馆", 1560, 180, "25", Waiting),
    ("联合执法检查", "enforcement", "示例物流园", 2640, 360, "70", Waiting),
    ("调研农村道路", "inspection", "示例县东乡", 2880, 540, "180", Waiting),
];

/// Puts a request on file for each errand, and an order for those that have one; answers how many documents. Where any
/// request is on file already, it does nothing.
pub(super) async fn seed(engine: &Engine, _places: &DemoPlaces) -> Result<usize> {
    let viewer = Viewer::program();
    let filter =
        Filter { kind: Some("vehicle_request".to_owned()), limit: Some(1), ..Filter::default() };
    if engine.list(&viewer, &filter).await?.total > 0 {
        return Ok(0);
    }
    let most = i64::try_from(ERRANDS.len()).unwrap_or(i64::MAX);
    let vehicles = queries::demo_vehicles(&mut engine.begin(&viewer).await?, most).await?;
    let now = OffsetDateTime::now_utc();
    let mut count = 0;
    for ((nth, errand), (vehicle, org, building)) in ERRANDS.iter().enumerate().zip(vehicles) {
        let request = requested(engine, &viewer, errand, org, building, now).await?;
        count += 1;
        if errand.6 != Waiting {
            order(engine, &viewer, errand, nth, (vehicle, request), now).await?;
            count += 1;
        }
    }
    Ok(count)
}

async fn requested(
    engine: &Engine,
    viewer: &Viewer,
    &(errand, category, destination, begins, takes, ..): &Errand,
    org: OrgId,
    building: FeatureId,
    now: OffsetDateTime,
) -> Result<DocId> {
    let from = now + Duration::minutes(begins);
    let body = json!({
        "org": org, "rider": "示例用车人", "category": category, "reason": format!("{errand}。{LABEL}"), "people": 2,
        "from": moment_text(from), "until": moment_text(from + Duration::minutes(takes)),
        "destination": destination, "is_out_of_town": takes > 480,
    });
    let title = format!("用车申请 · {errand}（示例）");
    let made = file(engine, viewer, "vehicle_request", title, body, building).await?;
    // The program decides for the demonstration what people decide otherwise.
    let mut tx = engine.begin(viewer).await?;
    pass_for_demo(engine, &mut tx, viewer, made.doc_id, "submit", "approve").await?;
    tx.commit().await.map_err(ModuleError::query("commit a demonstration"))?;
    Ok(made.doc_id)
}

async fn order(
    engine: &Engine,
    viewer: &Viewer,
    &(errand, _, _, begins, takes, km, reached): &Errand,
    nth: usize,
    (vehicle, request): (FeatureId, DocId),
    now: OffsetDateTime,
) -> Result<()> {
    let from = now + Duration::minutes(begins);
    let mut body = json!({
        "request": request, "driver": format!("示例驾驶员{nth}"), "limit_km": km, "remark": LABEL,
    });
    if reached == Returned {
        body["late_reason"] = json!(format!("夜间抢修先派车后补单。{LABEL}"));
    }
    let title = format!("派车单 · {errand}（示例）");
    let mut made = file(engine, viewer, "vehicle_order", title, body, vehicle).await?;
    let odometer = 20_000 + 1_000 * nth;
    let depart =
        ("depart", json!({"odometer_out": odometer.to_string(), "departed_at": moment_text(from)}));
    let back = from + Duration::minutes(takes - 20);
    let driven: usize = km.parse().unwrap_or(0) * 9 / 10;
    let bring_back = (
        "return",
        json!({"odometer_in": (odometer + driven).to_string(), "returned_at": moment_text(back)}),
    );
    let steps: Vec<(&str, Json)> = match reached {
        Waiting => vec![],
        Dispatched => vec![("dispatch", json!({}))],
        Out => vec![("dispatch", json!({})), depart],
        Returned => vec![("dispatch", json!({})), depart, bring_back],
        Cancelled => {
            vec![("dispatch", json!({})), ("cancel", json!({"why": "会议改期（示例）"}))]
        }
    };
    for (action, patch) in steps {
        let request = ActRequest { revision: made.revision, patch, ..ActRequest::default() };
        made = engine.act(viewer, made.doc_id, action, request).await?;
    }
    Ok(())
}

async fn file(
    engine: &Engine,
    viewer: &Viewer,
    kind: &str,
    title: String,
    body: Json,
    place: FeatureId,
) -> Result<Document> {
    let new = NewDocument {
        kind: kind.to_owned(),
        title: Some(title),
        body,
        feature_ids: vec![place],
        ..NewDocument::default()
    };
    engine.create(viewer, new).await
}
