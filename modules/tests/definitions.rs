//! Tests made from every definition: each action for each permission in each state, each personal field for each
//! scope, each upcast.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gis_data::{Permission, Personal, ScopeId, ScopeSet, Viewer};
use modules::{
    CompiledKind, DocId, Field, FieldType, Filter, ModuleError, Need, NewDocument, Registry,
};
use serde_json::{Map, Value as Json, json};
use support::World;

/// Those that come with the program, and one that is a folder.
fn registry() -> Arc<Registry> {
    Registry::with_folder(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/added"))).unwrap()
}

async fn world() -> World {
    let mut world = World::create().await;
    world.define(registry()).await;
    world
}

/// A value that a field accepts; none for references, which need something to point to.
fn sample(world: &World, field: &Field) -> Option<Json> {
    Some(match field.kind {
        FieldType::Text | FieldType::LongText => match field.personal {
            Some(Personal::Phone) => json!("13800138000"),
            Some(Personal::Plate) => json!("京A12345"),
            Some(Personal::Name) => json!("赵示例"),
            None => json!("示例文字"),
        },
        FieldType::Choice => json!(field.options[0].value),
        FieldType::Integer => json!(field.min.as_deref().map_or(1, |m| m.parse::<i64>().unwrap())),
        FieldType::Decimal | FieldType::Money | FieldType::Area => {
            json!(field.min.as_deref().unwrap_or("1"))
        }
        FieldType::Date => json!("2026-03-02"),
        FieldType::Moment => json!("2026-03-02T09:30+08:00"),
        FieldType::Boolean => json!(true),
        FieldType::Feature => json!(world.rooms[0]),
        FieldType::Org => json!(1),
        FieldType::Person | FieldType::Document => return None,
    })
}

fn samples<'f>(world: &World, fields: impl Iterator<Item = &'f Field>) -> Map<String, Json> {
    fields.filter_map(|f| Some((f.name.clone(), sample(world, f)?))).collect()
}

/// A document of a kind in a state, as the owner of the database would put it there.
async fn put(world: &World, kind: &CompiledKind, state: &str) -> DocId {
    let body = json!(samples(world, kind.fields.iter()));
    let lines: Vec<Json> =
        kind.lines.iter().map(|l| json!(samples(world, l.fields.iter()))).collect();
    let content = json!({"title": kind.title.zh, "body": body, "lines": lines,
        "feature_ids": [world.rooms[0]], "$": {"to": state, "version": kind.version}});
    let put = format!(
        "with d as (insert into doc (kind, definition_version, title, state, body, scope_id, created_by)
             values ('{kind}', {version}, '{title}', '{state}', '{body}', {scope}, 'test') returning doc_id, scope_id),
         e as (insert into doc_event (doc_id, seq, action, actor, patch, prev_hash, hash)
             select doc_id, 1, 'create', 'test', '{content}', '', '' from d),
         n as (insert into doc_line (doc_id, line_no, body)
             select doc_id, ordinality, value from d, jsonb_array_elements('{lines}') with ordinality),
         l as (insert into doc_link (doc_id, feature_id) select doc_id, {room} from d)
         insert into x_{kind} (doc_id, scope_id, state, phase, title, created_at, updated_at)
         select doc_id, scope_id, '{state}', '{phase}', '{title}', now(), now() from d returning doc_id::text",
        kind = kind.kind,
        version = kind.version,
        title = kind.title.zh,
        lines = json!(lines),
        scope = world.ours.0,
        room = world.rooms[0],
        phase = json!(kind.state(state).unwrap().phase).as_str().unwrap(),
    );
    DocId(world.read(&put).await[0].parse().unwrap())
}

/// May read there, and these things beside.
fn viewer(read: ScopeId, others: &[(Permission, ScopeId)]) -> Viewer {
    let set = |scope: ScopeId| -> ScopeSet { [scope].into_iter().collect() };
    let mut allowed = BTreeMap::from([(Permission::Read, set(read))]);
    allowed.extend(others.iter().map(|(permission, scope)| (*permission, set(*scope))));
    Viewer::compiled("somebody", allowed)
}

