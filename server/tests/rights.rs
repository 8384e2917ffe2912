//! Every route for every role, over its own organisation, over a sibling's and over the parent's.
//!
//! Routes come from the program itself, and so do roles; a route that this table does not know fails the test.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use support::{Person, TestApp};

const OWN: &str = "U0151";
const SIBLING: &str = "U0152";
const PARENT: &str = "U01";

/// What a route is about.
enum About {
    /// Nothing that belongs to an organisation: the rule decides alone. The path is asked for as it stands here.
    Nothing(&'static str),
    /// The same, and whoever is let in has to sign in again.
    OwnSession(&'static str),
    /// A place, by its number.
    Place,
    /// A place, by its number in this parameter.
    PlaceAsked(&'static str),
    /// A vehicle; the parameter says whether journeys are asked for.
    Vehicle,
    /// A document, which is where its places are.
    Document,
    /// A document to be made at a place.
    NewDocument,
}

fn about(method: &str, path: &str) -> Option<About> {
    about_things(method, path)
        .or_else(|| spelled(method, path).map(About::Nothing))
        .or_else(|| plain_routes(method, path).then_some(About::Nothing("")))
}

/// Routes about something that belongs to an organisation.
fn about_things(method: &str, path: &str) -> Option<About> {
    use About::{Document, NewDocument, OwnSession, Place, PlaceAsked, Vehicle};
    Some(match (method, path) {
        ("delete", "/api/v1/session" | "/api/v1/account/sessions") => OwnSession(""),
        (
            "get",
            "/api/v1/features/{id}"
            | "/api/v1/features/{id}/children"
            | "/api/v1/features/{id}/records",
        ) => Place,
        ("get", "/api/v1/ledgers/space") => PlaceAsked("feature"),
        ("get", "/api/v1/ledgers/space/stacking" | "/api/v1/ledgers/space/reconciliation") => {
            PlaceAsked("building")
        }
        (
            "get",
            "/api/v1/vehicles/{id}"
            | "/api/v1/vehicles/{id}/track"
            | "/api/v1/vehicles/{id}/trips"
            | "/ogc/collections/vehicles/items/{id}"
            | "/ogc/collections/vehicles/items/{id}/tgsequence"
            | "/ogc/collections/vehicles/items/{id}/tproperties"
            | "/ogc/collections/vehicles/items/{id}/tproperties/{property}",
        ) => Vehicle,
        ("get", "/api/v1/documents/{id}" | "/api/v1/documents/{id}/attachments/{sha256}")
        | (
            "post",
            "/api/v1/documents/{id}/actions/{action}"
            | "/api/v1/documents/{id}/comments"
            | "/api/v1/documents/{id}/attachments",
        ) => Document,
        ("post", "/api/v1/documents") => NewDocument,
        _ => return None,
    })
}

/// Routes with a parameter, and what is asked of them.
fn spelled(method: &str, path: &str) -> Option<&'static str> {
    Some(match (method, path) {
        ("get", "/tiles/{layers}") => "/tiles/buildings.json",
        ("get", "/tiles/{layers}/{z}/{x}/{y}") => "/tiles/buildings/0/0/0",
        ("get", "/base/{name}") => "/base/none.json",
        ("get", "/base/{name}/{z}/{x}/{y}") => "/base/none/0/0/0",
        ("get", "/sprites/{name}") => "/sprites/icons.json",
        ("get" | "put" | "delete", "/api/v1/icons/{name}") => "/api/v1/icons/canteen",
        ("get", "/styles/{name}") => "/styles/light.json",
        ("get", "/api/v1/modules/kinds/{kind}") => "/api/v1/modules/kinds/repair",
        ("get", "/api/v1/views") => "/api/v1/views?kind=repair",
        ("get", "/api/v1/documents/export") => "/api/v1/documents/export?kind=office_disposal",
        ("get", "/api/v1/documents/template") => "/api/v1/documents/template?kind=repair",
        ("get", "/api/v1/documents/import/{id}") => "/api/v1/documents/import/0",
        ("post", "/api/v1/documents/import") => "/api/v1/documents/import?kind=repair",
        ("post", "/api/v1/documents/actions/{action}") => "/api/v1/documents/actions/assign",
        ("post", "/api/v1/tasks/{id}/deeds") => "/api/v1/tasks/0/deeds",
        ("delete", "/api/v1/views/{id}") => "/api/v1/views/0",
        ("post", "/api/v1/standards/{id}/confirm") => "/api/v1/standards/0/confirm",
        ("get", "/api/v1/office-space/vacant") => "/api/v1/office-space/vacant?people=1&org=1",
        ("get", "/api/v1/office-space/entitlement") => "/api/v1/office-space/entitlement?org=1",
        ("get", "/api/v1/ledgers/closings") => "/api/v1/ledgers/closings?ledger=space",
        ("put", "/api/v1/fences/{id}") => "/api/v1/fences/0?version=1",
        ("delete", "/api/v1/fences/{id}") => "/api/v1/fences/0",
        ("post", "/api/v1/seals/{id}/lift") => "/api/v1/seals/0/lift",
        ("post", "/api/v1/seals/{id}/withdraw") => "/api/v1/seals/0/withdraw",
        ("post", "/api/v1/commands/{id}/decisions") => "/api/v1/commands/0/decisions",
        ("post", "/api/v1/alarms/{id}/acts") => "/api/v1/alarms/0/acts",
        ("get", "/api/v1/tracks") => {
            "/api/v1/tracks?vehicles=1&from=2026-01-05T08:00:00Z&to=2026-01-05T09:00:00Z"
        }
        ("get", "/api/v1/vehicles/nearest") => "/api/v1/vehicles/nearest?lon=116&lat=36",
        ("get", "/api/v1/vehicles/usage") => {
            "/api/v1/vehicles/usage?by=day&from=2026-01-05&to=2026-01-06"
        }
        ("get", "/api/v1/vehicles/usage.xlsx") => {
            "/api/v1/vehicles/usage.xlsx?by=day&from=2026-01-05&to=2026-01-06"
        }
        ("get", "/api/v1/jt808/explain") => "/api/v1/jt808/explain?hex=7e007e",
        ("get", "/api/v1/search") => "/api/v1/search?q=1",
        ("get", "/api/v1/live") => "/api/v1/live",
        ("delete", "/api/v1/account/sessions/{id}") => "/api/v1/account/sessions/0",
        ("delete", "/api/v1/account/tokens/{id}") => "/api/v1/account/tokens/0",
        ("post", "/api/v1/users/{id}/{action}") => "/api/v1/users/0/disable",
        ("post", "/api/v1/users/{id}/grants") => "/api/v1/users/0/grants",
        ("delete", "/api/v1/grants/{id}") => "/api/v1/grants/0",
        ("post" | "delete", "/api/v1/terminals/{id}/credential") => {
            "/api/v1/terminals/none/credential"
        }
        _ => return None,
    })
}

/// Routes without a parameter that are about nothing that belongs to an organisation.
fn plain_routes(method: &str, path: &str) -> bool {
    matches!(
        (method, path),
        (
            "get",
            "/healthz"
                | "/readyz"
                | "/metrics"
                | "/api/v1/openapi.json"
                | "/api/v1/layers"
                | "/api/v1/icons"
                | "/api/v1/vehicles"
                | "/api/v1/overview"
                | "/api/v1/alarms"
                | "/api/v1/alarms/rules"
                | "/api/v1/alarms/thresholds"
                | "/api/v1/fences"
                | "/api/v1/seals"
                | "/api/v1/seals/holidays"
                | "/api/v1/commands"
                | "/api/v1/orgs"
                | "/api/v1/standards"
                | "/api/v1/documents"
                | "/api/v1/modules"
                | "/api/v1/tasks"
                | "/api/v1/people"
                | "/api/v1/office-space/over-standard"
                | "/api/v1/roles"
                | "/api/v1/session/options"
                | "/api/v1/session"
                | "/api/v1/account/sessions"
                | "/api/v1/account/tokens"
                | "/api/v1/users"
                | "/api/v1/terminals"
                | "/api/v1/audit"
                | "/api/v1/audit/export"
                | "/api/v1/session/oidc"
                | "/api/v1/session/oidc/callback"
                | "/ogc"
                | "/ogc/conformance"
                | "/ogc/collections"
                | "/ogc/collections/vehicles"
                | "/ogc/collections/vehicles/items",
        ) | (
            "post",
            "/api/v1/session"
                | "/api/v1/account/password"
                | "/api/v1/account/tokens"
                | "/api/v1/account/second-factor"
                | "/api/v1/account/second-factor/confirm"
                | "/api/v1/users"
                | "/api/v1/audit/verify"
                | "/api/v1/tasks/deeds"
                | "/api/v1/views"
                | "/api/v1/standards"
                | "/api/v1/ledgers/closings"
                | "/api/v1/fences"
                | "/api/v1/seals"
                | "/api/v1/commands"
                | "/api/v1/vehicles/within"
                | "/api/v1/vehicles/along"
                | "/api/v1/session/unmask",
        ) | ("put", "/api/v1/alarms/thresholds")
            | ("delete", "/api/v1/account/second-factor" | "/api/v1/session/unmask")
    )
}

/// One thing of each kind for each organisation.
struct Things {
    place: BTreeMap<&'static str, i64>,
    vehicle: BTreeMap<&'static str, i64>,
    document: BTreeMap<&'static str, i64>,
    /// The SHA-256 of the file that every document has.
    file: String,
}

async fn things(app: &TestApp) -> Things {
    let mut psql = app.database.psql().await;
    let mut found = Things {
        place: BTreeMap::new(),
        vehicle: BTreeMap::new(),
        document: BTreeMap::new(),
        file: String::new(),
    };
    let supervisor = ("supervisor", app.sign_in("supervisor").await);
    for org in [OWN, SIBLING, PARENT] {
        for (kind, held) in [("building", &mut found.place), ("vehicle", &mut found.vehicle)] {
            // One that exists is made the organisation's own, so that all three are alike.
            let id: i64 = sqlx::query_scalar(
                "update feature set scope_id = scope_for(
                     (select array_agg(org_id) from org where code = $1), '{}', 0::smallint, $2)
                 where feature_id = (select feature_id from feature where kind = $2 and feature_id <> all($3)
                                     order by feature_id limit 1)
                 returning feature_id",
            )
            .bind(org)
            .bind(kind)
            .bind(held.values().copied().collect::<Vec<i64>>())
            .fetch_one(&mut psql)
            .await
            .unwrap();
            held.insert(org, id);
        }
    }
    // Mirrors follow within a second.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    for org in [OWN, SIBLING, PARENT] {
        let (status, made) =
            send(app, &supervisor.1, "post", "/api/v1/documents", &ticket(found.place[org])).await;
        assert_eq!(status, 201, "{made}");
        let document = made["doc_id"].as_i64().unwrap();
        found.document.insert(org, document);
        let path = format!("/api/v1/documents/{document}/attachments?name=a.json");
        let (status, attached) = send(app, &supervisor.1, "post", &path, &json!({"a": 1})).await;
        assert_eq!(status, 201, "{attached}");
        attached["sha256"].as_str().unwrap().clone_into(&mut found.file);
    }
    found
}

