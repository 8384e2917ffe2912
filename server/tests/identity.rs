//! Signing in and out, guessing, tokens, foreign pages, and rights that change while somebody looks.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::time::{Duration, Instant};

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use support::{Live, PASSWORD, Person, TestApp, printed, run};
use tokio_tungstenite::tungstenite::Message;

async fn ask(
    app: &TestApp,
    person: &Person,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let url = format!("{}{path}", app.base);
    let request = person.client.request(method, url);
    let request = if body.is_null() { request } else { request.json(&body) };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

async fn sign_in(app: &TestApp, login: &str, password: &str, code: Option<&str>) -> (u16, Value) {
    let body = json!({"login": login, "password": password, "code": code});
    app.post("/api/v1/session", &body).await
}

async fn user_id(app: &TestApp, login: &str) -> i64 {
    let mut psql = app.database.psql().await;
    sqlx::query_scalar("select user_id from app_user where login = $1")
        .bind(login)
        .fetch_one(&mut psql)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_and_are_who_they_are() {
    let app = TestApp::start().await;
    nobody_is_told_anything(&app).await;
    the_sign_in_page_lists_the_demo_accounts(&app).await;
    a_wrong_password_says_so_and_the_fifth_locks(&app).await;
    signing_out_ends_the_session_everywhere(&app).await;
    a_foreign_page_cannot_use_the_session(&app).await;
    a_first_password_has_to_be_changed(&app).await;
    a_second_factor_is_asked_for_once_it_is_on(&app).await;
    a_token_can_do_what_it_was_made_for(&app).await;
    the_three_administrators_are_three_people(&app).await;
    an_administrator_is_helped_from_the_command_line(&app).await;
    app.end().await;
}

async fn nobody_is_told_anything(app: &TestApp) {
    let nobody = reqwest::Client::new();
    for path in [
        "/api/v1/session",
        "/api/v1/layers",
        "/tiles/buildings.json",
        "/tiles/buildings/14/13000/6400",
        "/styles/light.json",
        "/api/v1/openapi.json",
        "/metrics",
    ] {
        let response = nobody.get(format!("{}{path}", app.base)).send().await.unwrap();
        assert_eq!(response.status(), 401, "{path}");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "not-signed-in", "{path}");
    }
    let refused = app.live_of("onemap_session=guessed").await;
    assert!(refused.is_err(), "the stream opens for nobody");
    for path in ["/", "/healthz", "/readyz"] {
        let response = nobody.get(format!("{}{path}", app.base)).send().await.unwrap();
        assert!(response.status() == 200 || path == "/", "{path}: {}", response.status());
    }
}

async fn the_sign_in_page_lists_the_demo_accounts(app: &TestApp) {
    let options = app.json("/api/v1/session/options").await;
    let logins: Vec<&str> = options["demo_accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["login"].as_str().unwrap())
        .collect();
    for login in
        ["admin", "security", "auditor", "supervisor", "planner", "dispatcher", "county", "wall"]
    {
        assert!(logins.contains(&login), "{login} in {logins:?}");
        let person = app.sign_in(login).await;
        let (status, me) = ask(app, &person, "GET", "/api/v1/session", Value::Null).await;
        assert_eq!((status, me["user"]["login"].as_str()), (200, Some(login)));
    }
    assert_eq!(options["demo_password"], PASSWORD);
}

async fn a_wrong_password_says_so_and_the_fifth_locks(app: &TestApp) {
    for _ in 0..5 {
        let (status, problem) = sign_in(app, "planner", "wrong", None).await;
        assert_eq!((status, problem["code"].as_str()), (401, Some("wrong-credentials")));
    }
    let (status, problem) = sign_in(app, "planner", PASSWORD, None).await;
    assert_eq!((status, problem["code"].as_str()), (429, Some("locked-out")), "{problem}");
    assert!(problem["retry_after_s"].as_i64().unwrap() > 500, "{problem}");
    // A name that does not exist behaves alike.
    for _ in 0..5 {
        assert_eq!(sign_in(app, "nobody.here", "wrong", None).await.0, 401);
    }
    assert_eq!(sign_in(app, "nobody.here", "wrong", None).await.0, 429);
}

async fn signing_out_ends_the_session_everywhere(app: &TestApp) {
    let (here, there) = (app.sign_in("county").await, app.sign_in("county").await);
    let (_, listed) = ask(app, &here, "GET", "/api/v1/account/sessions", Value::Null).await;
    let sessions = listed["items"].as_array().unwrap();
    assert!(sessions.len() >= 2);
    assert_eq!(sessions.iter().filter(|s| s["is_current"] == true).count(), 1);
    assert_eq!(ask(app, &here, "DELETE", "/api/v1/session", Value::Null).await.0, 204);
    assert_eq!(ask(app, &here, "GET", "/api/v1/session", Value::Null).await.0, 401);
    assert_eq!(ask(app, &there, "GET", "/api/v1/session", Value::Null).await.0, 200);
    let third = app.sign_in("county").await;
    assert_eq!(ask(app, &third, "DELETE", "/api/v1/account/sessions", Value::Null).await.0, 204);
    assert_eq!(ask(app, &there, "GET", "/api/v1/session", Value::Null).await.0, 401);
}

async fn a_foreign_page_cannot_use_the_session(app: &TestApp) {
    let person = app.sign_in("supervisor").await;
    let act = |name: &'static str, value: &'static str| {
        let request = reqwest::Client::new()
            .delete(format!("{}/api/v1/session", app.base))
            .header("cookie", &person.cookie);
        async move { request.header(name, value).send().await.unwrap().status().as_u16() }
    };
    assert_eq!(act("origin", "http://elsewhere.example").await, 403);
    assert_eq!(act("sec-fetch-site", "cross-site").await, 403);
    assert_eq!(act("x-nothing", "said").await, 403);
    assert_eq!(ask(app, &person, "GET", "/api/v1/session", Value::Null).await.0, 200);
    assert_eq!(act("sec-fetch-site", "same-origin").await, 204);
}

async fn a_first_password_has_to_be_changed(app: &TestApp) {
    let admin = app.sign_in("admin").await;
    let new = json!({"login": "zhang.wei", "name": "张示例", "org_id": null});
    let (status, made) = ask(app, &admin, "POST", "/api/v1/users", new.clone()).await;
    assert_eq!(status, 201, "{made}");
    let (status, again) = ask(app, &admin, "POST", "/api/v1/users", new).await;
    assert_eq!((status, again["code"].as_str()), (409, Some("login-taken")));
    let first = made["first_password"].as_str().unwrap();
    let typed = json!({"login": "zhang.wei", "password": first});
    let url = format!("{}/api/v1/session", app.base);
    let response = reqwest::Client::new().post(url).json(&typed).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let newcomer = app.person(cookie.split(';').next().unwrap());
    let (status, problem) = ask(app, &newcomer, "GET", "/api/v1/layers", Value::Null).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("password-change-needed")));
    let change = |new: &str| json!({"current": first, "new": new});
    let path = "/api/v1/account/password";
    let (status, weak) = ask(app, &newcomer, "POST", path, change("abc")).await;
    assert_eq!((status, weak["code"].as_str()), (422, Some("weak-password")));
    assert!(weak["errors"].as_array().unwrap().len() >= 3, "every fault at once: {weak}");
    let (status, same) = ask(app, &newcomer, "POST", path, change(first)).await;
    assert_eq!((status, same["code"].as_str()), (422, Some("weak-password")), "not the same again");
    assert_eq!(ask(app, &newcomer, "POST", path, change("Kf9#vocaLtide")).await.0, 204);
    assert_eq!(ask(app, &newcomer, "GET", "/api/v1/layers", Value::Null).await.0, 200);
}

