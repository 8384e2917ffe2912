//! Somebody of one county learns nothing of another, on no surface, also after somebody who sees all has looked.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use aho_corasick::AhoCorasick;
use fast_mvt::MvtReaderRef;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use support::{Database, Person, TestApp};
use tokio_tungstenite::tungstenite::Message;

/// The account `county` of the demo sees this organisation and what is under it.
const COUNTY: &str = "U0151";
/// Below it no layer makes another tile.
const DEEPEST: u8 = 17;

/// Which scopes the county `$1` sees, as the rules of granting say it and not as the program does.
const SEEN: &str = "with mine as (
     select o.org_id from org o, org top where top.code = $1
       and starts_with(o.path::text || '.', top.path::text || '.')),
 seen as (
     select s.scope_id, s.clearance <= 1 and (
         exists (select from mine m where m.org_id = any(s.managing_orgs || s.using_orgs))
         or s.clearance = 0 and cardinality(s.managing_orgs || s.using_orgs) = 0) as is_seen
     from scope s)";

/// What the database says of every place, asked as a superuser and without the product's own predicate.
struct Truth {
    /// Places of other organisations only, or too secret.
    foreign: BTreeSet<i64>,
    /// Places of each layer that the county sees.
    own: BTreeMap<String, BTreeSet<i64>>,
    /// Documents at places of other organisations only, or too secret.
    foreign_documents: Vec<i64>,
    /// How many documents of each kind the county sees, but for drafts that were discarded.
    own_documents: BTreeMap<String, i64>,
    /// Names, codes and plates that no place of the county has, and numbers of documents that it does not see.
    foreign_words: Vec<String>,
}

impl Truth {
    async fn read(app: &TestApp) -> Self {
        let mut psql = app.database.psql().await;
        let rows: Vec<(i64, Option<String>, bool, Vec<String>)> = sqlx::query_as(
            &format!("{SEEN} select f.feature_id, coalesce(p.layer_id, f.kind), seen.is_seen,
                    array_remove(array[p.name, p.code, v.plate, v.name, t.terminal_id], null)
             from feature f join seen using (scope_id) left join place p using (feature_id)
             left join vehicle v using (feature_id) left join terminal t on t.vehicle_id = f.feature_id"),
        )
        .bind(COUNTY)
        .fetch_all(&mut psql)
        .await
        .unwrap();
        let documents: Vec<(i64, String, String, Option<String>, bool)> = sqlx::query_as(&format!(
            "{SEEN} select d.doc_id, d.kind, d.state, d.number, seen.is_seen from doc d join seen using (scope_id)"
        ))
        .bind(COUNTY)
        .fetch_all(&mut psql)
        .await
        .unwrap();
        let mut truth = Self {
            foreign: BTreeSet::new(),
            own: BTreeMap::new(),
            foreign_documents: Vec::new(),
            own_documents: BTreeMap::new(),
            foreign_words: Vec::new(),
        };
        let (mut theirs, mut ours) = (BTreeSet::new(), String::new());
        for (id, layer, is_seen, words) in rows {
            if is_seen {
                truth.own.entry(layer.unwrap_or_default()).or_default().insert(id);
                for word in words {
                    ours.push_str(&word);
                    ours.push('\n');
                }
            } else {
                truth.foreign.insert(id);
                theirs.extend(
                    words.into_iter().filter(|w| {
                        w.chars().count() > 3 && !w.chars().all(|c| c.is_ascii_digit())
                    }),
                );
            }
        }
        for (id, kind, state, number, is_seen) in documents {
            if !is_seen {
                truth.foreign_documents.push(id);
                theirs.extend(number);
            } else if state != "discarded" {
                *truth.own_documents.entry(kind).or_default() += 1;
            }
        }
        assert!(truth.foreign_documents.len() > 50, "documents around it");
        truth.foreign_words = theirs.into_iter().filter(|w| !ours.contains(w.as_str())).collect();
        assert!(truth.foreign.len() > 1_000 && truth.foreign_words.len() > 100, "a city around it");
        truth
    }
}

/// Reads answers of the county and finds what should not be there.
struct Reader<'a> {
    app: &'a TestApp,
    county: Person,
    truth: &'a Truth,
    words: AhoCorasick,
    answers: usize,
    bytes: usize,
}

