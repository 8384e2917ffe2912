//! A database per test, copied from a template that has PostGIS and the migrations. The cluster is the
//! one of `DATABASE_URL`; without it these tests fail, because a test that is skipped proves nothing.
//! Other crates may include this file with `#[path]`.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part of this")]

use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gis_data::Store;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "onemap_test_template_gis_data";
/// Any number that nobody else locks.
const TEMPLATE_LOCK: i64 = 0x006f_6e65_6d61_7001;

static NEXT: AtomicU32 = AtomicU32::new(1);
static TEMPLATE_READY: OnceCell<()> = OnceCell::const_new();

/// A database of one test; dropped with it.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    pub url: String,
}

impl TestDatabase {
    /// A fresh, migrated, empty database.
    pub async fn create() -> Self {
        TEMPLATE_READY.get_or_init(make_template).await;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("t_gis_data_{}_{number}", std::process::id());
        let mut cluster = connect(&cluster_url()).await;
        // A session that has just left the template may still be seen in it for a moment.
        for attempt in 1.. {
            let statement = format!("create database {name} template {TEMPLATE}");
            match cluster.execute(statement.as_str()).await {
                Ok(_) => break,
                Err(e) if attempt == 50 => panic!("create a test database: {e}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        Self { url: url_of(&name), name }
    }

    /// The program's way in.
    pub async fn store(&self) -> Store {
        Store::connect(&self.url).await.unwrap()
    }

    /// A connection with all rights, as an administrator's `psql` has.
    pub async fn psql(&self) -> PgConnection {
        connect(&self.url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.name);
        // The test's own runtime is on its way out here.
        let dropping = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                connect(&cluster_url()).await.execute(statement.as_str()).await.unwrap();
            });
        });
        assert!(dropping.join().is_ok() || std::thread::panicking(), "{} stays behind", self.name);
    }
}

async fn make_template() {
    let mut cluster = connect(&cluster_url()).await;
    sqlx::query("select pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut cluster)
        .await
        .unwrap();
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(TEMPLATE)
            .fetch_one(&mut cluster)
            .await
            .unwrap();
    // One that was made from migrations that have since changed is made again.
    if !exists || gis_data::migrate(&url_of(TEMPLATE)).await.is_err() {
        let drop = format!("drop database if exists {TEMPLATE} with (force)");
        cluster.execute(drop.as_str()).await.unwrap();
        cluster.execute(format!("create database {TEMPLATE}").as_str()).await.unwrap();
        gis_data::migrate(&url_of(TEMPLATE)).await.unwrap();
    }
    // Ends the session, and the lock with it.
    cluster.close().await.unwrap();
}

async fn connect(url: &str) -> PgConnection {
    PgConnectOptions::from_str(url).unwrap().connect().await.unwrap()
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
