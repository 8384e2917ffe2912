//! Postings and guards that any module's definition may name. They read fields by the names that all definitions share:
//! `org`, `from`, `until`, `on`, and `room` and `area` of lines; without lines, the places of the document.

use std::collections::{BTreeMap, BTreeSet};

use gis_data::FeatureId;
use serde_json::Value as Json;

use super::space::{self, Account, Entry, Room};
use super::{seat, space::Posting};
use crate::definition::{FieldFault, Logic};
use crate::document::Act;
use crate::standard::Book;
use crate::{ModuleError, Result};

/// What every module may name.
pub(crate) static LOGIC: Logic = Logic {
    rules: &[],
    derives: &[],
    guards: &[],
    posts: &[
        ("space.register", |act| Box::pin(register(act))),
        ("space.allocate", |act| Box::pin(allocate(act))),
        ("space.release", |act| Box::pin(release(act))),
        ("space.retire", |act| Box::pin(retire(act))),
        ("space.rearrange", |act| Box::pin(rearrange(act))),
        ("space.reverse", |act| Box::pin(reverse(act))),
    ],
    demo: None,
};

/// Every room of the places that the ledger does not know yet, as large as in the drawing or as its line says.
async fn register(act: &mut Act<'_>) -> Result<()> {
    let from = act.day("from").unwrap_or(act.today);
    let said: BTreeMap<FeatureId, Option<i64>> =
        act.line_areas("room", "area").into_iter().collect();
    let places: Vec<FeatureId> =
        if act.lines().is_empty() { act.places.clone() } else { said.keys().copied().collect() };
    let rooms = space::queries::rooms_in(act.tx, &places).await?;
    let held = space::hold(act.tx, &rooms.iter().map(|r| r.0).collect()).await?;
    let is_new = |room: &FeatureId| held.get(room).is_none_or(|r| r.area.pieces().is_empty());
    let entries: Vec<Entry> = rooms
        .into_iter()
        .filter(|(room, _)| is_new(room))
        .flat_map(|(room, drawn)| {
            let cm2 = said.get(&room).copied().flatten().unwrap_or(drawn);
            space::register(room, cm2, from)
        })
        .collect();
    post(act, "register", &entries).await
}

/// Rooms, or parts of rooms, for the organisation; a room without an area is given whole.
async fn allocate(act: &mut Act<'_>) -> Result<()> {
    let org = act.must_org("org")?;
    let during = act.period("from", "until")?;
    let wanted = act.line_areas("room", "area");
    let held = space::hold(act.tx, &wanted.iter().map(|w| w.0).collect()).await?;
    let (mut entries, mut given) = (Vec::new(), Vec::new());
    for (room, cm2) in wanted {
        let free = held.get(&room).map_or(0, |r| r.vacant().on(during.from));
        let cm2 = cm2.unwrap_or(free);
        if cm2 <= 0 {
            return Err(nothing_free(room));
        }
        entries.extend(space::allocate(room, org, cm2, during));
        given.push((room, cm2));
    }
    act.set_line_areas("room", "area", &given);
    post(act, "allocate", &entries).await
}

/// All that the organisation uses of the rooms ends, and its people leave them.
async fn release(act: &mut Act<'_>) -> Result<()> {
    let org = act.must_org("org")?;
    let on = act.day("on").unwrap_or(act.today);
    let rooms = act.rooms("room");
    let leaving = seat::leaving(act.tx, &rooms, org, None, on).await?;
    seat::post(act.tx, act.viewer, &act.posting("leave"), &leaving).await?;
    let held = space::hold(act.tx, &rooms).await?;
    let entries: Vec<Entry> =
        held.iter().flat_map(|(room, state)| space::release(*room, state, org, on)).collect();
    post(act, "release", &entries).await?;
    let staff = leaving.into_iter().map(|s| (s.org, s.staff_no)).collect();
    judge_people(act, &staff).await
}