#[tokio::test]
async fn each_action_for_each_permission_in_each_state() {
    let world = world().await;
    let (engine, ours, theirs) = (&world.engine, world.ours, world.theirs);
    let mut asked = 0;
    for kind in engine.registry().kinds() {
        for state in &kind.states {
            let doc_id = put(&world, kind, &state.name).await;
            for permission in Permission::ALL.into_iter().filter(|p| *p != Permission::Read) {
                // Held here, or over another organisation alone.
                for scope in [ours, theirs] {
                    let viewer = viewer(ours, &[(permission, scope)]);
                    let here = |needs: Permission| {
                        needs == Permission::Read || (needs == permission && scope == ours)
                    };
                    let what = format!("{} {} {permission:?} {scope:?}", kind.kind, state.name);
                    let seen = engine.get(&viewer, doc_id).await.unwrap();
                    let offered: BTreeSet<&str> =
                        seen.actions.iter().map(|a| a.name.as_str()).collect();
                    let mut expected: BTreeSet<&str> = kind
                        .actions_in(&state.name)
                        .filter(|a| !a.by_plan && here(a.needs))
                        .map(|a| a.name.as_str())
                        .collect();
                    if kind.is_draft(&state.name) && here(Permission::Record) {
                        expected.extend(["edit", "discard"]);
                    }
                    assert_eq!(offered, expected, "{what}");
                    // A revision that is not: whoever may is told so, and nothing changes.
                    let wrong = World::with(seen.revision + 7, json!({}));
                    for action in &kind.actions {
                        let told = engine.act(&viewer, doc_id, &action.name, wrong.clone()).await;
                        let is_refused = matches!(told, Err(ModuleError::NotAllowed(_)));
                        assert_eq!(is_refused, !here(action.needs), "{what} {}", action.name);
                        let goes_on = matches!(told, Err(ModuleError::RevisionConflict { .. }));
                        assert_eq!(goes_on, here(action.needs), "{what} {}", action.name);
                        asked += 1;
                    }
                }
            }
            // With every right, only what the state allows, and never what an approval has to end.
            for action in &kind.actions {
                let all = world.our_viewer();
                let request = World::with(1, json!(samples(&world, action.patch.iter())));
                let is_open = !action.by_plan && action.from.contains(&state.name);
                if !is_open {
                    let told = engine.act(&all, doc_id, &action.name, request).await;
                    let is_refused = matches!(told, Err(ModuleError::ActionNotAllowed { .. }));
                    assert!(is_refused, "{} {} {}: {told:?}", kind.kind, state.name, action.name);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
}

#[tokio::test]
async fn each_personal_field_for_each_scope() {
    let world = world().await;
    let (engine, ours, theirs) = (&world.engine, world.ours, world.theirs);
    let clear = [Permission::Command, Permission::Track, Permission::ManageTerminals];
    let mut fields = 0;
    for kind in engine.registry().kinds() {
        let doc_id = put(&world, kind, kind.initial()).await;
        let held: Vec<Viewer> = vec![
            viewer(ours, &[]),
            viewer(ours, &[(Permission::Record, ours)]),
            viewer(ours, &clear.map(|p| (p, theirs))),
            viewer(ours, &clear.map(|p| (p, ours))),
        ];
        for (nth, viewer) in held.iter().enumerate() {
            let reads = nth == 3;
            let seen = engine.get(viewer, doc_id).await.unwrap();
            let filter = Filter { kind: Some(kind.kind.clone()), ..Filter::default() };
            let listed = engine.list(viewer, &filter).await.unwrap();
            let line = kind.lines.iter().flat_map(|l| &l.fields).map(|f| (f, &seen.lines[0]));
            let body =
                kind.fields.iter().flat_map(|f| [(f, &seen.body), (f, &listed.items[0].body)]);
            for (field, shown) in body.chain(line) {
                let kept = sample(&world, field);
                let what = format!("{} {} for viewer {nth}", kind.kind, field.name);
                let is_clear = shown.get(&field.name) == kept.as_ref();
                assert_eq!(is_clear, field.personal.is_none() || reads, "{what}");
                fields += usize::from(field.personal.is_some());
            }
        }
    }
    assert!(fields > 20, "{fields}");
}

/// The definition two versions on, with an upcast of every sort.
fn later() -> String {
    let file =
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/added/window_cleaning/window_cleaning.toml");
    std::fs::read_to_string(file)
        .unwrap()
        .replace("version = 1", "version = 3")
        .replace("\"windows\"", "\"panes\"")
        .replace("\"ordered\"", "\"waiting\"")
        .replace("name = \"remark\"\n", "name = \"method\"\n")
        .replace("title = { zh = \"备注\", en = \"Remark\" }\ntype = \"long_text\"\nneed = \"optional\"",
                 "title = { zh = \"方式\", en = \"Method\" }\ntype = \"choice\"\noptions = [{ value = \"rope\", title = { zh = \"吊绳\", en = \"Rope\" } }]")
        + "\n[[upcast]]\nfrom = 1\nrename = { windows = 'panes' }\nstates = { ordered = 'waiting' }\ndrop = ['remark']\n\
           \n[[upcast]]\nfrom = 2\nset = { method = 'rope' }\n"
}

fn registry_of(file: &str) -> Result<Arc<Registry>, ModuleError> {
    let dir = tempfile::tempdir().unwrap();
    let module = dir.path().join("window_cleaning");
    std::fs::create_dir(&module).unwrap();
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/added/window_cleaning"));
    for name in ["module.toml", "theme.sql", "figure.sql"] {
        let text = std::fs::read_to_string(source.join(name)).unwrap();
        std::fs::write(module.join(name), text.replace("windows", "panes")).unwrap();
    }
    std::fs::write(module.join("window_cleaning.toml"), file).unwrap();
    Registry::with_folder(dir.path())
}

#[tokio::test]
async fn each_upcast_leads_to_a_form_without_a_fault() {
    let world = World::create().await;
    let registry = registry_of(&later()).unwrap();
    let mut upcasts = 0;
    for kind in registry.kinds() {
        for step in &kind.upcasts {
            // A body of that version, from one of the present version taken back step by step.
            let mut body = samples(&world, kind.fields.iter().filter(|f| f.need == Need::Required));
            for back in kind.upcasts.iter().filter(|u| u.from >= step.from).rev() {
                for field in back.set.keys() {
                    body.remove(field);
                }
                for (old, new) in &back.rename {
                    if let Some(value) = body.remove(new) {
                        body.insert(old.clone(), value);
                    }
                }
                for field in &back.drop {
                    body.insert(field.clone(), json!("旧"));
                }
            }
            let states = step.states.keys().cloned().chain([kind.initial().to_owned()]);
            for state in states {
                let (mut state, mut body) = (state, body.clone());
                kind.upcast(step.from, &mut state, &mut body);
                assert!(kind.state(&state).is_some(), "{} {state}", kind.kind);
                let lines: Vec<Json> = kind
                    .lines
                    .iter()
                    .flat_map(|l| std::iter::repeat_n(l, l.least))
                    .map(|l| json!(samples(&world, l.fields.iter())))
                    .collect();
                let faults = kind.judge("旧单据", &Json::Object(body), &lines, kind.links.least);
                assert_eq!(faults, [], "{} from version {}", kind.kind, step.from);
                upcasts += 1;
            }
        }
    }
    assert!(upcasts >= 3, "{upcasts}");
}

#[test]
fn an_upcast_that_takes_a_present_state_away_is_a_fault() {
    let file = later() + "states = { waiting = 'done' }\n";
    let Err(ModuleError::BadDefinition(faults)) = registry_of(&file) else { panic!() };
    assert!(faults[0].contains("cannot take a state away"), "{faults:?}");
}

#[tokio::test]
async fn a_draft_of_an_earlier_version_is_written_on_and_discarded() {
    let mut world = world().await;
    let viewer = world.our_viewer();
    let body = json!({"on": "2026-03-02", "windows": 12, "foreman": "赵示例", "remark": "旧"});
    let mut made = Vec::new();
    for _ in 0..2 {
        let new = NewDocument {
            kind: "window_cleaning".to_owned(),
            body: body.clone(),
            feature_ids: vec![world.building],
            ..NewDocument::default()
        };
        made.push(world.engine.create(&viewer, new).await.unwrap());
    }
    // Also the state in which drafts are has another name now.
    let file = later()
        .replace("name = \"draft\"", "name = \"sketch\"")
        .replace("from = [\"draft\"]", "from = [\"sketch\"]")
        .replace(
            "states = { ordered = 'waiting' }",
            "states = { ordered = 'waiting', draft = 'sketch' }",
        );
    world.define(registry_of(&file).unwrap()).await;
    let read = world.engine.get(&viewer, made[0].doc_id).await.unwrap();
    assert_eq!((read.state.as_str(), &read.body["panes"]), ("sketch", &json!(12)));
    let mut body = read.body.clone();
    body["panes"] = json!(13);
    let request = World::with(read.revision, json!({"body": body}));
    let written = world.engine.act(&viewer, read.doc_id, "edit", request).await.unwrap();
    assert_eq!((&written.body["panes"], written.definition_version), (&json!(13), 3));
    assert_eq!((&written.body["method"], written.body.get("remark")), (&json!("rope"), None));
    world.engine.verify(&viewer, read.doc_id).await.unwrap();

    let other = made[1].doc_id;
    let request = World::with(made[1].revision, json!({}));
    let gone = world.engine.act(&viewer, other, "discard", request).await.unwrap();
    assert_eq!(gone.state, "discarded");
    world.engine.verify(&viewer, other).await.unwrap();
}
