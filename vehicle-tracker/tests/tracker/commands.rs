//! Commands: asked for, let pass, handed to the terminal once, and answered by it.

use std::sync::Arc;
use std::time::Duration;

use gis_data::{FeatureId, Viewer};
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _};
use vehicle_tracker::command::{
    CommandFilter, CommandOnFile, CommandPlan, Decision, DecisionFault, PlanProblem, ask, commands,
    decide,
};
use vehicle_tracker::jt808::MessageId;

use crate::database::Database;
use crate::door::{KeyRing, secret_of};
use crate::gateway::{self, Device, location};
use crate::{start, start_behind, terminal};

const SOON: Duration = Duration::from_secs(10);

fn plan(vehicle: FeatureId, command: &Value) -> CommandPlan {
    let plan = json!({"vehicle_id": vehicle, "command": command, "reason": "示例事由"});
    serde_json::from_value(plan).unwrap()
}

async fn asked(database: &Database, vehicle: FeatureId, command: &Value) -> CommandOnFile {
    let plan = plan(vehicle, command);
    ask(&database.store, &Viewer::program(), "dispatcher", &plan).await.unwrap().unwrap()
}

async fn decided(
    database: &Database,
    actor: &str,
    id: i64,
    decision: Decision,
) -> Result<CommandOnFile, DecisionFault> {
    decide(&database.store, &Viewer::program(), actor, (id, decision, "")).await.unwrap()
}

