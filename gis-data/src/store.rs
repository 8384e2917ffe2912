//! The only owner of connections. What the program does, it does as `onemap_app`; mirrors read as
//! `onemap_mirror`; only `migrate` works with the login's own rights.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::pool::PoolConnection;
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

/// How long a tile may be drawn from the database.
pub const DRAWING_TIMEOUT: Duration = Duration::from_secs(5);
/// How many such tiles at once: fewer than the database has other work for.
const DRAWINGS: u32 = 4;

/// Pools of connections to one database.
#[derive(Debug, Clone)]
pub struct Store {
    app: PgPool,
    mirror: PgPool,
    drawing: PgPool,
}

impl Store {
    /// Connects both pools; waits up to ten seconds for the database.
    pub async fn connect(database_url: &str) -> Result<Self> {
        let options = parse(database_url)?;
        let timeout_ms = DRAWING_TIMEOUT.as_millis().to_string();
        let drawing = options.clone().options([
            ("role", Role::Mirror.name()),
            ("statement_timeout", &timeout_ms),
            ("client_connection_check_interval", "250ms"),
        ]);
        Ok(Self {
            app: pool(&options, Role::App, 24).await?,
            mirror: pool(&options, Role::Mirror, 6).await?,
            drawing: PgPoolOptions::new()
                .max_connections(DRAWINGS)
                .acquire_timeout(DRAWING_TIMEOUT)
                .connect_lazy_with(drawing),
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

    /// A connection that reads everything, for what is drawn from the database: whoever asks by it puts the viewer's
    /// scopes into the question. A statement may take [`DRAWING_TIMEOUT`], and ends when nobody waits for it any more.
    pub async fn drawing(&self) -> Result<Drawing> {
        Ok(Drawing(Some(self.drawing.acquire().await.map_err(GisError::Connect)?)))
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.app.close().await;
        self.mirror.close().await;
        self.drawing.close().await;
    }

    /// Whether the database answers within two seconds.
    pub async fn is_alive(&self) -> bool {
        let ask = sqlx::query("select 1").execute(&self.app);
        matches!(tokio::time::timeout(Duration::from_secs(2), ask).await, Ok(Ok(_)))
    }
}

/// A connection that draws one tile. Dropped before [`Drawing::finish`], it is cut, and the database gives up its
/// statement.
#[derive(Debug)]
pub struct Drawing(Option<PoolConnection<Postgres>>);

impl Drawing {
    /// The connection.
    pub fn connection(&mut self) -> Option<&mut PgConnection> {
        self.0.as_deref_mut()
    }

    /// Gives it back, because its statement is over.
    pub fn finish(mut self) {
        self.0.take();
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        drop(self.0.take().map(PoolConnection::detach));
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
