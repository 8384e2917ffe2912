//! What a million documents cost: lists with a filter and an order, the records of a place, and actions arriving whether
//! or not the ones before them are done. Beside each figure stands what the database alone takes for the least that could
//! answer, in the same run.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a benchmark fails by panicking and prints what it measured"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use sqlx::{Executor as _, PgConnection};
use support::{Database, Person, TestApp};

const KINDS: i64 = 20;
const DOCUMENTS: i64 = 1_000_000;
const LINES_EACH: i64 = 5;
/// Lists and places that are asked for.
const ASKED: usize = 400;
const CLIENTS: usize = 50;
const ACTIONS_A_SECOND: u64 = 200;
const ACTING: Duration = Duration::from_secs(30);
/// How often a floor is taken.
const FLOORS: usize = 300;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    for nth in 0..KINDS {
        define(folder.path(), nth);
    }
    let dir = folder.path().to_str().unwrap();
    let app = TestApp::start_on(
        Database::create().await,
        &["demo", "--vehicles", "0", "--modules-dir", dir],
    )
    .await;
    let mut psql = app.database.psql().await;
    let began = Instant::now();
    fill(&mut psql).await;
    println!(
        "{DOCUMENTS} documents of {KINDS} kinds with {} lines, written in {:.0} s",
        DOCUMENTS * LINES_EACH,
        began.elapsed().as_secs_f64()
    );
    let (city, county) = (app.sign_in("supervisor").await, app.sign_in("county").await);
    println!("{:<44} {:>8} {:>8} {:>8} {:>8}", "ms", "p50", "p95", "p99", "most");
    lists(&app, &mut psql, &[("the whole city", &city), ("a county", &county)]).await;
    records(&app, &mut psql, &[("the whole city", &city), ("a county", &county)]).await;
    actions(&app, &mut psql, &city).await;
    app.end().await;
}

fn define(folder: &Path, nth: i64) {
    let id = format!("bench_{nth}");
    let module = folder.join(&id);
    fs::create_dir(&module).unwrap();
    fs::write(
        module.join("module.toml"),
        format!("id = \"{id}\"\nsystem = \"affairs\"\ntitle = {{ zh = \"测量{nth}\", en = \"Measured {nth}\" }}\n"),
    )
    .unwrap();
    let text = |name: &str, kind: &str, more: &str| {
        format!(
            "[[field]]\nname = \"{name}\"\ntitle = {{ zh = \"{name}\", en = \"{name}\" }}\ntype = \"{kind}\"\n{more}\n"
        )
    };
    let option = |value: &str| {
        format!("{{ value = \"{value}\", title = {{ zh = \"{value}\", en = \"{value}\" }} }}")
    };
    let options =
        format!("options = [{}]\nlisted = true", ["a", "b", "c", "d"].map(option).join(", "));
    let state = |name: &str, phase: &str| {
        format!(
            "[[state]]\nname = \"{name}\"\ntitle = {{ zh = \"{name}\", en = \"{name}\" }}\nphase = \"{phase}\"\n"
        )
    };
    let action = |name: &str, from: &str, to: &str| {
        format!(
            "[[action]]\nname = \"{name}\"\ntitle = {{ zh = \"{name}\", en = \"{name}\" }}\nfrom = [\"{from}\"]\nto = \"{to}\"\n\
             note = \"word\"\n[[action.patch]]\nname = \"word\"\ntitle = {{ zh = \"说明\", en = \"Word\" }}\ntype = \"text\"\n"
        )
    };
    let file = [
        format!(
            "kind = \"{id}\"\nversion = 1\ntitle = {{ zh = \"测量{nth}\", en = \"Measured {nth}\" }}\n\
             number = {{ prefix = \"CL{nth}\" }}\nlinks = {{ least = 1, most = 5 }}\n"
        ),
        text("org", "org", "listed = true"),
        text("on", "date", "listed = true"),
        text("class", "choice", &options),
        text("amount", "money", "listed = true"),
        text("count", "integer", "listed = true"),
        text("remark", "long_text", "need = \"optional\""),
        "[lines]\ntitle = { zh = \"明细\", en = \"Lines\" }\nleast = 0\nmost = 100\n".to_owned(),
        text("item", "text", "").replace("[[field]]", "[[lines.field]]"),
        text("price", "money", "").replace("[[field]]", "[[lines.field]]"),
        state("open", "open"),
        state("closed", "done"),
        action("close", "open", "closed"),
        action("reopen", "closed", "open"),
    ];
    fs::write(module.join(format!("{id}.toml")), file.concat()).unwrap();
}

