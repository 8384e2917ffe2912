//! Every statement of every `queries.rs`, planned as the program's role on behalf of a viewer: none may read a large
//! table from end to end. Sequential scans are priced out, so that one shows only where no index leads to the rows; a
//! whole index read without a condition counts as the same.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sqlx::{Executor as _, PgConnection};
use support::TestApp;

/// Tables that grow with the city or with time.
const LARGE: [&str; 39] = [
    "feature",
    "building_version",
    "floor_version",
    "room_version",
    "parcel_version",
    "road",
    "facility",
    "position",
    "position_batch",
    "position_reject",
    "trip",
    "stop",
    "refuel",
    "driving_checkpoint",
    "alarm",
    "alarm_act",
    "fleet_change",
    "vehicle_duty",
    "doc",
    "doc_event",
    "doc_link",
    "audit_event",
    "feature_change",
    "feature_source",
    "space_posting",
    "space_entry",
    "space_balance",
    "doc_line",
    "doc_place",
    "doc_comment",
    "doc_attachment",
    "doc_decision",
    "approval",
    "approval_task",
    "approval_copy",
    "seat_entry",
    "seat_over",
    // The projection of a kind, as every statement made from a definition has it here.
    "x_repair",
    "x_vehicle_order",
];

/// How large they are taken to be, whatever the test's own city has.
const ROWS: i64 = 1_000_000;

/// Statements that are about everything, by a part of their text, and why that is right.
const ABOUT_EVERYTHING: &[(&str, &str)] = &[
    ("select not exists (select from feature)", "ends at the first row"),
    ("select kind, count(*) from feature", "the figures of the whole city"),
    ("sum(area_m2), 0) from building", "the figures of the whole city"),
    ("where f.kind <> t.kind", "onemap check compares everything"),
    ("where r.building_id <> l.building_id", "onemap check compares everything"),
    ("not st_covers(st_buffer(l.geom", "onemap check compares everything"),
    ("city_today() in (lower(valid), upper(valid))", "once a day, what begins or ends on it"),
    ("select doc_id from doc order by doc_id", "onemap check compares everything"),
    ("from space_entry order by feature_id", "onemap check adds everything up"),
    ("from space_balance order by feature_id", "onemap check adds everything up"),
    (
        "state, count(*) as count from doc group by",
        "onemap migrate and onemap modules plan count everything",
    ),
    ("d.definition_version, count(*) from doc d where", "the figures of all that a viewer sees"),
    (
        "from seat_entry where during @> $1",
        "once a day, everybody is judged by the day's standards",
    ),
    ("delete from seat_over", "once a day, everybody is judged by the day's standards"),
    ("where r.status = '在用' and r.area_m2 between", "the demonstration's own"),
    (
        "concat_ws(' ', b.name, r.number), concat_ws",
        "an import looks its places up by name, once a file",
    ),
    ("order by vehicle_id, fix_time, content_hash", "a day of positions is archived whole"),
    (
        "fix_time < $2 and received_at >= $3",
        "once a night, whether anything came for a day that may go",
    ),
    ("null::float8 as distance_m from space_balance", "asks for the largest vacant rooms anywhere"),
];

