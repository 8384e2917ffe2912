//! Official vehicles from the request to the return: who may give one, what stands in the ledger of duties, what is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::LazyLock;

use gis_data::{FeatureId, Permission, ScopeSet, Viewer};
use modules::approval::{DeedRequest, Inbox};
use modules::{DemoPlaces, DocId, Document, Filter, ModuleError, NewDocument};
use serde_json::{Value as Json, json};
use support::World;
use time::{Duration, OffsetDateTime, UtcOffset};

/// The world with two vehicles of ours, one of theirs, and people who ask and decide.
struct Case {
    world: World,
    vehicles: [FeatureId; 2],
    foreign: FeatureId,
}

static NOW: LazyLock<OffsetDateTime> = LazyLock::new(OffsetDateTime::now_utc);

/// So many minutes from now, as forms send it.
fn at(minutes: i64) -> String {
    let beijing = UtcOffset::from_hms(8, 0, 0).unwrap();
    let at = (*NOW + Duration::minutes(minutes)).to_offset(beijing);
    format!("{}T{:02}:{:02}+08:00", at.date(), at.hour(), at.minute())
}

impl Case {
    async fn create() -> Self {
        let world = World::create().await;
        world
            .as_superuser(
                "insert into org (org_id, code, name, path, level, color) overriding system value
                 values (71, 'T71', '用车单位', 'o71', 1, '#336699')",
            )
            .await;
        for login in ["asker", "head", "supervisor"] {
            let user = format!(
                "insert into app_user (login, name, org_id) values ('{login}', '示例{login}', 71)"
            );
            world.as_superuser(&user).await;
        }
        world
            .as_superuser(
                "update org set head_user_id = (select user_id from app_user where login = 'head') where org_id = 71;
                 insert into role (role_id, title, duty, permissions)
                 values ('supervisor', '{\"zh\": \"主管\", \"en\": \"Supervisor\"}', 'none', '{read,record}');
                 insert into role_grant (user_id, role_id, duty, org_id, granted_by)
                 select user_id, 'supervisor', 'none', 71, 'test' from app_user where login = 'supervisor'",
            )
            .await;
        let vehicles = [
            vehicle(&world, world.ours.0, "示A·10001").await,
            vehicle(&world, world.ours.0, "示A·10002").await,
        ];
        let foreign = vehicle(&world, world.theirs.0, "示B·20001").await;
        Self { world, vehicles, foreign }
    }

    fn viewer(&self, login: &str, permissions: &[Permission]) -> Viewer {
        let ours: ScopeSet = [self.world.ours].into_iter().collect();
        let held = permissions.iter().map(|p| (*p, ours.clone()));
        Viewer::compiled(login, held.chain([(Permission::Read, ours.clone())]).collect())
    }

    /// Puts documents on file, and gives no vehicle.
    fn clerk(&self) -> Viewer {
        self.viewer("asker", &[Permission::Record])
    }

    fn dispatcher(&self) -> Viewer {
        self.viewer("dispatcher", &[Permission::Record, Permission::Command, Permission::Track])
    }

    /// A request for so many minutes from now to so many, submitted.
    async fn asked(&self, from: i64, until: i64) -> DocId {
        let new = NewDocument {
            kind: "vehicle_request".to_owned(),
            body: json!({"org": 71, "rider": "赵示例", "category": "official", "reason": "参加会议", "people": 2,
                "from": at(from), "until": at(until), "destination": "示例县政府",
                "destination_place": self.world.rooms[1], "is_out_of_town": true}),
            feature_ids: vec![self.world.building],
            ..NewDocument::default()
        };
        let made = self.world.engine.create(&self.clerk(), new).await.unwrap();
        self.act(&self.clerk(), made.doc_id, "submit", json!({})).await.doc_id
    }

    async fn decide(&self, login: &str, deed: &str) -> Document {
        let viewer = self.viewer(login, &[Permission::Record]);
        let inbox = self.world.engine.inbox(&viewer, Inbox::Open, 10).await.unwrap();
        let task = inbox.items[0].task_id;
        let request: DeedRequest =
            serde_json::from_value(json!({"deed": deed, "task": task})).unwrap();
        let running = "select max(approval_id)::text from approval";
        let approval = self.world.read(running).await[0].parse().unwrap();
        self.world.engine.decide(&viewer, approval, request).await.unwrap()
    }

    async fn approved(&self, from: i64, until: i64) -> DocId {
        let request = self.asked(from, until).await;
        self.decide("head", "agree").await;
        self.decide("supervisor", "agree").await;
        request
    }

