//! Alarms, trips and JT/T 808 as people and devices meet them, with the rights and credentials of a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use futures::StreamExt as _;
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _, PgConnection};
use support::{Live, Person, TestApp};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use vehicle_tracker::jt808::{Encryption, Frame, Header, Layout, MessageId, Splitter};

/// A terminal's number, in BCD as its device sends it.
const NUMBER: &str = "13800000001";
const PHONE: [u8; 6] = [0x01, 0x38, 0x00, 0x00, 0x00, 0x01];

struct Device {
    stream: TcpStream,
    splitter: Splitter,
    serial: u16,
}

impl Device {
    async fn call(app: &TestApp) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", app.jt808_port)).await.unwrap();
        Self { stream, splitter: Splitter::new(), serial: 0 }
    }

    /// Says something and hears the body of the answer; `None` when the link ends.
    async fn ask(&mut self, id: MessageId, body: Vec<u8>) -> Option<Vec<u8>> {
        self.serial += 1;
        let header = Header {
            id,
            encryption: Encryption::NONE,
            version_bit: false,
            reserved_bit: false,
            layout: Layout::V2013 { phone: PHONE },
            serial: self.serial,
            part: None,
        };
        self.stream.write_all(&Frame::new_checked(header, body).unwrap().write()).await.unwrap();
        let mut bytes = [0; 512];
        loop {
            let read = tokio::time::timeout(Duration::from_secs(20), self.stream.read(&mut bytes));
            let count = read.await.expect("an answer or an end").ok().filter(|count| *count > 0)?;
            if let Some(cut) = self.splitter.feed(&bytes[..count]).pop() {
                return Some(cut.frame.unwrap().body().to_vec());
            }
        }
    }

    /// The result, and the code if there is one.
    async fn register(&mut self, maker: u8, plate: &str) -> Option<(u8, Vec<u8>)> {
        let mut body = vec![0; 4];
        body.extend([maker; 5 + 20 + 7]);
        body.push(1);
        body.extend(plate.as_bytes());
        let answer = self.ask(MessageId::REGISTER, body).await?;
        Some((answer[2], answer[3..].to_vec()))
    }
}

/// A vehicle outside of the county, and its terminal.
async fn far_vehicle(app: &TestApp) -> (String, i64) {
    let mut psql = app.database.psql().await;
    sqlx::query_as(
        "select t.terminal_id, t.vehicle_id from terminal t join vehicle v on v.feature_id = t.vehicle_id
         join org o using (org_id), org county
         where county.code = 'U0151' and not o.path <@ county.path order by t.terminal_id limit 1",
    )
    .fetch_one(&mut psql)
    .await
    .unwrap()
}

