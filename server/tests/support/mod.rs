//! A real server on free ports over its own database, as a user would start it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::panic,
    reason = "each test file uses its own part of this, and fails by panicking"
)]

use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite};

/// The browser's end of the live stream.
pub type Live = WebSocketStream<MaybeTlsStream<TcpStream>>;

static NEXT: AtomicU32 = AtomicU32::new(1);

/// The password of every demo account.
pub const PASSWORD: &str = "OneMap-test-2026";

/// Longer than anything takes that a test waits for, on two slow cores: what stands still fails with a word on where.
pub const PATIENCE: Duration = Duration::from_mins(4);

/// The binary under test.
pub const ONEMAP: &str = env!("CARGO_BIN_EXE_onemap");

/// A database of this test alone; dropped when the test ends.
pub struct Database {
    pub url: String,
    admin_url: String,
    name: String,
}

impl Database {
    pub async fn create() -> Self {
        let admin_url = std::env::var("DATABASE_URL").expect(
            "DATABASE_URL must name a PostgreSQL cluster for tests; `make test` starts one",
        );
        Self::create_in(&admin_url).await
    }

    pub async fn create_in(admin_url: &str) -> Self {
        let name =
            format!("t_server_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut admin = PgConnection::connect(admin_url).await.unwrap();
        admin.execute(format!("create database {name}").as_str()).await.unwrap();
        Self { url: with_database(admin_url, &name), admin_url: admin_url.to_owned(), name }
    }

    /// A connection with the rights of the owner, as `psql` has it. A statement may take [`PATIENCE`].
    pub async fn psql(&self) -> PgConnection {
        let mut psql = PgConnection::connect(&self.url).await.unwrap();
        let limit = format!("set statement_timeout = {}", PATIENCE.as_millis());
        psql.execute(limit.as_str()).await.unwrap();
        psql
    }

    /// What its connections do and wait for, for people.
    fn waits(&self) -> String {
        let question = "select pid, state, wait_event, pg_blocking_pids(pid) as waits_for, \
            now() - xact_start as open_for, left(query, 200) as query \
            from pg_stat_activity where datname = current_database()";
        let told = Command::new("psql").args([&self.url, "-X", "-c", question]).output();
        told.map_or_else(|error| format!("psql: {error}"), |output| printed(&output))
    }

    pub async fn drop(self) {
        let mut admin = PgConnection::connect(&self.admin_url).await.unwrap();
        admin
            .execute(format!("drop database if exists {} with (force)", self.name).as_str())
            .await
            .unwrap();
    }
}

fn with_database(url: &str, name: &str) -> String {
    let (front, query) = url.split_once('?').map_or((url, None), |(f, q)| (f, Some(q)));
    let (server, _old) = front.rsplit_once('/').expect("a database URL ends in a database");
    query.map_or_else(|| format!("{server}/{name}"), |q| format!("{server}/{name}?{q}"))
}

/// A port that nobody listens on at the moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs a command of the binary to its end, which it has to come to within [`PATIENCE`].
pub fn run(database: &Database, arguments: &[&str]) -> Output {
    let child = Command::new(ONEMAP)
        .args(arguments)
        .env("DATABASE_URL", &database.url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().to_string();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(child.wait_with_output().unwrap()));
    told.recv_timeout(PATIENCE).unwrap_or_else(|_late| {
        let waits = database.waits();
        let _ = Command::new("kill").args(["-KILL", &pid]).status();
        let output = told.recv().unwrap();
        panic!("{arguments:?} is not over after {PATIENCE:?}: {}\n{waits}", printed(&output))
    })
}

/// What a command printed, for messages and assertions.
pub fn printed(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Somebody who has signed in.
#[derive(Clone)]
pub struct Person {
    pub client: reqwest::Client,
    pub cookie: String,
}

/// A running server, with the supervisor of the whole city signed in.
pub struct TestApp {
    pub base: String,
    pub mqtt_port: u16,
    pub jt808_port: u16,
    pub database: Database,
    pub client: reqwest::Client,
    cookie: String,
    child: Running,
    port: u16,
    arguments: Vec<String>,
}

/// A process that does not outlive a test that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawned(
    arguments: &[String],
    database: &Database,
    [port, mqtt_port, jt808_port]: [u16; 3],
) -> Running {
    let child = Command::new(ONEMAP)
        .args(arguments)
        .env("DATABASE_URL", &database.url)
        .env("ONEMAP_DEMO_PASSWORD", PASSWORD)
        // Tests ask faster than people.
        .env("ONEMAP_REQUESTS_PER_SECOND", "1000000")
        .env("ONEMAP_LISTEN", format!("127.0.0.1:{port}"))
        .env("ONEMAP_MQTT_LISTEN", format!("127.0.0.1:{mqtt_port}"))
        .env("ONEMAP_JT808_LISTEN", format!("127.0.0.1:{jt808_port}"))
        .env_remove("MQTT_URL")
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    Running(child)
}

impl TestApp {
    /// The small demo city, without driving vehicles.
    pub async fn start() -> Self {
        Self::start_on(Database::create().await, &["demo", "--city", "small", "--vehicles", "0"])
            .await
    }

