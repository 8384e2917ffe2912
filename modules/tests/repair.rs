//! Repair tickets from the form to the closed file, against a real database, as the program's role.

mod support;

use gis_data::{FeatureId, Permission, ScopeSet, Viewer};
use modules::{ChainFault, DemoPlaces, DocId, Document, EventLine, Filter, ModuleError};
use serde_json::json;
use sqlx::error::DatabaseError;
use support::World;

fn number(document: &Document) -> &str {
    document.number.as_deref().unwrap_or_default()
}

fn events(document: &Document) -> &[EventLine] {
    document.detail.as_ref().map_or(&[], |detail| &detail.events)
}

#[tokio::test]
async fn a_ticket_walks_from_open_to_assigned_to_closed_and_back() {
    let world = World::create().await;
    let viewer = world.our_viewer();
    let opened = world.engine.create(&viewer, World::ticket(&world.rooms[..1])).await.unwrap();
    assert_eq!((opened.state.as_str(), opened.revision), ("open", 1));
    assert_eq!(opened.state_title.zh, "待派单");
    assert_eq!(opened.actions.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["assign"]);
    assert_eq!(opened.links[0].name, "一号楼 101");
    assert!(number(&opened).starts_with("BX-20") && number(&opened).ends_with("-000001"));

    let mut ticket = opened;
    for (action, patch, state) in [
        ("assign", json!({"assignee": "水电班"}), "assigned"),
        ("close", json!({"note": "已换阀芯"}), "closed"),
        ("reopen", json!({"note": "又漏了"}), "open"),
    ] {
        let (id, revision) = (ticket.doc_id, ticket.revision);
        ticket = world.engine.act(&viewer, id, action, World::with(revision, patch)).await.unwrap();
        assert_eq!((ticket.state.as_str(), ticket.revision), (state, revision + 1));
        let assignee = ticket.body.get("assignee").and_then(|a| a.as_str());
        assert_eq!(assignee, (state != "open").then_some("水电班"), "after {action}");
    }
    assert_eq!(world.engine.get(&viewer, ticket.doc_id).await.unwrap(), ticket);
    let history: Vec<_> = events(&ticket)
        .iter()
        .map(|e| (e.seq, e.action.as_str(), e.actor.as_str(), e.note.as_deref()))
        .collect();
    assert_eq!(
        history,
        [
            (1, "create", "ours", None),
            (2, "assign", "ours", Some("水电班")),
            (3, "close", "ours", Some("已换阀芯")),
            (4, "reopen", "ours", Some("又漏了")),
        ]
    );
    assert_eq!(ticket.updated_at, events(&ticket)[3].at);
    assert_eq!(ticket.created_at, events(&ticket)[0].at);
}

#[tokio::test]
async fn a_document_is_written_as_the_contract_says() {
    let world = World::create().await;
    let ticket = serde_json::to_value(world.file(&[world.building]).await).unwrap();
    let keys: Vec<&str> = ticket.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec![
        "doc_id",
        "kind",
        "kind_title",
        "module",
        "title",
        "state",
        "state_title",
        "phase",
        "tone",
        "number",
        "definition_version",
        "revision",
        "body",
        "created_at",
        "updated_at",
        "created_by",
        "actions",
        "links",
        "refs",
        "related",
        "decisions",
        "events",
        "comments",
        "attachments",
        "approval",
    ];
    let mut found = keys.clone();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(ticket["actions"][0]["title"], json!({"zh": "派单", "en": "Assign"}));
    let link = json!({"feature_id": world.building, "kind": "building", "name": "一号楼"});
    assert_eq!(ticket["links"][0], link);
    assert_eq!(ticket["events"][0]["title"], json!({"zh": "登记", "en": "Create"}));
}

#[tokio::test]
async fn a_stale_revision_is_refused_and_nothing_changes() {
    let world = World::create().await;
    let viewer = Viewer::program();
    let ticket = world.file(&[world.building]).await;
    let patch = json!({"assignee": "甲班"});
    let assigned = world
        .engine
        .act(&viewer, ticket.doc_id, "assign", World::with(1, patch.clone()))
        .await
        .unwrap();
    let refused = world
        .engine
        .act(&viewer, ticket.doc_id, "close", World::with(1, json!({"note": "好了"})))
        .await;
    assert!(
        matches!(refused, Err(ModuleError::RevisionConflict { expected: 1, actual: 2 })),
        "{refused:?}"
    );
    assert_eq!(world.engine.get(&viewer, ticket.doc_id).await.unwrap(), assigned);
}