async fn get(app: &TestApp, person: &Person, path: &str) -> (u16, Value) {
    let response = person.client.get(format!("{}{path}", app.base)).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn post(app: &TestApp, person: &Person, path: &str, body: Value) -> (u16, Value) {
    let asked = person.client.post(format!("{}{path}", app.base)).json(&body);
    let response = asked.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_registered_once_and_another_cannot_take_its_number() {
    let app = TestApp::start().await;
    let (terminal, vehicle) = far_vehicle(&app).await;
    let mut psql = app.database.psql().await;
    for statement in [
        format!("update terminal set terminal_id = '{NUMBER}' where terminal_id = '{terminal}'"),
        format!("update vehicle set plate = 'DEMO-1' where feature_id = {vehicle}"),
    ] {
        sqlx::raw_sql(&statement).execute(&mut psql).await.unwrap();
    }
    let mut device = Device::call(&app).await;
    assert_eq!(device.register(b'M', "DEMO-1").await, Some((4, Vec::new())), "no credential yet");
    app.credential_of(NUMBER).await;
    assert_eq!(device.register(b'M', "DEMO-2").await, Some((2, Vec::new())), "another plate");
    let (result, code) = device.register(b'M', "DEMO-1").await.unwrap();
    assert_eq!((result, code.len()), (0, 16));

    let mut other = Device::call(&app).await;
    assert_eq!(other.register(b'X', "DEMO-1").await, Some((3, Vec::new())), "another device");
    assert_eq!(
        other.ask(MessageId::AUTHENTICATION, b"0123456789abcdef".to_vec()).await.unwrap()[4],
        1
    );
    let mut again = Device::call(&app).await;
    assert_eq!(again.register(b'M', "DEMO-1").await, Some((0, code.clone())), "the same, again");

    assert_eq!(device.ask(MessageId::AUTHENTICATION, code.clone()).await.unwrap()[4], 0);
    let mut place = vec![0, 0, 0, 0, 0, 0, 0, 3];
    place.extend(36_500_000_u32.to_be_bytes());
    place.extend(105_500_000_u32.to_be_bytes());
    place.extend([0, 40, 1, 144, 0, 90]);
    // Long ago, so that the demo's own vehicles do not matter: 2020-01-02 03:04:05 in Beijing.
    place.extend([0x20, 0x01, 0x02, 0x03, 0x04, 0x05]);
    assert_eq!(device.ask(MessageId::LOCATION, place).await.unwrap()[4], 0);
    let stored: i64 = sqlx::query_scalar(
        "select count(*) from position where vehicle_id = $1 and speed_kmh = 40
         and fix_time = '2020-01-02 03:04:05+08'",
    )
    .bind(vehicle)
    .fetch_one(&mut psql)
    .await
    .unwrap();
    assert_eq!(stored, 1);

    // A new credential ends the code, and frees the number for another device.
    app.credential_of(NUMBER).await;
    let mut late = Device::call(&app).await;
    assert_eq!(late.ask(MessageId::AUTHENTICATION, code).await.unwrap()[4], 1);
    assert_eq!(late.register(b'X', "DEMO-1").await.unwrap().0, 0);
    let acts: i64 =
        sqlx::query_scalar("select count(*) from audit_event where action = 'terminal-registered'")
            .fetch_one(&mut psql)
            .await
            .unwrap();
    assert_eq!(acts, 2);
    for _ in 0..4 {
        assert_eq!(late.register(b'M', "DEMO-1").await.unwrap().0, 3);
    }
    assert_eq!(late.register(b'M', "DEMO-1").await, None, "it has asked often enough");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_seen_and_settled_by_those_who_may() {
    let app = TestApp::start().await;
    let (terminal, vehicle) = far_vehicle(&app).await;
    let began = 1_577_905_445_000_i64;
    let fast = (0..20_i64).map(|tick| {
        let lon = 105.5 + f64::from(i32::try_from(tick).unwrap()) * 0.002_3;
        json!({"t": began + tick * 5_000, "lon": lon, "lat": 36.5, "speed_kmh": 150})
    });
    let slow = json!({"t": began + 120_000, "lon": 105.55, "lat": 36.5, "speed_kmh": 20});
    let positions: Vec<Value> = fast.chain([slow]).collect();
    let (name, secret) = app.gateway();
    let status = std::process::Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &app.mqtt_port.to_string(), "-q", "1"])
        .args(["-u", &name, "-P", &secret])
        .args(["-t", &format!("onemap/v1/{terminal}/position")])
        .args(["-m", &Value::from(positions).to_string()])
        .status()
        .expect("mosquitto_pub, which `.ci/setup test` installs");
    assert!(status.success());

    let dispatcher = app.sign_in("dispatcher").await;
    let path = format!("/api/v1/alarms?vehicle={vehicle}&pending=true");
    let mut alarm = Value::Null;
    for _ in 0..200 {
        let (status, found) = get(&app, &dispatcher, &path).await;
        assert_eq!(status, 200, "{found}");
        if let Some(first) = found["items"].get(0) {
            alarm = first.clone();
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((&alarm["rule"], &alarm["state"]), (&json!("speeding"), &json!("open")), "{alarm}");
    assert_eq!(alarm["title"]["zh"], "超速");
    let acts = format!("/api/v1/alarms/{}/acts", alarm["alarm_id"]);

    let county = app.sign_in("county").await;
    let (status, theirs) = get(&app, &county, "/api/v1/alarms").await;
    assert!(status == 403 || theirs["items"] == json!([]), "{theirs}");
    let (status, _) = post(&app, &county, &acts, json!({"act": "acknowledge"})).await;
    assert!([403, 404].contains(&status), "{status}");

    for (deed, expected) in [
        (json!({"act": "close", "note": ""}), 400),
        (json!({"act": "dance"}), 400),
        (json!({"act": "assign"}), 400),
        (json!({"act": "reopen", "note": "?"}), 409),
        (json!({"act": "acknowledge"}), 200),
        (json!({"act": "acknowledge"}), 409),
        (json!({"act": "assign", "assignee": "车队"}), 200),
        (json!({"act": "close", "note": "执行急救任务"}), 200),
    ] {
        let (status, answer) = post(&app, &dispatcher, &acts, deed.clone()).await;
        assert_eq!(status, expected, "{deed}: {answer}");
    }
    let (_, closed) = get(&app, &dispatcher, &path).await;
    assert_eq!(closed["items"], json!([]));

    narrowed(&app, &dispatcher, vehicle).await;
    journeys(&app, &dispatcher, vehicle).await;
    app.end().await;
}

/// A closed speeding of 19:04:05 is found by what it is, and not by what it is not.
async fn narrowed(app: &TestApp, dispatcher: &Person, vehicle: i64) {
    for (narrowed, count) in [
        ("state=closed&rule=speeding&from=2020-01-01T19:04:05Z&to=2020-01-01T19:04:06Z", 1),
        ("state=open&rule=speeding", 0),
        ("state=closed&level=3", 0),
        ("rule=speeding&from=2020-01-01T19:04:06Z", 0),
        ("rule=speeding&to=2020-01-01T19:04:05Z", 0),
    ] {
        let path = format!("/api/v1/alarms?vehicle={vehicle}&{narrowed}");
        let (_, found) = get(app, dispatcher, &path).await;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(count), "{path}: {found}");
    }
}

/// The trip that it was, and the positions of it.
async fn journeys(app: &TestApp, dispatcher: &Person, vehicle: i64) {
    let trips = format!("/api/v1/vehicles/{vehicle}/trips");
    let day = "from=2020-01-01T00:00:00Z&to=2020-01-03T00:00:00Z";
    let (status, found) = get(app, dispatcher, &format!("{trips}?{day}")).await;
    assert_eq!(status, 200, "{found}");
    let metres = found["open"]["trip"]["distance_m"].as_f64().unwrap();
    assert!((3_500.0..4_600.0).contains(&metres), "{found}");
    let far = format!("{trips}?from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z");
    assert_eq!(get(app, dispatcher, &far).await.0, 400, "more than a quarter");

    let hour = "from=2020-01-01T19:00:00Z&to=2020-01-01T20:00:00Z";
    let path = format!("/api/v1/tracks?vehicles={vehicle}&{hour}");
    let bytes = app.get(&path).await.bytes().await.unwrap();
    assert_eq!(&bytes[..16], b"OMTRACK1\x01\0\0\0\x15\0\0\0");
    let column = |index: usize| bytes[40 + index * 21 * 4..].first_chunk::<4>().copied().unwrap();
    let first = [column(0), column(1), column(2)].map(i32::from_le_bytes);
    assert_eq!(first, [245_000, 1_055_000_000, 365_000_000]);
    for bad in [
        format!("vehicles=x&{hour}"),
        format!("vehicles=&{hour}"),
        format!("vehicles={vehicle}&from=2020-01-01T00:00:00Z&to=2020-01-03T00:00:00Z"),
    ] {
        let (status, _) = get(app, dispatcher, &format!("/api/v1/tracks?{bad}")).await;
        assert_eq!(status, 400, "{bad}");
    }
}

/// What the stream tells next of alarms and seals, and the server's clock then.
async fn news(socket: &mut Live) -> (Value, i64) {
    let told = next(socket, |message| message["type"] == "fleet_changed").await;
    (told["about"].clone(), told["at_ms"].as_i64().unwrap())
}

/// Nothing of alarms and seals was told up to two seconds after this moment of the server's clock.
async fn heard_nothing(socket: &mut Live, until_ms: i64) {
    let last = next(socket, |message| {
        message["type"] == "fleet_changed" || message["at_ms"].as_i64() > Some(until_ms + 2_000)
    });
    assert_ne!(last.await["type"], "fleet_changed");
}

async fn next(socket: &mut Live, mut is_meant: impl FnMut(&Value) -> bool) -> Value {
    let heard = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
                let message: Value = serde_json::from_str(&text).unwrap();
                if is_meant(&message) {
                    return message;
                }
            }
        }
    });
    heard.await.expect("something within ten seconds")
}