    async fn drafted(&self, vehicle: FeatureId, body: Json) -> Document {
        let new = NewDocument {
            kind: "vehicle_order".to_owned(),
            body,
            feature_ids: vec![vehicle],
            ..NewDocument::default()
        };
        self.world.engine.create(&self.dispatcher(), new).await.unwrap()
    }

    /// An order of a vehicle for a request, dispatched.
    async fn ordered(&self, vehicle: FeatureId, request: DocId) -> Document {
        let draft = self.drafted(vehicle, json!({"request": request, "driver": "钱师傅"})).await;
        self.act(&self.dispatcher(), draft.doc_id, "dispatch", json!({})).await
    }

    async fn act(&self, viewer: &Viewer, doc_id: DocId, action: &str, patch: Json) -> Document {
        self.tried(viewer, doc_id, action, patch).await.unwrap()
    }

    async fn tried(
        &self,
        viewer: &Viewer,
        doc_id: DocId,
        action: &str,
        patch: Json,
    ) -> Result<Document, ModuleError> {
        let revision = self.world.engine.get(viewer, doc_id).await.unwrap().revision;
        self.world.engine.act(viewer, doc_id, action, World::with(revision, patch)).await
    }

    /// The one fault of what is refused.
    async fn fault(
        &self,
        viewer: &Viewer,
        doc_id: DocId,
        action: &str,
        patch: Json,
    ) -> (String, String) {
        let told = self.tried(viewer, doc_id, action, patch).await;
        let Err(ModuleError::Invalid(faults)) = told else { panic!("{told:?}") };
        (faults[0].field.clone(), faults[0].message.zh.clone())
    }

    async fn state(&self, doc_id: DocId) -> String {
        self.world.engine.get(&Viewer::program(), doc_id).await.unwrap().state
    }

    /// What holds of an order, or all of its revisions.
    async fn duties(&self, order: DocId, columns: &str, which: &str) -> Vec<String> {
        let rows = format!(
            "select concat_ws(' ', {columns}) from vehicle_duty where doc_id = {order} and {which} order by revision"
        );
        self.world.read(&rows).await
    }
}

const HOLDS: &str = "superseded_at is null and not is_void";
const ALL: &str = "true";

async fn vehicle(world: &World, scope: i32, plate: &str) -> FeatureId {
    let made = format!(
        "with f as (insert into feature (kind, scope_id) values ('vehicle', {scope}) returning feature_id)
         insert into vehicle (feature_id, plate, name, vehicle_type) select feature_id, '{plate}', '示例车', '轿车' from f
         returning feature_id::text"
    );
    FeatureId(world.read(&made).await[0].parse().unwrap())
}

#[tokio::test]
async fn a_vehicle_is_asked_for_given_taken_and_brought_back() {
    let case = Case::create().await;
    let engine = &case.world.engine;
    let request = case.asked(-10, 170).await;
    let refused =
        case.drafted(case.vehicles[0], json!({"request": request, "driver": "钱师傅"})).await;
    let (field, told) = case.fault(&case.dispatcher(), refused.doc_id, "dispatch", json!({})).await;
    assert_eq!(field, "body.request", "nothing is given before it is approved");
    assert!(told.contains("YC-20") && told.contains("未批准"), "{told}");

    assert_eq!(case.decide("head", "agree").await.state, "review");
    assert_eq!(case.decide("supervisor", "agree").await.state, "approved");
    let order = case.act(&case.dispatcher(), refused.doc_id, "dispatch", json!({})).await;
    assert!(order.number.as_deref().unwrap().starts_with("PC-20"));
    assert_eq!(case.state(request).await, "dispatched");
    assert_eq!(
        (&order.body["from"], &order.body["destination"], &order.body["is_late"]),
        (&json!(at(-10)), &json!("示例县政府"), &json!(false)),
        "what the request says"
    );
    let columns = "vehicle_id, driver, destination, purpose, org_id, is_late, extract(epoch from ends_at - starts_at)::int";
    let vehicle = case.vehicles[0];
    assert_eq!(
        case.duties(order.doc_id, columns, HOLDS).await,
        [format!("{vehicle} 钱师傅 示例县政府 参加会议 71 f 10800")]
    );

    // It hangs off the vehicle, as other records do, and off no plate for those who read none.
    let records = engine.records_of(&case.clerk(), vehicle, None).await.unwrap();
    let count = records.counts.iter().find(|c| c.kind == "vehicle_order").unwrap();
    assert_eq!((count.total, count.open), (1, 1));
    assert!(!json!(records.items).to_string().contains("10001"), "{:?}", records.items);

    let left = json!({"odometer_out": "20000.0", "departed_at": at(-8)});
    let out = case.act(&case.clerk(), order.doc_id, "depart", left).await;
    assert_eq!((out.state.as_str(), &out.body["departed_at"]), ("out", &json!(at(-8))));
    let back = json!({"odometer_in": "19999.9"});
    let (field, _) = case.fault(&case.clerk(), order.doc_id, "return", back).await;
    assert_eq!(field, "patch.odometer_in");
    let back = json!({"odometer_in": "20058.5", "note": "途中加油"});
    let done = case.act(&case.clerk(), order.doc_id, "return", back).await;
    assert_eq!((done.state.as_str(), &done.body["actual_km"]), ("returned", &json!("58.5")));
    assert_eq!(case.state(request).await, "done");
    engine.verify(&Viewer::program(), order.doc_id).await.unwrap();
    engine.verify(&Viewer::program(), request).await.unwrap();
}