/// As the program would have written them, without asking it a million times: each at a place of the demo city, with the
/// event that made it, its lines and its row in lists.
async fn fill(psql: &mut PgConnection) {
    let mut statements = vec![
        "set session_replication_role = replica".to_owned(),
        "create temp table place as select row_number() over (order by f.feature_id) - 1 as n, f.feature_id, f.scope_id,
                (select o.org_id from org o where o.org_id = any(s.managing_orgs) limit 1) as org_id
         from feature f join scope s using (scope_id) where f.kind in ('room', 'building')"
            .to_owned(),
        "create index on place (n)".to_owned(),
        "analyze place".to_owned(),
        format!(
            "create temp table drawn as
             select s.n, s.n % {KINDS} as kind, p.feature_id, p.scope_id, p.org_id,
                    date '2024-01-01' + (random() * 1000)::int as day, (array['a', 'b', 'c', 'd'])[1 + (random() * 3)::int] as class,
                    (random() * 10000000)::bigint as fen, (random() * 1000)::int as count, random() < 0.1 as is_open
             from generate_series(0, {DOCUMENTS} - 1) s (n)
             join place p on p.n = (s.n * 7919::bigint) % (select count(*) from place)"
        ),
        "insert into doc (kind, definition_version, number, title, state, body, revision, scope_id, created_by, org_id,
                          created_at, updated_at)
         select 'bench_' || kind, 1, 'CL' || kind || '-2024-' || lpad((n / 20)::text, 6, '0'),
                '第 ' || n || ' 份测量单据', case when is_open then 'open' else 'closed' end,
                jsonb_build_object('org', org_id, 'on', day, 'class', class, 'amount', (fen / 100.0)::numeric(20, 2)::text,
                                   'count', count, 'remark', repeat('备注文字', 20)),
                1, scope_id, 'supervisor', org_id, day + interval '9 hours', day + interval '9 hours'
         from drawn order by n"
            .to_owned(),
        "create temp table made as select d.doc_id, w.* from doc d
         join drawn w on d.kind like 'bench%' and d.title = '第 ' || w.n || ' 份测量单据'"
            .to_owned(),
        "insert into doc_event (doc_id, seq, action, actor, patch, at, prev_hash, hash)
         select d.doc_id, 1, 'create', 'supervisor', jsonb_build_object('title', d.title, 'body', d.body,
                '$', jsonb_build_object('to', d.state, 'version', 1)), d.created_at, '', md5(d.doc_id::text)
         from doc d where d.kind like 'bench%'"
            .to_owned(),
        format!(
            "insert into doc_line (doc_id, line_no, body)
             select m.doc_id, l, jsonb_build_object('item', '物品' || l, 'price', (m.fen / 500.0)::numeric(20, 2)::text)
             from made m, generate_series(1, {LINES_EACH}) l"
        ),
        "insert into doc_link (doc_id, feature_id) select doc_id, feature_id from made".to_owned(),
        "insert into doc_place (doc_id, feature_id, state, kind, definition_version, scope_id)
         select doc_id, feature_id, case when is_open then 'open' else 'closed' end, 'bench_' || kind, 1, scope_id from made"
            .to_owned(),
    ];
    for nth in 0..KINDS {
        statements.push(format!(
            "insert into x_bench_{nth} (doc_id, scope_id, state, phase, number, title, created_at, updated_at, org, \"on\", class,
                                        amount, count)
             select d.doc_id, d.scope_id, d.state, case d.state when 'open' then 'open' else 'done' end, d.number, d.title,
                    d.created_at, d.updated_at, m.org_id, m.day, m.class, m.fen, m.count
             from made m join doc d using (doc_id) where m.kind = {nth}"
        ));
    }
    statements.push("set session_replication_role = origin".to_owned());
    statements.push("vacuum (analyze)".to_owned());
    // What the loading wrote is not what is measured.
    statements.push("checkpoint".to_owned());
    for statement in statements {
        psql.execute(statement.as_str()).await.unwrap();
    }
}

