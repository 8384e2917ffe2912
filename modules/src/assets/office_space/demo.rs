//! A fictional year of office space: buildings registered, rooms allocated to those who use them, people in some of them.

use std::collections::BTreeMap;

use gis_data::{FeatureId, OrgId, Viewer};
use serde_json::{Value as Json, json};

use super::queries;
use crate::{ActRequest, DemoPlaces, DocId, Engine, Filter, ModuleError, NewDocument, Result};

/// How many buildings it fills, and how many people it seats.
const BUILDINGS: usize = 12;
const PEOPLE: usize = 60;
const LABEL: &str = "示例数据（虚构）";

/// Registers the rooms of some buildings, gives them to those who use them, and seats people; answers how many documents.
pub(super) async fn seed(engine: &Engine, _places: &DemoPlaces) -> Result<usize> {
    let viewer = Viewer::program();
    let filter =
        Filter { kind: Some("office_ownership".to_owned()), limit: Some(1), ..Filter::default() };
    if engine.list(&viewer, &filter).await?.total > 0 {
        return Ok(0);
    }
    let rooms = queries::demo_rooms(&mut engine.begin(&viewer).await?).await?;
    let mut by_building: BTreeMap<FeatureId, Vec<_>> = BTreeMap::new();
    for room in rooms {
        by_building.entry(room.3).or_default().push(room);
    }
    let mut count = 0;
    let mut seated = 0;
    for (nth, (building, rooms)) in by_building.into_iter().take(BUILDINGS).enumerate() {
        let Some(owner) = rooms.first().map(|r| r.1) else { continue };
        let drawn = queries::demo_area(&mut engine.begin(&viewer).await?, building).await?;
        // Gross area is more than the rooms; one certificate is of before an extension, for the reconciliation to find.
        let gross = drawn * if nth == 1 { 0.9 } else { 1.12 };
        let body = json!({
            "certificate_no": format!("示字第{building:06}号"), "certificate_area": format!("{gross:.2}"),
            "holder": owner, "from": "2026-01-01", "remark": LABEL,
        });
        let doc =
            file(engine, &viewer, "office_ownership", body, Vec::new(), vec![building]).await?;
        act(engine, &viewer, doc, "register").await?;
        count += 1;
        let mut by_org: BTreeMap<OrgId, Vec<_>> = BTreeMap::new();
        // Every seventh room stays vacant.
        for (n, room) in rooms.iter().enumerate() {
            if n % 7 != 6 {
                by_org.entry(room.1).or_default().push(room);
            }
        }
        for (org, rooms) in by_org {
            let lines: Vec<Json> = rooms.iter().map(|r| json!({"room": r.0})).collect();
            let body = json!({"org": org, "from": "2026-02-01", "remark": LABEL});
            let places = rooms.iter().map(|r| r.0).collect();
            let doc = file(engine, &viewer, "office_allocation", body, lines, places).await?;
            // The program decides for the demonstration what people decide otherwise.
            engine.approve_for_demo(&viewer, doc).await?;
            count += 1;
            for (room, _, level, _, area) in rooms.into_iter().take(3) {
                if seated == PEOPLE {
                    break;
                }
                seated += 1;
                let taken = (area * 0.95).min(if seated % 5 == 0 { 28.0 } else { 8.9 });
                let rank = if level == "county" { "county_staff" } else { "city_staff" };
                let body = json!({
                    "org": org, "staff_no": format!("S{seated:04}"), "name": format!("示例{seated:02}"), "rank": rank,
                    "area": format!("{taken:.2}"), "from": "2026-03-01",
                });
                file(engine, &viewer, "office_occupancy", body, Vec::new(), vec![*room]).await?;
                count += 1;
            }
        }
    }
    Ok(count)
}

async fn file(
    engine: &Engine,
    viewer: &Viewer,
    kind: &str,
    body: Json,
    lines: Vec<Json>,
    feature_ids: Vec<FeatureId>,
) -> Result<DocId> {
    // Without the name of a place: the program sees every place, and readers of the document may not.
    let title = Some(format!("{}（示例）", engine.registry().kind(kind)?.title.zh));
    let new = NewDocument {
        kind: kind.to_owned(),
        title,
        body,
        lines,
        feature_ids,
        ..NewDocument::default()
    };
    Ok(engine.create(viewer, new).await?.doc_id)
}

async fn act(engine: &Engine, viewer: &Viewer, doc: DocId, action: &str) -> Result<()> {
    let revision = engine.get(viewer, doc).await?.revision;
    engine.act(viewer, doc, action, ActRequest { revision, ..ActRequest::default() }).await?;
    Ok(())
}

impl Engine {
    /// Takes a draft through the approval that its kind asks for, as if everybody had agreed.
    async fn approve_for_demo(&self, viewer: &Viewer, doc: DocId) -> Result<()> {
        let mut tx = self.begin(viewer).await?;
        crate::document::pass_for_demo(self, &mut tx, viewer, doc, "submit", "approve").await?;
        tx.commit().await.map_err(ModuleError::query("commit a demonstration"))
    }
}