#[tokio::test]
async fn a_vehicle_that_comes_back_early_has_no_order_for_the_rest() {
    let case = Case::create().await;
    let request = case.approved(-5, 240).await;
    let order = case.ordered(case.vehicles[0], request).await;
    case.act(&case.clerk(), order.doc_id, "depart", json!({"odometer_out": "1"})).await;
    let back = json!({"odometer_in": "9", "returned_at": at(2)});
    case.act(&case.clerk(), order.doc_id, "return", back).await;
    let minutes = "revision, is_void, extract(epoch from ends_at - starts_at)::int / 60, superseded_at is null";
    assert_eq!(case.duties(order.doc_id, minutes, ALL).await, ["2 f 245 f", "4 f 7 t"]);

    // The vehicle is free again from then on.
    let next = case.approved(10, 120).await;
    case.ordered(case.vehicles[0], next).await;
}

#[tokio::test]
async fn a_vehicle_has_one_order_at_a_time() {
    let case = Case::create().await;
    let first = case.approved(60, 240).await;
    let order = case.ordered(case.vehicles[0], first).await;
    let second = case.approved(180, 300).await;
    let draft =
        case.drafted(case.vehicles[0], json!({"request": second, "driver": "孙师傅"})).await;
    let (field, told) = case.fault(&case.dispatcher(), draft.doc_id, "dispatch", json!({})).await;
    assert_eq!(field, "feature_ids");
    assert!(told.contains(order.number.as_deref().unwrap()), "{told}");
    assert_eq!(case.state(second).await, "approved");
    case.ordered(case.vehicles[1], second).await;

    // Whatever the program forgets, the database refuses.
    let twice = format!(
        "insert into vehicle_duty (vehicle_id, doc_id, revision, starts_at, ends_at, driver, purpose, destination, is_late, actor)
         select vehicle_id, {}, 1, starts_at, ends_at, driver, purpose, destination, is_late, actor from vehicle_duty limit 1
         returning 'in'", draft.doc_id
    );
    let told = sqlx_fault(&case.world, &twice).await;
    assert_eq!(told.as_deref(), Some("vehicle_duty_overlap"));

    // Two at once: one of them has it.
    let (third, fourth) = (case.approved(400, 500).await, case.approved(450, 550).await);
    let mut drafts = Vec::new();
    for request in [third, fourth] {
        let body = json!({"request": request, "driver": "李师傅"});
        drafts.push(case.drafted(case.vehicles[0], body).await.doc_id);
    }
    let dispatcher = case.dispatcher();
    let (one, other) = tokio::join!(
        case.tried(&dispatcher, drafts[0], "dispatch", json!({})),
        case.tried(&dispatcher, drafts[1], "dispatch", json!({}))
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{one:?} {other:?}");
}

#[tokio::test]
async fn a_cancelled_order_approves_nothing_and_a_reassigned_one_nothing_more() {
    let case = Case::create().await;
    let request = case.approved(60, 240).await;
    let order = case.ordered(case.vehicles[0], request).await;
    let why = json!({"why": "会议改期"});
    case.act(&case.dispatcher(), order.doc_id, "cancel", why).await;
    assert!(case.duties(order.doc_id, "1", HOLDS).await.is_empty());
    assert_eq!(case.duties(order.doc_id, "is_void", ALL).await, ["f", "t"], "both stay");
    assert_eq!(case.state(request).await, "approved", "the request waits again");

    // Given anew, and given to another vehicle on the way.
    let order = case.ordered(case.vehicles[0], request).await;
    let why = json!({"why": "车辆故障"});
    let changed = case.act(&case.dispatcher(), order.doc_id, "reassign", why).await;
    assert_eq!(
        (changed.state.as_str(), case.state(request).await.as_str()),
        ("reassigned", "approved")
    );
    let other = case.ordered(case.vehicles[1], request).await;
    assert_eq!(case.duties(other.doc_id, "1", HOLDS).await.len(), 1);

    let cancelled = case.tried(&case.clerk(), request, "cancel", json!({"why": "不去了"})).await;
    assert!(matches!(cancelled, Err(ModuleError::ActionNotAllowed { .. })), "{cancelled:?}");
}

#[tokio::test]
async fn an_order_after_the_fact_says_so_and_why() {
    let case = Case::create().await;
    let request = case.approved(-120, 60).await;
    let draft =
        case.drafted(case.vehicles[0], json!({"request": request, "driver": "钱师傅"})).await;
    let (field, told) = case.fault(&case.dispatcher(), draft.doc_id, "dispatch", json!({})).await;
    assert_eq!(field, "body.late_reason");
    assert!(told.contains("补单"), "{told}");
    let mut body = draft.body.clone();
    body["late_reason"] = json!("夜间应急先行出车");
    case.act(&case.dispatcher(), draft.doc_id, "edit", json!({"body": body})).await;
    let order = case.act(&case.dispatcher(), draft.doc_id, "dispatch", json!({})).await;
    assert_eq!(order.body["is_late"], true);
    assert_eq!(case.duties(order.doc_id, "is_late", HOLDS).await, ["t"]);

    let figures = case.world.engine.figures(&case.clerk(), "official_vehicle").await.unwrap();
    let late = figures.iter().find(|f| f.id == "vehicle_orders_late").unwrap();
    assert!((late.value - 1.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_change_is_a_revision_and_is_judged_like_the_order() {
    let case = Case::create().await;
    let (first, second) = (case.approved(60, 120).await, case.approved(180, 240).await);
    let order = case.ordered(case.vehicles[0], first).await;
    let next = case.ordered(case.vehicles[0], second).await;
    let longer = json!({"until": at(200), "why": "会议延长"});
    let (_, told) = case.fault(&case.dispatcher(), order.doc_id, "change", longer).await;
    assert!(told.contains(next.number.as_deref().unwrap()), "{told}");
    let nothing = json!({"why": "没有变"});
    let (field, _) = case.fault(&case.dispatcher(), order.doc_id, "change", nothing).await;
    assert_eq!(field, "patch");
    let other =
        json!({"until": at(150), "driver": "孙师傅", "limit_km": "85.5", "why": "会议延长"});
    case.act(&case.dispatcher(), order.doc_id, "change", other).await;
    let columns = "revision, driver, coalesce(limit_km, 0), extract(epoch from ends_at - starts_at)::int / 60";
    assert_eq!(
        case.duties(order.doc_id, columns, ALL).await,
        ["2 钱师傅 0 60", "3 孙师傅 85.5 90"]
    );

    // Whoever follows finds each of them by its transaction, and may not rewrite any.
    let followed = "select count(*)::text from vehicle_duty where xid < pg_current_xact_id()";
    assert_eq!(case.world.read(followed).await, ["3"]);
    let again = "update vehicle_duty set superseded_at = now() where superseded_at is not null returning 'in'";
    assert!(case.world.try_read(again).await.is_err());
}

#[tokio::test]
async fn an_approved_way_leads_through_its_places() {
    let case = Case::create().await;
    case.world
        .as_superuser(&format!(
            "update room_version set geom = st_multi(st_makeenvelope(105.1, 36.1, 105.101, 36.101, 4326)) where feature_id = {}",
            case.world.rooms[1]
        ))
        .await;
    let request = case.approved(60, 240).await;
    let body = json!({"request": request, "driver": "钱师傅", "corridor_m": 500});
    let draft = case.drafted(case.vehicles[0], body).await;
    let order = case.act(&case.dispatcher(), draft.doc_id, "dispatch", json!({})).await;
    let columns = "corridor_m, st_npoints(corridor), round(st_length(corridor::geography) / 1000)";
    assert_eq!(case.duties(order.doc_id, columns, HOLDS).await, ["500 2 14"]);
    case.act(&case.dispatcher(), order.doc_id, "cancel", json!({"why": "改道"})).await;

    // One place alone is no way.
    let body = json!({"request": request, "driver": "钱师傅", "corridor_m": 500,
        "destination_place": case.world.building});
    let draft = case.drafted(case.vehicles[0], body).await;
    let (field, _) = case.fault(&case.dispatcher(), draft.doc_id, "dispatch", json!({})).await;
    assert_eq!(field, "body.corridor_m");
}

#[tokio::test]
async fn only_who_commands_vehicles_gives_them_and_a_county_sees_its_own() {
    let case = Case::create().await;
    let request = case.approved(60, 240).await;
    let draft =
        case.drafted(case.vehicles[0], json!({"request": request, "driver": "钱师傅"})).await;
    let told = case.tried(&case.clerk(), draft.doc_id, "dispatch", json!({})).await;
    assert!(matches!(told, Err(ModuleError::NotAllowed(_))), "{told:?}");
    let seen = case.world.engine.get(&case.clerk(), draft.doc_id).await.unwrap();
    assert!(seen.actions.iter().all(|a| a.name != "dispatch"));
    assert_ne!(seen.body["driver"], "钱师傅", "names are for those who send somebody");
    let order = case.act(&case.dispatcher(), draft.doc_id, "dispatch", json!({})).await;

    // Nobody gives a vehicle of somebody else's.
    let theirs = NewDocument {
        kind: "vehicle_order".to_owned(),
        body: json!({"request": request, "driver": "钱师傅"}),
        feature_ids: vec![case.foreign],
        ..NewDocument::default()
    };
    let told = case.world.engine.create(&case.dispatcher(), theirs).await;
    assert!(matches!(told, Err(ModuleError::UnknownFeature(_))), "{told:?}");

    let county = case.world.their_viewer();
    let engine = &case.world.engine;
    assert!(matches!(engine.get(&county, order.doc_id).await, Err(ModuleError::NotFound(_))));
    for kind in ["vehicle_request", "vehicle_order"] {
        let filter = Filter { kind: Some(kind.to_owned()), ..Filter::default() };
        assert_eq!(engine.list(&county, &filter).await.unwrap().total, 0);
    }
    for (viewer, rows) in [(&county, 0_i64), (&case.clerk(), 1)] {
        let mut tx = case.world.store.as_viewer(viewer).await.unwrap();
        let count: i64 = sqlx::query_scalar("select count(*) from vehicle_duty")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        assert_eq!(count, rows);
    }
}

#[tokio::test]
async fn one_request_is_given_several_vehicles_and_is_done_with_the_last() {
    let case = Case::create().await;
    let request = case.approved(-5, 240).await;
    let mut orders = Vec::new();
    for vehicle in case.vehicles {
        let order = case.ordered(vehicle, request).await;
        orders.push(order.doc_id);
        case.act(&case.clerk(), order.doc_id, "depart", json!({"odometer_out": "1"})).await;
    }
    for (order, state) in orders.into_iter().zip(["dispatched", "done"]) {
        case.act(&case.clerk(), order, "return", json!({"odometer_in": "2"})).await;
        assert_eq!(case.state(request).await, state);
    }
}

#[tokio::test]
async fn lists_ask_for_days_and_the_demonstration_has_every_state() {
    let case = Case::create().await;
    let own = format!(
        "update vehicle set org_id = 71; update building_version set org_id = 71 where feature_id = {}",
        case.world.building
    );
    case.world.as_superuser(&own).await;
    let more = (0..10).map(|n| format!("示A·3{n:04}"));
    for plate in more {
        vehicle(&case.world, case.world.ours.0, &plate).await;
    }
    case.world.as_superuser("update vehicle set org_id = 71").await;
    let engine = &case.world.engine;
    let made = engine.seed_demo(&DemoPlaces::default()).await.unwrap();
    assert!(made >= 17, "{made}");
    let count = async |kind: &str, conditions: Json| {
        let (kind, conditions) =
            (Some(kind.to_owned()), serde_json::from_value(conditions).unwrap());
        let filter = Filter { kind, conditions, ..Filter::default() };
        engine.list(&Viewer::program(), &filter).await.unwrap().total
    };
    let today = at(0).split('T').next().unwrap().to_owned();
    let beginning = |op: &str| json!([{"field": "from", "op": op, "value": today}]);
    let until = count("vehicle_request", beginning("le")).await;
    let after = count("vehicle_request", beginning("gt")).await;
    assert_eq!((count("vehicle_request", json!([])).await, until + after), (10, 10));
    assert!(until > 0 && after > 0, "{until} {after}");
    let out = json!([{"field": "state", "op": "eq", "value": "out"}]);
    assert_eq!(count("vehicle_order", out).await, 3);
    engine.verify_all().await.unwrap();
}

/// The constraint that a statement breaks.
async fn sqlx_fault(world: &World, statement: &str) -> Option<String> {
    let told = world.try_read(statement).await;
    told.err()?.as_database_error()?.constraint().map(str::to_owned)
}