    pub async fn start_on(database: Database, arguments: &[&str]) -> Self {
        let [port, mqtt_port, jt808_port] = [(); 3].map(|()| free_port());
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        let child = spawned(&arguments, &database, [port, mqtt_port, jt808_port]);
        let mut app = Self {
            base: format!("http://127.0.0.1:{port}"),
            mqtt_port,
            jt808_port,
            database,
            client: reqwest::Client::builder().timeout(PATIENCE).build().unwrap(),
            cookie: String::new(),
            child,
            port,
            arguments,
        };
        app.wait_until_ready().await;
        let supervisor = app.sign_in("supervisor").await;
        (app.client, app.cookie) = (supervisor.client, supervisor.cookie);
        app
    }

    /// Ends the server as Ctrl-C does and starts it again; returns at once, before it is ready.
    pub async fn restart(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.child.0.id().to_string()]).status();
        let began = Instant::now();
        while self.child.0.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < PATIENCE, "it does not end: {}", self.database.waits());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.child =
            spawned(&self.arguments, &self.database, [self.port, self.mqtt_port, self.jt808_port]);
    }

    /// The same with more arguments from now on.
    pub async fn restart_with(&mut self, arguments: &[&str]) {
        self.arguments.extend(arguments.iter().map(|a| (*a).to_owned()));
        self.restart().await;
    }

    /// The number of the server's process.
    pub fn process(&self) -> u32 {
        self.child.0.id()
    }

    /// What the server holds in memory, of the machine's, in 2^20 bytes.
    pub fn resident_mb(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child.0.id())).unwrap();
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    /// A browser of somebody else.
    pub async fn sign_in(&self, login: &str) -> Person {
        let typed = json!({"login": login, "password": PASSWORD});
        let url = format!("{}/api/v1/session", self.base);
        let response = reqwest::Client::new().post(url).json(&typed).send().await.unwrap();
        assert_eq!(response.status(), 200, "sign in as {login}");
        let given = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        self.person(given.split(';').next().unwrap())
    }

    /// A browser with this cookie.
    pub fn person(&self, cookie: &str) -> Person {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(cookie).unwrap());
        headers.insert("origin", HeaderValue::from_str(&self.base).unwrap());
        let client =
            reqwest::Client::builder().default_headers(headers).timeout(PATIENCE).build().unwrap();
        Person { client, cookie: cookie.to_owned() }
    }

    /// The live stream as the supervisor sees it.
    pub async fn live(&self) -> Live {
        self.live_of(&self.cookie).await.unwrap()
    }

    /// The live stream of whoever has this cookie.
    pub async fn live_of(&self, cookie: &str) -> Result<Live, tungstenite::Error> {
        let url = format!("{}/api/v1/live", self.base.replace("http://", "ws://"));
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("cookie", HeaderValue::from_str(cookie).unwrap());
        request.headers_mut().insert("origin", HeaderValue::from_str(&self.base).unwrap());
        Ok(tokio_tungstenite::connect_async(request).await?.0)
    }

    /// A new secret of a terminal, as an administrator hands it out.
    pub async fn credential_of(&self, terminal: &str) -> String {
        let admin = self.sign_in("admin").await;
        let url = format!("{}/api/v1/terminals/{terminal}/credential", self.base);
        let response = admin.client.post(url).send().await.unwrap();
        assert_eq!(response.status(), 200, "issue a credential of {terminal}");
        response.json::<Value>().await.unwrap()["secret"].as_str().unwrap().to_owned()
    }

    /// `name:secret` of programs that publish for many terminals.
    pub fn gateway(&self) -> (String, String) {
        let output = run(&self.database, &["terminal", "gateway"]);
        assert!(output.status.success(), "{}", printed(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        let (name, secret) = text.trim().split_once(':').unwrap();
        (name.to_owned(), secret.to_owned())
    }

    pub async fn wait_until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            if let Ok(response) = self.client.get(format!("{}/readyz", self.base)).send().await
                && response.status() == 200
            {
                return;
            }
            assert!(Instant::now() < deadline, "the server was not ready after 90 s");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    /// The JSON of a 200.
    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let response =
            self.client.post(format!("{}{path}", self.base)).json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Ends the server as Ctrl-C does, and drops its database.
    pub async fn end(mut self) {
        let _ = Command::new("kill").args(["-INT", &self.child.0.id().to_string()]).status();
        let deadline = Instant::now() + Duration::from_secs(20);
        let status = loop {
            if let Some(status) = self.child.0.try_wait().unwrap() {
                break Some(status);
            }
            if Instant::now() > deadline {
                break None;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        if status.is_none() {
            let _ = self.child.0.kill();
        }
        self.database.drop().await;
        assert!(
            status.is_some_and(|s| s.success()),
            "the server ends by itself after SIGINT: {status:?}"
        );
    }
}

/// The six digits that an application shows at a moment, by RFC 6238.
pub fn totp(base32: &str, at_s: u64) -> String {
    let secret = totp_rs::Secret::Encoded(base32.to_owned()).to_bytes().unwrap();
    let totp = totp_rs::TOTP::new(totp_rs::Algorithm::SHA1, 6, 1, 30, secret, None, String::new());
    totp.unwrap().generate(at_s)
}
