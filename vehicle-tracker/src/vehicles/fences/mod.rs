//! Fences as people keep them: what was drawn, what it asks, whose vehicles it is about.

mod queries;

use std::collections::BTreeSet;

use gis_data::{FeatureId, OrgId, Permission, Store, Viewer};
use serde::{Deserialize, Serialize};

use crate::error::{Result, TrackerError};
use crate::fence::{Ask, Drawn, FenceFault};

pub use queries::FenceOnFile;
pub(super) use queries::{scope_of, strangers};

/// The most vehicles that a fence lists.
const MOST_LISTED: usize = 1_000;
/// The longest name.
const NAME_LIMIT: usize = 100;
/// Ten days, in seconds.
const LONGEST_DWELL_S: i32 = 864_000;
const FASTEST_KMH: f32 = 200.0;

/// A fence as somebody wants it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FencePlan {
    /// What it is called.
    pub name: String,
    /// Whose vehicles it is about: those of this organisation and of those below it.
    pub org_id: i64,
    /// Where.
    pub area: Area,
    /// What makes an alarm.
    #[serde(default)]
    pub asks: BTreeSet<Ask>,
    /// How long a vehicle may stay inside. Seconds.
    pub dwell_limit_s: Option<i32>,
    /// How fast a vehicle may be inside. Kilometres per hour.
    pub limit_kmh: Option<f32>,
    /// Whether vehicles may stand here overnight 定点停放.
    #[serde(default)]
    pub is_parking: bool,
    /// Only these vehicles; all of the organisation's where it is empty.
    #[serde(default)]
    pub vehicles: BTreeSet<i64>,
}

/// Where a fence is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// What was drawn.
    Drawn(Drawn),
    /// The outline of a building or a parcel, whatever it is today.
    Place(i64),
}

/// Why a fence is not kept.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanFault {
    /// There is no such fence, or none that the viewer may see.
    Unknown,
    /// The viewer may not command the vehicles of this organisation, or not those that the fence is about now.
    NotAllowed,
    /// Somebody has changed it meanwhile.
    Stale,
    /// Everything that is wrong with it.
    Wrong(Vec<Wrong>),
}

/// One thing that is wrong with a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Wrong {
    /// No name, or a longer one than this.
    Name(usize),
    /// No such organisation, or none that the viewer may see.
    Org(i64),
    /// What was drawn encloses nothing.
    Drawn(FenceFault),
    /// No such place with an outline, or none that the viewer may see.
    Place(i64),
    /// Staying is to be told of, and nobody said how long is too long; or not between 1 s and this.
    Dwell(i32),
    /// Not a speed between 1 km/h and this.
    Limit(f32),
    /// It asks nothing, limits nothing and is no car park.
    Idle,
    /// More vehicles than this.
    TooMany(usize),
    /// Vehicles that are not the organisation's, or that the viewer may not see.
    Vehicles(Vec<i64>),
}

/// Every fence that is in force and that the viewer may see, by name.
pub async fn fences(store: &Store, viewer: &Viewer) -> Result<Vec<FenceOnFile>> {
    let mut tx = store.as_viewer(viewer).await?;
    queries::fences(&mut tx, viewer, None).await
}