/// An alarm as another server writes it; answers its number.
async fn written(
    psql: &mut PgConnection,
    vehicle: i64,
    rule: &str,
    about: &str,
    [lon, lat]: [f64; 2],
) -> i64 {
    sqlx::query_scalar(
        "insert into alarm (vehicle_id, rule, about, started_at, level, place, evidence, certain_ms, told_ms)
         values ($1, $2, $3, now(), 2, st_setsrid(st_makepoint($4, $5), 4326),
            '{\"at_ms\": 0, \"seen\": {}, \"thresholds\": []}', 0, 0) returning alarm_id",
    )
    .bind(vehicle)
    .bind(rule)
    .bind(about)
    .bind(lon)
    .bind(lat)
    .fetch_one(psql)
    .await
    .unwrap()
}

/// A vehicle of the county and its organisation; the organisation of the vehicle elsewhere.
async fn own_vehicle(psql: &mut PgConnection, far: i64) -> (i64, i64, i64) {
    sqlx::query_as(
        "select v.feature_id, county.org_id, other.org_id from vehicle v join org o using (org_id),
            org county, vehicle other
         where county.code = 'U0151' and o.path <@ county.path and other.feature_id = $1
         order by v.feature_id limit 1",
    )
    .bind(far)
    .fetch_one(psql)
    .await
    .unwrap()
}

