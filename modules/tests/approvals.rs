//! Approvals on file: who is asked, what they see and write, how they pass it on, and what happens when they are late.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use gis_data::{Permission, ScopeSet, Viewer};
use modules::approval::{DeedRequest, Inbox};
use modules::{DocId, Document, ModuleError, NewDocument, Registry};
use serde_json::json;
use support::World;

/// The world with the permit, its people, and a permit that has been asked for.
struct Case {
    world: World,
    doc_id: DocId,
}

const PEOPLE: [&str; 6] = ["asker", "anna", "boris", "clerk", "dora", "head"];

impl Case {
    async fn asked() -> Self {
        let mut world = World::create().await;
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/approved"));
        world.define(Registry::with_folder(folder).unwrap()).await;
        world
            .as_superuser(
                "insert into org (org_id, code, name, path, level, color) overriding system value
                 values (71, 'T71', '上级', 'o71', 1, '#336699'), (72, 'T72', '本单位', 'o71.o72', 2, '#336699')",
            )
            .await;
        for login in PEOPLE {
            world
                .as_superuser(&format!(
                    "insert into app_user (login, name, org_id) values ('{login}', '示例{login}', 72)"
                ))
                .await;
        }
        world
            .as_superuser(
                "update org set head_user_id = (select user_id from app_user where login = 'head') where org_id = 71",
            )
            .await;
        let case = Self { world, doc_id: DocId(0) };
        let asker = case.viewer("asker");
        let new = NewDocument {
            kind: "scaffold_permit".to_owned(),
            body: json!({"reason": "外墙维修", "price": "1200.00"}),
            feature_ids: vec![case.world.building],
            ..NewDocument::default()
        };
        let made = case.world.engine.create(&asker, new).await.unwrap();
        let request = World::with(made.revision, json!({}));
        case.world.engine.act(&asker, made.doc_id, "ask", request).await.unwrap();
        Self { doc_id: made.doc_id, ..case }
    }

    fn viewer(&self, login: &str) -> Viewer {
        let ours: ScopeSet = [self.world.ours].into_iter().collect();
        let allowed = [(Permission::Read, ours.clone()), (Permission::Record, ours)];
        Viewer::compiled(login, BTreeMap::from(allowed))
    }

    async fn seen_by(&self, login: &str) -> Document {
        self.world.engine.get(&self.viewer(login), self.doc_id).await.unwrap()
    }

    async fn user(&self, login: &str) -> i64 {
        let found = format!("select user_id::text from app_user where login = '{login}'");
        self.world.read(&found).await[0].parse().unwrap()
    }

    /// The task of somebody that is open.
    async fn task(&self, login: &str) -> Option<u32> {
        let inbox = self.world.engine.inbox(&self.viewer(login), Inbox::Open, 10).await.unwrap();
        inbox.items.first()?.task_id.and_then(|task| u32::try_from(task).ok())
    }

    async fn try_deed(
        &self,
        login: &str,
        deed: serde_json::Value,
    ) -> Result<Document, ModuleError> {
        let mut deed = deed;
        if let Some(task) = self.task(login).await {
            deed["task"] = json!(task);
        }
        let request: DeedRequest = serde_json::from_value(deed).unwrap();
        let running = "select max(approval_id)::text from approval";
        let approval = self.world.read(running).await[0].parse().unwrap();
        self.world.engine.decide(&self.viewer(login), approval, request).await
    }

    async fn deed(&self, login: &str, deed: serde_json::Value) -> Document {
        self.try_deed(login, deed).await.unwrap()
    }

    async fn who_is_asked(&self) -> Vec<&'static str> {
        let mut asked = Vec::new();
        for login in PEOPLE {
            if self.task(login).await.is_some() {
                asked.push(login);
            }
        }
        asked
    }

    async fn is_late(&self) {
        self.world
            .as_superuser("update approval_task set due_at = now() - interval '1 minute' where state = 'open'")
            .await;
        assert!(self.world.engine.meet_deadlines().await.unwrap() > 0);
    }
}

