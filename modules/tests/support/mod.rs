//! A small world for each test: two buildings of two organisations, in a database of its own that
//! is cloned from a template with the migrations.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test without its database must fail at once; none uses all of it"
)]

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use gis_data::{FeatureId, ScopeId, Store, Viewer};
use modules::{ActRequest, Document, Engine, NewDocument, Registry};
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection};

const TEMPLATE: &str = "onemap_modules_template";
/// One test process at a time makes or clones the template.
const LOCK: i64 = 0x6d6f_6475_6c65;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Ours: a building with a floor with two rooms. Theirs: a building of another scope.
pub(crate) struct World {
    name: String,
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) building: FeatureId,
    pub(crate) floor: FeatureId,
    pub(crate) rooms: [FeatureId; 2],
    pub(crate) foreign_building: FeatureId,
    pub(crate) ours: ScopeId,
    pub(crate) theirs: ScopeId,
}

impl World {
    pub(crate) async fn create() -> Self {
        let mut connection = connect(&cluster_url()).await;
        run(&mut connection, &format!("select pg_advisory_lock({LOCK})")).await;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        if count == 0 {
            make_template(&mut connection).await;
        }
        let name = format!("onemap_modules_{}_{count}", std::process::id());
        run(&mut connection, &format!("create database {name} template {TEMPLATE}")).await;
        connection.close().await.unwrap();
        let store = Store::connect(&url_of(&name)).await.unwrap();
        let engine = Engine::new(store.clone(), Registry::shipped());
        let mut owner = connect(&url_of(&name)).await;
        let ours = scope(&mut owner, 1).await;
        let theirs = scope(&mut owner, 2).await;
        let building = feature(&mut owner, "building", ours, None).await;
        let floor = feature(&mut owner, "floor", ours, Some(building)).await;
        let rooms = [
            feature(&mut owner, "room", ours, Some(floor)).await,
            feature(&mut owner, "room", ours, Some(floor)).await,
        ];
        let foreign_building = feature(&mut owner, "building", theirs, None).await;
        let square = "st_multi(st_makeenvelope(105, 36, 105.001, 36.001, 4326))";
        for statement in [
            format!(
                "insert into building (feature_id, geom, name) values ({building}, {square}, '一号楼'),
                 ({foreign_building}, {square}, '二号楼')"
            ),
            format!(
                "insert into floor (feature_id, geom, building_id, ordinal, name)
                 values ({floor}, {square}, {building}, 1, '一层')"
            ),
            format!(
                "insert into room (feature_id, geom, building_id, floor_id, ordinal, number)
                 values ({}, {square}, {building}, {floor}, 1, '101'),
                        ({}, {square}, {building}, {floor}, 1, '102')",
                rooms[0], rooms[1]
            ),
        ] {
            run(&mut owner, &statement).await;
        }
        owner.close().await.unwrap();
        Self { name, store, engine, building, floor, rooms, foreign_building, ours, theirs }
    }

    /// Sees whatever an organisation manages, as the dictionary of scopes is now.
    pub(crate) async fn viewer_of_org(&self, org: i64) -> Viewer {
        let mut owner = connect(&url_of(&self.name)).await;
        let scopes: Vec<ScopeId> =
            sqlx::query_scalar("select scope_id from scope where $1 = any(managing_orgs)")
                .bind(org)
                .fetch_all(&mut owner)
                .await
                .unwrap();
        Viewer::of_scopes("org", scopes)
    }

    /// Sees the first building only.
    pub(crate) fn our_viewer(&self) -> Viewer {
        Viewer::of_scopes("ours", [self.ours])
    }

    /// Sees the second building only.
    pub(crate) fn their_viewer(&self) -> Viewer {
        Viewer::of_scopes("theirs", [self.theirs])
    }

    /// A ticket as a form sends it.
    pub(crate) fn ticket(places: &[FeatureId]) -> NewDocument {
        NewDocument {
            kind: "repair".to_owned(),
            title: Some("水龙头漏水".to_owned()),
            body: json!({"category": "水", "description": "关紧后仍滴水", "urgency": "normal"}),
            feature_ids: places.to_vec(),
            ..NewDocument::default()
        }
    }

