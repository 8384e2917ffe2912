//! Alarms as people meet them: lists, how many there are, and what they do about one.

mod queries;

use gis_data::{FeatureId, OrgId, Permission, Store, Viewer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::FromRow;
use time::OffsetDateTime;

use crate::error::{Result, TrackerError};

/// Which alarms are asked for; empty asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlarmFilter {
    /// Only this vehicle's.
    pub vehicle: Option<FeatureId>,
    /// Only those of this organisation's vehicles and of those below it.
    pub org: Option<OrgId>,
    /// Only this rule's.
    pub rule: Option<String>,
    /// Only those that nobody has closed.
    pub pending: Pending,
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those of this level: 1 severe, 2 a warning, 3 a notice.
    pub level: Option<i16>,
    /// Only those that began at this moment or later.
    pub from: Option<OffsetDateTime>,
    /// Only those that began before this moment.
    pub to: Option<OffsetDateTime>,
    /// Only those with a smaller number: the next page.
    pub before: Option<i64>,
    /// At most this many.
    pub limit: i64,
}

/// Whether closed alarms are asked for too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pending {
    /// Open ones and closed ones.
    #[default]
    Either,
    /// Only those that nobody has closed.
    Only,
}

/// How far people are with an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has looked at it 待确认.
    Open,
    /// Somebody has seen it 已确认.
    Acknowledged,
    /// Somebody is to look into it 已指派.
    Assigned,
    /// The one concerned says that it is not so 申诉中.
    Appealed,
    /// It is settled 已办结.
    Closed,
}

/// A page of alarms.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmList {
    /// The newest first.
    pub items: Vec<AlarmOnFile>,
    /// How many the filter asks for, on this page or on later ones; `None` on later pages, which do not count again.
    pub total: Option<Total>,
}

/// How many there are, as far as they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// At most [`Total::MOST`].
    pub count: i64,
    /// There are more than these.
    pub is_capped: bool,
}

/// An alarm with what was done about it.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct AlarmOnFile {
    /// Its number.
    pub alarm_id: i64,
    /// Whose.
    pub vehicle_id: i64,
    /// The rule's code.
    pub rule: String,
    /// What it is about where a rule finds several things at one time.
    pub about: String,
    /// Epoch milliseconds.
    pub started_ms: i64,
    /// `None` while it lasts. Epoch milliseconds.
    pub ended_ms: Option<i64>,
    /// 1 severe, 2 a warning, 3 a notice.
    pub level: i16,
    /// Degrees east (WGS 84), where it was seen last.
    pub lon: Option<f64>,
    /// Degrees north.
    pub lat: Option<f64>,
    /// What was seen, and by which numbers it was judged.
    pub evidence: Value,
    /// The name of a [`State`].
    pub state: String,
    /// To whom.
    pub assignee: Option<String>,
    /// What the fence is called that it is about; `None` without one, or with one that the viewer may not see.
    pub fence_name: Option<String>,
    /// `[{act, actor, at_ms, assignee, note}]`, in their order.
    pub acts: Value,
}

/// What somebody does about an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// It was seen 确认.
    Acknowledge,
    /// Somebody is to look into it 指派.
    Assign,
    /// The one concerned says that it is not so 申诉.
    Appeal,
    /// It is settled 办结.
    Close,
    /// It is not settled after all 重开.
    Reopen,
}

/// An act with what is said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deed {
    /// Which.
    pub act: Act,
    /// To whom it is assigned.
    pub assignee: Option<String>,
    /// Why; needed to appeal, to close and to reopen.
    #[serde(default)]
    pub note: String,
}

/// Why an act is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActFault {
    /// There is none, or none that the viewer may see.
    Unknown,
    /// The viewer may not act for this vehicle.
    NotAllowed,
    /// Somebody was quicker, or the act does not follow on the state: see [`Act::follows`].
    OutOfTurn,
    /// An assignment names nobody, or an appeal, a closing or a reopening says nothing.
    Incomplete,
}

impl State {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Assigned => "assigned",
            Self::Appealed => "appealed",
            Self::Closed => "closed",
        }
    }
}

impl Act {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Assign => "assign",
            Self::Appeal => "appeal",
            Self::Close => "close",
            Self::Reopen => "reopen",
        }
    }

    /// The states that it follows on.
    pub fn follows(self) -> &'static [State] {
        use State::{Acknowledged, Appealed, Assigned, Closed, Open};
        match self {
            Self::Acknowledge => &[Open],
            Self::Assign | Self::Close => &[Open, Acknowledged, Assigned, Appealed],
            Self::Appeal => &[Open, Acknowledged, Assigned],
            Self::Reopen => &[Closed],
        }
    }

    /// The state that it leads to.
    pub fn leads_to(self) -> State {
        match self {
            Self::Acknowledge => State::Acknowledged,
            Self::Assign => State::Assigned,
            Self::Appeal => State::Appealed,
            Self::Close => State::Closed,
            Self::Reopen => State::Open,
        }
    }
}