/// A fence about the vehicles of an organisation.
async fn foreign_fence(psql: &mut PgConnection, org: i64) -> i64 {
    sqlx::query_scalar(
        "insert into fence (name, org_id, scope_id, geom, metres, asks, changed_by)
         values ('望山停车场', $1, scope_for(array[$1], '{}', 0::smallint, 'vehicle'),
            st_setsrid(st_makepoint(105.5, 36.5), 4326), 300, '{enter}', 'dispatcher') returning fence_id",
    )
    .bind(org)
    .fetch_one(psql)
    .await
    .unwrap()
}

/// A building with a name that the county does not see and that stands nowhere near one that it does, and a point in it.
async fn foreign_building(psql: &mut PgConnection) -> (String, f64, f64) {
    sqlx::query_as(
        "select b.name, st_x(spot.point), st_y(spot.point)
         from building b join feature f using (feature_id) join scope s using (scope_id)
         cross join lateral (select st_pointonsurface(b.geom) as point) spot, org county
         where county.code = 'U0151' and b.name <> '' and s.clearance <= 1
             and cardinality(s.managing_orgs || s.using_orgs) > 0 and not exists (select from org o
                 where o.org_id = any(s.managing_orgs || s.using_orgs) and o.path <@ county.path)
         order by b.feature_id limit 1",
    )
    .fetch_one(psql)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn alarms_are_told_counted_and_named_to_those_who_may_see_them() {
    let app = TestApp::start().await;
    let mut psql = app.database.psql().await;
    let (_, far) = far_vehicle(&app).await;
    let (own, county_org, far_org) = own_vehicle(&mut psql, far).await;
    let (building, lon, lat) = foreign_building(&mut psql).await;
    let fence = foreign_fence(&mut psql, far_org).await;
    let (dispatcher, county) = (app.sign_in("dispatcher").await, app.sign_in("county").await);
    let filed = json!({"kind": "repair", "title": "去望山开会，联系 13812345678", "feature_ids": [far],
        "body": {"category": "空调", "description": "示例", "urgency": "normal", "contact": "示例"}});
    let (_, order) = post(&app, &dispatcher, "/api/v1/documents", filed).await;
    let order_id = order["doc_id"].as_i64().unwrap_or_else(|| panic!("{order}"));

    let mut all = app.live_of(&dispatcher.cookie).await.unwrap();
    let mut some = app.live_of(&county.cookie).await.unwrap();
    next(&mut all, |message| message["type"] == "heartbeat").await;
    next(&mut some, |message| message["type"] == "heartbeat").await;
    let place = [lon, lat];
    written(&mut psql, far, "geofence", &format!("fence:{fence}:enter"), place).await;
    let (about, at_ms) = news(&mut all).await;
    assert_eq!(about, json!(["alarms"]));
    heard_nothing(&mut some, at_ms).await;

    let mut tx = psql.begin().await.unwrap();
    let entered = written(&mut tx, own, "geofence", &format!("fence:{fence}:enter"), place).await;
    let strayed = written(&mut tx, own, "over_mileage", &format!("duty:{order_id}"), place).await;
    tx.commit().await.unwrap();
    assert_eq!(news(&mut all).await.0, json!(["alarms"]));
    assert_eq!(news(&mut some).await.0, json!(["alarms"]));

    let list = "/api/v1/alarms?pending=true";
    let (_, seen) = get(&app, &dispatcher, list).await;
    let of = |list: &Value, id: i64| {
        list["items"].as_array().unwrap().iter().find(|a| a["alarm_id"] == id).unwrap().clone()
    };
    assert_eq!((&seen["total"], &seen["is_total_capped"]), (&json!(3), &json!(false)), "{seen}");
    assert_eq!(of(&seen, entered)["fence"], json!({"fence_id": fence, "name": "望山停车场"}));
    assert_eq!(of(&seen, entered)["site"]["name"], json!(building));
    let told = &of(&seen, strayed)["order"];
    assert_eq!((&told["doc_id"], &told["number"]), (&json!(order_id), &order["number"]), "{told}");
    assert_eq!(told["title"], "去望山开会，联系 13812345678");

    let (_, theirs) = get(&app, &county, list).await;
    assert_eq!((&theirs["total"], theirs["items"].as_array().unwrap().len()), (&json!(2), 2));
    for name in ["望山停车场", building.as_str(), "望山开会"] {
        assert!(!theirs.to_string().contains(name), "{name}: {theirs}");
    }
    assert_eq!(of(&theirs, entered)["fence"], Value::Null);
    assert_eq!(of(&theirs, strayed)["order"], Value::Null);

    organisations(&app, &dispatcher, (county_org, far_org)).await;
    counting_ends(&app, &dispatcher, &mut psql, far).await;
    acts_and_seals_are_news(&app, &dispatcher, (&mut all, &mut some), (far, far_org)).await;
    app.end().await;
}

/// Alarms are cut to an organisation with those below it, and pages after the first do not count again.
async fn organisations(app: &TestApp, dispatcher: &Person, (county, other): (i64, i64)) {
    let top = app.json("/api/v1/orgs").await;
    let top = top["items"].as_array().unwrap().iter().find(|o| o["code"] == "U01").unwrap();
    for (org, total) in [(county, 2), (other, 1), (top["org_id"].as_i64().unwrap(), 3), (0, 0)] {
        let path = format!("/api/v1/alarms?org={org}");
        let (status, found) = get(app, dispatcher, &path).await;
        assert_eq!((status, &found["total"]), (200, &json!(total)), "{path}: {found}");
    }
    let path = format!("/api/v1/alarms?org={county}&limit=1");
    let (_, first) = get(app, dispatcher, &path).await;
    assert_eq!((&first["total"], first["items"].as_array().unwrap().len()), (&json!(2), 1));
    let (_, second) = get(app, dispatcher, &format!("{path}&before={}", first["next"])).await;
    assert_eq!((&second["total"], second["items"].as_array().unwrap().len()), (&Value::Null, 1));
}

async fn counting_ends(app: &TestApp, dispatcher: &Person, psql: &mut PgConnection, vehicle: i64) {
    let many = format!(
        "insert into alarm (vehicle_id, rule, about, started_at, level, evidence, certain_ms, told_ms)
         select {vehicle}, 'speeding', n::text, now(), 3, '{{}}', 0, 0 from generate_series(1, 10001) n"
    );
    psql.execute(many.as_str()).await.unwrap();
    for (path, total, is_capped) in [
        ("/api/v1/alarms?pending=true&limit=100", 10_000, true),
        ("/api/v1/alarms?rule=speeding", 10_000, true),
        ("/api/v1/alarms?level=2", 3, false),
    ] {
        let (_, found) = get(app, dispatcher, path).await;
        assert_eq!(found["total"], total, "{path}");
        assert_eq!(found["is_total_capped"], is_capped, "{path}");
    }
    psql.execute("delete from alarm where rule = 'speeding'").await.unwrap();
}

async fn acts_and_seals_are_news(
    app: &TestApp,
    dispatcher: &Person,
    (all, some): (&mut Live, &mut Live),
    (vehicle, org): (i64, i64),
) {
    // What the many alarms came to.
    let (_, at_ms) = news(all).await;
    heard_nothing(some, at_ms).await;
    let (_, found) = get(app, dispatcher, &format!("/api/v1/alarms?vehicle={vehicle}")).await;
    let acts = format!("/api/v1/alarms/{}/acts", found["items"][0]["alarm_id"]);
    assert_eq!(post(app, dispatcher, &acts, json!({"act": "acknowledge"})).await.0, 200);
    assert_eq!(news(all).await.0, json!(["alarms"]));
    let now = OffsetDateTime::now_utc();
    let text = |at: OffsetDateTime| at.format(&Rfc3339).unwrap();
    let plan = json!({"org_id": org, "vehicles": [vehicle], "starts_at": text(now),
        "ends_at": text(now + time::Duration::HOUR), "spares_orders": true, "reason": "节假日封存"});
    let (status, seal) = post(app, dispatcher, "/api/v1/seals", plan).await;
    assert_eq!(status, 201, "{seal}");
    assert_eq!(news(all).await.0, json!(["seals"]));
    let withdraw = format!("/api/v1/seals/{}/withdraw", seal["seal_id"]);
    assert_eq!(post(app, dispatcher, &withdraw, Value::Null).await.0, 200);
    let (about, at_ms) = news(all).await;
    assert_eq!(about, json!(["seals"]));
    heard_nothing(some, at_ms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fences_and_numbers_of_rules_are_kept_by_those_who_command_their_vehicles() {
    let app = TestApp::start().await;
    let (_, vehicle) = far_vehicle(&app).await;
    let mut psql = app.database.psql().await;
    let top: i64 = sqlx::query_scalar("select org_id from org order by nlevel(path) limit 1")
        .fetch_one(&mut psql)
        .await
        .unwrap();
    let (dispatcher, county) = (app.sign_in("dispatcher").await, app.sign_in("county").await);
    let circle =
        json!({"geometry": {"type": "Point", "coordinates": [105.5, 36.5]}, "metres": 300});
    let plan = json!({"name": "车队停车场", "org_id": top, "area": {"drawn": circle},
        "asks": ["enter"], "is_parking": true});
    let (status, fence) = post(&app, &dispatcher, "/api/v1/fences", plan.clone()).await;
    assert_eq!(status, 201, "{fence}");
    assert_eq!((&fence["asks"], &fence["geometry"]), (&json!(["enter"]), &circle["geometry"]));
    let (_, listed) = get(&app, &dispatcher, "/api/v1/fences").await;
    assert_eq!(listed["items"], json!([fence]));
    // The county's people may neither see nor change what concerns all vehicles.
    let (status, theirs) = get(&app, &county, "/api/v1/fences").await;
    assert!(status == 403 || theirs["items"] == json!([]), "{theirs}");
    let path = format!("/api/v1/fences/{}?version=1", fence["fence_id"]);
    let asked = county.client.put(format!("{}{path}", app.base)).json(&plan);
    assert!([403, 404].contains(&asked.send().await.unwrap().status().as_u16()));

    let bad = json!({"name": "", "org_id": top, "area": {"place": 0}, "asks": ["dwell"]});
    let (status, told) = post(&app, &dispatcher, "/api/v1/fences", bad).await;
    assert_eq!(status, 400, "{told}");
    for part in ["名称", "停留时限", "编号为 0 的场所"] {
        assert!(told["detail"]["zh"].as_str().unwrap().contains(part), "{part}: {told}");
    }
    let put = async |path: &str, body: &Value| {
        let asked = dispatcher.client.put(format!("{}{path}", app.base)).json(body);
        asked.send().await.unwrap().status().as_u16()
    };
    assert_eq!(put(&path, &plan).await, 200);
    assert_eq!(put(&path, &plan).await, 409, "somebody was quicker");

    let numbers = "/api/v1/alarms/thresholds";
    for (body, expected) in [
        (json!({"name": "speeding.limit_kmh", "value": 100}), 204),
        (json!({"name": "speeding.limit_kmh", "value": 60, "vehicle_id": vehicle}), 204),
        (json!({"name": "speeding.level", "value": 0, "org_id": top}), 204),
        (json!({"name": "speeding.level", "value": 0.5, "org_id": top}), 400),
        (json!({"name": "dancing.level", "value": 1}), 400),
        (
            json!({"name": "speeding.limit_kmh", "value": 60, "org_id": top, "vehicle_id": vehicle}),
            400,
        ),
        (json!({"name": "speeding.limit_kmh", "value": null, "vehicle_id": vehicle}), 204),
    ] {
        assert_eq!(put(numbers, &body).await, expected, "{body}");
    }
    let (_, set) = get(&app, &dispatcher, numbers).await;
    let found: Vec<_> =
        set["items"].as_array().unwrap().iter().map(|n| (&n["name"], &n["value"])).collect();
    let (limit, level) = (json!("speeding.limit_kmh"), json!("speeding.level"));
    assert_eq!(found, [(&limit, &json!(100.0)), (&level, &json!(0.0))]);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_explained_and_what_is_none_is_told() {
    let app = TestApp::start().await;
    let frame = "7E02000026123456789012007D02000000010000000200BA7F0E07E4F11C0028003C00001810151010100104000000640202007D01137E";
    let told = app.json(&format!("/api/v1/jt808/explain?hex={frame}")).await;
    let parts = told["frames"][0]["parts"].as_array().unwrap();
    let latitude = parts.iter().find(|part| part["name"]["zh"] == "纬度").unwrap();
    assert_eq!(latitude["meaning"]["zh"], "12.222222° N");
    for bad in ["zz", "7", "", "00", &"7e".repeat(9_000)] {
        let response = app.get(&format!("/api/v1/jt808/explain?hex={bad}")).await;
        assert_eq!(response.status(), 400, "{bad:.9}");
    }
    app.end().await;
}