#[tokio::test]
async fn everybody_countersigns_one_by_a_delegate_one_by_another() {
    let case = Case::asked().await;
    assert_eq!(case.who_is_asked().await, ["anna", "boris"], "whoever asks is not asked");
    let (clerk, dora) = (case.user("clerk").await, case.user("dora").await);

    case.deed("anna", json!({"deed": "delegate", "to": clerk, "comment": "请先看图纸"})).await;
    assert_eq!(case.who_is_asked().await, ["boris", "clerk"]);
    case.deed("clerk", json!({"deed": "agree", "comment": "图纸无误"})).await;
    assert_eq!(
        case.who_is_asked().await,
        ["anna", "boris"],
        "a delegate speaks, and it comes back"
    );
    case.deed("anna", json!({"deed": "agree"})).await;
    case.deed("boris", json!({"deed": "transfer", "to": clerk})).await;
    let waiting = case.seen_by("asker").await;
    assert_eq!(waiting.state, "asked");
    case.deed("clerk", json!({"deed": "agree"})).await;
    assert_eq!(case.who_is_asked().await, ["dora"]);
    case.deed("dora", json!({"deed": "copy", "people": [clerk]})).await;
    let done = case.deed("dora", json!({"deed": "agree"})).await;
    assert_eq!(done.state, "granted");
    assert_eq!(done.number.as_deref().map(|n| n.starts_with("JSJ-20")), Some(true));
    let copies = case.world.engine.inbox(&case.viewer("clerk"), Inbox::Copies, 10).await.unwrap();
    assert_eq!(copies.total, 1);
    let deeds = done.detail.unwrap().approval.unwrap().deeds.len();
    assert!(deeds >= 7, "{deeds} deeds are told");
    case.world.engine.verify(&case.viewer("asker"), case.doc_id).await.unwrap();
    assert_ne!(dora, clerk);
}

#[tokio::test]
async fn a_step_says_what_those_asked_see_and_write() {
    let case = Case::asked().await;
    let (asker, anna) = (case.seen_by("asker").await, case.seen_by("anna").await);
    assert_eq!(asker.body["price"], "1200.00");
    assert_eq!(anna.body.get("price"), None, "those asked decide without the price");
    assert!(anna.actions.is_empty() && asker.actions.is_empty(), "nothing else is done meanwhile");
    let request = World::with(asker.revision, json!({}));
    let told = case.world.engine.act(&case.viewer("asker"), case.doc_id, "hurry", request).await;
    assert!(matches!(told, Err(ModuleError::UnderApproval(id)) if id == case.doc_id), "{told:?}");

    let told = case.try_deed("anna", json!({"deed": "agree", "patch": {"reason": "改写"}})).await;
    assert!(matches!(told, Err(ModuleError::Invalid(_))), "{told:?}");
    case.deed("anna", json!({"deed": "agree", "patch": {"condition": "雨天停工"}})).await;
    let seen = case.seen_by("asker").await;
    assert_eq!(
        (&seen.body["condition"], &seen.body["reason"]),
        (&json!("雨天停工"), &json!("外墙维修"))
    );
    let events: Vec<String> = seen.detail.unwrap().events.into_iter().map(|e| e.action).collect();
    assert_eq!(events, ["create", "ask", "fill"]);
    // Whoever is not asked cannot decide.
    let told = case.try_deed("dora", json!({"deed": "agree", "task": 1})).await;
    assert!(matches!(told, Err(ModuleError::Refused(_))), "{told:?}");
}

#[tokio::test]
async fn it_goes_back_is_refused_and_is_taken_back() {
    let case = Case::asked().await;
    for login in ["anna", "boris"] {
        case.deed(login, json!({"deed": "agree"})).await;
    }
    case.deed("dora", json!({"deed": "return", "to": 0, "comment": "缺少安全方案"})).await;
    assert_eq!(case.who_is_asked().await, ["anna", "boris"], "the first step asks again");
    let refused = case.deed("boris", json!({"deed": "refuse", "comment": "不安全"})).await;
    assert_eq!((refused.state.as_str(), case.who_is_asked().await.len()), ("refused", 0));

    let other = Case::asked().await;
    let told = other.try_deed("anna", json!({"deed": "withdraw"})).await;
    assert!(matches!(told, Err(ModuleError::Refused(_))), "only the applicant: {told:?}");
    let back = other.deed("asker", json!({"deed": "withdraw"})).await;
    assert_eq!(back.state, "draft");
    assert!(back.actions.iter().any(|a| a.name == "edit"), "a draft again");
    let again = World::with(back.revision, json!({}));
    let asked =
        other.world.engine.act(&other.viewer("asker"), other.doc_id, "ask", again).await.unwrap();
    assert_eq!(asked.number, back.number, "its number stays its own");
}

#[tokio::test]
async fn who_is_late_is_helped_by_the_head_above_and_then_it_passes() {
    let case = Case::asked().await;
    let due =
        case.world.read("select count(due_at)::text from approval_task where state = 'open'").await;
    assert_eq!(due, ["2"]);
    case.is_late().await;
    assert_eq!(case.who_is_asked().await, ["anna", "boris", "head"]);
    for login in ["anna", "boris", "head"] {
        case.deed(login, json!({"deed": "agree"})).await;
    }
    assert_eq!(case.who_is_asked().await, ["dora"]);
    case.is_late().await;
    assert_eq!(case.seen_by("asker").await.state, "granted", "the second step passes by itself");
}