/// The rooms are no offices any more; nobody may use them then.
async fn retire(act: &mut Act<'_>) -> Result<()> {
    let on = act.day("on").unwrap_or(act.today);
    let places = act.places.clone();
    let rooms: BTreeSet<FeatureId> =
        space::queries::rooms_in(act.tx, &places).await?.into_iter().map(|r| r.0).collect();
    let held = space::hold(act.tx, &rooms).await?;
    let mut entries = Vec::new();
    for (room, state) in &held {
        for (during, cm2) in state.area.pieces() {
            if let Some(rest) = during.after(on) {
                entries.push(Entry {
                    room: *room,
                    account: Account::Area,
                    cm2: -cm2,
                    during: rest,
                });
            }
        }
    }
    post(act, "retire", &entries).await
}

/// 拆分 and 合并: the places become the rooms of the lines, with everybody who uses them.
async fn rearrange(act: &mut Act<'_>) -> Result<()> {
    let on = act.day("on").unwrap_or(act.today);
    let parts: Vec<(FeatureId, i64)> = act
        .line_areas("room", "area")
        .into_iter()
        .filter_map(|(room, cm2)| Some((room, cm2?)))
        .collect();
    let old: BTreeSet<FeatureId> = act.places.iter().copied().collect();
    let touched: BTreeSet<FeatureId> =
        old.iter().copied().chain(parts.iter().map(|p| p.0)).collect();
    let held = space::hold(act.tx, &touched).await?;
    let nothing = Room::default();
    let state = |room: &FeatureId| held.get(room).unwrap_or(&nothing);
    let entries = match (old.iter().next(), parts.first()) {
        (Some(room), Some(_)) if old.len() == 1 => {
            space::split(*room, state(room), &parts, on).map_err(ModuleError::Space)?
        }
        (Some(_), Some((into, _))) if parts.len() == 1 => {
            let rooms: Vec<(FeatureId, &Room)> = old.iter().map(|r| (*r, state(r))).collect();
            space::merge(&rooms, *into, on).map_err(ModuleError::Space)?
        }
        _ => {
            let fault = FieldFault::new(
                "lines",
                None,
                "拆分应为一间变多间，合并应为多间变一间",
                "split one room into several, or merge several into one",
            );
            return Err(ModuleError::Invalid(vec![fault]));
        }
    };
    post(act, "rearrange", &entries).await
}

/// Takes back all that the document has posted.
async fn reverse(act: &mut Act<'_>) -> Result<()> {
    let mut staff = BTreeSet::new();
    for (posting, purpose) in space::standing(act.tx, act.doc_id).await? {
        let purpose = format!("reverse {purpose}");
        let reversal = Posting { reverses: Some(posting), ..act.posting(&purpose) };
        let id = space::reverse(act.tx, act.viewer, &reversal, posting).await?;
        staff.extend(seat::reverse(act.tx, id, posting).await?);
    }
    judge_people(act, &staff).await
}

/// Posts entries to the space ledger, and sees to it that the people in the rooms still fit.
pub(crate) async fn post(act: &mut Act<'_>, purpose: &str, entries: &[Entry]) -> Result<()> {
    let posting = act.posting(purpose);
    space::post(act.tx, act.viewer, &posting, entries).await?;
    let rooms: BTreeSet<FeatureId> = entries.iter().map(|e| e.room).collect();
    for (room, state) in space::hold(act.tx, &rooms).await? {
        seat::judge(act.tx, room, &state).await?;
    }
    Ok(())
}

/// Judges by the standards whomever the action has touched.
pub(crate) async fn judge_people(
    act: &mut Act<'_>,
    staff: &BTreeSet<(gis_data::OrgId, String)>,
) -> Result<()> {
    if staff.is_empty() {
        return Ok(());
    }
    let book: Book = crate::standard::book_in(act.tx).await?;
    seat::refresh(act.tx, &book, staff, act.today).await
}

fn nothing_free(room: FeatureId) -> ModuleError {
    ModuleError::Invalid(vec![FieldFault::new(
        "lines",
        Some(Json::from(room.0)),
        &format!("房间 {room} 在该日没有空余面积，或尚未登记面积"),
        &format!("room {room} has nothing free on that day, or its area is not registered"),
    )])
}