impl Total {
    /// Nobody works through more than so many, and a count that ends is one that does not read all there ever was.
    pub const MOST: i64 = 10_000;

    /// Of as many as were found, at most one more than are counted.
    fn of(found: i64) -> Self {
        Self { count: found.min(Self::MOST), is_capped: found > Self::MOST }
    }
}

impl AlarmOnFile {
    /// The fence that it is about.
    pub fn fence(&self) -> Option<i64> {
        let (number, _kind) = self.about.strip_prefix("fence:")?.split_once(':')?;
        number.parse().ok()
    }

    /// The document of the approved order that it is about.
    pub fn order(&self) -> Option<i64> {
        self.about.strip_prefix("duty:")?.parse().ok()
    }
}

impl Deed {
    /// Whether everything is said that its act needs.
    pub fn is_complete(&self) -> bool {
        match self.act {
            Act::Acknowledge => true,
            Act::Assign => self.assignee.as_deref().is_some_and(|name| !name.trim().is_empty()),
            Act::Appeal | Act::Close | Act::Reopen => !self.note.trim().is_empty(),
        }
    }
}

/// The newest first, as far as the viewer may see where their vehicles were.
pub async fn alarms(store: &Store, viewer: &Viewer, filter: &AlarmFilter) -> Result<AlarmList> {
    let mut tx = store.as_viewer(viewer).await?;
    let items = queries::alarms(&mut tx, viewer, filter, None).await?;
    let is_all = i64::try_from(items.len()).is_ok_and(|count| count < filter.limit);
    let total = match filter.before {
        Some(_) => None,
        None if is_all => Some(Total::of(i64::try_from(items.len()).unwrap_or(i64::MAX))),
        None => Some(queries::count(&mut tx, viewer, filter).await?),
    };
    Ok(AlarmList { items, total })
}

/// Does it, and keeps who did it.
pub async fn act_on_alarm(
    store: &Store,
    viewer: &Viewer,
    actor: &str,
    alarm_id: i64,
    deed: &Deed,
) -> Result<Result<AlarmOnFile, ActFault>> {
    if !deed.is_complete() {
        return Ok(Err(ActFault::Incomplete));
    }
    let mut tx = store.as_viewer(viewer).await?;
    let Some(scope) = queries::scope_of(&mut tx, alarm_id).await? else {
        return Ok(Err(ActFault::Unknown));
    };
    if !viewer.may(Permission::Track, scope) {
        return Ok(Err(ActFault::Unknown));
    }
    if !viewer.may(Permission::Command, scope) {
        return Ok(Err(ActFault::NotAllowed));
    }
    if !queries::change(&mut tx, alarm_id, deed).await? {
        return Ok(Err(ActFault::OutOfTurn));
    }
    queries::insert_act(&mut tx, alarm_id, actor, deed).await?;
    let filter = AlarmFilter { limit: 1, ..AlarmFilter::default() };
    let changed = queries::alarms(&mut tx, viewer, &filter, Some(alarm_id)).await?.pop();
    tx.commit().await.map_err(TrackerError::query("commit an act on an alarm"))?;
    Ok(changed.ok_or(ActFault::Unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(text: &str) -> AlarmOnFile {
        AlarmOnFile {
            alarm_id: 1,
            vehicle_id: 2,
            rule: "geofence".to_owned(),
            about: text.to_owned(),
            started_ms: 0,
            ended_ms: None,
            level: 2,
            lon: None,
            lat: None,
            evidence: Value::Null,
            state: "open".to_owned(),
            assignee: None,
            fence_name: None,
            acts: Value::Null,
        }
    }

    #[test]
    fn an_alarm_knows_the_fence_or_the_order_that_it_is_about() {
        let found = |text| (about(text).fence(), about(text).order());
        assert_eq!(found("fence:17:dwell"), (Some(17), None));
        assert_eq!(found("duty:5"), (None, Some(5)));
        for neither in ["", "bit:29", "level", "fence:", "fence:x:enter", "duty:"] {
            assert_eq!(found(neither), (None, None), "{neither:?}");
        }
    }

    #[test]
    fn counting_ends_at_its_limit_and_says_so() {
        assert_eq!(Total::of(10_000), Total { count: 10_000, is_capped: false });
        assert_eq!(Total::of(10_001), Total { count: 10_000, is_capped: true });
    }
}
