//! The space ledger: against a model that counts day by day, against the database, and against a hundred at once.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gis_data::{FeatureId, OrgId, Viewer};
use modules::space::{
    self, Account, Entry, Period, Posting, Room, SpaceFault, allocate, merge, move_to, register,
    release, split,
};
use modules::{DocId, ModuleError, NewClosing};
use proptest::collection::vec;
use proptest::prelude::*;
use support::World;
use time::macros::date;
use time::{Date, Duration};

const START: Date = date!(2026 - 1 - 1);
const DAYS: usize = 40;

fn day(n: usize) -> Date {
    START + Duration::days(i64::try_from(n).unwrap())
}

/// What somebody does; rooms and organisations by numbers that are cut to those there are.
#[derive(Debug, Clone)]
enum Deed {
    Allocate { room: usize, org: i64, tenths: i64, from: usize, until: Option<usize> },
    Release { user: usize, on: usize },
    Move { user: usize, to: usize, on: usize },
    Split { room: usize, percent: Vec<i64>, on: usize },
    Merge { rooms: Vec<usize>, on: usize },
    Reverse { nth: usize },
}

fn deeds(most: usize) -> impl Strategy<Value = Vec<Deed>> {
    let (room, org, on) = (0..12_usize, 1..4_i64, 0..DAYS);
    let deed = prop_oneof![
        8 => (room.clone(), org, 0..12_i64, on.clone(), proptest::option::of(on.clone()))
            .prop_map(|(room, org, tenths, from, until)| Deed::Allocate { room, org, tenths, from, until }),
        2 => (0..30_usize, on.clone()).prop_map(|(user, on)| Deed::Release { user, on }),
        2 => (0..30_usize, room.clone(), on.clone()).prop_map(|(user, to, on)| Deed::Move { user, to, on }),
        2 => (room.clone(), vec(1..98_i64, 1..4), on.clone()).prop_map(|(room, percent, on)| Deed::Split { room, percent, on }),
        2 => (vec(room, 1..4), on).prop_map(|(rooms, on)| Deed::Merge { rooms, on }),
        1 => (0..50_usize).prop_map(|nth| Deed::Reverse { nth }),
    ];
    vec(deed, 1..most)
}

/// Area and uses of every room on every day, counted one by one.
#[derive(Debug, Clone, Default, PartialEq)]
struct Model(BTreeMap<(FeatureId, Option<OrgId>), [i64; DAYS + 1]>);

impl Model {
    fn add(&mut self, entry: &Entry) {
        let org = match entry.account {
            Account::Area => None,
            Account::Use(org) => Some(org),
        };
        let row = self.0.entry((entry.room, org)).or_insert([0; DAYS + 1]);
        for (n, cell) in row.iter_mut().enumerate() {
            let is_in =
                entry.during.from <= day(n) && entry.during.until.is_none_or(|u| day(n) < u);
            *cell += if is_in { entry.cm2 } else { 0 };
        }
    }

    fn holds(&self) -> bool {
        let mut free: BTreeMap<FeatureId, [i64; DAYS + 1]> = BTreeMap::new();
        for ((room, org), row) in &self.0 {
            if row.iter().any(|cell| *cell < 0) {
                return false;
            }
            let sum = free.entry(*room).or_insert([0; DAYS + 1]);
            for (sum, cell) in sum.iter_mut().zip(row) {
                *sum += if org.is_none() { *cell } else { -cell };
            }
        }
        free.values().all(|row| row.iter().all(|cell| *cell >= 0))
    }