async fn a_second_factor_is_asked_for_once_it_is_on(app: &TestApp) {
    let person = app.sign_in("dispatcher").await;
    let path = "/api/v1/account/second-factor";
    let (status, offer) = ask(app, &person, "POST", path, Value::Null).await;
    assert_eq!(status, 200, "{offer}");
    assert!(offer["qr_svg"].as_str().unwrap().contains("<svg"));
    assert_eq!(sign_in(app, "dispatcher", PASSWORD, None).await.0, 200, "not yet in force");
    let confirm = format!("{path}/confirm");
    let (status, wrong) = ask(app, &person, "POST", &confirm, json!({"code": "000000"})).await;
    assert_eq!((status, wrong["code"].as_str()), (422, Some("wrong-second-factor")));
    let secret = offer["secret"].as_str().unwrap();
    let now = || u64::try_from(time::OffsetDateTime::now_utc().unix_timestamp()).unwrap();
    let code = support::totp(secret, now());
    assert_eq!(ask(app, &person, "POST", &confirm, json!({"code": code})).await.0, 204);
    let (status, needed) = sign_in(app, "dispatcher", PASSWORD, None).await;
    assert_eq!((status, needed["code"].as_str()), (401, Some("second-factor-needed")));
    let (status, used) = sign_in(app, "dispatcher", PASSWORD, Some(&code)).await;
    assert_eq!((status, used["code"].as_str()), (401, Some("wrong-second-factor")), "good once");
    let next = support::totp(secret, now() + 30);
    assert_eq!(sign_in(app, "dispatcher", PASSWORD, Some(&next)).await.0, 200);
    let body = json!({"password": PASSWORD});
    let person = app.person(&person.cookie);
    assert_eq!(ask(app, &person, "DELETE", path, body).await.0, 204);
    assert_eq!(sign_in(app, "dispatcher", PASSWORD, None).await.0, 200);
}