struct Figures(Vec<f64>);

impl Figures {
    fn at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[((sorted.len() - 1) as f64 * share).round() as usize]
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<44} {:>8.1} {:>8.1} {:>8.1} {:>8.1}",
            self.at(0.5),
            self.at(0.95),
            self.at(0.99),
            self.at(1.0)
        );
    }
}

async fn asked(app: &TestApp, person: &Person, paths: &[String]) -> Figures {
    let mut taken = Vec::with_capacity(paths.len());
    for path in paths {
        let began = Instant::now();
        let response = person.client.get(format!("{}{path}", app.base)).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {text}");
        taken.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Figures(taken)
}

/// A filter and an order each time, as people combine them.
async fn lists(app: &TestApp, psql: &mut PgConnection, viewers: &[(&str, &Person)]) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let org: Vec<i64> = sqlx::query_scalar("select distinct org_id from place")
        .fetch_all(&mut *psql)
        .await
        .unwrap();
    let mut pick = |from: &[&str]| from[rng.random_range(0..from.len())].to_owned();
    let paths: Vec<String> = (0..ASKED)
        .map(|nth| {
            let filter = match nth % 6 {
                0 => json!([{"field": "class", "op": "eq", "value": pick(&["a", "b", "c"])}]),
                1 => json!([{"field": "on", "op": "ge", "value": pick(&["2025-01-01", "2026-01-01", "2026-06-01"])}]),
                2 => json!([{"field": "amount", "op": "ge", "value": pick(&["1000.00", "50000.00", "99000.00"])},
                            {"field": "class", "op": "in", "value": ["a", "d"]}]),
                3 => json!([{"field": "org", "op": "eq", "value": org[nth % org.len()]}]),
                4 => json!([{"field": "title", "op": "contains", "value": pick(&["17", "903", "测量"])}]),
                _ => json!([]),
            };
            let phase = if nth % 6 == 5 { "&phase=open" } else { "" };
            let sort = pick(&["-amount", "amount", "-on", "on", "-updated_at", "count", "number", "-doc_id", "class"]);
            let url = reqwest::Url::parse_with_params("http://x/", [("filter", filter.to_string())]).unwrap();
            let kind = (nth * 7) as i64 % KINDS;
            format!("/api/v1/documents?kind=bench_{kind}&limit=50&sort={sort}{phase}&{}", url.query().unwrap())
        })
        .collect();
    for (who, person) in viewers {
        asked(app, person, &paths[..40]).await;
        asked(app, person, &paths).await.print(&format!("list + filter + sort, {who}"));
    }
    let mut floor = Vec::new();
    for nth in 0..ASKED {
        let statement = format!(
            "select doc_id from x_bench_{} where class = 'a' order by amount desc limit 50",
            nth as i64 % KINDS
        );
        let began = Instant::now();
        psql.fetch_all(statement.as_str()).await.unwrap();
        floor.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Figures(floor).print("  floor: 50 keys of one kind, by psql");
}

async fn records(app: &TestApp, psql: &mut PgConnection, viewers: &[(&str, &Person)]) {
    let places: Vec<i64> = sqlx::query_scalar(
        "select feature_id from place join feature f using (feature_id) join scope s on s.scope_id = f.scope_id
         where exists (select from org o, org top where top.code = 'U0151' and o.path <@ top.path
                       and o.org_id = any(s.managing_orgs)) order by md5(n::text) limit $1",
    )
    .bind(ASKED as i64)
    .fetch_all(&mut *psql)
    .await
    .unwrap();
    let fullest: Vec<(i64, i64)> = sqlx::query_as(
        "select coalesce(r.building_id, l.feature_id), count(*) from doc_place l left join room r using (feature_id)
         group by 1 order by 2 desc limit 10",
    )
    .fetch_all(&mut *psql)
    .await
    .unwrap();
    let paths = |ids: &[i64]| {
        ids.iter().map(|id| format!("/api/v1/features/{id}/records")).collect::<Vec<_>>()
    };
    for (who, person) in viewers {
        asked(app, person, &paths(&places)[..40.min(places.len())]).await;
        asked(app, person, &paths(&places)).await.print(&format!("records of a place, {who}"));
    }
    let most: Vec<i64> = fullest.iter().cycle().take(50).map(|f| f.0).collect();
    asked(app, viewers[0].1, &paths(&most)).await.print(&format!(
        "records of the fullest buildings ({} to {})",
        fullest.last().unwrap().1,
        fullest[0].1
    ));
}

/// Actions that begin by the clock, whether or not those before them have ended: what waits counts as waiting. Ten seconds
/// of the same come first and are not counted: every connection prepares its statements once.
async fn actions(app: &TestApp, psql: &mut PgConnection, person: &Person) {
    let count = |time: Duration| usize::try_from(ACTIONS_A_SECOND * time.as_secs()).unwrap();
    let (warm, counted) = (count(Duration::from_secs(10)), count(ACTING));
    let open: Vec<i64> = sqlx::query_scalar(
        "select doc_id from doc where kind like 'bench%' and state = 'open' order by md5(doc_id::text) limit $1",
    )
    .bind(i64::try_from(warm + counted + FLOORS).unwrap())
    .fetch_all(&mut *psql)
    .await
    .unwrap();
    let (warm, open) = open.split_at(warm);
    let (floors, open) = open.split_at(FLOORS);
    by_the_clock(app, person, warm).await;
    let began = Instant::now();
    let taken = by_the_clock(app, person, open).await;
    let rate = taken.len() as f64 / began.elapsed().as_secs_f64();
    Figures(taken).print(&format!("action, {CLIENTS} clients, {rate:.0} a second"));

    let mut floor = Vec::new();
    for doc_id in floors {
        let began = Instant::now();
        let statement = format!(
            "begin; insert into doc_comment (doc_id, actor, text) values ({doc_id}, 'bench', '测'); \
             update doc set updated_at = now() where doc_id = {doc_id}; commit"
        );
        psql.execute(statement.as_str()).await.unwrap();
        floor.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Figures(floor).print("  floor: one row and one update, by psql");
}

/// Closes documents at the rate wanted; answers how long after its moment each was done, in milliseconds.
async fn by_the_clock(app: &TestApp, person: &Person, open: &[i64]) -> Vec<f64> {
    let open: Arc<[i64]> = open.into();
    let began = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (open, base, person) = (Arc::clone(&open), app.base.clone(), person.clone());
            tokio::spawn(async move {
                let mut taken = Vec::new();
                for nth in (client..open.len()).step_by(CLIENTS) {
                    let due =
                        began + Duration::from_micros(nth as u64 * 1_000_000 / ACTIONS_A_SECOND);
                    tokio::time::sleep_until(due.into()).await;
                    close(base.clone(), person.clone(), open[nth]).await;
                    taken.push(due.elapsed().as_secs_f64() * 1e3);
                }
                taken
            })
        })
        .collect();
    let mut taken = Vec::new();
    for client in clients {
        taken.extend(client.await.unwrap());
    }
    taken
}

async fn close(base: String, person: Person, doc_id: i64) {
    let url = format!("{base}/api/v1/documents/{doc_id}/actions/close");
    let body = json!({"revision": 1, "patch": {"word": "已办理"}});
    let response = person.client.post(url).json(&body).send().await.unwrap();
    let status = response.status();
    let told: Value = response.json().await.unwrap();
    assert_eq!(status, 200, "{told}");
}