    /// Square centimetres times days, of area and of each organisation.
    fn area_days(&self) -> BTreeMap<Option<OrgId>, i64> {
        let mut sums = BTreeMap::new();
        for ((_, org), row) in &self.0 {
            *sums.entry(*org).or_insert(0) += row.iter().sum::<i64>();
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }
}

/// The rooms there are, and everything that was posted.
struct Estate {
    rooms: BTreeMap<FeatureId, Room>,
    model: Model,
    posted: Vec<Vec<Entry>>,
    reversed: BTreeSet<usize>,
    next: i64,
}

impl Estate {
    fn new(areas: &[i64]) -> Self {
        let mut estate = Self {
            rooms: BTreeMap::new(),
            model: Model::default(),
            posted: vec![],
            reversed: BTreeSet::new(),
            next: 1,
        };
        for area in areas {
            let id = estate.fresh();
            assert!(estate.try_post(&register(id, *area, START)));
        }
        estate
    }

    fn fresh(&mut self) -> FeatureId {
        self.next += 1;
        FeatureId(self.next)
    }

    fn nth(&self, n: usize) -> FeatureId {
        *self.rooms.keys().nth(n % self.rooms.len()).unwrap()
    }

    /// Of all that use a room at some time.
    fn user(&self, n: usize) -> Option<(FeatureId, OrgId)> {
        let users: Vec<(FeatureId, OrgId)> = self
            .rooms
            .iter()
            .flat_map(|(id, room)| room.uses.keys().map(|org| (*id, *org)))
            .collect();
        (!users.is_empty()).then(|| users[n % users.len()])
    }

    /// As `post` does it, in memory; the model must agree about whether it holds.
    fn try_post(&mut self, entries: &[Entry]) -> bool {
        let (mut rooms, mut model) = (self.rooms.clone(), self.model.clone());
        for entry in entries {
            rooms.entry(entry.room).or_default().add(entry.account, entry.during, entry.cm2);
            model.add(entry);
        }
        let holds = rooms.iter().all(|(id, room)| room.judge(*id).is_ok());
        assert_eq!(holds, model.holds(), "{entries:?}");
        if holds {
            (self.rooms, self.model) = (rooms, model);
            self.posted.push(entries.to_vec());
        }
        holds
    }

