//! A geographic information system finds vehicles, their ways and what their terminals told, and pages through all of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use support::{Person, TestApp};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;

const VEHICLES: &str = "/ogc/collections/vehicles";
/// Ten in the morning in China.
const BEGIN: OffsetDateTime = datetime!(2025-03-03 02:00 UTC);
const COUNTY: &str = "U0151";
const SIBLING: &str = "U0152";

fn at(seconds: i64) -> String {
    (BEGIN + time::Duration::seconds(seconds)).format(&Rfc3339).unwrap()
}

fn position(seconds: i64, lon: f64, lat: f64) -> Value {
    json!({"t": at(seconds), "lon": lon, "lat": lat, "speed_kmh": 30.5, "heading": 90, "ignition": true})
}

/// Ten minutes to the east and, three hours later, five to the north; the last half minute of the day and the first of the next.
/// Once the receiver had no fix, and once it told what is in the tank.
fn a_drive() -> Vec<Value> {
    let mut all: Vec<Value> = (0..=60_i32)
        .map(|n| position(i64::from(n) * 10, 105.0 + f64::from(n) / 1e3, 36.5))
        .collect();
    all[0]["fuel_l"] = json!(41.5);
    let mut lost = position(15, 110.0, 36.5);
    lost["fixed"] = json!(false);
    all.push(lost);
    let later = 3 * 3_600;
    all.extend(
        (0..=30_i32)
            .map(|n| position(later + i64::from(n) * 10, 105.06, 36.5 + f64::from(n) / 1e3)),
    );
    let midnight = 14 * 3_600;
    all.extend([-20, -10, 10, 20].map(|s| position(midnight + s, 105.06, 36.53)));
    all
}

/// A vehicle of the county that drove, one of its sibling that was seen once, and one of the county that never was.
struct Fleet {
    driven: i64,
    foreign: i64,
    never: i64,
}

async fn a_fleet(app: &TestApp) -> Fleet {
    let mut psql = app.database.psql().await;
    let vehicles: Vec<(i64, String)> = sqlx::query_as(
        "select vehicle_id, min(terminal_id) from terminal group by 1 order by 1 limit 3",
    )
    .fetch_all(&mut psql)
    .await
    .unwrap();
    for ((id, _), org) in vehicles.iter().zip([COUNTY, SIBLING, COUNTY]) {
        sqlx::query(
            "update feature set scope_id = scope_for((select array_agg(org_id) from org where code = $2), '{}', 0::smallint, 'vehicle')
            where feature_id = $1",
        )
        .bind(id)
        .bind(org)
        .execute(&mut psql)
        .await
        .unwrap();
    }
    let secret = app.gateway();
    publish(app, &secret, &vehicles[0].1, &Value::from(a_drive()));
    publish(app, &secret, &vehicles[1].1, &position(60, 106.0, 37.0));
    let fleet = Fleet { driven: vehicles[0].0, foreign: vehicles[1].0, never: vehicles[2].0 };
    // The live state follows the register within a second or two.
    let county = app.sign_in("county").await;
    for _ in 0..100 {
        let own = get(app, &county, &format!("/api/v1/vehicles/{}", fleet.driven)).await;
        let other = get(app, &county, &format!("/api/v1/vehicles/{}", fleet.foreign)).await;
        if own.0 == 200 && other.0 == 404 && !own.1["lon"].is_null() {
            return fleet;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the fleet is not as it was made within ten seconds");
}

fn publish(app: &TestApp, (name, secret): &(String, String), terminal: &str, payload: &Value) {
    let status = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &app.mqtt_port.to_string(), "-q", "1"])
        .args(["-u", name, "-P", secret])
        .args(["-t", &format!("onemap/v1/{terminal}/position"), "-m", &payload.to_string()])
        .status()
        .expect("mosquitto_pub, which `.ci/setup test` installs");
    assert!(status.success());
}

