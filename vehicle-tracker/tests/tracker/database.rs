//! A database of its own for each test, cloned from a template that has the migrations.

use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gis_data::{FeatureId, Store};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection};
use vehicle_tracker::TerminalId;
use vehicle_tracker::vehicles::{Registration, register};

const TEMPLATE: &str = "onemap_tracker_template";
/// One test process at a time makes or clones the template.
const LOCK: i64 = 0x0074_7261_636b;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Dropped with its database.
pub(crate) struct Database {
    name: String,
    pub url: String,
    pub store: Store,
}

impl Database {
    pub(crate) async fn create() -> Self {
        let mut connection = cluster().await;
        connection.execute(&*format!("select pg_advisory_lock({LOCK})")).await.unwrap();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        if count == 0 {
            make_template(&mut connection).await;
        }
        let name = format!("onemap_tracker_{}_{count}", std::process::id());
        let statement = format!("create database {name} template {TEMPLATE}");
        connection.execute(&*statement).await.unwrap();
        connection.close().await.unwrap();
        let url = url_of(&name);
        let store = Store::connect(&url).await.unwrap();
        Self { name, url, store }
    }

    /// Registers vehicles `示A00001`… with terminals `T1`…; answers their features.
    pub(crate) async fn register(&self, count: usize) -> Vec<FeatureId> {
        let vehicles: Vec<_> = (1..=count)
            .map(|number| Registration {
                terminal: TerminalId::new_checked(&format!("T{number}")).unwrap(),
                plate: format!("示A{number:05}"),
                name: format!("示例车辆 {number}"),
                vehicle_type: "轿车".to_owned(),
                org: None,
            })
            .collect();
        register(&self.store, &vehicles).await.unwrap()
    }

    /// A connection with the rights of the cluster's owner, outside every pool.
    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap()
    }

    /// The first column of the first row.
    pub(crate) async fn count(&self, statement: &str) -> i64 {
        let mut connection = self.connect().await;
        let count = sqlx::query_scalar(statement).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        count
    }

    /// Asks until the answer is this one, for ten seconds at most.
    pub(crate) async fn comes_to(&self, statement: &str, expected: i64) {
        for _ in 0..200 {
            if self.count(statement).await == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(self.count(statement).await, expected, "{statement}");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.name);
        // A test's runtime is on its way out here, so the drop gets one of its own.
        let dropping = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { cluster().await.execute(&*statement).await.map(drop) })
        });
        if let Ok(Err(error)) = dropping.join() {
            eprintln!("a test database stays behind: {error}");
        }
    }
}

async fn make_template(connection: &mut PgConnection) {
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(TEMPLATE)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    if exists && gis_data::migrate(&url_of(TEMPLATE)).await.is_ok() {
        return;
    }
    // Missing, or made from migrations that have since changed.
    connection.execute(&*format!("drop database if exists {TEMPLATE} with (force)")).await.unwrap();
    connection.execute(&*format!("create database {TEMPLATE}")).await.unwrap();
    gis_data::migrate(&url_of(TEMPLATE)).await.unwrap();
}

async fn cluster() -> PgConnection {
    PgConnectOptions::from_str(&cluster_url()).unwrap().connect().await.unwrap()
}

fn cluster_url() -> String {
    std::env::var("DATABASE_URL")
        .expect("these tests need DATABASE_URL of a cluster with PostGIS; `make test` starts one")
}

/// The cluster's URL with another database.
fn url_of(name: &str) -> String {
    let url = cluster_url();
    let (place, query) = url.split_once('?').map_or((url.as_str(), None), |(p, q)| (p, Some(q)));
    let (scheme, rest) = place.split_once("://").expect("DATABASE_URL is a URL");
    let host = rest.split_once('/').map_or(rest, |(host, _)| host);
    let query = query.map(|q| format!("?{q}")).unwrap_or_default();
    format!("{scheme}://{host}/{name}{query}")
}
