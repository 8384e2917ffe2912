//! What was done can be proved afterwards, and what was changed shows.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use serde_json::{Value, json};
use sqlx::Executor as _;
use support::{Person, TestApp, printed, run};

async fn get(app: &TestApp, person: &Person, path: &str) -> (u16, Value) {
    let response = person.client.get(format!("{}{path}", app.base)).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn verified(app: &TestApp, auditor: &Person) -> Value {
    let url = format!("{}/api/v1/audit/verify", app.base);
    auditor.client.post(url).send().await.unwrap().json().await.unwrap()
}

/// By the program's command, as an inspector would.
fn verified_by_command(app: &TestApp) -> (bool, String) {
    let output = run(&app.database, &["audit", "verify"]);
    (output.status.success(), printed(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_are_on_file_and_tampering_is_found() {
    let app = TestApp::start().await;
    let (auditor, county) = (app.sign_in("auditor").await, app.sign_in("county").await);
    let typed = json!({"login": "planner", "password": "wrong"});
    assert_eq!(app.post("/api/v1/session", &typed).await.0, 401);
    for _ in 0..3 {
        assert_eq!(get(&app, &county, "/api/v1/audit").await.0, 403);
    }
    let terminal: String = sqlx::query_scalar("select min(terminal_id) from terminal")
        .fetch_one(&mut app.database.psql().await)
        .await
        .unwrap();
    app.credential_of(&terminal).await;
    let (status, log) = get(&app, &auditor, "/api/v1/audit?limit=200").await;
    assert_eq!(status, 200);
    let rows = log["items"].as_array().unwrap();
    let of = |action: &str, outcome: &str| -> Vec<&Value> {
        rows.iter().filter(|r| r["action"] == action && r["outcome"] == outcome).collect()
    };
    assert_eq!(of("sign-in", "failed").len(), 1);
    assert_eq!(of("sign-in", "failed")[0]["actor"], "planner");
    assert!(of("sign-in", "ok").len() >= 3);
    let refusals = of("refusal", "refused");
    assert_eq!(refusals.len(), 1, "the same refusal within a minute is one row");
    assert_eq!(refusals[0]["target"], "GET /api/v1/audit");
    assert_eq!(refusals[0]["address"], "127.0.0.1");
    assert_eq!(of("terminal-credential-issued", "ok")[0]["target"], terminal.as_str());
    assert!(rows.windows(2).all(|w| w[0]["audit_id"].as_i64() > w[1]["audit_id"].as_i64()));
    let (_, only) = get(&app, &auditor, "/api/v1/audit?action=refusal").await;
    assert_eq!(only["items"].as_array().unwrap().len(), 1);
    assert!(!log.to_string().contains("wrong\""), "no password is ever written");

    let whole = verified(&app, &auditor).await;
    assert_eq!(whole["fault"], Value::Null);
    assert!(whole["checked"].as_i64().unwrap() >= 6);
    let (is_whole, said) = verified_by_command(&app);
    assert!(is_whole, "{said}");

    the_program_cannot_change_the_log(&app).await;
    every_kind_of_tampering_is_located(&app).await;
    app.end().await;
}

async fn the_program_cannot_change_the_log(app: &TestApp) {
    let mut psql = app.database.psql().await;
    psql.execute("set role onemap_app").await.unwrap();
    psql.execute("select set_config('onemap.scopes', '*', false)").await.unwrap();
    for forbidden in [
        "update audit_event set actor = 'nobody'",
        "delete from audit_event",
        "truncate audit_event",
        "insert into audit_event select * from audit_event",
        "update audit_head set audit_id = 0",
    ] {
        let refused = psql.execute(forbidden).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{forbidden}: {refused}");
    }
}

async fn every_kind_of_tampering_is_located(app: &TestApp) {
    let mut psql = app.database.psql().await;
    let kept = "create table kept as select * from audit_event; create table kept_head as select * from audit_head";
    psql.execute(kept).await.unwrap();
    for (tampering, located) in [
        ("update audit_event set actor = 'somebody.else' where audit_id = 3", "audit row 3:"),
        ("update audit_event set at = at - interval '1 hour' where audit_id = 4", "audit row 4:"),
        ("update audit_event set detail = '{\"why\": \"nothing\"}' where audit_id = 2", "audit row 2:"),
        ("delete from audit_event where audit_id = 3", "audit row 4:"),
        ("delete from audit_event where audit_id = (select max(audit_id) from audit_event)", "audit row"),
        // Resealed, as somebody would who knows how: the row after it gives it away.
        (
            "update audit_event set actor = 'somebody.else', hash = audit_sealed(prev_hash, audit_id, at,
                 'somebody.else', action, target, outcome, address, detail) where audit_id = 3",
            "audit row 4:",
        ),
    ] {
        psql.execute(tampering).await.unwrap();
        let (is_whole, said) = verified_by_command(app);
        assert!(!is_whole && said.contains(located), "{tampering}: {said}");
        let restore = "truncate audit_event; insert into audit_event select * from kept;
            delete from audit_head; insert into audit_head select * from kept_head";
        psql.execute(restore).await.unwrap();
        let (is_whole, said) = verified_by_command(app);
        assert!(is_whole, "restored after {tampering}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_months_go_to_files_that_can_be_verified_and_the_chain_goes_on() {
    let app = TestApp::start().await;
    let mut psql = app.database.psql().await;
    // A log that began in January 2026, as the program would have written it then.
    psql.execute(
        "truncate audit_event; update audit_head set audit_id = 0, hash = decode(repeat('00', 32), 'hex');
         create table audit_event_202601 partition of audit_event for values from ('2026-01-01Z') to ('2026-02-01Z');
         alter table audit_event_202601 owner to onemap_owner;
         do $$ declare head audit_head; at timestamptz; sealed bytea; begin
             for n in 1..5 loop
                 select * into head from audit_head;
                 at := timestamptz '2026-01-10 08:00Z' + n * interval '1 hour';
                 sealed := audit_sealed(head.hash, n, at, 'li', 'sign-in', null, 'ok', '10.0.0.7', '{}');
                 insert into audit_event values (n, at, 'li', 'sign-in', null, 'ok', '10.0.0.7', '{}', head.hash, sealed);
                 update audit_head set audit_id = n, hash = sealed;
             end loop;
         end $$",
    )
    .await
    .unwrap();
    let auditor = app.sign_in("auditor").await;
    assert!(verified_by_command(&app).0);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let soon = run(&app.database, &["audit", "archive", "--to", to, "--kept-days", "30"]);
    assert!(!soon.status.success() && printed(&soon).contains("180"), "{}", printed(&soon));
    let done = run(&app.database, &["audit", "archive", "--to", to]);
    assert!(done.status.success(), "{}", printed(&done));
    let left: i64 = sqlx::query_scalar("select min(audit_id) from audit_event")
        .fetch_one(&mut psql)
        .await
        .unwrap();
    assert_eq!(left, 6, "January is gone and the rest is there");
    assert_eq!(
        verified(&app, &auditor).await["fault"],
        Value::Null,
        "the chain goes on from the archive"
    );
    let file = folder.path().join("audit_event_202601.jsonl.gz");
    let verify = || run(&app.database, &["audit", "verify", file.to_str().unwrap()]);
    let whole = verify();
    assert!(whole.status.success() && printed(&whole).contains("5 rows"), "{}", printed(&whole));

    let lines = String::from_utf8(
        std::process::Command::new("gzip").arg("-dc").arg(&file).output().unwrap().stdout,
    )
    .unwrap();
    for (tampered, located) in [
        (lines.replacen("\"li\"", "\"wu\"", 1), "audit row 1:"),
        (lines.split_inclusive('\n').take(4).collect(), "audit row 4:"),
        (lines.split_inclusive('\n').skip(1).collect(), "audit row 5:"),
    ] {
        std::fs::write(folder.path().join("plain"), tampered).unwrap();
        let packed = std::process::Command::new("gzip")
            .args(["-c", folder.path().join("plain").to_str().unwrap()])
            .output()
            .unwrap();
        std::fs::write(&file, packed.stdout).unwrap();
        let said = verify();
        assert!(!said.status.success() && printed(&said).contains(located), "{}", printed(&said));
    }
    psql.execute("delete from audit_event where audit_id = 6").await.unwrap();
    let (is_whole, said) = verified_by_command(&app);
    assert!(
        !is_whole && said.contains("audit row 7:"),
        "the first row on file was deleted: {said}"
    );
    app.end().await;
}
