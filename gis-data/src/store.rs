//! The only owner of connections. What the program does, it does as `onemap_app`; mirrors read as
//! `onemap_mirror`; only `migrate` works with the login's own rights.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool, Postgres,
    Transaction,
};

use crate::{GisError, Result, Viewer};

/// A transaction; dropped without `commit`, it rolls back.
pub type Tx = Transaction<'static, Postgres>;

/// The migrations of the whole product.
static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// The database role that connections work as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reads and writes what the program may; no DDL.
    App,
    /// Reads everything, writes nothing.
    Mirror,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::App => "onemap_app",
            Self::Mirror => "onemap_mirror",
        }
    }
}

/// Two pools of connections to one database.
#[derive(Debug, Clone)]
pub struct Store {
    app: PgPool,
    mirror: PgPool,
}

impl Store {
    /// Connects both pools; waits up to ten seconds for the database.
    pub async fn connect(database_url: &str) -> Result<Self> {
        let options = parse(database_url)?;
        Ok(Self {
            app: pool(&options, Role::App, 24).await?,
            mirror: pool(&options, Role::Mirror, 6).await?,
        })
    }

    /// A transaction that sees and does what the viewer may. The viewer's scopes are set for the
    /// transaction (`onemap.scopes`, `*` for the program), where policies find them; without them nothing is visible.
    pub async fn as_viewer(&self, viewer: &Viewer) -> Result<Tx> {
        let mut tx = self.app.begin().await.map_err(GisError::Connect)?;
        sqlx::query(
            "select set_config('onemap.scopes', $1, true), set_config('onemap.viewer', $2, true)",
        )
        .bind(viewer.sight())
        .bind(viewer.name())
        .execute(&mut *tx)
        .await
        .map_err(GisError::query("set the viewer"))?;
        Ok(tx)
    }

    /// One consistent, read-only picture of everything, for mirrors.
    pub async fn snapshot(&self) -> Result<Tx> {
        let mut tx = self.mirror.begin().await.map_err(GisError::Connect)?;
        tx.execute("set transaction isolation level repeatable read, read only")
            .await
            .map_err(GisError::query("open a snapshot"))?;
        Ok(tx)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.app.close().await;
        self.mirror.close().await;
    }

    /// Whether the database answers within two seconds.
    pub async fn is_alive(&self) -> bool {
        let ask = sqlx::query("select 1").execute(&self.app);
        matches!(tokio::time::timeout(Duration::from_secs(2), ask).await, Ok(Ok(_)))
    }
}

/// Applies what is missing of the migrations with the rights of the login, and says how many there are.
pub async fn migrate(database_url: &str) -> Result<usize> {
    let mut connection = parse(database_url)?.connect().await.map_err(GisError::Connect)?;
    MIGRATOR.run(&mut connection).await.map_err(GisError::Migrate)?;
    connection.close().await.map_err(GisError::Connect)?;
    Ok(MIGRATOR.iter().count())
}

/// A connection that owns the relations of the product, for definitions that become relations. Nothing that serves
/// requests has one.
pub async fn connect_as_owner(database_url: &str) -> Result<PgConnection> {
    let mut connection = parse(database_url)?.connect().await.map_err(GisError::Connect)?;
    connection
        .execute("set role onemap_owner")
        .await
        .map_err(GisError::query("work as the owner"))?;
    Ok(connection)
}

fn parse(database_url: &str) -> Result<PgConnectOptions> {
    Ok(PgConnectOptions::from_str(database_url)
        .map_err(GisError::Connect)?
        .application_name("onemap")
        .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(10)))
}

async fn pool(options: &PgConnectOptions, role: Role, size: u32) -> Result<PgPool> {
    let options = options.clone().options([("role", role.name())]);
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await
        .map_err(GisError::Connect)
}