    /// That ticket on file.
    pub(crate) async fn file(&self, places: &[FeatureId]) -> Document {
        self.engine.create(&Viewer::program(), Self::ticket(places)).await.unwrap()
    }

    /// Goes on with other definitions, applied to the database.
    pub(crate) async fn define(&mut self, registry: Arc<Registry>) {
        modules::apply_definitions(&self.url(), &self.store, &registry).await.unwrap();
        self.engine = Engine::new(self.store.clone(), registry);
    }

    /// The first column of what a selection finds, with all rights.
    pub(crate) async fn read(&self, selection: &str) -> Vec<String> {
        let mut connection = connect(&url_of(&self.name)).await;
        sqlx::query_scalar(selection).fetch_all(&mut connection).await.unwrap()
    }

    /// The same for a statement that may be refused.
    pub(crate) async fn try_read(&self, statement: &str) -> Result<Vec<String>, sqlx::Error> {
        let mut connection = connect(&url_of(&self.name)).await;
        sqlx::query_scalar(statement).fetch_all(&mut connection).await
    }

    /// The address of the database, for what the owner does.
    pub(crate) fn url(&self) -> String {
        url_of(&self.name)
    }

    /// An action as somebody does it who has read this revision.
    pub(crate) fn with(revision: i32, patch: serde_json::Value) -> ActRequest {
        ActRequest { revision, patch, ..ActRequest::default() }
    }

    /// Runs a statement with all rights, past the program.
    pub(crate) async fn as_superuser(&self, statement: &str) {
        let mut connection = connect(&url_of(&self.name)).await;
        run(&mut connection, statement).await;
        connection.close().await.unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.name);
        // A test's runtime is on its way out here, so the drop gets one of its own.
        let dropping = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = connect(&cluster_url()).await;
                run(&mut connection, &statement).await;
            });
        });
        assert!(dropping.join().is_ok() || std::thread::panicking(), "{} stays behind", self.name);
    }
}

async fn make_template(connection: &mut PgConnection) {
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(TEMPLATE)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    if exists
        && gis_data::migrate(&url_of(TEMPLATE)).await.is_ok()
        && define(&url_of(TEMPLATE)).await
    {
        return;
    }
    // Missing, or made from migrations that have since changed.
    run(connection, &format!("drop database if exists {TEMPLATE} with (force)")).await;
    run(connection, &format!("create database {TEMPLATE}")).await;
    gis_data::migrate(&url_of(TEMPLATE)).await.unwrap();
    assert!(define(&url_of(TEMPLATE)).await, "the definitions apply to an empty database");
}

/// Makes the relations of the definitions; leaves no connection behind, which a template cannot have.
async fn define(url: &str) -> bool {
    let store = Store::connect(url).await.unwrap();
    let applied = modules::apply_definitions(url, &store, &Registry::shipped()).await.is_ok();
    store.close().await;
    applied
}

async fn scope(connection: &mut PgConnection, org: i64) -> ScopeId {
    sqlx::query_scalar("select scope_for(array[$1], '{}', 0::smallint, 'place')")
        .bind(org)
        .fetch_one(connection)
        .await
        .unwrap()
}

async fn feature(
    connection: &mut PgConnection,
    kind: &str,
    scope: ScopeId,
    parent: Option<FeatureId>,
) -> FeatureId {
    sqlx::query_scalar(
        "insert into feature (kind, scope_id, parent_id) values ($1, $2, $3) returning feature_id",
    )
    .bind(kind)
    .bind(scope)
    .bind(parent)
    .fetch_one(connection)
    .await
    .unwrap()
}

async fn connect(url: &str) -> PgConnection {
    PgConnectOptions::from_str(url).unwrap().connect().await.unwrap()
}

async fn run(connection: &mut PgConnection, statement: &str) {
    connection.execute(statement).await.unwrap();
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