/// Waits until the command is in this state, and answers its life.
async fn comes_to(database: &Database, id: i64, state: &str) -> Vec<String> {
    let statement = format!(
        "select count(*) from vehicle_command where vehicle_command_id = {id} and state = '{state}'"
    );
    database.comes_to(&statement, 1).await;
    let filter = CommandFilter { limit: 10, ..CommandFilter::default() };
    let found = commands(&database.store, &Viewer::program(), &filter).await.unwrap();
    let found = found.into_iter().find(|command| command.command_id == id).unwrap();
    let events = found.events.as_array().unwrap();
    events.iter().map(|event| event["state"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_leaves_once_after_a_second_person_let_it_pass() {
    let database = Database::create().await;
    let id = database.register(1).await[0];
    let tracker = start(&database).await;
    let text = json!({"kind": "text", "text": "请立即返回"});
    let asked = asked(&database, id, &text).await;
    assert_eq!((asked.state.as_str(), asked.terminal_id.as_str()), ("requested", "T1"));
    let own = decided(&database, "dispatcher", asked.command_id, Decision::Approve).await;
    assert_eq!(own.unwrap_err(), DecisionFault::OwnCommand);
    let queued = decided(&database, "supervisor", asked.command_id, Decision::Approve).await;
    assert_eq!(queued.unwrap().state, "queued");
    let again = decided(&database, "supervisor", asked.command_id, Decision::Refuse).await;
    assert_eq!(again.unwrap_err(), DecisionFault::OutOfTurn);

    // Nobody listens: it waits.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(comes_to(&database, asked.command_id, "queued").await.len(), 2);
    let mut terminal = terminal(&tracker, "T1").await;
    terminal.listen().await;
    let told = terminal.hears_within(SOON).await.expect("the command");
    assert_eq!((&told["kind"], &told["text"]), (&json!("text"), &json!("请立即返回")));
    assert_eq!(told["id"], asked.command_id);
    assert!(told["expires"].as_str().unwrap().ends_with('Z'), "{told}");

    // Another terminal's word, and one that cannot be read, change nothing.
    let mut other = crate::terminal(&tracker, "T7").await;
    other.reports(&json!({"id": asked.command_id, "result": "done"})).await;
    terminal.reports(&json!({"id": "?"})).await;
    assert_eq!(comes_to(&database, asked.command_id, "sent").await.len(), 3);
    terminal.reports(&json!({"id": asked.command_id, "result": "failed", "note": "无屏幕"})).await;
    let life = comes_to(&database, asked.command_id, "failed").await;
    assert_eq!(life, ["requested", "queued", "sent", "failed"]);
    assert_eq!(terminal.hears_within(Duration::from_millis(2_500)).await, None, "once");
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_of_jt808_is_told_by_its_link_and_its_place_is_kept() {
    let database = gateway::database().await;
    let id = FeatureId(database.count("select feature_id from vehicle").await);
    let tracker = start(&database).await;
    let mut device = Device::call(tracker.jt808_address().unwrap()).await;
    device.introduce_itself(&secret_of("123456789012")).await;

    // To be asked where one is needs nobody else.
    let locate = asked(&database, id, &json!({"kind": "locate"})).await;
    assert_eq!(locate.state, "queued");
    let question = device.hear(SOON).await.expect("the question");
    assert_eq!((question.header().id, question.body()), (MessageId(0x8201), &[][..]));
    let serial = question.header().serial.to_be_bytes();
    device.say(MessageId(0x0201), [&serial, location().body()].concat()).await;
    let life = comes_to(&database, locate.command_id, "acknowledged").await;
    assert_eq!(life, ["queued", "sent", "acknowledged"]);
    database.comes_to("select count(*) from position", 1).await;

    let text = asked(&database, id, &json!({"kind": "text", "text": "请返回"})).await;
    decided(&database, "supervisor", text.command_id, Decision::Approve).await.unwrap();
    let told = device.hear(SOON).await.expect("the text");
    assert_eq!(told.header().id, MessageId(0x8300));
    let gbk = [0xc7, 0xeb, 0xb7, 0xb5, 0xbb, 0xd8];
    assert_eq!(told.body()[1..], gbk, "the first byte says where it is shown");
    let serial = told.header().serial.to_be_bytes();
    device.say(MessageId(0x0001), [&serial[..], &[0x83, 0x00, 3]].concat()).await;
    let life = comes_to(&database, text.command_id, "failed").await;
    assert_eq!(life, ["requested", "queued", "sent", "failed"]);

    // What its letters cannot say is told at once.
    let odd = asked(&database, id, &json!({"kind": "text", "text": "🚗"})).await;
    decided(&database, "supervisor", odd.command_id, Decision::Approve).await.unwrap();
    comes_to(&database, odd.command_id, "failed").await;
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_whose_credential_is_gone_is_asked_nothing() {
    let database = gateway::database().await;
    let id = FeatureId(database.count("select feature_id from vehicle").await);
    let door = Arc::new(KeyRing::default());
    let tracker = start_behind(&database, Duration::from_mins(1), Arc::clone(&door)).await;
    let mut device = Device::call(tracker.jt808_address().unwrap()).await;
    device.introduce_itself(&secret_of("123456789012")).await;
    door.revoke("123456789012");
    let locate = asked(&database, id, &json!({"kind": "locate"})).await;
    assert_eq!(device.hear(SOON).await, None, "the link ends");
    let life = comes_to(&database, locate.command_id, "failed").await;
    assert_eq!(life, ["queued", "sent", "failed"]);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_late_or_withdrawn_is_not_sent() {
    let database = Database::create().await;
    let ids = database.register(3).await;
    let id = ids[0];
    let (all, store) = (Viewer::program(), &database.store);
    let refused = async |command: Value| {
        ask(store, &all, "dispatcher", &plan(id, &command)).await.unwrap().unwrap_err()
    };
    assert_eq!(refused(json!({"kind": "interval", "seconds": 0})).await, PlanProblem::Kind);
    let unknown = ask(store, &all, "d", &plan(FeatureId(0), &json!({"kind": "locate"}))).await;
    assert_eq!(unknown.unwrap().unwrap_err(), PlanProblem::Unknown);
    let stranger = Viewer::of_scopes("stranger", []);
    let foreign = ask(store, &stranger, "d", &plan(id, &json!({"kind": "locate"}))).await;
    assert_eq!(foreign.unwrap().unwrap_err(), PlanProblem::Unknown);

    let interval = json!({"kind": "interval", "seconds": 10});
    let (kept, gone) =
        (asked(&database, id, &interval).await, asked(&database, id, &interval).await);
    decided(&database, "supervisor", gone.command_id, Decision::Approve).await.unwrap();
    decided(&database, "dispatcher", gone.command_id, Decision::Withdraw).await.unwrap();
    let mut owner = database.connect().await;
    owner
        .execute("update vehicle_command set requested_at = now() - interval '2 h', expires_at = now() - interval '1 h' where state = 'requested'")
        .await
        .unwrap();
    // Its terminal went to another vehicle, which nobody has asked for anything.
    let moved = asked(&database, ids[1], &json!({"kind": "locate"})).await;
    let statement =
        format!("update terminal set vehicle_id = {} where terminal_id = 'T2'", ids[2].0);
    owner.execute(statement.as_str()).await.unwrap();
    owner.close().await.unwrap();
    let late = decided(&database, "supervisor", kept.command_id, Decision::Approve).await;
    assert_eq!(late.unwrap_err(), DecisionFault::OutOfTurn);
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;
    terminal.listen().await;
    assert_eq!(comes_to(&database, kept.command_id, "expired").await, ["requested", "expired"]);
    let mut other = crate::terminal(&tracker, "T2").await;
    other.listen().await;
    assert_eq!(terminal.hears_within(Duration::from_millis(2_500)).await, None);
    assert_eq!(other.hears_within(Duration::from_millis(500)).await, None);
    assert_eq!(comes_to(&database, moved.command_id, "queued").await, ["queued"]);
    let filter =
        CommandFilter { state: Some("withdrawn".to_owned()), limit: 9, ..CommandFilter::default() };
    let found = commands(store, &all, &filter).await.unwrap();
    assert_eq!(found.iter().map(|c| c.command_id).collect::<Vec<_>>(), [gone.command_id]);
    assert_eq!(commands(store, &stranger, &filter).await.unwrap(), []);
    tracker.shutdown().await;
}
