//! 超标: who has more than the rank allows. Made anew from the entries and the standards: for those whom a posting touches,
//! in its transaction; for everybody, each day.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use gis_data::{FeatureId, OrgId, Tx};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use time::Date;

use super::{Seat, queries};
use crate::Result;
use crate::standard::{Book, Question};

/// Somebody who has too much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// The organisation.
    pub org_id: OrgId,
    /// The number of the person in it.
    pub staff_no: String,
    /// The name.
    pub name: String,
    /// The level of authority of the organisation.
    pub level: String,
    /// The rank.
    pub rank: String,
    /// What the person has, square centimetres in all rooms together.
    pub held_cm2: i64,
    /// What the rank allows.
    pub limit_cm2: i64,
    /// By which row of the standards.
    pub standard_param_id: i64,
    /// Room by room.
    pub rooms: Vec<OverRoom>,
}

/// A room of somebody who has too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverRoom {
    /// The room.
    pub feature_id: FeatureId,
    /// The person's part of it.
    pub cm2: i64,
}

/// Judges some people anew.
pub(crate) async fn refresh(
    tx: &mut Tx,
    book: &Book,
    staff: &BTreeSet<(OrgId, String)>,
    on: Date,
) -> Result<()> {
    if staff.is_empty() {
        return Ok(());
    }
    let seats = queries::held(tx, staff, on).await?;
    let found = found(tx, book, seats, on).await?;
    queries::delete_over(tx, Some(staff)).await?;
    queries::insert_over(tx, &found).await
}

/// Judges everybody anew; answers how many have too much.
pub(crate) async fn refresh_all(tx: &mut Tx, book: &Book, on: Date) -> Result<usize> {
    let seats = queries::held_by_all(tx, on).await?;
    let found = found(tx, book, seats, on).await?;
    queries::delete_over(tx, None).await?;
    queries::insert_over(tx, &found).await?;
    Ok(found.len())
}

async fn found(tx: &mut Tx, book: &Book, seats: Vec<Seat>, on: Date) -> Result<Vec<Over>> {
    let mut people: BTreeMap<(OrgId, String), Vec<Seat>> = BTreeMap::new();
    for seat in seats {
        people.entry((seat.org, seat.staff_no.clone())).or_default().push(seat);
    }
    let mut regions: BTreeMap<OrgId, String> = BTreeMap::new();
    let mut over = Vec::new();
    for ((org, staff_no), seats) in people {
        let region = match regions.entry(org) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(queries::org_context(tx, org).await?.region),
        };
        over.extend(judged(book, region, org, &staff_no, &seats, on));
    }
    Ok(over)
}

/// Whether somebody with these seats has too much. Who has two ranks is judged by the one that allows more.
fn judged(
    book: &Book,
    region: &str,
    org: OrgId,
    staff_no: &str,
    seats: &[Seat],
    on: Date,
) -> Option<Over> {
    let held: i64 = seats.iter().map(|s| s.cm2).sum();
    let rulings = seats.iter().filter_map(|seat| {
        let asked = Question {
            code: "office.person_area",
            region,
            level: &seat.level,
            rank: &seat.rank,
            on,
            x: Decimal::ONE,
        };
        Some((seat, book.rule(&asked).ok()?))
    });
    let (seat, ruling) = rulings.max_by_key(|(_, ruling)| ruling.limit)?;
    let limit = (ruling.limit * Decimal::from(10_000)).to_i64()?;
    (ruling.is_enforced && held > limit).then(|| Over {
        org_id: org,
        staff_no: staff_no.to_owned(),
        name: seat.name.clone(),
        level: seat.level.clone(),
        rank: seat.rank.clone(),
        held_cm2: held,
        limit_cm2: limit,
        standard_param_id: ruling.standard_param_id,
        rooms: seats.iter().map(|s| OverRoom { feature_id: s.room, cm2: s.cm2 }).collect(),
    })
}
