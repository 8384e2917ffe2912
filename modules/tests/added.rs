//! A module that is nothing but one folder of files, with which the program was not built.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod support;

#[path = "../build.rs"]
#[expect(dead_code, reason = "what the build runs; a test asks it what it finds")]
mod build;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gis_data::{FeatureId, Permission, ScopeSet, Viewer};
use modules::{Condition, Document, Engine, Filter, ModuleError, NewDocument, Op, Registry};
use serde_json::{Value as Json, json};
use support::World;

/// The folder of folders.
fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/added"))
}

/// The world with that module in it.
async fn world_with_it() -> World {
    let mut world = World::create().await;
    let registry = Registry::with_folder(folder()).unwrap();
    world.define(Arc::clone(&registry)).await;
    world
}

fn cleaning(places: &[FeatureId], windows: i64, on: &str) -> NewDocument {
    NewDocument {
        kind: "window_cleaning".to_owned(),
        body: json!({"on": on, "windows": windows, "cost": "1234.50", "foreman": "赵示例",
            "phone": "13800138000", "remark": "联系 13900139000"}),
        lines: vec![
            json!({"worker": "钱示例", "side": "south"}),
            json!({"worker": "孙示例", "side": "north"}),
        ],
        feature_ids: places.to_vec(),
        ..NewDocument::default()
    }
}

async fn act(
    engine: &Engine,
    viewer: &Viewer,
    document: &Document,
    action: &str,
    patch: Json,
) -> Document {
    let request = World::with(document.revision, patch);
    engine.act(viewer, document.doc_id, action, request).await.unwrap()
}