impl<'a> Reader<'a> {
    fn new(app: &'a TestApp, county: Person, truth: &'a Truth) -> Self {
        let words = AhoCorasick::new(&truth.foreign_words).unwrap();
        Self { app, county, truth, words, answers: 0, bytes: 0 }
    }

    /// No name, code or plate of elsewhere is among these bytes.
    fn search(&mut self, what: &str, bytes: &[u8]) {
        self.answers += 1;
        self.bytes += bytes.len();
        if let Some(found) = self.words.find(bytes) {
            panic!("{what} names {:?}", self.truth.foreign_words[found.pattern().as_usize()]);
        }
    }

    async fn get(&mut self, path: &str) -> (u16, Vec<u8>) {
        let url = format!("{}{path}", self.app.base);
        let response = self.county.client.get(url).send().await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        self.search(path, &bytes);
        (status, bytes.to_vec())
    }

    async fn json(&mut self, path: &str) -> Value {
        let (status, bytes) = self.get(path).await;
        assert_eq!(status, 200, "{path}");
        let json = serde_json::from_slice(&bytes).unwrap();
        self.no_foreign_id(path, &json);
        json
    }

    fn no_foreign_id(&self, path: &str, json: &Value) {
        match json {
            Value::Object(members) => {
                for (name, value) in members {
                    if matches!(name.as_str(), "feature_id" | "vehicle_id" | "parent_id") {
                        let is_foreign =
                            value.as_i64().is_some_and(|id| self.truth.foreign.contains(&id));
                        // Organisations have numbers of their own under the same name.
                        let is_org = name == "parent_id" && members.contains_key("org_id");
                        assert!(!is_foreign || is_org, "{path} has {name} {value}");
                    }
                    self.no_foreign_id(path, value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.no_foreign_id(path, item)),
            _ => {}
        }
    }
}

/// Features of each layer of a tile.
fn ids(bytes: &[u8]) -> BTreeMap<String, BTreeSet<i64>> {
    let reader = MvtReaderRef::new(bytes).unwrap();
    reader
        .layers()
        .map(|layer| {
            let ids = layer.features().filter_map(|f| i64::try_from(f.id()?).ok()).collect();
            (layer.name().to_owned(), ids)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_sibling_county_is_shown() {
    // The whole city is for the release, by hand. Its fleet is larger, and all of it drives: a layer counts who is on the map.
    let city = std::env::var("ONEMAP_TEST_CITY").unwrap_or("small".to_owned());
    let vehicles = if city == "full" { "200" } else { "60" };
    let arguments = ["demo", "--city", &city, "--vehicles", vehicles];
    let app = TestApp::start_on(Database::create().await, &arguments).await;
    let truth = Truth::read(&app).await;
    let mut reader = Reader::new(&app, app.sign_in("county").await, &truth);
    tiles(&mut reader).await;
    counts(&mut reader).await;
    lists_and_searches(&mut reader).await;
    single_places(&mut reader).await;
    modules(&mut reader).await;
    the_live_stream(&mut reader).await;
    println!(
        "{} answers and messages, {} bytes: none of {} foreign places, none of {} words",
        reader.answers,
        reader.bytes,
        truth.foreign.len(),
        truth.foreign_words.len()
    );
    app.end().await;
}

/// Every tile of every zoom, first by the supervisor so that it waits in the cache.
async fn tiles(reader: &mut Reader<'_>) {
    let app = reader.app;
    let layers = app.json("/api/v1/layers").await;
    let names: Vec<&str> = layers["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["layer_id"].as_str().unwrap())
        .collect();
    let names = names.join(",");
    let (mut asked, mut shown) = (0, BTreeMap::<String, BTreeSet<i64>>::new());
    let mut here = vec![(0_u8, 0_u32, 0_u32)];
    while let Some((z, x, y)) = here.pop() {
        let path = format!("/tiles/{names}/{z}/{x}/{y}");
        let all = app.get(&path).await;
        assert!([200, 204, 404].contains(&all.status().as_u16()), "{path}: {}", all.status());
        let is_empty = all.status() == 204;
        let etag = all.headers().get("etag").cloned();
        let everything = all.bytes().await.unwrap();
        let (status, bytes) = reader.get(&path).await;
        asked += 1;
        if status == 200 {
            for (layer, found) in ids(&bytes) {
                let foreign: Vec<_> = found.intersection(&reader.truth.foreign).collect();
                assert!(foreign.is_empty(), "{path}: {layer} shows {foreign:?}");
                shown.entry(layer).or_default().extend(found);
            }
        } else {
            // What the county may see of the supervisor's tile is nothing.
            for (layer, found) in if status == 204 && !is_empty && !everything.is_empty() {
                ids(&everything)
            } else {
                BTreeMap::new()
            } {
                let own = reader.truth.own.get(&layer).cloned().unwrap_or_default();
                assert!(found.is_disjoint(&own), "{path}: {layer} lacks places of the county");
            }
        }
        // The supervisor's entity tag is not good for anybody else.
        if let Some(etag) = etag
            && bytes != everything
        {
            let url = format!("{}{path}", app.base);
            let again =
                reader.county.client.get(url).header("if-none-match", etag).send().await.unwrap();
            assert_ne!(again.status(), 304, "{path}");
        }
        if !is_empty && z < DEEPEST {
            here.extend(
                [0, 1]
                    .into_iter()
                    .flat_map(|i| [0, 1].into_iter().map(move |j| (z + 1, 2 * x + i, 2 * y + j))),
            );
        }
    }
    for layer in ["buildings", "parcels", "facilities"] {
        let own = &reader.truth.own[layer];
        let missing: Vec<_> = own.difference(&shown[layer]).take(5).collect();
        assert!(missing.is_empty(), "no tile shows {missing:?} of {layer}");
    }
    println!("{asked} tiles of zooms 0–{DEEPEST}");
}

/// A count is one's own, or it tells of others.
async fn counts(reader: &mut Reader<'_>) {
    let layers = reader.json("/api/v1/layers").await;
    for layer in layers["layers"].as_array().unwrap() {
        let name = layer["layer_id"].as_str().unwrap();
        if let Some(own) = reader.truth.own.get(name) {
            assert_eq!(layer["count"], own.len(), "{name}");
        }
    }
    let overview = reader.json("/api/v1/overview").await;
    for figure in overview["figures"].as_array().unwrap() {
        let name = figure["id"].as_str().unwrap();
        if let Some(own) = reader.truth.own.get(name) {
            let count = json!(f64::from(u32::try_from(own.len()).unwrap()));
            assert_eq!(figure["value"], count, "{name}");
        }
        assert_ne!(figure["id"], "positions_today", "counted for the whole fleet");
    }
}

async fn lists_and_searches(reader: &mut Reader<'_>) {
    let vehicles = reader.json("/api/v1/vehicles?limit=500").await;
    assert_eq!(vehicles["items"].as_array().unwrap().len(), reader.truth.own["vehicles"].len());
    reader.json("/api/v1/vehicles/nearest?lon=104&lat=36&count=100").await;
    let moving = reader.json("/ogc/collections/vehicles/items?limit=1000").await;
    for vehicle in moving["features"].as_array().unwrap() {
        let id = vehicle["id"].as_i64().unwrap();
        assert!(reader.truth.own["vehicles"].contains(&id), "{vehicle}");
    }
    reader.json("/ogc/collections").await;
    for by in ["day", "vehicle", "driver", "org"] {
        let asked = format!("/api/v1/vehicles/usage?by={by}&from=2026-01-01&to=2026-12-31");
        reader.json(&asked).await;
    }
    reader.json("/api/v1/documents?limit=200").await;
    let orgs = reader.json("/api/v1/orgs").await;
    assert!(orgs["items"].as_array().unwrap().iter().all(|o| o["code"] != "U0152"), "{orgs}");
    let step = (reader.truth.foreign_words.len() / 60).max(1);
    let words: Vec<String> = reader.truth.foreign_words.iter().step_by(step).cloned().collect();
    for word in words {
        let url = format!("{}/api/v1/search", reader.app.base);
        let asked = [("q", word.as_str()), ("limit", "50")];
        let response = reader.county.client.get(url).query(&asked).send().await.unwrap();
        assert_eq!(response.status(), 200, "{word}");
        let hits: Value = response.json().await.unwrap();
        reader.no_foreign_id(&word, &hits);
        reader.search(&word, hits.to_string().as_bytes());
    }
}

/// By number, as whoever guesses would ask; and of one's own the records, children and links.
async fn single_places(reader: &mut Reader<'_>) {
    let step = (reader.truth.foreign.len() / 300).max(1);
    for id in reader.truth.foreign.iter().step_by(step) {
        for path in [
            format!("/api/v1/features/{id}"),
            format!("/api/v1/features/{id}/children"),
            format!("/api/v1/features/{id}/records"),
            format!("/api/v1/vehicles/{id}"),
            format!("/api/v1/vehicles/{id}/track"),
            format!("/api/v1/vehicles/{id}/trips"),
            format!("/ogc/collections/vehicles/items/{id}"),
            format!("/ogc/collections/vehicles/items/{id}/tgsequence"),
            format!("/ogc/collections/vehicles/items/{id}/tproperties"),
            format!("/ogc/collections/vehicles/items/{id}/tproperties/speed"),
            format!("/api/v1/documents?feature={id}"),
        ] {
            let (status, body) = reader.get(&path).await;
            let is_empty_list = status == 200
                && serde_json::from_slice::<Value>(&body).unwrap()["items"] == json!([]);
            assert!(status == 404 || is_empty_list, "{path}: {status}");
        }
        let window = "from=2026-01-05T08:00:00Z&to=2026-01-05T09:00:00Z";
        let path = format!("/api/v1/tracks?vehicles={id}&{window}");
        let (status, body) = reader.get(&path).await;
        assert_eq!((status, &body[..16]), (200, &b"OMTRACK1\0\0\0\0\0\0\0\0"[..]), "{path}");
    }
    for layer in ["buildings", "rooms", "parcels"] {
        let own: Vec<i64> = reader.truth.own[layer].iter().copied().take(40).collect();
        for id in own {
            reader.json(&format!("/api/v1/features/{id}")).await;
            reader.json(&format!("/api/v1/features/{id}/children")).await;
            reader.json(&format!("/api/v1/features/{id}/records")).await;
        }
    }
}

/// The whole earth is looked at for some seconds while the fleet drives.
/// Counts and lists of every kind, each document of one's own, those of others by their number; the space ledger and what
/// planners ask of it.
async fn modules(reader: &mut Reader<'_>) {
    let modules = reader.json("/api/v1/modules").await;
    let systems = modules["systems"].as_array().unwrap().iter();
    let modules = systems.flat_map(|s| s["modules"].as_array().unwrap());
    let kinds: Vec<(String, i64)> = modules
        .flat_map(|m| m["kinds"].as_array().unwrap())
        .map(|k| (k["kind"].as_str().unwrap().to_owned(), k["total"].as_i64().unwrap()))
        .collect();
    assert!(kinds.len() >= 12, "{kinds:?}");
    let mut own = Vec::new();
    for (kind, total) in kinds {
        let expected = reader.truth.own_documents.get(&kind).copied().unwrap_or(0);
        assert_eq!(total, expected, "{kind}");
        let list = reader.json(&format!("/api/v1/documents?kind={kind}&limit=200")).await;
        assert!(list["total"].as_i64().unwrap() >= expected, "{kind} with its discarded drafts");
        own.extend(list["items"].as_array().unwrap().iter().map(|d| d["doc_id"].as_i64().unwrap()));
    }
    assert!(own.len() > 5, "documents of one's own");
    for id in own.iter().take(150) {
        reader.json(&format!("/api/v1/documents/{id}")).await;
    }
    let foreign = &reader.truth.foreign_documents;
    for id in foreign.iter().step_by((foreign.len() / 100).max(1)) {
        assert_eq!(reader.get(&format!("/api/v1/documents/{id}")).await.0, 404);
        for (path, body) in [
            (format!("documents/{id}/actions/assign"), json!({"revision": 1, "patch": {}})),
            (format!("documents/{id}/comments"), json!({"text": "谁在吗"})),
        ] {
            let url = format!("{}/api/v1/{path}", reader.app.base);
            let answer = reader.county.client.post(url).json(&body).send().await.unwrap();
            assert!([403, 404].contains(&answer.status().as_u16()), "{path}: {}", answer.status());
        }
    }
    for (layer, paths) in [
        ("rooms", &["ledgers/space?feature="][..]),
        (
            "buildings",
            &["ledgers/space/stacking?building=", "ledgers/space/reconciliation?building="],
        ),
    ] {
        let own: Vec<i64> = reader.truth.own[layer].iter().copied().take(30).collect();
        let foreign: Vec<i64> = reader.truth.foreign.iter().copied().step_by(97).take(30).collect();
        for path in paths {
            for id in &own {
                reader.json(&format!("/api/v1/{path}{id}")).await;
            }
            for id in &foreign {
                assert_eq!(reader.get(&format!("/api/v1/{path}{id}")).await.0, 404, "{path}{id}");
            }
        }
    }
    let orgs = reader.json("/api/v1/orgs").await;
    let org = orgs["items"].as_array().unwrap().iter().find(|o| o["code"] == COUNTY).unwrap();
    let org = org["org_id"].as_i64().unwrap();
    let near = *reader.truth.own["buildings"].first().unwrap();
    for path in [
        "office-space/over-standard".to_owned(),
        format!("office-space/vacant?people=1&org={org}"),
        format!("office-space/vacant?people=1&org={org}&near={near}&radius_m=100000"),
        format!("office-space/entitlement?org={org}"),
        "tasks".to_owned(),
        "views?kind=repair".to_owned(),
    ] {
        reader.json(&format!("/api/v1/{path}")).await;
    }
}

async fn the_live_stream(reader: &mut Reader<'_>) {
    let mut socket = reader.app.live_of(&reader.county.cookie).await.unwrap();
    let look = json!({"subscribe": {"bbox": [-180.0, -85.0, 180.0, 85.0], "zoom": 15}});
    socket.send(Message::text(look.to_string())).await.unwrap();
    let (until, mut vehicles) = (Instant::now() + Duration::from_secs(6), BTreeSet::new());
    while let Ok(Some(message)) = tokio::time::timeout_at(until.into(), socket.next()).await {
        let Ok(Message::Text(text)) = message else { continue };
        reader.search("the live stream", text.as_bytes());
        let message: Value = serde_json::from_str(&text).unwrap();
        for list in ["vehicles", "upsert"] {
            for vehicle in message[list].as_array().into_iter().flatten() {
                vehicles.insert(vehicle[0].as_i64().unwrap());
            }
        }
        if message["type"] == "heartbeat" {
            assert_eq!(message["counts"]["total"], reader.truth.own["vehicles"].len());
        }
    }
    assert!(!vehicles.is_empty(), "something drives");
    assert!(vehicles.is_subset(&reader.truth.own["vehicles"]), "vehicles of elsewhere");
}