fn ticket(place: i64) -> Value {
    json!({"kind": "repair", "title": "门锁损坏", "feature_ids": [place],
        "body": {"category": "水", "description": "锁舌不回", "urgency": "normal"}})
}

async fn send(
    app: &TestApp,
    person: &Person,
    method: &str,
    path: &str,
    body: &Value,
) -> (u16, Value) {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let request = person.client.request(method, format!("{}{path}", app.base));
    let request = if body.is_null() { request } else { request.json(body) };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

/// An account for each role over the county, with the password of the demo.
async fn accounts(app: &TestApp, roles: &Value) -> Vec<(String, BTreeSet<String>)> {
    let mut psql = app.database.psql().await;
    let mut made = Vec::new();
    for role in roles["items"].as_array().unwrap() {
        let role_id = role["role_id"].as_str().unwrap();
        let login = format!("role.{role_id}");
        sqlx::query(
            "with u as (insert into app_user (login, name, password_hash, must_change_password)
                 select $1, name, password_hash, false from app_user where login = 'county' returning user_id)
             insert into role_grant (user_id, role_id, duty, org_id, clearance, granted_by)
             select user_id, $2, (select duty from role where role_id = $2),
                    (select org_id from org where code = $3), 1, 'test' from u",
        )
        .bind(&login)
        .bind(role_id)
        .bind(OWN)
        .execute(&mut psql)
        .await
        .unwrap();
        let held = role["permissions"].as_array().unwrap();
        made.push((login, held.iter().map(|p| p.as_str().unwrap().to_owned()).collect()));
    }
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_for_every_role_and_organisation() {
    let app = TestApp::start().await;
    let api = app.json("/api/v1/openapi.json").await;
    let roles = app.json("/api/v1/roles").await;
    let things = things(&app).await;
    let accounts = accounts(&app, &roles).await;
    assert_eq!(accounts.len(), 9, "the roles of the product");
    let mut asked = 0;
    for (login, held) in &accounts {
        let mut matrix = Matrix { app: &app, things: &things, login, held, asked: 0 };
        let mut person = app.sign_in(login).await;
        for (path, methods) in api["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                matrix.check(&mut person, method, path, &operation["x-onemap-rule"]).await;
            }
        }
        asked += matrix.asked;
    }
    let nobody = Person { client: reqwest::Client::new(), cookie: String::new() };
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let (status, _) = send(&app, &nobody, method, &plain(path), &Value::Null).await;
            let is_public = operation["x-onemap-rule"] == "public";
            assert_eq!(status == 401, !is_public, "{method} {path} for nobody: {status}");
            asked += 1;
        }
    }
    println!("{asked} requests: {} roles and nobody, three organisations", accounts.len());
    app.end().await;
}