    /// The entries of a deed; none where it makes no sense.
    fn plan(&mut self, deed: &Deed) -> Option<Vec<Entry>> {
        match deed {
            Deed::Allocate { room, org, tenths, from, until } => {
                let id = self.nth(*room);
                let cm2 = self.rooms[&id].area.on(day(*from)) * tenths / 10;
                let during = Period { from: day(*from), until: until.map(day) };
                (cm2 > 0 && during.has_days()).then(|| allocate(id, OrgId(*org), cm2, during))
            }
            Deed::Release { user, on } => {
                let (id, org) = self.user(*user)?;
                Some(release(id, &self.rooms[&id], org, day(*on)))
            }
            Deed::Move { user, to, on } => {
                let (id, org) = self.user(*user)?;
                Some(move_to(id, &self.rooms[&id], org, self.nth(*to), day(*on)))
            }
            Deed::Split { room, percent, on } => {
                let id = self.nth(*room);
                let has = self.rooms[&id].area.on(day(*on));
                let mut left = has;
                let mut parts = Vec::new();
                for percent in percent {
                    let part = left * percent / 100;
                    left -= part;
                    parts.push((self.fresh(), part));
                }
                parts.push((self.fresh(), left));
                split(id, &self.rooms[&id], &parts, day(*on)).ok()
            }
            Deed::Merge { rooms, on } => {
                let ids: BTreeSet<FeatureId> = rooms.iter().map(|n| self.nth(*n)).collect();
                let into = self.fresh();
                let rooms: Vec<(FeatureId, &Room)> =
                    ids.iter().map(|id| (*id, &self.rooms[id])).collect();
                merge(&rooms, into, day(*on)).ok()
            }
            Deed::Reverse { nth } => {
                let n = nth % self.posted.len();
                (!self.reversed.contains(&n))
                    .then(|| self.posted[n].iter().copied().map(Entry::reversed).collect())
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_deeds_never_fill_a_room_beyond_its_area_nor_lose_an_area_day(
        areas in vec(1..3_000_000_i64, 1..5),
        deeds in deeds(60),
    ) {
        let mut estate = Estate::new(&areas);
        for deed in deeds {
            let Some(entries) = estate.plan(&deed) else { continue };
            let before = estate.model.area_days();
            let model = estate.model.clone();
            let done = estate.try_post(&entries);
            prop_assert!(estate.model.holds());
            if !done {
                prop_assert_eq!(&model, &estate.model);
                // Splitting and merging only move what is there: they always fit.
                prop_assert!(!matches!(deed, Deed::Split { .. } | Deed::Merge { .. } | Deed::Release { .. }), "{:?}", deed);
                continue;
            }
            match deed {
                Deed::Split { .. } | Deed::Merge { .. } | Deed::Move { .. } => {
                    prop_assert_eq!(before, estate.model.area_days());
                }
                Deed::Reverse { nth } => {
                    let n = nth % (estate.posted.len() - 1);
                    estate.reversed.insert(n);
                    let last = estate.posted.len() - 1;
                    estate.reversed.insert(last);
                    let mut both = Model::default();
                    estate.posted[n].iter().chain(&estate.posted[last]).for_each(|e| both.add(e));
                    prop_assert!(both.0.values().all(|row| row.iter().all(|cell| *cell == 0)));
                }
                _ => {}
            }
        }
    }
}

struct Ledger {
    world: World,
    doc: DocId,
    revision: i32,
}

impl Ledger {
    async fn new() -> Self {
        let world = World::create().await;
        world
            .as_superuser(
                "insert into org (org_id, code, name, path, level, color)
                 select n, 'O' || n, '单位' || n, ('o' || n)::ltree, 1, '#336699' from generate_series(1, 9) n
                 on conflict do nothing",
            )
            .await;
        let doc = world.file(&world.rooms).await.doc_id;
        Self { world, doc, revision: 0 }
    }

    async fn post(&mut self, entries: &[Entry]) -> Result<i64, ModuleError> {
        self.revision += 1;
        let viewer = Viewer::program();
        let mut tx = self.world.store.as_viewer(&viewer).await.unwrap();
        let posting =
            Posting { doc_id: self.doc, purpose: "test", revision: self.revision, reverses: None };
        let id = space::post(&mut tx, &viewer, &posting, entries).await?;
        tx.commit().await.unwrap();
        Ok(id)
    }

    async fn rooms(&self) -> BTreeMap<FeatureId, Room> {
        let mut tx = self.world.store.as_viewer(&Viewer::program()).await.unwrap();
        space::hold(&mut tx, &BTreeSet::from(self.world.rooms)).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_posted_is_kept_added_up_and_taken_back() {
    let mut ledger = Ledger::new().await;
    let [one, two] = ledger.world.rooms;
    ledger
        .post(&[register(one, 240_000, START), register(two, 300_000, START)].concat())
        .await
        .unwrap();
    let empty = ledger.rooms().await;
    let half_year = Period { from: START, until: Some(day(30)) };
    let posted = ledger.post(&allocate(one, OrgId(1), 240_000, half_year)).await.unwrap();

    let refused = ledger.post(&allocate(one, OrgId(2), 1, Period::since(day(29)))).await;
    assert!(
        matches!(refused, Err(ModuleError::Space(SpaceFault::Full { room, on, over: 1 })) if room == one && on == day(29)),
        "{refused:?}"
    );
    ledger.post(&allocate(one, OrgId(2), 240_000, Period::since(day(30)))).await.unwrap();
    let held = ledger.rooms().await;
    ledger.post(&move_to(one, &held[&one], OrgId(1), two, day(10))).await.unwrap();
    let moved = ledger.rooms().await;
    assert_eq!(
        (moved[&one].uses[&OrgId(1)].pieces(), moved[&two].uses[&OrgId(1)].pieces()),
        (
            vec![(Period { from: START, until: Some(day(10)) }, 240_000)],
            vec![(Period { from: day(10), until: Some(day(30)) }, 240_000)]
        )
    );
    assert_eq!(space::verify(&ledger.world.store).await.unwrap(), []);

    // The same document, purpose and revision again is the same posting.
    let viewer = Viewer::program();
    let mut tx = ledger.world.store.as_viewer(&viewer).await.unwrap();
    let again = Posting { doc_id: ledger.doc, purpose: "test", revision: 2, reverses: None };
    let entries = allocate(one, OrgId(1), 240_000, half_year);
    assert_eq!(space::post(&mut tx, &viewer, &again, &entries).await.unwrap(), posted);
    tx.commit().await.unwrap();
    assert_eq!(ledger.rooms().await, moved);

    // Taken back in the opposite order, everything is as it was.
    for (revision, reverses) in [(10, posted + 2), (11, posted + 1), (12, posted)] {
        // A refused posting takes a number with it.
        let mut psql = ledger.world.store.as_viewer(&viewer).await.unwrap();
        let back = Posting { doc_id: ledger.doc, purpose: "undo", revision, reverses: None };
        space::reverse(&mut psql, &viewer, &back, reverses).await.unwrap();
        psql.commit().await.unwrap();
    }
    assert_eq!(ledger.rooms().await, empty);
    assert_eq!(space::verify(&ledger.world.store).await.unwrap(), []);
    let twice = Posting { doc_id: ledger.doc, purpose: "undo", revision: 13, reverses: None };
    let mut tx = ledger.world.store.as_viewer(&viewer).await.unwrap();
    assert!(space::reverse(&mut tx, &viewer, &twice, posted).await.is_err(), "once and no more");
}

#[tokio::test]
async fn the_database_refuses_what_the_program_would_have() {
    let mut ledger = Ledger::new().await;
    let [one, _] = ledger.world.rooms;
    let posted = ledger.post(&register(one, 100, START)).await.unwrap();
    let viewer = Viewer::program();
    for (org, cm2, said) in
        [("1", 101, "beyond its area"), ("1", -1, "would have"), ("null", -101, "would have")]
    {
        let mut tx = ledger.world.store.as_viewer(&viewer).await.unwrap();
        sqlx::query(&format!(
            "insert into space_entry (space_posting_id, feature_id, org_id, cm2, during)
             values ({posted}, {one}, {org}, {cm2}, '[2026-03-01,)')"
        ))
        .execute(&mut *tx)
        .await
        .unwrap();
        let refused = tx.commit().await.unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
    }
    for statement in
        ["update space_entry set cm2 = 1", "delete from space_entry", "delete from space_posting"]
    {
        let mut tx = ledger.world.store.as_viewer(&viewer).await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *tx).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
    ledger.world.as_superuser("update space_balance set cm2 = 99").await;
    assert_eq!(space::verify(&ledger.world.store).await.unwrap(), [one]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_at_once_exactly_those_that_fit_get_in() {
    let mut ledger = Ledger::new().await;
    let [one, two] = ledger.world.rooms;
    ledger
        .post(&[register(one, 1_000, START), register(two, 1_000, START)].concat())
        .await
        .unwrap();
    let (store, doc) = (Arc::new(ledger.world.store.clone()), ledger.doc);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..100 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let viewer = Viewer::program();
            let mut tx = store.as_viewer(&viewer).await.unwrap();
            let posting = Posting { doc_id: doc, purpose: "race", revision: n + 1, reverses: None };
            // Both rooms, each task in its own order: were locks taken as asked, some would wait for each other.
            let mut entries = [
                allocate(one, OrgId(i64::from(n % 9) + 1), 130, Period::since(START)),
                allocate(two, OrgId(i64::from(n % 9) + 1), 130, Period::since(START)),
            ];
            if n % 2 == 0 {
                entries.reverse();
            }
            match space::post(&mut tx, &viewer, &posting, &entries.concat()).await {
                Ok(_) => tx.commit().await.is_ok(),
                Err(ModuleError::Space(SpaceFault::Full { over: 40, .. })) => false,
                Err(other) => panic!("{other:?}"),
            }
        });
    }
    let admitted = tasks.join_all().await.into_iter().filter(|is_in| *is_in).count();
    assert_eq!(admitted, 7, "7 × 130 fit into 1,000");
    let rooms = ledger.rooms().await;
    assert_eq!((rooms[&one].vacant().on(START), rooms[&two].vacant().on(START)), (90, 90));
    assert_eq!(space::verify(&store).await.unwrap(), []);
}

#[tokio::test]
async fn nothing_begins_on_a_closed_day_until_it_is_opened_again() {
    let mut ledger = Ledger::new().await;
    let [one, two] = ledger.world.rooms;
    ledger.post(&register(one, 100, START)).await.unwrap();
    let (engine, viewer) = (ledger.world.engine.clone(), Viewer::program());
    let close = async |through: String, note: &str| {
        let new = NewClosing { ledger: "space".to_owned(), through, note: note.to_owned() };
        engine.close_period(&viewer, &new).await
    };
    let faults = close("2999-01-01".to_owned(), "").await.unwrap_err();
    assert!(matches!(&faults, ModuleError::Invalid(f) if f.len() == 2), "{faults:?}");
    let closed = close(day(30).to_string(), "三月结账").await.unwrap();
    assert_eq!(
        (closed[0].through.clone(), closed[0].note.as_str()),
        (day(30).to_string(), "三月结账")
    );

    let on_it = allocate(one, OrgId(1), 50, Period::since(day(30)));
    let refused = ledger.post(&on_it).await;
    let is_closed = |r: &Result<i64, ModuleError>| matches!(r, Err(ModuleError::PeriodClosed { on, through }) if *on == day(30) && *through == day(30));
    assert!(is_closed(&refused), "{refused:?}");
    assert!(refused.unwrap_err().told().zh.contains("已结账"));
    assert!(is_closed(&ledger.post(&register(two, 100, day(30))).await));
    ledger.post(&allocate(one, OrgId(1), 50, Period::since(day(31)))).await.unwrap();

    close(day(29).to_string(), "更正三月末的配置").await.unwrap();
    ledger.post(&on_it).await.unwrap();
    let all = engine.closings(&viewer, "space").await.unwrap();
    assert_eq!(all.len(), 2, "both are kept");
    for statement in
        ["update ledger_closing set through = '2020-01-01'", "delete from ledger_closing"]
    {
        let mut tx = ledger.world.store.as_viewer(&viewer).await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *tx).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn whoever_closes_answers_for_every_room_and_opens_what_does_not_add_up() {
    let mut ledger = Ledger::new().await;
    let [one, two] = ledger.world.rooms;
    ledger.post(&[register(one, 100, START), register(two, 100, START)].concat()).await.unwrap();
    let (engine, world) = (ledger.world.engine.clone(), &ledger.world);
    let moved = format!("update feature set scope_id = {} where feature_id = {two}", world.theirs);
    world.as_superuser(&moved).await;
    let close = async |viewer: &Viewer, nth: usize| {
        let (ledger, through) = ("space".to_owned(), day(nth).to_string());
        engine.close_period(viewer, &NewClosing { ledger, through, note: "结账".to_owned() }).await
    };
    let (some, all) = (world.our_viewer(), Viewer::of_scopes("all", [world.ours, world.theirs]));
    let told = close(&some, 30).await;
    assert!(matches!(told, Err(ModuleError::NotOverAll)), "{told:?}");
    assert_eq!(close(&all, 30).await.unwrap()[0].actor, "all");

    world.as_superuser("update space_balance set cm2 = 99").await;
    let told = close(&all, 31).await;
    assert!(
        matches!(&told, Err(ModuleError::LedgerUnsound(rooms)) if rooms.len() == 2),
        "{told:?}"
    );
    assert_eq!(close(&all, 20).await.unwrap()[0].through, day(20).to_string());
}
