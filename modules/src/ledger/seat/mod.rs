//! Who sits where 人员用房: people of an organisation in the rooms that it uses, with the rank that standards judge them by.
//!
//! Entries stand under the postings of the space ledger. At every instant the people of an organisation have no more of a
//! room than the organisation does.

mod over;
mod queries;

use std::collections::{BTreeMap, BTreeSet};

use gis_data::{FeatureId, OrgId, Tx, Viewer};
use serde::Serialize;

pub use over::{Over, OverRoom};
pub(crate) use over::{refresh, refresh_all};
pub(crate) use queries::{org_context, posts_of};

use super::closing;
use super::space::{self, Period, Posting, SpaceFault, Timeline};
use crate::{ModuleError, Result};

/// Somebody's part of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seat {
    /// The room.
    pub room: FeatureId,
    /// The organisation that uses the room.
    pub org: OrgId,
    /// The number by which the organisation knows the person 工号.
    pub staff_no: String,
    /// The name.
    pub name: String,
    /// The level of authority of the organisation 机关层级.
    pub level: String,
    /// The rank 职级.
    pub rank: String,
    /// Square centimetres; negative takes away.
    pub cm2: i64,
    /// When.
    pub during: Period,
}

/// Posts of a body by rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostEntry {
    pub(crate) level: String,
    pub(crate) rank: String,
    pub(crate) posts: i32,
}

/// Posts people to rooms within a transaction. [`ModuleError::Space`] if the organisation does not have that much of a room.
pub(crate) async fn post(
    tx: &mut Tx,
    viewer: &Viewer,
    posting: &Posting<'_>,
    seats: &[Seat],
) -> Result<()> {
    let rooms: BTreeSet<FeatureId> = seats.iter().map(|s| s.room).collect();
    let held = space::hold(tx, &rooms).await?;
    if space::is_posted(tx, posting).await? {
        return Ok(());
    }
    closing::gate(tx, closing::SPACE, seats.iter().map(|s| s.during.from)).await?;
    let id = space::begin_posting(tx, viewer, posting).await?;
    queries::insert(tx, id, seats).await?;
    for (room, state) in &held {
        judge(tx, *room, state).await?;
    }
    Ok(())
}

/// Whether the people of each organisation fit into what it has of a room, at every instant.
pub(crate) async fn judge(tx: &mut Tx, room: FeatureId, state: &space::Room) -> Result<()> {
    let mut taken: BTreeMap<OrgId, Timeline> = BTreeMap::new();
    for (org, during, cm2) in queries::entries_of(tx, room).await? {
        taken.entry(org).or_default().add(during, cm2);
    }
    for (org, line) in taken {
        let mut free = state.uses.get(&org).cloned().unwrap_or_default();
        free.add_all(&line, -1);
        if let Some((on, over)) = free.below_zero() {
            return Err(ModuleError::Space(SpaceFault::Full { room, on, over }));
        }
    }
    Ok(())
}

/// The entries that end everybody's part of some rooms from a day on; of one organisation, or of one person.
pub(crate) async fn leaving(
    tx: &mut Tx,
    rooms: &BTreeSet<FeatureId>,
    org: OrgId,
    staff_no: Option<&str>,
    on: time::Date,
) -> Result<Vec<Seat>> {
    let mut lines: BTreeMap<(FeatureId, String), (Seat, Timeline)> = BTreeMap::new();
    for seat in queries::seats_of(tx, rooms, org, staff_no).await? {
        let key = (seat.room, format!("{}\u{0}{}\u{0}{}", seat.staff_no, seat.level, seat.rank));
        let (during, cm2) = (seat.during, seat.cm2);
        lines.entry(key).or_insert_with(|| (seat, Timeline::default())).1.add(during, cm2);
    }
    let mut leaving = Vec::new();
    for (seat, line) in lines.into_values() {
        for (during, cm2) in line.pieces() {
            if let Some(rest) = during.after(on) {
                leaving.push(Seat { cm2: -cm2, during: rest, ..seat.clone() });
            }
        }
    }
    Ok(leaving)
}

/// People in a room on a day.
pub(crate) async fn in_room(tx: &mut Tx, room: FeatureId, on: time::Date) -> Result<Vec<Seat>> {
    queries::in_room(tx, room, on).await
}

/// What somebody has in all rooms together on a day, in square centimetres.
pub(crate) async fn held_by(
    tx: &mut Tx,
    org: OrgId,
    staff_no: &str,
    on: time::Date,
) -> Result<i64> {
    queries::held_by(tx, org, staff_no, on).await
}

/// Takes back every entry of people under a posting, by another one.
pub(crate) async fn reverse(
    tx: &mut Tx,
    posting: i64,
    reversed: i64,
) -> Result<BTreeSet<(OrgId, String)>> {
    queries::reverse(tx, posting, reversed).await
}

/// Posts 编制 of a body from a day on, in place of what it had from then on.
pub(crate) async fn set_posts(
    tx: &mut Tx,
    viewer: &Viewer,
    posting: &Posting<'_>,
    org: OrgId,
    from: time::Date,
    posts: &[PostEntry],
) -> Result<()> {
    if space::is_posted(tx, posting).await? {
        return Ok(());
    }
    let id = space::begin_posting(tx, viewer, posting).await?;
    queries::end_posts(tx, id, org, from).await?;
    queries::insert_posts(tx, id, org, from, posts).await
}
