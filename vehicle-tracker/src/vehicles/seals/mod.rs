//! Seals 封存 as people keep them: times in which vehicles must stand, such as the holidays 节假日封存.
//!
//! A seal is never rewritten. It may be lifted early, and then what is left of it does not hold; or withdrawn, and then it
//! never held and what it found is taken back.

mod holidays;
mod queries;

use std::collections::BTreeSet;

use gis_data::{FeatureId, OrgId, Permission, ScopeId, Store, Viewer};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use crate::error::{Result, TrackerError};

pub use holidays::{Holiday, holidays};
pub use queries::SealOnFile;

/// The most vehicles that a seal lists.
const MOST_LISTED: usize = 1_000;
/// The longest reason, in characters.
const REASON_LIMIT: usize = 200;
/// How long ago a seal may begin, in days.
const MOST_DAYS_PAST: i64 = 35;
/// The longest seal, in days.
const MOST_DAYS: i64 = 400;

/// A seal as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealPlan {
    /// Whose vehicles must stand: those of this organisation and of those below it.
    pub org_id: i64,
    /// Only these vehicles; all of the organisation's where it is empty.
    #[serde(default)]
    pub vehicles: BTreeSet<i64>,
    /// From when on.
    #[serde(with = "time::serde::rfc3339")]
    pub starts_at: OffsetDateTime,
    /// The first moment after it.
    #[serde(with = "time::serde::rfc3339")]
    pub ends_at: OffsetDateTime,
    /// Whether vehicles on an approved order may move meanwhile.
    pub spares_orders: bool,
    /// Why.
    pub reason: String,
}

/// How a seal stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealState {
    /// It has not begun 待生效.
    Upcoming,
    /// It holds 封存中.
    Standing,
    /// It ended in its time 已结束.
    Over,
    /// It was ended early 已解封.
    Lifted,
    /// It never held 已作废.
    Withdrawn,
}

/// Which seals are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealFilter {
    /// Only those that stand so: `Over` are lifted ones too. Without it all but the withdrawn.
    pub state: Option<SealState>,
    /// Only those after this beginning and number, in the order of the list: the next page.
    pub after: Option<(OffsetDateTime, i64)>,
    /// At most this many.
    pub limit: i64,
}

/// What becomes of a seal before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealEnd {
    /// What is left of it does not hold.
    Lift,
    /// It never held.
    Withdraw,
}

/// Why a seal is not made or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealFault {
    /// There is no such seal, or none that the viewer may see.
    Unknown,
    /// The viewer may not command the vehicles of this organisation.
    NotAllowed,
    /// It does not hold, so that it cannot be lifted; or it was withdrawn already.
    OutOfTurn(SealState),
    /// Everything that is wrong with a plan.
    Wrong(Vec<SealProblem>),
}

/// One thing that is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealProblem {
    /// No such organisation, or none that the viewer may see.
    Org(i64),
    /// Not a period of at least one minute and at most so many days.
    Period(i64),
    /// It began more than so many days ago: what was driven since would have to be judged again.
    Past(i64),
    /// No reason, or a longer one than this.
    Reason(usize),
    /// More vehicles than this.
    TooMany(usize),
    /// Vehicles that are not the organisation's, or that the viewer may not see.
    Vehicles(Vec<i64>),
}

/// The seals that the viewer may see, the last to begin first.
pub async fn seals(store: &Store, viewer: &Viewer, filter: &SealFilter) -> Result<Vec<SealOnFile>> {
    let mut tx = store.as_viewer(viewer).await?;
    queries::seals(&mut tx, viewer, filter, None).await
}

/// Until when a vehicle must stand; `None` where it need not.
///
/// Whoever may know of the vehicle may know of it, also where an organisation sealed it whose seals they do not see. A seal
/// that spares orders counts whatever orders there are.
pub async fn sealed_until(store: &Store, vehicle: FeatureId) -> Result<Option<OffsetDateTime>> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    queries::sealed_until(&mut tx, vehicle).await
}