#[tokio::test]
async fn an_action_that_the_state_does_not_allow_is_refused() {
    let world = World::create().await;
    let viewer = Viewer::program();
    let ticket = world.file(&[world.building]).await;
    for action in ["close", "reopen", "explode"] {
        let refused = world
            .engine
            .act(&viewer, ticket.doc_id, action, World::with(1, json!({"note": "x"})))
            .await;
        let Err(ModuleError::ActionNotAllowed { action: named, state }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!((named.as_str(), state.as_str()), (action, "open"));
    }
    assert_eq!(world.engine.get(&viewer, ticket.doc_id).await.unwrap(), ticket);
}

#[tokio::test]
async fn all_faults_of_a_form_come_at_once() {
    let world = World::create().await;
    let mut form = World::ticket(&[]);
    form.title = Some(String::new());
    form.body = json!({"category": "煤", "description": " "});
    let refused = world.engine.create(&Viewer::program(), form).await;
    let Err(ModuleError::Invalid(faults)) = refused else { panic!("{refused:?}") };
    let fields: Vec<&str> = faults.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(
        fields,
        ["title", "body.category", "body.description", "body.urgency", "feature_ids"]
    );
    assert!(faults.iter().all(|f| !f.message.zh.is_empty() && !f.message.en.is_empty()));

    let ticket = world.file(&[world.building]).await;
    let patch = json!({"assignee": "", "hurry": true});
    let refused =
        world.engine.act(&Viewer::program(), ticket.doc_id, "assign", World::with(1, patch)).await;
    let Err(ModuleError::Invalid(faults)) = refused else { panic!("{refused:?}") };
    let fields: Vec<&str> = faults.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["patch.assignee", "patch.hurry"]);
}

#[tokio::test]
async fn what_is_not_on_file_is_named() {
    let world = World::create().await;
    let viewer = world.our_viewer();
    let nowhere = FeatureId(4_000_000_000);
    let form = World::ticket(&[world.building, world.foreign_building, nowhere]);
    let refused = world.engine.create(&viewer, form).await;
    let Err(ModuleError::UnknownFeature(ids)) = refused else { panic!("{refused:?}") };
    assert_eq!(ids, [world.foreign_building, nowhere]);

    let mut form = World::ticket(&[world.building]);
    form.kind = "poem".to_owned();
    let refused = world.engine.create(&viewer, form).await;
    assert!(matches!(&refused, Err(ModuleError::UnknownKind(k)) if k == "poem"), "{refused:?}");
    let refused = world.engine.get(&viewer, DocId(99)).await;
    assert!(matches!(refused, Err(ModuleError::NotFound(DocId(99)))), "{refused:?}");
    let filter =
        Filter { kind: Some("repair".into()), state: Some("lost".into()), ..Filter::default() };
    let refused = world.engine.list(&viewer, &filter).await;
    assert!(matches!(refused, Err(ModuleError::UnknownState { .. })), "{refused:?}");
}

/// The failure comes after the number was taken: a trigger that stands in for a full disk.
#[tokio::test]
async fn numbers_have_no_gap_when_a_create_fails() {
    let world = World::create().await;
    let first = world.file(&[world.building]).await;
    world
        .as_superuser(
            "create function fail() returns trigger language plpgsql as $$ begin raise 'full'; end $$;
             create trigger fail before insert on doc_event execute function fail()",
        )
        .await;
    let form = World::ticket(&[world.building]);
    let failed = world.engine.create(&Viewer::program(), form).await;
    assert!(
        matches!(failed, Err(ModuleError::Query { what: "append an event", .. })),
        "{failed:?}"
    );
    world.as_superuser("drop trigger fail on doc_event").await;
    let second = world.file(&[world.building]).await;
    assert!(number(&first).ends_with("-000001"), "{}", number(&first));
    assert!(number(&second).ends_with("-000002"), "{}", number(&second));
    let all = world.engine.list(&Viewer::program(), &Filter::default()).await.unwrap();
    assert_eq!(all.total, 2);
}

