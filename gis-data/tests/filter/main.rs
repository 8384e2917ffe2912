//! Filters against a real PostgreSQL: what a mirror answers, what the filter's own SQL answers, and what PostgreSQL
//! answers to the question as it was asked. CQL2 text is almost SQL, so the question itself is the third witness, and it
//! knows nothing of how a filter is compiled.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod question;
#[path = "../support/mod.rs"]
mod support;

use std::cell::RefCell;
use std::sync::Arc;

use geo_types::{Geometry, Point};
use gis_data::{FeatureId, Filter, Layer, OwnedFeature, ScopeId, Snapshot, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{TestCaseError, TestRunner};
use question::{COLUMNS, Question, question, value};
use sqlx::postgres::PgArguments;
use sqlx::{Executor as _, PgConnection};
use support::TestDatabase;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

const ROWS: i64 = 150;

/// A table of the layer's attributes, and the same rows packed as a mirror has them.
async fn table(connection: &mut PgConnection, rows: &[Vec<Value>]) -> Snapshot {
    let columns = COLUMNS.map(|(name, _, sql)| format!("{name} {sql}")).join(", ");
    let statement = format!("create temporary table house (id bigint primary key, {columns})");
    connection.execute(statement.as_str()).await.unwrap();
    // `CASEI` for the question as it was asked.
    connection
        .execute(
            "create function pg_temp.casei(text) returns text language sql immutable as
             $$ select lower($1 collate \"und-x-icu\") collate \"C\" $$",
        )
        .await
        .unwrap();
    let mut features = Vec::new();
    for (id, row) in (1..).zip(rows) {
        let mut insert =
            sqlx::query("insert into house values ($1, $2, $3, $4, $5, $6, $7)").bind(id);
        for (value, (_, kind, _)) in row.iter().zip(COLUMNS) {
            insert = match (value, kind) {
                (Value::Int(number), _) => insert.bind(*number),
                (Value::Float(number), _) => insert.bind(*number),
                (Value::Text(text), _) => insert.bind(text.to_string()),
                (Value::Null, gis_data::AttributeType::Int) => insert.bind(None::<i64>),
                (Value::Null, gis_data::AttributeType::Float) => insert.bind(None::<f64>),
                (Value::Null, gis_data::AttributeType::Text) => insert.bind(None::<String>),
            };
        }
        insert.execute(&mut *connection).await.unwrap();
        let place = Geometry::Point(Point::new(105.0, 36.0));
        let feature = OwnedFeature::new(FeatureId(id), ScopeId(1), &place, row.clone());
        features.push(feature.unwrap());
    }
    Snapshot::of(features, 16, 1)
}

fn of_mirror(filter: &Filter, snapshot: &Snapshot) -> Vec<i64> {
    let mut ids: Vec<i64> =
        snapshot.iter().filter(|f| filter.matches(f.values)).map(|f| f.id.0).collect();
    ids.sort_unstable();
    ids
}

async fn of_sql(filter: &Filter, connection: &mut PgConnection) -> Vec<i64> {
    // As behind the viewer's scopes, whose parameter is the first.
    let (condition, bound) = filter.to_sql(2);
    let mut arguments = PgArguments::default();
    sqlx::Arguments::add(&mut arguments, 0_i64).unwrap();
    for value in bound {
        value.add_to(&mut arguments).unwrap();
    }
    let sql = format!("select id from house where id > $1 and {condition} order by id");
    sqlx::query_scalar_with(&sql, arguments)
        .fetch_all(connection)
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e}"))
}

async fn as_asked(question: &str, connection: &mut PgConnection) -> Vec<i64> {
    let sql = format!("select id from house where {question} order by id");
    sqlx::query_scalar(&sql).fetch_all(connection).await.unwrap_or_else(|e| panic!("{sql}: {e}"))
}

fn layer() -> Layer {
    question::layer()
}

#[tokio::test(flavor = "multi_thread")]
async fn random_questions_are_answered_alike_by_mirror_filter_and_postgres() {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let row = COLUMNS.map(|(_, kind, _)| value(kind)).to_vec();
    let rows: Vec<Vec<Value>> =
        (0..ROWS).map(|_| row.new_tree(&mut runner).unwrap().current()).collect();
    let database = TestDatabase::create().await;
    let mut connection = database.psql().await;
    let snapshot = table(&mut connection, &rows).await;
    let connection = RefCell::new(connection);
    let layer = layer();
    let (found, questions) = (RefCell::new(0), RefCell::new(0));
    let outcome = runner.run(&question(), |question: Question| {
        let (text, json) = (question.text(), question.json().to_string());
        let refused = |e| TestCaseError::fail(format!("{text}: {e}"));
        let filter = Filter::parse_text(&text, &layer).map_err(refused)?;
        let from_json = Filter::parse_json(&json, &layer).map_err(refused)?;
        prop_assert_eq!(filter.fingerprint(), from_json.fingerprint(), "{} {}", text, json);
        let mut connection = connection.borrow_mut();
        let in_memory = of_mirror(&filter, &snapshot);
        let by_filter =
            block_in_place(|| Handle::current().block_on(of_sql(&filter, &mut connection)));
        let asked = block_in_place(|| {
            Handle::current()
                .block_on(as_asked(&text.replace("CASEI(", "pg_temp.casei("), &mut connection))
        });
        prop_assert_eq!(&in_memory, &asked, "mirror and question: {}", text);
        prop_assert_eq!(&by_filter, &asked, "filter's SQL and question: {}", text);
        *found.borrow_mut() += asked.len();
        *questions.borrow_mut() += rows.len();
        Ok(())
    });
    if let Err(e) = outcome {
        panic!("{e}");
    }
    // Neither nothing nor everything: the questions do divide.
    let share = *found.borrow() * 100 / *questions.borrow();
    assert!((10..90).contains(&share), "{share} of 100 rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_number_is_absent_in_memory_and_in_sql() {
    let row = |height| {
        let name = Value::Text(Arc::from("ΟΔΟΣ İ Ⅳ号楼Ａ"));
        vec![
            Value::Int(i64::MIN),
            Value::Null,
            Value::Float(height),
            Value::Null,
            name,
            Value::Null,
        ]
    };
    let rows = [row(f64::NAN), row(f64::INFINITY), row(0.0)];
    let database = TestDatabase::create().await;
    let mut connection = database.psql().await;
    let snapshot = table(&mut connection, &rows).await;
    for (text, expected) in [
        ("height IS NULL", vec![1]),
        ("height > 1e308", vec![2]),
        ("height = -0.0", vec![3]),
        ("NOT height = 0", vec![2]),
        ("height IN (0.0, 5)", vec![3]),
        ("floors < -9223372036854775807", vec![1, 2, 3]),
        ("floors < -1e300", vec![]),
        ("floors > -1e300 AND floors <> 0.5", vec![1, 2, 3]),
        ("rooms > -1e300", vec![]),
        ("CASEI(name) = CASEI('οδος İ ⅳ号楼ａ')", vec![1, 2, 3]),
        ("CASEI(name) LIKE '%i%'", vec![]),
    ] {
        let filter = Filter::parse_text(text, &layer()).unwrap();
        assert_eq!(of_mirror(&filter, &snapshot), expected, "{text}");
        assert_eq!(of_sql(&filter, &mut connection).await, expected, "{text}");
    }
}