async fn a_token_can_do_what_it_was_made_for(app: &TestApp) {
    let person = app.sign_in("supervisor").await;
    let path = "/api/v1/account/tokens";
    let wanted = json!({"name": "报表程序", "permissions": ["read"], "days": 30});
    let (status, made) = ask(app, &person, "POST", path, wanted).await;
    assert_eq!(status, 201, "{made}");
    let more = json!({"name": "太多", "permissions": ["read_audit"], "days": 30});
    assert_eq!(ask(app, &person, "POST", path, more).await.0, 403, "not more than its maker");
    let token = made["token"].as_str().unwrap();
    let get = |path: &'static str| {
        let request = reqwest::Client::new().get(format!("{}{path}", app.base)).bearer_auth(token);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(get("/api/v1/layers").await, 200);
    assert_eq!(get("/api/v1/vehicles/1/track").await, 403, "not made for journeys");
    let id = made["token_id"].as_i64().unwrap();
    assert_eq!(ask(app, &person, "DELETE", &format!("{path}/{id}"), Value::Null).await.0, 204);
    assert_eq!(get("/api/v1/layers").await, 401);
}

async fn the_three_administrators_are_three_people(app: &TestApp) {
    let security = app.sign_in("security").await;
    let auditor = user_id(app, "auditor").await;
    let grants = format!("/api/v1/users/{auditor}/grants");
    let second = json!({"role_id": "system-admin", "org_id": null, "clearance": 0});
    let (status, problem) = ask(app, &security, "POST", &grants, second).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("duties-separated")), "{problem}");
    let own = format!("/api/v1/users/{}/grants", user_id(app, "security").await);
    let more = json!({"role_id": "supervisor", "org_id": null, "clearance": 3});
    let (status, problem) = ask(app, &security, "POST", &own, more).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("own-account")));
    // The database itself refuses, whoever asks.
    let mut psql = app.database.psql().await;
    let forced = sqlx::query(
        "insert into role_grant (user_id, role_id, duty, granted_by) values ($1, 'security-admin', 'security', 'psql')",
    )
    .bind(auditor)
    .execute(&mut psql)
    .await;
    assert!(forced.unwrap_err().to_string().contains("role_grant_duties_separated"));
}

