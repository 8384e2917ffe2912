//! The space ledger 空间台账 (SPC): which organisation uses how much of which room, from which day to which.
//!
//! Areas are whole square centimetres of usable area 使用面积. Entries are signed and only ever added: a room's area and
//! everybody's use of it are the sums of the entries that hold on a day. At every instant the uses of a room add up to no
//! more than its area: under locks on the rooms, taken in the order of their numbers, and once more by a deferred trigger.

mod plan;
pub(crate) mod queries;
mod room;
mod timeline;

use std::collections::{BTreeMap, BTreeSet};

use gis_data::{FeatureId, Store, Tx, Viewer};

pub use plan::{allocate, merge, move_to, register, release, split};
pub use room::{Account, Entry, Room, SpaceFault};
pub use timeline::{Period, Timeline};

use super::closing;
use crate::{DocId, ModuleError, Result};

/// What a document posts.
#[derive(Debug, Clone, Copy)]
pub struct Posting<'a> {
    /// The document.
    pub doc_id: DocId,
    /// What for: a document may post for several purposes.
    pub purpose: &'a str,
    /// The revision of the document that posts; the same one posts for a purpose once.
    pub revision: i32,
    /// The posting that this one takes back.
    pub reverses: Option<i64>,
}

/// Rooms held until the transaction ends, as they are; whoever else wants one of them waits.
pub async fn hold(tx: &mut Tx, rooms: &BTreeSet<FeatureId>) -> Result<BTreeMap<FeatureId, Room>> {
    queries::lock(tx, rooms).await?;
    let mut held: BTreeMap<FeatureId, Room> =
        rooms.iter().map(|id| (*id, Room::default())).collect();
    for (room, account, during, cm2) in queries::balance(tx, rooms).await? {
        held.entry(room).or_default().add(account, during, cm2);
    }
    Ok(held)
}

/// Posts entries within a transaction and answers the number of the posting.
///
/// The same document, purpose and revision
/// again posts nothing and answers the number it had. [`ModuleError::Space`] if a room would not hold: the transaction is
/// then as it was.
pub async fn post(
    tx: &mut Tx,
    viewer: &Viewer,
    posting: &Posting<'_>,
    entries: &[Entry],
) -> Result<i64> {
    let rooms: BTreeSet<FeatureId> = entries.iter().map(|e| e.room).collect();
    let before = hold(tx, &rooms).await?;
    if let Some(posted) = queries::posted(tx, posting).await? {
        return Ok(posted);
    }
    closing::gate(tx, closing::SPACE, entries.iter().map(|e| e.during.from)).await?;
    let mut after = before.clone();
    for entry in entries {
        after.entry(entry.room).or_default().add(entry.account, entry.during, entry.cm2);
    }
    for (id, room) in &after {
        room.judge(*id).map_err(ModuleError::Space)?;
    }
    let id = queries::insert_posting(tx, viewer, posting).await?;
    queries::insert_entries(tx, id, entries).await?;
    let changed: BTreeMap<FeatureId, &Room> = after
        .iter()
        .filter(|(id, room)| before.get(id) != Some(room))
        .map(|(id, r)| (*id, r))
        .collect();
    queries::replace_balance(tx, &changed).await?;
    Ok(id)
}

/// Whether a posting was made already.
pub(crate) async fn is_posted(tx: &mut Tx, posting: &Posting<'_>) -> Result<bool> {
    Ok(queries::posted(tx, posting).await?.is_some())
}

/// A posting for entries of another ledger; answers its number.
pub(crate) async fn begin_posting(
    tx: &mut Tx,
    viewer: &Viewer,
    posting: &Posting<'_>,
) -> Result<i64> {
    queries::insert_posting(tx, viewer, posting).await
}

/// The postings of a document that nothing has taken back yet, the newest first: number and purpose.
pub(crate) async fn standing(tx: &mut Tx, doc_id: DocId) -> Result<Vec<(i64, String)>> {
    queries::standing(tx, doc_id).await
}

/// Takes a posting back by one with all its entries turned round. A posting can be taken back once.
pub async fn reverse(
    tx: &mut Tx,
    viewer: &Viewer,
    posting: &Posting<'_>,
    reverses: i64,
) -> Result<i64> {
    let entries: Vec<Entry> =
        queries::entries(tx, reverses).await?.into_iter().map(Entry::reversed).collect();
    post(tx, viewer, &Posting { reverses: Some(reverses), ..*posting }, &entries).await
}

/// Adds up every entry there is and compares it with the balances; answers the rooms that differ or do not hold.
pub async fn verify(store: &Store) -> Result<Vec<FeatureId>> {
    let mut tx = store.as_viewer(&Viewer::program()).await.map_err(ModuleError::Ground)?;
    queries::freeze(&mut tx).await?;
    let mut folded: BTreeMap<FeatureId, Room> = BTreeMap::new();
    for (room, account, during, cm2) in queries::every_entry(&mut tx).await? {
        folded.entry(room).or_default().add(account, during, cm2);
    }
    let mut kept: BTreeMap<FeatureId, Room> = BTreeMap::new();
    for (room, account, during, cm2) in queries::every_balance(&mut tx).await? {
        kept.entry(room).or_default().add(account, during, cm2);
    }
    let rooms: BTreeSet<FeatureId> = folded.keys().chain(kept.keys()).copied().collect();
    let nothing = Room::default();
    Ok(rooms
        .into_iter()
        .filter(|id| {
            let fold = folded.get(id).unwrap_or(&nothing);
            fold.judge(*id).is_err() || kept.get(id).unwrap_or(&nothing) != fold
        })
        .collect())
}