async fn get(app: &TestApp, person: &Person, path: &str) -> (u16, Value) {
    let response = person.client.get(format!("{}{path}", app.base)).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

/// What a link of this relation leads to.
fn linked(app: &TestApp, answer: &Value, rel: &str) -> Option<String> {
    let links = answer["links"].as_array().unwrap();
    for link in links {
        assert!(
            link["href"].is_string() && link["rel"].is_string() && link["type"].is_string(),
            "{link}"
        );
    }
    let found = links.iter().find(|link| link["rel"] == rel)?;
    Some(found["href"].as_str().unwrap().strip_prefix(&app.base).unwrap().to_owned())
}

/// Every entry of `list` over all pages.
async fn paged(app: &TestApp, path: &str, list: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let answer = app.json(&path).await;
        let entries = answer[list].as_array().unwrap();
        assert_eq!(answer["numberReturned"], entries.len(), "{path}");
        OffsetDateTime::parse(answer["timeStamp"].as_str().unwrap(), &Rfc3339).unwrap();
        all.extend(entries.iter().cloned());
        next = linked(app, &answer, "next");
        assert!(all.len() < 1_000, "pages end");
    }
    all
}

/// What the standard demands of a temporal primitive: as many values as moments, each later than the one before, in RFC 3339.
fn is_primitive(primitive: &Value, values: &str) -> usize {
    let moments: Vec<OffsetDateTime> = primitive["datetimes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|at| OffsetDateTime::parse(at.as_str().unwrap(), &Rfc3339).unwrap())
        .collect();
    assert!(moments.is_sorted_by(|a, b| a < b), "{primitive}");
    assert_eq!(primitive[values].as_array().unwrap().len(), moments.len(), "{primitive}");
    assert!(!moments.is_empty());
    let interpolation = primitive["interpolation"].as_str().unwrap();
    assert!(["Discrete", "Step", "Linear"].contains(&interpolation), "{primitive}");
    moments.len()
}

fn is_moving_point(piece: &Value) -> usize {
    assert_eq!(piece["type"], "MovingPoint");
    assert_eq!(piece["crs"]["properties"]["name"], "urn:ogc:def:crs:OGC:1.3:CRS84");
    for place in piece["coordinates"].as_array().unwrap() {
        let [lon, lat] = place.as_array().unwrap().as_slice() else { panic!("{place}") };
        assert!((105.0..105.1).contains(&lon.as_f64().unwrap()), "longitude first: {place}");
        assert!((36.4..36.6).contains(&lat.as_f64().unwrap()), "{place}");
    }
    is_primitive(piece, "coordinates")
}

fn ids(features: &[Value]) -> BTreeSet<i64> {
    features.iter().map(|feature| feature["id"].as_i64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gis_client_finds_vehicles_and_where_they_were() {
    let app = TestApp::start().await;
    let fleet = a_fleet(&app).await;
    it_finds_its_way(&app).await;
    it_lists_vehicles(&app, &fleet).await;
    it_reads_the_way(&app, &fleet).await;
    it_reads_what_was_told(&app, &fleet).await;
    every_wrong_parameter_is_told_at_once(&app, &fleet).await;
    rights_are_those_of_journeys(&app, &fleet).await;
    app.end().await;
}

async fn it_finds_its_way(app: &TestApp) {
    let landing = app.json("/ogc").await;
    for rel in ["self", "service-desc", "conformance", "data"] {
        let path = linked(app, &landing, rel).unwrap_or_else(|| panic!("no {rel}"));
        app.json(&path).await;
    }
    let conformance = app.json("/ogc/conformance").await.to_string();
    assert!(conformance.contains("ogcapi-features-1/1.0/conf/core"));
    assert!(!conformance.contains("conf/movingfeatures"), "nothing here writes");
    let collections = app.json("/ogc/collections").await;
    let listed = &collections["collections"][0];
    let collection = app.json(&linked(app, listed, "self").unwrap()).await;
    assert_eq!(
        (&collection["id"], &collection["itemType"], &collection["extent"]),
        (&json!("vehicles"), &json!("movingfeature"), &listed["extent"])
    );
    // The supervisor sees both that were somewhere.
    assert_eq!(
        collection["extent"],
        json!({
            "spatial": {"bbox": [[105.06, 36.53, 106.0, 37.0]], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
            "temporal": {"interval": [[null, at(14 * 3_600 + 20)]], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"},
        })
    );
    assert_eq!(linked(app, listed, "items").unwrap(), format!("{VEHICLES}/items"));
}

async fn it_lists_vehicles(app: &TestApp, fleet: &Fleet) {
    let items = |query: &str| format!("{VEHICLES}/items?{query}");
    let response = app.get(&items("")).await;
    assert_eq!(response.headers()["content-type"], "application/geo+json");
    let all: Value = response.json().await.unwrap();
    assert_eq!((&all["type"], &all["numberMatched"]), (&json!("FeatureCollection"), &json!(2)));
    let both: BTreeSet<i64> = [fleet.driven, fleet.foreign].into();
    assert_eq!(ids(all["features"].as_array().unwrap()), both);
    let pages = paged(app, &items("limit=1"), "features").await;
    assert_eq!((pages.len(), ids(&pages)), (2, both.clone()), "each once");

    let driven = app.json(&format!("{VEHICLES}/items/{}", fleet.driven)).await;
    assert_eq!((&driven["type"], &driven["id"]), (&json!("Feature"), &json!(fleet.driven)));
    assert_eq!(driven["geometry"], json!({"type": "Point", "coordinates": [105.06, 36.53]}));
    assert_eq!(driven["time"], json!([at(0), at(14 * 3_600 + 20)]));
    assert_eq!(driven["properties"]["fix_at"], at(14 * 3_600 + 20));
    let never = app.json(&format!("{VEHICLES}/items/{}", fleet.never)).await;
    assert_eq!((&never["geometry"], never.get("time")), (&Value::Null, None));

    let only: BTreeSet<i64> = [fleet.driven].into();
    let drove = format!("datetime={}/{}", at(0), at(600));
    for (query, expected) in [
        ("bbox=105,36,105.5,37".to_owned(), &only),
        ("bbox=105.0,36.0,0,105.5,37.0,9000".to_owned(), &only),
        ("bbox=0,0,1,1".to_owned(), &BTreeSet::new()),
        (drove.clone(), &both),
        (format!("datetime={}", at(60)), &both),
        // Between two positions, and in the silence.
        (format!("datetime={}", at(15)), &only),
        (format!("datetime={}/{}", at(3_600), at(7_200)), &BTreeSet::new()),
        (format!("datetime={}/..", at(601)), &only),
        (format!("datetime=../{}", at(-1)), &BTreeSet::new()),
    ] {
        for limit in ["", "&limit=1"] {
            let found = paged(app, &items(&format!("{query}{limit}")), "features").await;
            assert_eq!(ids(&found), *expected, "{query}");
            assert_eq!(found.len(), expected.len(), "{query}");
        }
    }
    let cut = format!("subTrajectory=true&bbox=105,36,105.5,37&datetime={}/{}", at(5), at(25));
    let cut = paged(app, &items(&cut), "features").await;
    let way = &cut[0]["temporalGeometry"];
    assert_eq!(way["type"], "MovingGeometryCollection");
    let prisms = way["prisms"].as_array().unwrap();
    assert_eq!((prisms.len(), is_moving_point(&prisms[0])), (1, 4));
    assert_eq!(prisms[0]["datetimes"], json!([at(5), at(10), at(20), at(25)]));
    assert_eq!(
        prisms[0]["coordinates"],
        json!([[105.000_5, 36.5], [105.001, 36.5], [105.002, 36.5], [105.002_5, 36.5]])
    );
}

async fn it_reads_the_way(app: &TestApp, fleet: &Fleet) {
    let way = |query: &str| format!("{VEHICLES}/items/{}/tgsequence?{query}", fleet.driven);
    let whole = app.json(&way("")).await;
    assert_eq!(whole["type"], "TemporalGeometrySequence");
    let pieces = whole["geometrySequence"].as_array().unwrap();
    // Two drives, and half a minute on either side of midnight: a day ends with what the next begins with.
    assert_eq!(pieces.iter().map(is_moving_point).collect::<Vec<_>>(), [61, 31, 3, 2]);
    let names: BTreeSet<&str> = pieces.iter().map(|piece| piece["id"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 4, "each has a name of its own");
    assert_eq!(pieces[2]["datetimes"][2], pieces[3]["datetimes"][0]);
    assert_eq!(
        paged(app, &way("limit=1"), "geometrySequence").await,
        *pieces,
        "pages cover all once"
    );

    let second = paged(app, &way("bbox=105.05,36.51,105.07,36.515"), "geometrySequence").await;
    assert_eq!(second, [pieces[1].clone()], "the drive to the north goes through");
    let then = format!("datetime={}/{}", at(100), at(200));
    assert_eq!(paged(app, &way(&then), "geometrySequence").await, [pieces[0].clone()], "whole");
    let cut = paged(app, &way(&format!("{then}&subTrajectory=true")), "geometrySequence").await;
    assert_eq!((cut.len(), is_moving_point(&cut[0])), (1, 11));
    assert_eq!((&cut[0]["id"], &cut[0]["interpolation"]), (&pieces[0]["id"], &json!("Linear")));

    let leaf = format!("leaf={},{},{}", at(5), at(3_000), at(3 * 3_600 + 25));
    let leaves = paged(app, &way(&leaf), "geometrySequence").await;
    assert_eq!(leaves.iter().map(is_moving_point).collect::<Vec<_>>(), [1, 1], "none in silence");
    assert_eq!(leaves[0]["coordinates"], json!([[105.000_5, 36.5]]));
    assert_eq!(leaves[1]["coordinates"], json!([[105.06, 36.502_5]]));
    assert!(leaves.iter().all(|piece| piece["interpolation"] == "Discrete"));
    let never = app.json(&format!("{VEHICLES}/items/{}/tgsequence", fleet.never)).await;
    assert_eq!(never["geometrySequence"], json!([]));
}

async fn it_reads_what_was_told(app: &TestApp, fleet: &Fleet) {
    let of = |path: &str| format!("{VEHICLES}/items/{}/tproperties{path}", fleet.driven);
    let list = app.json(&of("")).await;
    let told = list["temporalProperties"].as_array().unwrap();
    let short: Vec<[&str; 2]> =
        told.iter().map(|p| [p["name"].as_str().unwrap(), p["type"].as_str().unwrap()]).collect();
    assert_eq!(
        short,
        [["speed", "TReal"], ["heading", "TReal"], ["fuel", "TReal"], ["ignition", "TBoolean"]],
        "altitude and odometer were never told"
    );
    assert_eq!((&told[0]["form"], &told[2]["form"]), (&json!("KMH"), &json!("LTR")));
    assert_eq!(list["numberMatched"], 4);
    assert_eq!(paged(app, &of("?limit=3"), "temporalProperties").await, *told);

    let speed = app.json(&of("/speed")).await;
    let values = speed["valueSequence"].as_array().unwrap();
    let counts: Vec<usize> = values.iter().map(|piece| is_primitive(piece, "values")).collect();
    assert_eq!(counts, [61, 31, 3, 2]);
    assert_eq!(
        (&values[0]["values"][0], &values[0]["interpolation"]),
        (&json!(30.5), &json!("Linear"))
    );
    let mut paged_values = Vec::new();
    let mut next = Some(of("/speed?limit=1"));
    while let Some(path) = next {
        let page = app.json(&path).await;
        paged_values.extend(page["valueSequence"].as_array().unwrap().clone());
        next = linked(app, &page, "next");
    }
    assert_eq!(paged_values, *values);
    let ignition = app.json(&of(&format!("/ignition?leaf={}", at(5)))).await;
    assert_eq!(ignition["valueSequence"][0]["values"], json!([true]));
    assert_eq!(ignition["valueSequence"][0]["interpolation"], "Discrete");
    let heading = app.json(&of("/heading?limit=1")).await;
    assert_eq!(heading["valueSequence"][0]["interpolation"], "Step");

    let window = format!("datetime={}/{}", at(15), at(35));
    let cut = app.json(&of(&format!("?subTemporalValue=true&{window}"))).await;
    let cut = &cut["temporalProperties"][0];
    assert_eq!(
        (&cut["name"], &cut["valueSequence"][0]["datetimes"]),
        (&json!("speed"), &json!([at(15), at(20), at(30), at(35)]))
    );
    let (status, problem) = get(app, &app.sign_in("supervisor").await, &of("/colour")).await;
    assert_eq!(status, 404);
    assert!(problem["detail"]["en"].as_str().unwrap().contains("ignition"), "{problem}");
}

async fn every_wrong_parameter_is_told_at_once(app: &TestApp, fleet: &Fleet) {
    let supervisor = app.sign_in("supervisor").await;
    let wrong = "bbox=1,2,3&datetime=yesterday&limit=none&colour=red";
    for path in ["items".to_owned(), format!("items/{}/tgsequence", fleet.driven)] {
        let (status, problem) = get(app, &supervisor, &format!("{VEHICLES}/{path}?{wrong}")).await;
        assert_eq!(status, 400, "{problem}");
        let named =
            problem["errors"].as_array().unwrap().iter().map(|e| e["parameter"].as_str().unwrap());
        assert_eq!(named.collect::<Vec<_>>(), ["bbox", "datetime", "limit", "colour"]);
        assert!(problem["detail"]["zh"].as_str().unwrap().contains("参数 colour"), "{problem}");
    }
    for (path, part) in [
        ("/ogc?f=html".to_owned(), "no parameters"),
        (format!("{VEHICLES}/items?subTrajectory=true"), "both ends"),
        (
            format!("{VEHICLES}/items?subTrajectory=true&datetime={}/{}", at(0), at(86_401)),
            "at most 24 h",
        ),
        (format!("{VEHICLES}/items/{}?limit=1", fleet.driven), "no parameters"),
    ] {
        let (status, problem) = get(app, &supervisor, &path).await;
        assert_eq!(status, 400, "{path}");
        assert!(problem["detail"]["en"].as_str().unwrap().contains(part), "{path}: {problem}");
    }
    assert_eq!(get(app, &supervisor, "/ogc/collections/unicorns").await.0, 404);
    // More than the most is the most.
    app.json(&format!("{VEHICLES}/items?limit=100000")).await;
}

async fn rights_are_those_of_journeys(app: &TestApp, fleet: &Fleet) {
    let county = app.sign_in("county").await;
    let (_, items) = get(app, &county, &format!("{VEHICLES}/items")).await;
    assert_eq!(ids(items["features"].as_array().unwrap()), [fleet.driven].into());
    assert_eq!(items["numberMatched"], 1);
    let (_, collection) = get(app, &county, VEHICLES).await;
    assert_eq!(collection["extent"]["spatial"]["bbox"], json!([[105.06, 36.53, 105.06, 36.53]]));
    let (_, then) = get(app, &county, &format!("{VEHICLES}/items?datetime={}", at(60))).await;
    assert_eq!(ids(then["features"].as_array().unwrap()), [fleet.driven].into());
    let wall = app.sign_in("wall").await;
    for part in ["", "/tgsequence", "/tproperties", "/tproperties/speed"] {
        let of = |id: i64| format!("{VEHICLES}/items/{id}{part}");
        assert_eq!(get(app, &county, &of(fleet.driven)).await.0, 200, "{part}");
        let (status, problem) = get(app, &county, &of(fleet.foreign)).await;
        assert_eq!((status, problem["code"].as_str()), (404, Some("not-found")), "{part}");
        let (status, problem) = get(app, &wall, &of(fleet.driven)).await;
        assert_eq!((status, problem["code"].as_str()), (403, Some("not-allowed")), "{part}");
    }
    let (status, seen) = get(app, &wall, "/ogc/collections").await;
    assert_eq!((status, &seen["collections"]), (200, &json!([])));
}
