//! What is measured: a database with the small demo city and a fleet, and `onemap serve` on it.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::Executor as _;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::fleet;
use crate::load::{Login, Plan};
use crate::support::{Database, ONEMAP, PASSWORD, free_port, printed, run};

/// Until a server has read the city.
const READY_LIMIT: Duration = Duration::from_mins(2);

/// Segments of 16 MB: more than a run writes.
const SEGMENTS: usize = 190;

/// A database with vehicles, and the secrets of their terminals.
pub(crate) struct Ground {
    pub(crate) database: Database,
    secrets: Vec<String>,
}

impl Ground {
    /// The demo city with this many vehicles beside its own.
    pub(crate) async fn with_vehicles(count: u32) -> Self {
        let database = Database::create().await;
        let mut server = Onemap::new(&database.url, &[]);
        server.start("demo", &["--city", "small", "--vehicles", "0"]);
        server.ready().await;
        server.end().await;
        let mut ground = Self { database, secrets: Vec::new() };
        ground.register(count).await;
        ground
    }

    /// Registers vehicles 1 to `count` and gives their terminals secrets.
    pub(crate) async fn register(&mut self, count: u32) {
        sqlx::query(
            "with identity as (
                insert into feature (kind, scope_id)
                select 'vehicle', s.scope_id from generate_series(1, $1) n, (select scope_for(array[org_id],
                    '{}', 0::smallint, 'vehicle') as scope_id from org where code = 'U01') s
                returning feature_id
            ), numbered as (
                select feature_id, row_number() over (order by feature_id) as n from identity
            ), registered as (
                insert into vehicle (feature_id, plate, name, vehicle_type, org_id)
                select feature_id, '测B' || lpad(n::text, 6, '0'), '测试车' || n, '轿车',
                    (select org_id from org where code = 'U01')
                from numbered
            )
            insert into terminal (terminal_id, vehicle_id) select 'bench-' || n, feature_id from numbered",
        )
        .bind(i32::try_from(count).unwrap())
        .execute(&mut self.database.psql().await)
        .await
        .unwrap();
        let issued = run(&self.database, &["terminal", "issue-missing"]);
        assert!(issued.status.success(), "{}", printed(&issued));
        self.secrets = vec![String::new(); count as usize];
        for line in String::from_utf8(issued.stdout).unwrap().lines() {
            if let Some((number, secret)) =
                line.strip_prefix("bench-").and_then(|l| l.split_once(','))
            {
                secret.clone_into(&mut self.secrets[number.parse::<usize>().unwrap() - 1]);
            }
        }
        assert!(self.secrets.iter().all(|secret| !secret.is_empty()), "a secret for each terminal");
    }

    /// Gives the database the segments of its log that one has which has run for a while: a new segment is filled with zeros
    /// and flushed before anything is committed into it, one that is used again is there at once. Answers how many
    /// milliseconds the 99th of 100 new ones took.
    pub(crate) async fn age_log(&self) -> f64 {
        let mut psql = self.database.psql().await;
        for statement in ["alter system set min_wal_size = '3GB'", "select pg_reload_conf()"] {
            psql.execute(statement).await.unwrap();
        }
        let mut took_ms = Vec::new();
        for _ in 0..SEGMENTS {
            let began = Instant::now();
            psql.execute("select pg_logical_emit_message(true, 'bench', ''), pg_switch_wal()")
                .await
                .unwrap();
            took_ms.push(began.elapsed().as_secs_f64() * 1e3);
        }
        psql.execute("checkpoint").await.unwrap();
        took_ms.sort_by(f64::total_cmp);
        took_ms[SEGMENTS * 99 / 100]
    }

    /// Lets the database write to the disk what it holds back.
    pub(crate) async fn write_out(&self) {
        self.database.psql().await.execute("checkpoint").await.unwrap();
    }

    /// Circles of 300 m that are told of coming and going, spread over the ground.
    pub(crate) async fn draw_fences(&self, count: u32) {
        let [west, south, width, height] = fleet::GROUND;
        sqlx::query(
            "insert into fence (name, geom, metres, org_id, scope_id, asks, changed_by)
             select '测试围栏' || n,
                 st_setsrid(st_makepoint($2 + $4 * mod(n * 0.754877666, 1), $3 + $5 * mod(n * 0.569840291, 1)), 4326),
                 300, org_id, scope_for(array[org_id], '{}', 0::smallint, 'vehicle'), '{enter,leave}', 'bench'
             from org, generate_series(1, $1) n where code = 'U01'",
        )
        .bind(i32::try_from(count).unwrap())
        .bind(west)
        .bind(south)
        .bind(width)
        .bind(height)
        .execute(&mut self.database.psql().await)
        .await
        .unwrap();
    }

    /// Every terminal on a connection of its own.
    pub(crate) fn plan(&self, mqtt_port: u16, batch: u32, window: usize) -> Plan {
        let login = |(number, secret): (u32, &String)| {
            let client_id = fleet::terminal(number);
            let credentials = Some((client_id.clone(), secret.clone()));
            Login { client_id, credentials, first: number, count: 1 }
        };
        let logins = (1..).zip(&self.secrets).map(login).collect();
        Plan { broker: format!("127.0.0.1:{mqtt_port}"), logins, batch, window, ledger: None }
    }

    /// Drops the database, unless it is evidence.
    pub(crate) async fn leave(self, is_good: bool) {
        if is_good {
            self.database.drop().await;
        } else {
            println!("  the database stays: {}", self.database.url);
        }
    }

    /// Positions that are stored.
    /// Whether trips and alarms of all that is stored are worked out.
    pub(crate) async fn is_judged(&self) -> bool {
        sqlx::query_scalar(
            "select not exists (select from position_batch b, driving_cursor c
                where b.xid >= c.xid::xid8 and b.batch_id <> all(c.applied))",
        )
        .fetch_one(&mut self.database.psql().await)
        .await
        .unwrap()
    }

    pub(crate) async fn stored(&self) -> u64 {
        let count: i64 = sqlx::query_scalar("select count(*) from position")
            .fetch_one(&mut self.database.psql().await)
            .await
            .unwrap();
        count.unsigned_abs()
    }

    /// Positions of each of the bench's terminals.
    pub(crate) async fn stored_by_terminal(&self) -> Vec<u64> {
        let rows: Vec<(i32, i64)> = sqlx::query_as(
            "select substr(terminal_id, 7)::int, count(*) from position
             where terminal_id like 'bench-%' group by 1",
        )
        .fetch_all(&mut self.database.psql().await)
        .await
        .unwrap();
        let mut counts = vec![0; self.secrets.len()];
        for (number, count) in rows {
            counts[usize::try_from(number).unwrap() - 1] = count.unsigned_abs();
        }
        counts
    }
}