/// Texts that are not whole statements, or not the program's, and why.
const IN_PARTS: &[(&str, &str)] = &[
    ("with r as (select feature_id, st_geomfromwkb", "begins the statements of an import"),
    (" from r ", "follows the beginning of an import"),
    ("st_asbinary({})", "a layer's own columns are filled in"),
    ("array_remove(array[$1], null)", "the caller says that $1 is a number"),
    ("from {partition}", "the login's, when a month is archived"),
    ("insert into audit_archive", "the login's, when a month is archived"),
    ("insert into module_definition", "the owner's, when definitions are applied"),
    (
        "from {} x where {condition}",
        "a list's own columns are filled in; `make bench-modules` measures it",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_reads_a_large_table_from_end_to_end() {
    let app = TestApp::start().await;
    let mut psql = app.database.psql().await;
    psql.execute("analyze").await.unwrap();
    // Row estimates are the density of these figures times the pages that are really there.
    sqlx::query(
        "update pg_class set reltuples = $1 where relkind = 'r'
         and (relname = any($2) or relname ~ '^(position|position_reject|audit_event)_[0-9]+$')",
    )
    .bind(ROWS)
    .bind(&LARGE[..])
    .execute(&mut psql)
    .await
    .unwrap();
    for setting in [
        "set role onemap_app",
        "select set_config('onemap.scopes', '{1,2,3}', false)",
        "set enable_seqscan = off",
        "set plan_cache_mode = force_generic_plan",
        "set jit = off",
    ] {
        psql.execute(setting).await.unwrap();
    }
    let mut faults: Vec<String> = Vec::new();
    let mut planned = 0;
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (file, statement) in statements() {
        if let Some((part, _)) = IN_PARTS.iter().find(|(part, _)| statement.contains(part)) {
            used.insert(part);
            continue;
        }
        let plan = match plan(&mut psql, &statement).await {
            Ok(plan) => plan,
            Err(fault) => {
                faults.push(format!("{file}: cannot be planned: {fault}\n    {statement}"));
                continue;
            }
        };
        planned += 1;
        let read_whole = read_whole(&plan);
        let pardoned = ABOUT_EVERYTHING.iter().find(|(part, _)| statement.contains(part));
        match pardoned {
            Some((part, _)) => {
                used.insert(part);
            }
            None if !read_whole.is_empty() => {
                faults.push(format!("{file}: reads all of {read_whole:?}\n    {statement}"));
            }
            None => {}
        }
    }
    let stale: Vec<&str> = ABOUT_EVERYTHING
        .iter()
        .chain(IN_PARTS)
        .map(|(part, _)| *part)
        .filter(|part| !used.contains(part))
        .collect();
    println!("{planned} statements were planned");
    app.end().await;
    assert!(faults.is_empty(), "{} of {planned}:\n{}", faults.len(), faults.join("\n"));
    assert!(stale.is_empty(), "no such statements any more: {stale:?}");
    assert!(planned > 100, "only {planned} statements were found");
}

async fn plan(psql: &mut PgConnection, statement: &str) -> Result<Value, String> {
    let parameters = (1..=30).rev().find(|n| statement.contains(&format!("${n}"))).unwrap_or(0);
    let nulls = vec!["null"; parameters].join(", ");
    let execute = if parameters == 0 { String::new() } else { format!("({nulls})") };
    psql.execute(format!("prepare asked as {statement}").as_str())
        .await
        .map_err(|e| e.to_string())?;
    let explain = format!("explain (format json, costs off) execute asked{execute}");
    let plan: Result<Value, _> =
        sqlx::raw_sql(&explain).fetch_one(&mut *psql).await.map(|row| sqlx::Row::get(&row, 0));
    psql.execute("deallocate asked").await.unwrap();
    plan.map_err(|e| e.to_string())
}

/// Large tables that a plan reads whole.
fn read_whole(plan: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(&plan[0]["Plan"], false, &mut found);
    found
}

/// `is_cut`: an index that is read in its order under a `limit` ends after a few rows.
fn walk(node: &Value, is_cut: bool, found: &mut BTreeSet<String>) {
    let text = |key: &str| node[key].as_str().unwrap_or_default();
    let relation = text("Relation Name");
    // Partitions are named after their table and a date.
    let table = relation.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
    let is_index = text("Node Type").starts_with("Index");
    let is_whole =
        text("Node Type") == "Seq Scan" || (is_index && node["Index Cond"].is_null() && !is_cut);
    if is_whole && LARGE.contains(&table) {
        found.insert(table.to_owned());
    }
    let is_cut = match text("Node Type") {
        "Limit" => true,
        "Append" | "Merge Append" | "Result" | "Subquery Scan" | "LockRows" => is_cut,
        _ => false,
    };
    for child in node["Plans"].as_array().into_iter().flatten() {
        // A subplan is asked for each row, to its end.
        let is_input =
            child["Parent Relationship"] != "SubPlan" && child["Parent Relationship"] != "InitPlan";
        walk(child, is_cut && is_input, found);
    }
}

/// Every SQL text of every file of queries, with the constants of its file filled in.
fn statements() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    let mut files = Vec::new();
    for member in ["gis-data", "modules", "vehicle-tracker", "server"] {
        collect(&root.join(member).join("src"), &mut files);
    }
    assert!(files.len() >= 12, "{files:?}");
    let mut all = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        // Of a file that is being read, and not of this database.
        if source.contains("use rusqlite::") {
            continue;
        }
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let constants = constants(&source);
        for literal in literals(&source) {
            let mut text = literal;
            for _ in 0..3 {
                for (constant, value) in &constants {
                    text = text.replace(&format!("{{{constant}}}"), value);
                }
            }
            // What definitions fill in, as those of a kind fill it in.
            let text = text
                .replace("{projection}", "x_repair")
                .replace("{columns}", "title = excluded.title");
            let inner = filled_in(&source, &text);
            if inner.is_none() && INNER.iter().any(|part| text.contains(part)) {
                continue;
            }
            for text in inner.unwrap_or_else(|| vec![text]) {
                let mut words = text.split_whitespace();
                let (first, second) =
                    (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let opens = match first {
                    "insert" => second == "into",
                    "delete" => second == "from",
                    "update" => text.contains(" set "),
                    "select" | "with" => text.contains('(') || text.contains(" from "),
                    _ => false,
                };
                let is_statement = opens && !constants.values().any(|value| *value == text);
                if is_statement {
                    all.push((name.clone(), text));
                }
            }
        }
    }
    all
}

/// Selections that stand in the place of `{source}` in another statement of their file, by a part of their text.
const INNER: &[&str] = &["t.opened_at, t.due_at, t.state from", "null::int as task_id"];

/// A statement with each of the selections that it may be asked with.
fn filled_in(source: &str, text: &str) -> Option<Vec<String>> {
    let inner = literals(source)
        .into_iter()
        .filter(|l| INNER.iter().any(|part| l.contains(part)) && !l.contains("{source}"));
    text.contains("{source}").then(|| {
        inner.map(|i| text.replace("{source}", &i).replace("{order}", "opened_at desc")).collect()
    })
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let is_queries = path.file_name().is_some_and(|n| n == "queries.rs")
                || path.parent().is_some_and(|p| p.ends_with("queries"));
            if is_queries {
                files.push(path);
            }
        }
    }
}

/// `const NAME: &str = "…";`
fn constants(source: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for rest in source.split("const ").skip(1) {
        if let Some((name, value)) = rest.split_once(": &str =")
            && !name.contains(char::is_whitespace)
            && let Some(text) =
                literals(value.split_once(';').map_or(value, |(first, _)| first)).first()
        {
            found.insert(name.to_owned(), text.clone());
        }
    }
    found
}

/// The string literals of a source, as the compiler reads them.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let without_comments: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut chars = without_comments.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\'' {
            // A character or a lifetime; a quoted quotation mark must not open a text.
            if chars.peek() == Some(&'"') {
                chars.next();
            }
            continue;
        }
        if c != '"' {
            continue;
        }
        let mut text = String::new();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => match chars.next() {
                    Some('\n') => {
                        while chars.peek().is_some_and(|c| c.is_whitespace()) {
                            chars.next();
                        }
                    }
                    Some('n') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => break,
                },
                c => text.push(c),
            }
        }
        found.push(text);
    }
    found
}