#[tokio::test]
async fn creating_at_once_gives_each_its_own_number() {
    let world = World::create().await;
    let many = (0..8).map(|_| {
        let (engine, form) = (world.engine.clone(), World::ticket(&[world.building]));
        tokio::spawn(async move { engine.create(&Viewer::program(), form).await })
    });
    let mut nths = Vec::new();
    for task in many.collect::<Vec<_>>() {
        let number = task.await.unwrap().unwrap().number.unwrap();
        nths.push(number.rsplit('-').next().unwrap().parse::<u32>().unwrap());
    }
    nths.sort_unstable();
    assert_eq!(nths, (1..=8).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_history_verifies_until_somebody_tampers_with_it() {
    let world = World::create().await;
    let viewer = Viewer::program();
    let id = world.file(&[world.building]).await.doc_id;
    world
        .engine
        .act(&viewer, id, "assign", World::with(1, json!({"assignee": "甲班"})))
        .await
        .unwrap();
    world.engine.act(&viewer, id, "close", World::with(2, json!({"note": "好了"}))).await.unwrap();
    world.engine.verify(&viewer, id).await.unwrap();

    let set = |column: &str, value: &str, seq: u8| {
        format!("update doc_event set {column} = {value} where doc_id = {id} and seq = {seq}")
    };
    for (tamper, mend, expected) in [
        (
            set("patch", r#"jsonb_set(patch, '{assignee}', '"乙班"')"#, 2),
            set("patch", r#"jsonb_set(patch, '{assignee}', '"甲班"')"#, 2),
            ChainFault::Altered(2),
        ),
        (
            set("at", "at - interval '1 microsecond'", 3),
            set("at", "at + interval '1 microsecond'", 3),
            ChainFault::Altered(3),
        ),
        (
            format!("update doc set state = 'open' where doc_id = {id}"),
            format!("update doc set state = 'closed' where doc_id = {id}"),
            ChainFault::Unfounded,
        ),
        (
            "create table kept as select * from doc_event where seq = 3;
             delete from doc_event where seq = 3"
                .to_owned(),
            "insert into doc_event select * from kept; drop table kept".to_owned(),
            ChainFault::Unfounded,
        ),
    ] {
        world.as_superuser(&tamper).await;
        let found = world.engine.verify(&viewer, id).await;
        let Err(ModuleError::BrokenChain { fault, .. }) = found else {
            panic!("{tamper}: {found:?}");
        };
        assert_eq!(fault, expected, "{tamper}");
        world.as_superuser(&mend).await;
        world.engine.verify(&viewer, id).await.unwrap();
    }
}

#[tokio::test]
async fn one_broken_history_among_many_is_named() {
    let world = World::create().await;
    let mut ids = Vec::new();
    for place in [world.building, world.rooms[0], world.foreign_building] {
        ids.push(world.file(&[place]).await.doc_id);
    }
    assert_eq!(world.engine.verify_all().await.unwrap(), 3);
    let broken = ids[1];
    world
        .as_superuser(&format!("update doc_event set actor = 'nobody' where doc_id = {broken}"))
        .await;
    let found = world.engine.verify_all().await;
    assert!(
        matches!(found, Err(ModuleError::BrokenChain { doc_id, fault: ChainFault::Altered(1) }) if doc_id == broken),
        "{found:?}"
    );
}

#[tokio::test]
async fn the_program_can_neither_change_nor_delete_events() {
    let world = World::create().await;
    world.file(&[world.building]).await;
    for statement in [
        "update doc_event set actor = 'nobody'",
        "delete from doc_event",
        "truncate doc_event",
        "delete from doc",
        "update doc_comment set text = 'x'",
        "delete from approval_deed",
    ] {
        let mut tx = world.store.as_viewer(&Viewer::program()).await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *tx).await.unwrap_err();
        let code = refused.as_database_error().and_then(DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn a_building_lists_the_tickets_of_its_floors_and_rooms() {
    let world = World::create().await;
    let viewer = Viewer::program();
    let on_room = world.file(&world.rooms[..1]).await.doc_id;
    let on_floor = world.file(&[world.floor]).await.doc_id;
    let on_both = world.file(&[world.building, world.rooms[0], world.rooms[0]]).await.doc_id;
    world.file(&[world.foreign_building]).await;
    world
        .engine
        .act(&viewer, on_room, "assign", World::with(1, json!({"assignee": "甲班"})))
        .await
        .unwrap();
    world
        .engine
        .act(&viewer, on_room, "close", World::with(2, json!({"note": "好了"})))
        .await
        .unwrap();

    for (place, expected, open) in [
        (world.building, vec![on_both, on_floor, on_room], 2),
        (world.floor, vec![on_both, on_floor, on_room], 2),
        (world.rooms[0], vec![on_both, on_room], 1),
        (world.rooms[1], vec![], 0),
    ] {
        let records = world.engine.records_of(&viewer, place, None).await.unwrap();
        let found: Vec<DocId> = records.items.iter().map(|d| d.doc_id).collect();
        assert_eq!(found, expected, "of {place}");
        let repair = records.counts.iter().find(|c| c.kind == "repair").unwrap();
        assert_eq!((repair.kind.as_str(), repair.title.zh.as_str()), ("repair", "报修"));
        assert_eq!((repair.total, repair.open), (i64::try_from(expected.len()).unwrap(), open));
    }
}

#[tokio::test]
async fn a_list_is_cut_by_state_and_comes_page_by_page() {
    let world = World::create().await;
    let viewer = Viewer::program();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.file(&[world.building]).await.doc_id);
    }
    ids.reverse();
    world
        .engine
        .act(&viewer, ids[0], "assign", World::with(1, json!({"assignee": "甲班"})))
        .await
        .unwrap();

    let assigned = Filter { state: Some("assigned".into()), ..Filter::default() };
    let page = world.engine.list(&viewer, &assigned).await.unwrap();
    assert_eq!((page.total, page.items[0].doc_id), (1, ids[0]));
    assert_eq!(page.items[0].detail, None, "lists leave histories out");

    let mut filter = Filter { limit: Some(2), ..Filter::default() };
    let mut seen = Vec::new();
    loop {
        let page = world.engine.list(&viewer, &filter).await.unwrap();
        assert_eq!(page.total, 5);
        seen.extend(page.items.iter().map(|d| d.doc_id));
        let Some(next) = page.next else { break };
        filter.after = next.parse().ok();
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn a_viewer_without_the_scope_sees_nothing() {
    let world = World::create().await;
    let ticket = world.file(&world.rooms[..1]).await;
    let stranger = world.their_viewer();
    for viewer in [&stranger, &Viewer::of_scopes("nobody", [])] {
        let found = world.engine.get(viewer, ticket.doc_id).await;
        assert!(matches!(found, Err(ModuleError::NotFound(_))), "{found:?}");
        let patch = json!({"assignee": "甲班"});
        let acted = world.engine.act(viewer, ticket.doc_id, "assign", World::with(1, patch)).await;
        assert!(matches!(acted, Err(ModuleError::NotFound(_))), "{acted:?}");
        let verified = world.engine.verify(viewer, ticket.doc_id).await;
        assert!(matches!(verified, Err(ModuleError::NotFound(_))), "{verified:?}");
        let page = world.engine.list(viewer, &Filter::default()).await.unwrap();
        assert_eq!((page.total, page.items), (0, vec![]));
        let records = world.engine.records_of(viewer, world.building, None).await.unwrap();
        assert_eq!((records.counts[0].total, records.items), (0, vec![]));
        assert_eq!(world.engine.open_count(viewer, "repair").await.unwrap(), 0);
    }
    let ours = world.our_viewer();
    assert_eq!(world.engine.open_count(&ours, "repair").await.unwrap(), 1);
    assert_eq!(world.engine.get(&ours, ticket.doc_id).await.unwrap(), ticket);
}

#[tokio::test]
async fn a_shared_ticket_shows_each_viewer_only_their_places() {
    let world = World::create().await;
    let id = world.file(&[world.building, world.foreign_building]).await.doc_id;
    let (us, them) = (world.viewer_of_org(1).await, world.viewer_of_org(2).await);
    for (viewer, place) in [(us, world.building), (them, world.foreign_building)] {
        let ticket = world.engine.get(&viewer, id).await.unwrap();
        let places: Vec<FeatureId> = ticket.links.iter().map(|l| l.feature_id).collect();
        assert_eq!(places, [place]);
    }
    let ours = world.viewer_of_org(1).await;
    let records = world.engine.records_of(&ours, world.foreign_building, None).await.unwrap();
    assert_eq!(records.items, [], "the other building is not theirs to ask about");
}

#[tokio::test]
async fn whoever_sees_every_place_may_file_there_also_where_the_combination_is_new() {
    let world = World::create().await;
    let both = Viewer::of_scopes("both", [world.ours, world.theirs]);
    let places = [world.building, world.foreign_building];
    let ticket = world.engine.create(&both, World::ticket(&places)).await.unwrap();
    assert_eq!(ticket.links.len(), 2);
    let of_one = world.engine.create(&world.our_viewer(), World::ticket(&places)).await;
    assert!(matches!(of_one, Err(ModuleError::UnknownFeature(_))), "{of_one:?}");
}

#[tokio::test]
async fn a_reader_reads_and_is_offered_no_action() {
    let world = World::create().await;
    let id = world.file(&[world.building]).await.doc_id;
    let scopes: ScopeSet = [world.ours].into_iter().collect();
    let reader = Viewer::compiled("reader", [(Permission::Read, scopes)].into());
    assert_eq!(world.engine.get(&reader, id).await.unwrap().actions, []);
    let acted =
        world.engine.act(&reader, id, "assign", World::with(1, json!({"assignee": "甲班"}))).await;
    assert!(matches!(acted, Err(ModuleError::NotAllowed(_))), "{acted:?}");
    let filed = world.engine.create(&reader, World::ticket(&[world.building])).await;
    assert!(matches!(filed, Err(ModuleError::UnknownFeature(_))), "{filed:?}");
}

#[tokio::test]
async fn of_two_acts_on_one_revision_one_wins() {
    let world = World::create().await;
    let viewer = Viewer::program();
    for _ in 0..10 {
        let id = world.file(&[world.building]).await.doc_id;
        let by = |name: &str| {
            world.engine.act(&viewer, id, "assign", World::with(1, json!({"assignee": name})))
        };
        let (first, second) = tokio::join!(by("甲班"), by("乙班"));
        let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
        let won = won.unwrap();
        assert!(
            matches!(lost, Err(ModuleError::RevisionConflict { expected: 1, actual: 2 })),
            "{lost:?}"
        );
        assert_eq!((won.revision, events(&won).len()), (2, 2));
        assert_eq!(world.engine.get(&viewer, id).await.unwrap(), won);
        world.engine.verify(&viewer, id).await.unwrap();
    }
}

#[tokio::test]
async fn the_demonstration_is_filed_once_and_reaches_every_state() {
    let world = World::create().await;
    let viewer = Viewer::program();
    let places = [world.rooms[0], world.rooms[1], world.building];
    let demo = DemoPlaces { rooms: places.to_vec(), clerk: None };
    assert_eq!(world.engine.seed_demo(&demo).await.unwrap(), 24);
    assert_eq!(world.engine.seed_demo(&demo).await.unwrap(), 0);
    for state in ["open", "assigned", "closed"] {
        let filter = Filter { state: Some(state.into()), ..Filter::default() };
        assert!(world.engine.list(&viewer, &filter).await.unwrap().total > 0, "none is {state}");
    }
    let all = world.engine.list(&viewer, &Filter::default()).await.unwrap();
    for ticket in &all.items {
        let description = ticket.body["description"].as_str().unwrap();
        assert!(description.contains("示例数据（虚构）"), "{description}");
        world.engine.verify(&viewer, ticket.doc_id).await.unwrap();
    }
    for place in places {
        let records = world.engine.records_of(&viewer, place, None).await.unwrap();
        let repairs = records.counts.iter().find(|c| c.kind == "repair").unwrap();
        assert!(repairs.total > 0, "none hangs off {place}");
    }
}