#[test]
fn the_build_finds_a_folder_by_itself() {
    let found = build::shipped(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"))).unwrap();
    assert!(found.contains("\"window_cleaning.toml\", include_str!("), "{found}");
    assert!(
        found.contains("\"theme.sql\", include_str!(") && found.contains("logic: None"),
        "{found}"
    );
}

#[tokio::test]
async fn it_has_forms_lists_numbers_history_and_a_place_on_the_map() {
    let world = world_with_it().await;
    let (engine, viewer) = (&world.engine, world.our_viewer());
    let module = engine.registry().module("window_cleaning").unwrap();
    assert_eq!((module.about.system.as_str(), module.kinds.len()), ("logistics", 1));

    for (windows, on) in [(30, "2026-03-01"), (10, "2026-05-01"), (20, "2026-04-01")] {
        let made = engine.create(&viewer, cleaning(&[world.building], windows, on)).await.unwrap();
        assert_eq!((made.number.as_deref(), made.title.as_str()), (None, "外窗清洗单 · 一号楼"));
        let ordered = act(engine, &viewer, &made, "order", json!({})).await;
        assert!(ordered.number.unwrap().starts_with("QX-20"));
        engine.verify(&viewer, made.doc_id).await.unwrap();
    }
    let filter = Filter {
        kind: Some("window_cleaning".to_owned()),
        conditions: vec![Condition { field: "windows".to_owned(), op: Op::Ge, value: json!(20) }],
        sort: Some("-windows".to_owned()),
        ..Filter::default()
    };
    let page = engine.list(&viewer, &filter).await.unwrap();
    assert_eq!(
        page.items.iter().map(|d| d.body["windows"].as_i64()).collect::<Vec<_>>(),
        [Some(30), Some(20)]
    );

    let records = engine.records_of(&viewer, world.building, None).await.unwrap();
    let count = records.counts.iter().find(|c| c.kind == "window_cleaning").unwrap();
    assert_eq!((count.total, count.open), (3, 3));
    assert_eq!(page.items[0].links[0].feature_id, world.building);

    let figures = engine.figures(&viewer, "window_cleaning").await.unwrap();
    let due = figures.iter().find(|f| f.id == "window_cleaning_due").unwrap();
    assert!((due.value - 60.0).abs() < f64::EPSILON);
    let class = "select class || ' ' || value from theme_window_cleaning_state";
    assert_eq!(world.read(class).await, ["due 60"]);
    let typed =
        "select format('%s %s %s', windows, cost, \"on\") from v_window_cleaning order by windows";
    assert_eq!(
        world.read(typed).await,
        ["10 1234.50 2026-05-01", "20 1234.50 2026-04-01", "30 1234.50 2026-03-01"]
    );
}

#[tokio::test]
async fn it_is_seen_where_its_place_is() {
    let world = world_with_it().await;
    let engine = &world.engine;
    let made = engine
        .create(&world.our_viewer(), cleaning(&[world.building], 5, "2026-03-01"))
        .await
        .unwrap();
    let theirs = world.their_viewer();
    assert!(engine.get(&theirs, made.doc_id).await.is_err());
    let filter = Filter { kind: Some("window_cleaning".to_owned()), ..Filter::default() };
    assert_eq!(engine.list(&theirs, &filter).await.unwrap().total, 0);
    assert_eq!(engine.list(&world.our_viewer(), &filter).await.unwrap().total, 1);
    assert!(engine.create(&theirs, cleaning(&[world.building], 5, "2026-03-01")).await.is_err());
}

/// Reads and records, and is told of nobody.
fn clerk(world: &World) -> Viewer {
    let ours: ScopeSet = [world.ours].into_iter().collect();
    Viewer::compiled(
        "clerk",
        BTreeMap::from([(Permission::Read, ours.clone()), (Permission::Record, ours)]),
    )
}

#[tokio::test]
async fn what_was_masked_for_somebody_is_not_lost_when_they_save() {
    let world = world_with_it().await;
    let (engine, clerk) = (&world.engine, clerk(&world));
    let made = engine
        .create(&world.our_viewer(), cleaning(&[world.building], 5, "2026-03-01"))
        .await
        .unwrap();
    let seen = engine.get(&clerk, made.doc_id).await.unwrap();
    assert_eq!(seen.body["phone"], "138****8000");
    assert_eq!(seen.body["remark"], "联系 139****9000");
    assert_ne!(seen.lines[0]["worker"], "钱示例");

    // The form as it was read, with one change, and its lines the other way round.
    let mut body = seen.body.clone();
    body["windows"] = json!(6);
    let mut lines = seen.lines.clone();
    lines.reverse();
    let title = json!(seen.title);
    let patch = json!({"title": title, "body": body, "lines": lines});
    let saved = act(engine, &clerk, &seen, "edit", patch).await;
    assert_eq!(saved.body["windows"], 6);
    let kept = engine.get(&world.our_viewer(), made.doc_id).await.unwrap();
    assert_eq!(
        (&kept.body["phone"], &kept.body["remark"], &kept.body["foreman"]),
        (&json!("13800138000"), &json!("联系 13900139000"), &json!("赵示例"))
    );
    let sides = kept.lines.iter().map(|l| l["side"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(sides, ["north", "south"]);
    let workers: BTreeSet<&str> =
        kept.lines.iter().map(|l| l["worker"].as_str().unwrap()).collect();
    assert_eq!(workers, BTreeSet::from(["孙示例", "钱示例"]));

    let ordered = act(engine, &clerk, &saved, "order", json!({})).await;
    act(engine, &clerk, &ordered, "finish", json!({"word": "好", "phone": "138****8000"})).await;
    let done = engine.get(&world.our_viewer(), made.doc_id).await.unwrap();
    assert_eq!(done.body["phone"], "13800138000");

    let typed = json!({"word": "好", "phone": "13700137000"});
    let again = act(engine, &world.our_viewer(), &done, "redo", json!({})).await;
    act(engine, &clerk, &again, "finish", typed).await;
    let done = engine.get(&world.our_viewer(), made.doc_id).await.unwrap();
    assert_eq!(done.body["phone"], "13700137000");
    engine.verify(&clerk, made.doc_id).await.unwrap();
}

#[tokio::test]
async fn two_people_who_read_alike_are_not_taken_for_each_other() {
    let world = world_with_it().await;
    let (engine, clerk, all) = (&world.engine, clerk(&world), world.our_viewer());
    let mut new = cleaning(&[world.building], 5, "2026-03-01");
    new.lines = vec![
        json!({"worker": "钱示例", "side": "south"}),
        json!({"worker": "钱范例", "side": "north"}),
    ];
    let made = engine.create(&all, new).await.unwrap();
    let seen = engine.get(&clerk, made.doc_id).await.unwrap();
    assert_eq!(seen.lines[0]["worker"], seen.lines[1]["worker"], "both read alike");
    let kept = async || {
        let lines = engine.get(&all, made.doc_id).await.unwrap().lines;
        let of = |line: &Json| format!("{}{}", line["worker"], line["side"]).replace('"', "");
        lines.iter().map(of).collect::<Vec<_>>()
    };

    // The other way round: each keeps the side that it had.
    let mut lines = seen.lines.clone();
    lines.reverse();
    let turned = act(engine, &clerk, &seen, "edit", json!({"lines": lines})).await;
    assert_eq!(kept().await, ["钱范例north", "钱示例south"]);

    // One changed where it stands.
    let mut lines = turned.lines.clone();
    lines[0]["side"] = json!("south");
    let changed = act(engine, &clerk, &turned, "edit", json!({"lines": lines})).await;
    assert_eq!(kept().await, ["钱范例south", "钱示例south"]);

    // One taken away, changed or not: nobody can say who is left. A copy of a line is nobody either.
    let [mut one, two] = [changed.lines[0].clone(), changed.lines[1].clone()];
    one["side"] = json!("north");
    for (lines, at) in [
        (vec![two.clone()], "lines.0"),
        (vec![one.clone()], "lines.0.worker"),
        (vec![changed.lines[0].clone(), two.clone(), one], "lines.2.worker"),
    ] {
        let request = World::with(changed.revision, json!({"lines": lines}));
        let told = engine.act(&clerk, made.doc_id, "edit", request).await;
        let ModuleError::Invalid(faults) = told.unwrap_err() else { panic!() };
        assert_eq!(faults.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), [at]);
    }
    assert_eq!(kept().await, ["钱范例south", "钱示例south"]);
    let typed = vec![json!({"worker": "钱范例", "side": "north"})];
    act(engine, &clerk, &changed, "edit", json!({"lines": typed})).await;
    assert_eq!(kept().await, ["钱范例north"]);
}