async fn an_administrator_is_helped_from_the_command_line(app: &TestApp) {
    let made = run(
        &app.database,
        &["user", "create", "li.na", "--name", "李示例", "--role", "system-admin", "--org", "U01"],
    );
    assert!(made.status.success(), "{}", printed(&made));
    let listed = printed(&run(&app.database, &["user", "list"]));
    assert!(listed.contains("li.na\t李示例\t系统管理员"), "{listed}");
    let reset = run(&app.database, &["user", "reset", "planner"]);
    let first = String::from_utf8(reset.stdout).unwrap().trim().to_owned();
    assert_eq!(sign_in(app, "planner", &first, None).await.0, 200, "unlocked, with a new password");
}

/// The next message of a kind, within five seconds.
async fn heard(socket: &mut Live, kind: &str) -> Value {
    tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["type"] == kind {
                    return message;
                }
            }
        }
    })
    .await
    .unwrap_or_else(|_| panic!("no {kind} within five seconds"))
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_change_take_effect_while_somebody_looks() {
    let app = TestApp::start().await;
    let (security, county) = (app.sign_in("security").await, app.sign_in("county").await);
    let buildings = async |person: &Person| {
        let (status, layers) = ask(&app, person, "GET", "/api/v1/layers", Value::Null).await;
        assert_eq!(status, 200);
        let all = layers["layers"].as_array().unwrap().clone();
        all.iter().find(|l| l["layer_id"] == "buildings").unwrap()["count"].as_i64().unwrap()
    };
    let before = buildings(&county).await;
    assert!(before > 0);
    let mut socket = app.live_of(&county.cookie).await.unwrap();
    let look = json!({"subscribe": {"bbox": [-180.0, -85.0, 180.0, 85.0], "zoom": 1}});
    socket.send(Message::text(look.to_string())).await.unwrap();
    heard(&mut socket, "snapshot").await;

    // Another county as well.
    let id = user_id(&app, "county").await;
    let orgs = ask(&app, &security, "GET", "/api/v1/orgs", Value::Null).await.1;
    let other = orgs["items"].as_array().unwrap().iter().find(|o| o["code"] == "U0152").unwrap();
    let more = json!({"role_id": "reader", "org_id": other["org_id"], "clearance": 1});
    let (status, granted) =
        ask(&app, &security, "POST", &format!("/api/v1/users/{id}/grants"), more).await;
    assert_eq!(status, 201, "{granted}");
    let started = Instant::now();
    heard(&mut socket, "rights_changed").await;
    println!("the stream knows after {} ms", started.elapsed().as_millis());
    let with_both = buildings(&county).await;
    assert!(with_both > before, "{with_both} with the other county, {before} before");
    let grant = granted["grant_id"].as_i64().unwrap();
    let revoke = format!("/api/v1/grants/{grant}");
    assert_eq!(ask(&app, &security, "DELETE", &revoke, Value::Null).await.0, 204);
    heard(&mut socket, "rights_changed").await;
    assert_eq!(buildings(&county).await, before);

    // By the database alone, as another server of the installation would: nobody tells this one.
    let started = Instant::now();
    let mut psql = app.database.psql().await;
    sqlx::query("update role_grant set revoked_at = now(), revoked_by = 'psql' where user_id = $1")
        .bind(id)
        .execute(&mut psql)
        .await
        .unwrap();
    heard(&mut socket, "rights_changed").await;
    println!("a change in the database is known after {} ms", started.elapsed().as_millis());
    assert_eq!(buildings(&county).await, 0);

    sqlx::query("update app_user set disabled_at = now() where user_id = $1")
        .bind(id)
        .execute(&mut psql)
        .await
        .unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|f| u16::from(f.code)),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    })
    .await
    .unwrap();
    assert_eq!(closed, Some(4401));
    assert_eq!(ask(&app, &county, "GET", "/api/v1/session", Value::Null).await.0, 401);
    app.end().await;
}