/// A server that can be killed and started again on its ports.
pub(crate) struct Onemap {
    database_url: String,
    port: u16,
    pub(crate) mqtt_port: u16,
    more: Vec<(&'static str, String)>,
    folder: TempDir,
    child: Option<Child>,
}

impl Drop for Onemap {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Onemap {
    /// Not started yet; `more` is added to its environment.
    pub(crate) fn new(database_url: &str, more: &[(&'static str, String)]) -> Self {
        Self {
            database_url: database_url.to_owned(),
            port: free_port(),
            mqtt_port: free_port(),
            more: more.to_vec(),
            folder: tempfile::tempdir().unwrap(),
            child: None,
        }
    }

    /// `onemap serve`, ready.
    pub(crate) async fn serving(database_url: &str) -> Self {
        let mut server = Self::new(database_url, &[]);
        server.start("serve", &[]);
        server.ready().await;
        server
    }

    /// Starts a command that serves, without waiting for it.
    pub(crate) fn start(&mut self, command: &str, arguments: &[&str]) {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let child = Command::new(ONEMAP)
            .arg(command)
            .args(arguments)
            .env("DATABASE_URL", &self.database_url)
            .env("ONEMAP_DEMO_PASSWORD", PASSWORD)
            .env("ONEMAP_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("ONEMAP_MQTT_LISTEN", format!("127.0.0.1:{}", self.mqtt_port))
            .env_remove("MQTT_URL")
            .envs(self.more.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    pub(crate) async fn ready(&mut self) {
        let (began, client) = (Instant::now(), reqwest::Client::new());
        loop {
            let asked = client.get(format!("{}/readyz", self.base())).send().await;
            if asked.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            assert!(!self.has_ended(), "the server ended:\n{}", self.last_words());
            assert!(began.elapsed() < READY_LIMIT, "not ready:\n{}", self.last_words());
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Whether it ended without being told to.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_some())
    }

    /// Ends it as a lost machine does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Ends it as Ctrl-C does.
    pub(crate) async fn end(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.process().to_string()]).status();
        for _ in 0..600 {
            if self.has_ended() {
                self.child = None;
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        self.kill();
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    /// The cookie of somebody who has signed in.
    pub(crate) async fn sign_in(&self, login: &str) -> String {
        let url = format!("{}/api/v1/session", self.base());
        let typed = json!({"login": login, "password": PASSWORD});
        let answer = reqwest::Client::new().post(url).json(&typed).send().await.unwrap();
        assert_eq!(answer.status(), 200, "sign in as {login}");
        let given = answer.headers()["set-cookie"].to_str().unwrap();
        given.split(';').next().unwrap().to_owned()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}