/// The path with something in place of each parameter.
fn plain(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

struct Matrix<'a> {
    app: &'a TestApp,
    things: &'a Things,
    login: &'a str,
    held: &'a BTreeSet<String>,
    asked: usize,
}

impl Matrix<'_> {
    async fn check(&mut self, person: &mut Person, method: &str, path: &str, rule: &Value) {
        let about = about(method, path).unwrap_or_else(|| panic!("unclassified: {method} {path}"));
        let may = match rule {
            Value::String(name) => ["public", "newcomer", "signed-in"].contains(&name.as_str()),
            Value::Array(any) => any.iter().any(|p| self.held.contains(p.as_str().unwrap())),
            other => panic!("{method} {path} has no rule: {other}"),
        };
        match about {
            About::Nothing(spelled) | About::OwnSession(spelled) => {
                let asked = if spelled.is_empty() { path } else { spelled };
                let body = if method == "post" { json!({}) } else { Value::Null };
                let (status, answer) = self.send(person, method, asked, &body).await;
                self.judge(may, status, &answer, method, path);
                if matches!(about, About::OwnSession(_)) {
                    *person = self.app.sign_in(self.login).await;
                }
            }
            About::Place => self.of_each(person, (method, path, may), &self.things.place).await,
            About::PlaceAsked(parameter) => {
                let asked = format!("{path}?{parameter}={{id}}");
                self.of_each(person, (method, &asked, may), &self.things.place).await;
            }
            About::Vehicle => self.of_each(person, (method, path, may), &self.things.vehicle).await,
            About::Document => {
                self.of_each(person, (method, path, may), &self.things.document).await;
            }
            About::NewDocument => {
                for (org, place) in &self.things.place {
                    let (status, answer) = self.send(person, method, path, &ticket(*place)).await;
                    let reaches = may && *org == OWN && self.held.contains("read");
                    assert_eq!(
                        status == 201,
                        reaches,
                        "{} {method} {path} at {org}: {answer}",
                        self.login
                    );
                    assert!((200..500).contains(&status), "{answer}");
                }
            }
        }
    }

    /// One's own is there, everybody else's is not: neither a refusal nor an answer tells that it exists.
    async fn of_each(
        &mut self,
        person: &Person,
        (method, path, may): (&str, &str, bool),
        things: &BTreeMap<&'static str, i64>,
    ) {
        for (org, id) in things {
            let asked = path
                .replace("{id}", &id.to_string())
                .replace("{action}", "assign")
                .replace("{property}", "speed")
                .replace("{sha256}", &self.things.file);
            let asked = if path.ends_with("/attachments") { asked + "?name=a.txt" } else { asked };
            let body = match method {
                "post" if path.ends_with("/comments") => json!({"text": "已联系"}),
                "post" => json!({"revision": 999, "patch": null}),
                _ => Value::Null,
            };
            let (status, answer) = self.send(person, method, &asked, &body).await;
            let what = format!("{} {method} {path} of {org}: {status} {answer}", self.login);
            let expected: &[u16] = match (may, *org == OWN && self.held.contains("read")) {
                (false, _) => &[403],
                // 409: the revision is wrong on purpose, so that nothing is changed; the first one's file is there already.
                (true, true) if path.ends_with("/actions/{action}") => &[409],
                (true, true) if path.ends_with("/attachments") => &[201, 409],
                (true, true) if path.ends_with("/comments") => &[201],
                (true, true) => &[200],
                (true, false) => &[404],
            };
            assert!(expected.contains(&status), "{what}");
        }
    }

    fn judge(&self, may: bool, status: u16, answer: &Value, method: &str, path: &str) {
        let what = format!("{} {method} {path}: {status} {answer}", self.login);
        assert!(status < 500, "{what}");
        assert_eq!(answer["code"] == "not-allowed", !may, "{what}");
        assert_eq!(status == 403, !may, "{what}");
        assert_ne!(answer["code"], "not-signed-in", "{what}");
    }

    async fn send(
        &mut self,
        person: &Person,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        self.asked += 1;
        send(self.app, person, method, path, body).await
    }
}
