//! A module that is one folder beside the program: its routes, rights and map; and what becomes of its documents when its
//! definition changes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use sqlx::{Executor as _, Row as _};
use support::{Database, TestApp, printed, run};
use tempfile::TempDir;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../modules/tests/added");
const FILES: [&str; 4] = ["module.toml", "window_cleaning.toml", "theme.sql", "figure.sql"];

/// A copy of the folder that a test may change.
fn folder() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let module = copy.path().join("window_cleaning");
    fs::create_dir(&module).unwrap();
    for file in FILES {
        fs::copy(Path::new(FOLDER).join("window_cleaning").join(file), module.join(file)).unwrap();
    }
    copy
}

fn change(folder: &TempDir, file: &str, change: impl Fn(String) -> String) {
    let path = folder.path().join("window_cleaning").join(file);
    let text = fs::read_to_string(&path).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed, "{file}");
    fs::write(path, changed).unwrap();
}

async fn start_with(folder: &TempDir) -> TestApp {
    let dir = folder.path().to_str().unwrap();
    let arguments = ["demo", "--city", "small", "--vehicles", "0", "--modules-dir", dir];
    TestApp::start_on(Database::create().await, &arguments).await
}

/// An office building of the demo city with rooms.
async fn building(app: &TestApp) -> i64 {
    let mut psql = app.database.psql().await;
    sqlx::query_scalar("select building_id from room order by 1 limit 1")
        .fetch_one(&mut psql)
        .await
        .unwrap()
}