/// Makes a fence, or changes the one of a number from the version that the viewer has seen.
pub async fn keep_fence(
    store: &Store,
    viewer: &Viewer,
    actor: &str,
    known: Option<(i64, i32)>,
    plan: &FencePlan,
) -> Result<Result<FenceOnFile, PlanFault>> {
    let mut tx = store.as_viewer(viewer).await?;
    if let Some((fence_id, version)) = known {
        match queries::standing(&mut tx, fence_id).await? {
            None => return Ok(Err(PlanFault::Unknown)),
            Some((scope, _)) if !viewer.may(Permission::Command, scope) => {
                return Ok(Err(PlanFault::NotAllowed));
            }
            Some((_, current)) if current != version => return Ok(Err(PlanFault::Stale)),
            Some(_) => {}
        }
    }
    let mut wrong = faults(plan);
    let scope = scope_of(&mut tx, plan.org_id).await?;
    if scope.is_none() {
        wrong.push(Wrong::Org(plan.org_id));
    }
    if let Area::Place(place) = plan.area
        && !queries::has_outline(&mut tx, FeatureId(place)).await?
    {
        wrong.push(Wrong::Place(place));
    }
    let unknown = strangers(&mut tx, OrgId(plan.org_id), &plan.vehicles).await?;
    if !unknown.is_empty() {
        wrong.push(Wrong::Vehicles(unknown));
    }
    let Some(scope) = scope.filter(|_| wrong.is_empty()) else {
        return Ok(Err(PlanFault::Wrong(wrong)));
    };
    if !viewer.may(Permission::Command, scope) {
        return Ok(Err(PlanFault::NotAllowed));
    }
    let fence_id = queries::write(&mut tx, actor, known.map(|(id, _)| id), scope, plan).await?;
    let kept = queries::fences(&mut tx, viewer, Some(fence_id)).await?.pop();
    tx.commit().await.map_err(TrackerError::query("commit a fence"))?;
    Ok(kept.ok_or(PlanFault::Unknown))
}

/// Takes a fence out of force; what it found stays on file.
pub async fn retire_fence(
    store: &Store,
    viewer: &Viewer,
    actor: &str,
    fence_id: i64,
) -> Result<Result<(), PlanFault>> {
    let mut tx = store.as_viewer(viewer).await?;
    match queries::standing(&mut tx, fence_id).await? {
        None => return Ok(Err(PlanFault::Unknown)),
        Some((scope, _)) if !viewer.may(Permission::Command, scope) => {
            return Ok(Err(PlanFault::NotAllowed));
        }
        Some(_) => queries::retire(&mut tx, actor, fence_id).await?,
    }
    tx.commit().await.map_err(TrackerError::query("commit the end of a fence"))?;
    Ok(Ok(()))
}

/// What is wrong with a plan as it stands.
fn faults(plan: &FencePlan) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if !(1..=NAME_LIMIT).contains(&plan.name.trim().chars().count()) {
        wrong.push(Wrong::Name(NAME_LIMIT));
    }
    if let Area::Drawn(drawn) = &plan.area
        && let Err(fault) = drawn.to_shape()
    {
        wrong.push(Wrong::Drawn(fault));
    }
    let is_long = plan.dwell_limit_s.is_some_and(|s| !(1..=LONGEST_DWELL_S).contains(&s));
    if is_long || plan.asks.contains(&Ask::Dwell) && plan.dwell_limit_s.is_none() {
        wrong.push(Wrong::Dwell(LONGEST_DWELL_S));
    }
    if plan.limit_kmh.is_some_and(|kmh| !(1.0..=FASTEST_KMH).contains(&kmh)) {
        wrong.push(Wrong::Limit(FASTEST_KMH));
    }
    if plan.asks.is_empty() && plan.limit_kmh.is_none() && !plan.is_parking {
        wrong.push(Wrong::Idle);
    }
    if plan.vehicles.len() > MOST_LISTED {
        wrong.push(Wrong::TooMany(MOST_LISTED));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let text = r#"{"name": " ", "org_id": 1, "asks": ["dwell"], "limit_kmh": 900,
            "area": {"drawn": {"geometry": {"type": "Point", "coordinates": [105, 36]}, "metres": 0.5}}}"#;
        let mut plan: FencePlan = serde_json::from_str(text).unwrap();
        let size = FenceFault::Size { metres: 0.5, most: 50_000.0 };
        let expected = vec![
            Wrong::Name(NAME_LIMIT),
            Wrong::Drawn(size),
            Wrong::Dwell(LONGEST_DWELL_S),
            Wrong::Limit(FASTEST_KMH),
        ];
        assert_eq!(faults(&plan), expected);
        plan.name = "停车场".to_owned();
        plan.area = Area::Place(7);
        (plan.asks, plan.limit_kmh) = (BTreeSet::new(), None);
        assert_eq!(faults(&plan), [Wrong::Idle]);
        plan.is_parking = true;
        assert_eq!(faults(&plan), []);
        plan.vehicles = (0..2_000).collect();
        assert_eq!(faults(&plan), [Wrong::TooMany(MOST_LISTED)]);
    }
}