/// Seals vehicles.
pub async fn seal(
    store: &Store,
    viewer: &Viewer,
    actor: &str,
    plan: &SealPlan,
) -> Result<Result<SealOnFile, SealFault>> {
    let mut tx = store.as_viewer(viewer).await?;
    let mut problems = problems(plan, OffsetDateTime::now_utc());
    let scope = super::fences::scope_of(&mut tx, plan.org_id).await?;
    let scope = scope.filter(|scope| viewer.may(Permission::Track, *scope));
    if scope.is_none() {
        problems.push(SealProblem::Org(plan.org_id));
    }
    let strangers = super::fences::strangers(&mut tx, OrgId(plan.org_id), &plan.vehicles).await?;
    if !strangers.is_empty() {
        problems.push(SealProblem::Vehicles(strangers));
    }
    let Some(scope) = scope.filter(|_| problems.is_empty()) else {
        return Ok(Err(SealFault::Wrong(problems)));
    };
    if !viewer.may(Permission::Command, scope) {
        return Ok(Err(SealFault::NotAllowed));
    }
    let seal_id = queries::write(&mut tx, actor, scope, plan).await?;
    let kept = queries::seals(&mut tx, viewer, &SealFilter::ONE, Some(seal_id)).await?.pop();
    tx.commit().await.map_err(TrackerError::query("commit a seal"))?;
    Ok(kept.ok_or(SealFault::Unknown))
}

/// Ends a seal before its time.
pub async fn end_seal(
    store: &Store,
    viewer: &Viewer,
    actor: &str,
    seal_id: i64,
    end: SealEnd,
) -> Result<Result<SealOnFile, SealFault>> {
    let mut tx = store.as_viewer(viewer).await?;
    let Some((scope, state)) = queries::standing(&mut tx, seal_id).await? else {
        return Ok(Err(SealFault::Unknown));
    };
    if !viewer.may(Permission::Track, scope) {
        return Ok(Err(SealFault::Unknown));
    }
    if !viewer.may(Permission::Command, scope) {
        return Ok(Err(SealFault::NotAllowed));
    }
    let is_in_turn = match end {
        SealEnd::Lift => state == SealState::Standing,
        SealEnd::Withdraw => state != SealState::Withdrawn,
    };
    if !is_in_turn {
        return Ok(Err(SealFault::OutOfTurn(state)));
    }
    queries::end(&mut tx, actor, seal_id, end).await?;
    let kept = queries::seals(&mut tx, viewer, &SealFilter::ONE, Some(seal_id)).await?.pop();
    tx.commit().await.map_err(TrackerError::query("commit the end of a seal"))?;
    Ok(kept.ok_or(SealFault::Unknown))
}

impl SealFilter {
    const ONE: Self = Self { state: None, after: None, limit: 1 };
}

impl SealState {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Standing => "standing",
            Self::Over => "over",
            Self::Lifted => "lifted",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl SealOnFile {
    /// How it stands at a moment.
    pub fn state(&self, now: OffsetDateTime) -> SealState {
        if self.withdrawn_at.is_some() {
            SealState::Withdrawn
        } else if self.lifted_at.is_some() {
            SealState::Lifted
        } else if self.ends_at <= now {
            SealState::Over
        } else if self.starts_at <= now {
            SealState::Standing
        } else {
            SealState::Upcoming
        }
    }

    /// Whose it is about.
    pub const fn scope(&self) -> ScopeId {
        ScopeId(self.scope_id)
    }
}

fn problems(plan: &SealPlan, now: OffsetDateTime) -> Vec<SealProblem> {
    let mut problems = Vec::new();
    let lasts = plan.ends_at - plan.starts_at;
    if lasts < Duration::MINUTE || lasts > Duration::days(MOST_DAYS) {
        problems.push(SealProblem::Period(MOST_DAYS));
    }
    if plan.starts_at < now - Duration::days(MOST_DAYS_PAST) {
        problems.push(SealProblem::Past(MOST_DAYS_PAST));
    }
    if !(1..=REASON_LIMIT).contains(&plan.reason.trim().chars().count()) {
        problems.push(SealProblem::Reason(REASON_LIMIT));
    }
    if plan.vehicles.len() > MOST_LISTED {
        problems.push(SealProblem::TooMany(MOST_LISTED));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let text = r#"{"org_id": 1, "starts_at": "2026-10-01T00:00:00+08:00", "ends_at": "2026-09-30T16:00:00Z",
            "spares_orders": true, "reason": " "}"#;
        let mut plan: SealPlan = serde_json::from_str(text).unwrap();
        plan.vehicles = (0..2_000).collect();
        let expected = [
            SealProblem::Period(MOST_DAYS),
            SealProblem::Reason(REASON_LIMIT),
            SealProblem::TooMany(MOST_LISTED),
        ];
        let now = plan.starts_at - Duration::DAY;
        assert_eq!(problems(&plan, now), expected);
        plan.ends_at = plan.starts_at + Duration::days(8);
        plan.reason = "国庆节假日封存".to_owned();
        plan.vehicles.clear();
        assert_eq!(problems(&plan, now), []);
        let later = plan.starts_at + Duration::days(MOST_DAYS_PAST + 1);
        assert_eq!(problems(&plan, later), [SealProblem::Past(MOST_DAYS_PAST)]);
    }
}