fn cleaning(place: i64, windows: i64) -> Value {
    json!({"kind": "window_cleaning", "feature_ids": [place], "lines": [{"worker": "钱示例", "side": "south"}],
        "body": {"on": "2026-03-02", "windows": windows, "cost": format!("{windows}.50"), "foreman": "赵示例",
            "remark": "无"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_a_module_with_routes_rights_and_a_theme() {
    let folder = folder();
    let app = start_with(&folder).await;
    let place = building(&app).await;

    let modules = app.json("/api/v1/modules").await;
    let module = modules["systems"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|s| s["modules"].as_array().unwrap())
        .find(|m| m["id"] == "window_cleaning")
        .unwrap_or_else(|| panic!("{modules}"));
    assert_eq!(module["title"]["zh"], "外窗清洗");
    let kind = app.json("/api/v1/modules/kinds/window_cleaning").await;
    assert_eq!(kind["fields"].as_array().unwrap().len(), 6);

    let (status, made) = app.post("/api/v1/documents", &cleaning(place, 12)).await;
    assert_eq!(status, 201, "{made}");
    let id = made["doc_id"].as_i64().unwrap();
    let order = format!("/api/v1/documents/{id}/actions/order");
    let (status, ordered) = app.post(&order, &json!({"revision": 1, "patch": {}})).await;
    assert_eq!((status, &ordered["state"]), (200, &json!("ordered")), "{ordered}");
    let (status, told) = app.post("/api/v1/documents", &json!({"kind": "window_cleaning",
        "feature_ids": [place], "body": {"on": "2026-02-30", "windows": 0}, "lines": [{"side": "east"}]})).await;
    let faults = told["errors"].as_array().unwrap();
    let at: Vec<&str> = faults.iter().map(|f| f["field"].as_str().unwrap()).collect();
    assert_eq!(status, 422, "{told}");
    assert_eq!(at, ["body.on", "body.windows", "lines.0.side"]);

    // What hangs off the building, and how the theme colours it.
    let records = app.json(&format!("/api/v1/features/{place}/records")).await;
    let count =
        records["counts"].as_array().unwrap().iter().find(|c| c["kind"] == "window_cleaning");
    assert_eq!(count.unwrap_or_else(|| panic!("{records}"))["open"], 1);
    let layers = app.json("/api/v1/layers").await;
    let ids: Vec<&Value> =
        layers["layers"].as_array().unwrap().iter().map(|l| &l["layer_id"]).collect();
    assert!(ids.contains(&&json!("window_cleaning_state")), "{layers}");
    let style = app.json("/styles/light.json").await;
    assert!(style["layers"].to_string().contains("#b5651d"), "the theme has its colours");
    let mut psql = app.database.psql().await;
    let (z, x, y) = tile_of(&mut psql, place).await;
    let tile = format!("/tiles/window_cleaning_state/{z}/{x}/{y}");
    let began = Instant::now();
    loop {
        let bytes = app.get(&tile).await.bytes().await.unwrap();
        if String::from_utf8_lossy(&bytes).contains("due") {
            break;
        }
        assert!(began.elapsed().as_secs() < 5, "the theme follows within seconds");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    // Of another organisation: not in lists, not by its number, not on the map.
    sqlx::query(
        "update feature set scope_id = scope_for((select array_agg(org_id) from org where code = 'U0152'), '{}',
                0::smallint, 'building') where feature_id = $1",
    )
    .bind(place)
    .execute(&mut psql)
    .await
    .unwrap();
    let county = app.sign_in("county").await;
    let get =
        async |path: &str| county.client.get(format!("{}{path}", app.base)).send().await.unwrap();
    assert_eq!(get(&format!("/api/v1/documents/{id}")).await.status(), 404);
    let list: Value = get("/api/v1/documents?kind=window_cleaning").await.json().await.unwrap();
    assert_eq!(list["total"], 0);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let bytes = get(&tile).await.bytes().await.unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("due"), "not in the county's tile");
    app.end().await;
}

/// The tile at zoom 15 with the middle of a building.
async fn tile_of(psql: &mut sqlx::PgConnection, place: i64) -> (u32, i64, i64) {
    let row = sqlx::query(
        "select floor((st_x(c) + 180) / 360 * 32768)::bigint as x,
                floor((1 - asinh(tan(radians(st_y(c)))) / pi()) / 2 * 32768)::bigint as y
         from (select st_pointonsurface(geom) as c from building where feature_id = $1) p",
    )
    .bind(place)
    .fetch_one(psql)
    .await
    .unwrap();
    (15, row.get("x"), row.get("y"))
}

/// How many documents a definition is changed under.
const MANY: i64 = 100_000;

/// What lists, sorting and reports say of the documents; the second one's names of fields are `panes` for `windows`.
async fn told(app: &TestApp, windows: &str, state: &str) -> Value {
    let mut psql = app.database.psql().await;
    let list = "/api/v1/documents?kind=window_cleaning&limit=5";
    let mut pages = Vec::new();
    for query in
        [format!("sort=-{windows}"), format!("sort={windows}"), format!("state={state}&sort=-cost")]
    {
        let page = app.json(&format!("{list}&{query}")).await;
        let items = page["items"].as_array().unwrap().iter();
        let shown = items.map(|d| {
            json!([d["doc_id"], d["title"], d["body"][windows], d["body"]["cost"], d["phase"]])
        });
        pages.push(json!({"total": page["total"], "items": shown.collect::<Vec<_>>()}));
    }
    let filter = json!([{"field": windows, "op": "ge", "value": 99_990}]).to_string();
    let url = reqwest::Url::parse_with_params(&format!("{}{list}", app.base), [("filter", filter)])
        .unwrap();
    let found: Value = app.client.get(url).send().await.unwrap().json().await.unwrap();
    let report: Value = sqlx::query_scalar(&format!(
        "select jsonb_build_object('count', count(*), 'windows', sum({windows}), 'cost', sum(cost),
                'foremen', count(foreman), 'open', count(*) filter (where phase = 'open')) from v_window_cleaning"
    ))
    .fetch_one(&mut psql)
    .await
    .unwrap();
    let figures = app.json("/api/v1/modules").await.to_string();
    assert!(figures.contains("window_cleaning_due"), "the figure is told");
    json!({"pages": pages, "found": found["total"], "report": report})
}

/// Documents like one that was made by the program, as many as there are in an old bureau.
async fn multiply(app: &TestApp, made: i64) {
    let mut psql = app.database.psql().await;
    psql.execute(
        format!(
            "with d as (insert into doc (kind, definition_version, title, state, body, revision, scope_id, created_by)
                 select d.kind, d.definition_version, d.title || n, case when n % 3 = 0 then 'done' else 'ordered' end,
                        d.body || jsonb_build_object('windows', n, 'cost', n || '.25'), 1, d.scope_id, d.created_by
                 from doc d, generate_series(1, {MANY} - 1) n where d.doc_id = {made} returning *),
             e as (insert into doc_event (doc_id, seq, action, actor, patch, prev_hash, hash)
                 select doc_id, 1, 'create', created_by, jsonb_build_object('title', title, 'body', body, '$',
                        jsonb_build_object('to', state, 'version', 1)), '', 'of a copy' from d),
             l as (insert into doc_link (doc_id, feature_id) select d.doc_id, o.feature_id from d, doc_link o
                   where o.doc_id = {made})
             insert into x_window_cleaning (doc_id, scope_id, state, phase, title, created_at, updated_at, \"on\", windows, cost)
             select doc_id, scope_id, state, case state when 'done' then 'done' else 'open' end, title, created_at,
                    updated_at, '2026-03-02', (body ->> 'windows')::bigint, ((body ->> 'cost')::numeric * 100)::bigint from d"
        )
        .as_str(),
    )
    .await
    .unwrap();
    psql.execute("analyze").await.unwrap();
}

/// Without a word on what becomes of the old documents: told, refused, and nothing is done.
fn changed_without_a_word(app: &TestApp, folder: &TempDir) {
    let dir = folder.path().to_str().unwrap();
    change(folder, "window_cleaning.toml", |text| {
        text.replace("version = 1", "version = 2")
            .replace("\"windows\"", "\"panes\"")
            .replace("\"ordered\"", "\"waiting\"")
            .replace(
                "[lines]\n",
                "[[field]]\nname = \"method\"\ntitle = { zh = \"方式\", en = \"Method\" }\n\
                type = \"text\"\nlisted = true\n\n[lines]\n",
            )
    });
    for file in ["theme.sql", "figure.sql"] {
        change(folder, file, |text| text.replace("windows", "panes"));
    }
    let plan = ["modules", "plan", "--modules-dir", dir];
    let refused = run(&app.database, &plan);
    let text = printed(&refused);
    assert!(!refused.status.success(), "{text}");
    for word in [
        "\"windows\" is not there any more",
        "\"method\" is new and required",
        "in state \"ordered\"",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let migrate = run(&app.database, &["migrate", "--modules-dir", dir]);
    assert!(!migrate.status.success(), "{}", printed(&migrate));
}

/// With it: what would happen is said, a server waits for it, and then it is done.
fn changed_with_an_upcast(app: &TestApp, folder: &TempDir) {
    let dir = folder.path().to_str().unwrap();
    let plan = ["modules", "plan", "--modules-dir", dir];
    change(folder, "window_cleaning.toml", |text| {
        text + "\n[[upcast]]\nfrom = 1\nrename = { windows = 'panes' }\nstates = { ordered = 'waiting' }\n\
                set = { method = '吊绳' }\n"
    });
    let planned = run(&app.database, &plan);
    let text = printed(&planned);
    println!("{text}");
    assert!(planned.status.success(), "{text}");
    for word in [
        "version 1 to 2",
        "fields added method, panes; gone windows",
        "第 1 版 → 第 2 版",
        "[100000 份单据",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let served = run(&app.database, &["serve", "--modules-dir", dir]);
    assert!(!served.status.success(), "a server waits for its definitions: {}", printed(&served));
    assert!(printed(&served).contains("onemap migrate"), "{}", printed(&served));
    let began = Instant::now();
    let migrate = run(&app.database, &["migrate", "--modules-dir", dir]);
    assert!(migrate.status.success(), "{}", printed(&migrate));
    println!(
        "{MANY} documents are brought to the new lists in {:.1} s",
        began.elapsed().as_secs_f64()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_documents_outlive_a_change_of_their_definition() {
    let folder = folder();
    let mut app = start_with(&folder).await;
    let place = building(&app).await;
    let (_, made) = app.post("/api/v1/documents", &cleaning(place, 100_000)).await;
    let id = made["doc_id"].as_i64().unwrap();
    let order = format!("/api/v1/documents/{id}/actions/order");
    let (status, ordered) = app.post(&order, &json!({"revision": 1, "patch": {}})).await;
    assert_eq!(status, 200, "{ordered}");
    multiply(&app, id).await;
    let before = told(&app, "windows", "ordered").await;
    assert_eq!(before["report"]["count"], MANY);
    assert_eq!(before["pages"][0]["total"], MANY);

    changed_without_a_word(&app, &folder);
    assert_eq!(told(&app, "windows", "ordered").await, before, "nothing was done");
    changed_with_an_upcast(&app, &folder);

    app.restart().await;
    app.wait_until_ready().await;
    let mut after = told(&app, "panes", "waiting").await;
    assert_eq!(after["report"]["count"], MANY);
    assert_eq!(after, before, "lists, sorting and reports are as before");
    after["report"].take();
    let methods = app.json("/api/v1/documents?kind=window_cleaning&limit=1&sort=method").await;
    assert_eq!(methods["items"][0]["body"]["method"], "吊绳");

    // An old one opens, and its next step brings it to the present version.
    let old = app.json(&format!("/api/v1/documents/{id}")).await;
    assert_eq!((&old["body"]["panes"], &old["state"]), (&json!(100_000), &json!("waiting")));
    assert_eq!((&old["definition_version"], &old["body"]["windows"]), (&json!(1), &Value::Null));
    let finish = format!("/api/v1/documents/{id}/actions/finish");
    let typed = json!({"revision": old["revision"], "patch": {"word": "已洗"}});
    let (status, done) = app.post(&finish, &typed).await;
    assert_eq!(
        (status, &done["state"], &done["definition_version"]),
        (200, &json!("done"), &json!(2)),
        "{done}"
    );
    let actions: Vec<&Value> =
        done["events"].as_array().unwrap().iter().map(|e| &e["action"]).collect();
    assert_eq!(actions, ["create", "order", "upcast", "finish"]);
    app.end().await;
}

/// A workbook with tickets for a building; every hundredth is bad.
fn workbook(place: &str, rows: u32) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in (0..).zip(["标题", "地点", "类别", "描述", "紧急程度"]) {
        sheet.write(0, column, heading).unwrap();
    }
    for row in 1..=rows {
        let category = if row % 100 == 0 { "煤" } else { "水" };
        let title = format!("第 {row} 张");
        for (column, text) in (0..).zip([title.as_str(), place, category, "水龙头漏水", "一般"])
        {
            sheet.write(row, column, text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_says_how_far_it_is_and_hanging_up_takes_it_back() {
    // 100,000 are for the release, by hand.
    let rows: u32 = std::env::var("ONEMAP_TEST_ROWS").map_or(2_000, |n| n.parse().unwrap());
    let app = TestApp::start().await;
    let place = building(&app).await;
    let named = app.json(&format!("/api/v1/features/{place}")).await;
    let content = workbook(named["code"].as_str().unwrap(), rows);
    let count =
        async || app.json("/api/v1/documents?kind=repair&limit=1").await["total"].as_i64().unwrap();
    let before = count().await;
    let import = || {
        app.client
            .post(format!("{}/api/v1/documents/import?kind=repair", app.base))
            .header("accept", "application/x-ndjson")
            .body(content.clone())
            .send()
    };
    let mut given_up = import().await.unwrap();
    assert_eq!(given_up.status(), 200);
    let first = given_up.chunk().await.unwrap().unwrap();
    let first: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(first["rows"], rows, "{first}");
    drop(given_up);

    let began = Instant::now();
    let text = import().await.unwrap().text().await.unwrap();
    println!("{rows} rows in {:.1} s", began.elapsed().as_secs_f64());
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let (outcome, progress) = lines.split_last().unwrap();
    let dones: Vec<u64> = progress.iter().map(|p| p["done"].as_u64().unwrap()).collect();
    assert!(dones.is_sorted() && dones.len() > 1, "{dones:?}");
    let outcome = &outcome["outcome"];
    let bad = i64::from(rows / 100);
    assert_eq!(
        (&outcome["bad"], &outcome["created"]),
        (&json!(bad), &json!(i64::from(rows) - bad)),
        "{outcome}"
    );
    assert_eq!(outcome["problems"][0]["row"], 101);
    assert_eq!(outcome["problems"][0]["column"], "类别");
    assert_eq!(count().await, before + i64::from(rows) - bad, "the one given up has left nothing");
    let mut psql = app.database.psql().await;
    let gaps: i64 = sqlx::query_scalar(
        "select max(right(d.number, 6)::bigint) - count(*) from doc d join x_repair x using (doc_id)
         where d.kind = 'repair' and d.number = x.number",
    )
    .fetch_one(&mut psql)
    .await
    .unwrap();
    assert_eq!(gaps, 0, "numbered without gaps, in lists too");
    app.end().await;
}
