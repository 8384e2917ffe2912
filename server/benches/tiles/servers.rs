//! The servers that ours is measured against.

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use bytes::Bytes;
use gis_data::{Follower, Store, Viewer};
use tempfile::TempDir;
use tiles::{Ask, Encoding, Format, Resident, Source, Tiles, Wish};

use crate::asking::Server;
use crate::support::{Person, TestApp, free_port};

/// Ours, as somebody who has signed in sees it.
pub(crate) fn ours(app: &TestApp, person: &Person) -> Server {
    Server { client: person.client.clone(), base: format!("{}/tiles/bench", app.base) }
}

/// Whoever asks runs on one core and whoever answers on another, so that no answer is quick or slow by where it happened to
/// be made; with `false` everything runs anywhere again. Needs `taskset` of util-linux.
pub(crate) fn part(is_parted: bool, servers: &[u32]) {
    /// Asked before anything is bound to one of them: after that there is one.
    static CORES: LazyLock<usize> =
        LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));
    let cores = *CORES;
    let (asking, answering) = match (is_parted, cores) {
        (_, 1) => return,
        (true, _) => ("0".to_owned(), "1".to_owned()),
        (false, _) => (format!("0-{}", cores - 1), format!("0-{}", cores - 1)),
    };
    let own = (std::process::id(), &asking);
    for (process, cores) in servers.iter().map(|server| (*server, &answering)).chain([own]) {
        let id = process.to_string();
        let pinned = Command::new("taskset").args(["-a", "-c", "-p", cores, &id]).output();
        assert!(pinned.unwrap().status.success(), "taskset of {id}");
    }
}

/// What this program is when it is one of the servers, told by the variable [`SERVE`]: each is a process of its own, as ours
/// and martin are.
pub(crate) const SERVE: &str = "ONEMAP_BENCH_SERVE";

/// Another process of this program.
pub(crate) struct Own {
    child: Running,
    pub(crate) server: Server,
    _answers: Option<TempDir>,
}

impl Own {
    pub(crate) fn process(&self) -> u32 {
        self.child.0.id()
    }
}

/// A process that ends with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that has these answers ready.
pub(crate) async fn floor(answers: HashMap<String, Bytes>) -> Own {
    let folder = tempfile::tempdir().unwrap();
    for (n, (path, bytes)) in answers.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{n}.path")), path).unwrap();
        std::fs::write(folder.path().join(format!("{n}.tile")), bytes).unwrap();
    }
    let what = format!("floor {}", folder.path().display());
    Own { _answers: Some(folder), ..own(&what).await }
}

/// The tiles of ours without sign-in, rights, headers, limits and logs.
pub(crate) async fn bare(app: &TestApp) -> Own {
    own(&format!("bare {}", app.database.url)).await
}

async fn own(what: &str) -> Own {
    let port = free_port();
    let child = Command::new(std::env::current_exe().unwrap())
        .env(SERVE, format!("{port} {what}"))
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let base = format!("http://127.0.0.1:{port}/tiles/bench");
    let own = Own {
        child: Running(child),
        server: Server { client: reqwest::Client::new(), base },
        _answers: None,
    };
    while own.server.client.get(&own.server.base).send().await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    own
}

/// What [`SERVE`] says, until the process is ended.
pub(crate) async fn serve(what: &str) {
    let mut words = what.splitn(3, ' ');
    let mut next = || words.next().unwrap();
    let (port, kind, of): (u16, _, _) = (next().parse().unwrap(), next(), next());
    let service = if kind == "floor" { with_answers(of) } else { without_guards(of).await };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    axum::serve(listener, service).await.unwrap();
}

fn with_answers(folder: &str) -> Router {
    type Answers = Arc<HashMap<String, Bytes>>;
    let mut answers = HashMap::new();
    for n in 0.. {
        let file = |kind: &str| std::path::Path::new(folder).join(format!("{n}.{kind}"));
        let Ok(path) = std::fs::read_to_string(file("path")) else { break };
        answers.insert(path, Bytes::from(std::fs::read(file("tile")).unwrap()));
    }
    let answer =
        async |State(answers): State<Answers>, Path(path): Path<String>| answers[&path].clone();
    Router::new().route("/tiles/bench/{*path}", get(answer)).with_state(Arc::new(answers))
}

async fn without_guards(database_url: &str) -> Router {
    let store = Store::connect(database_url).await.unwrap();
    let mirrors = Follower::start(store).await.unwrap().mirrors();
    let source = Resident::new_checked(mirrors, "bench").unwrap();
    let tiles = Arc::new(Tiles::new(vec![Arc::new(source) as Arc<dyn Source>]));
    let answer = async |State(tiles): State<Arc<Tiles>>, Path((z, x, y)): Path<(u8, u32, u32)>| {
        let ask = Ask {
            layers: "bench".to_owned(),
            address: (z, x, y),
            viewer: Viewer::program(),
            format: Format::Mvt,
            encoding: Encoding::Identity,
            wish: Wish::default(),
        };
        let made = match tiles.quick_tile(&ask).unwrap() {
            Some(quick) => quick,
            None => tiles.tile(&ask).await.unwrap(),
        };
        made.unwrap().bytes
    };
    Router::new().route("/tiles/bench/{z}/{x}/{y}", get(answer)).with_state(tiles)
}

/// A running martin.
pub(crate) struct Martin {
    child: Running,
    pub(crate) server: Server,
}

impl Martin {
    pub(crate) fn process(&self) -> u32 {
        self.child.0.id()
    }
}

/// The peer over the same table, with its cache or without; none where it is not installed.
pub(crate) async fn martin(app: &TestApp, has_cache: bool) -> Option<Martin> {
    let program = std::env::var("ONEMAP_MARTIN").ok().filter(|program| !program.is_empty())?;
    let port = free_port();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("martin.yaml");
    let cache = if has_cache { "" } else { "cache: disable\n" };
    let text = format!(
        "{cache}listen_addresses: '127.0.0.1:{port}'\npostgres:\n  connection_string: '{}'\n  auto_publish: false\n  tables:\n    bench:\n      schema: public\n      table: bench_building\n      srid: 4326\n      geometry_column: geom\n      id_column: feature_id\n      geometry_type: MULTIPOLYGON\n      extent: 4096\n      buffer: 64\n      clip_geom: true\n      properties:\n        name: text\n        use_kind: text\n        height_m: float8\n        floors_above: int4\n        org_id: int8\n",
        app.database.url
    );
    std::fs::write(&config, text).unwrap();
    let child = Command::new(program)
        .arg("--config")
        .arg(&config)
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let base = format!("http://127.0.0.1:{port}");
    let server = Server { client: reqwest::Client::new(), base: format!("{base}/bench") };
    let martin = Martin { child: Running(child), server };
    for _ in 0..300 {
        if reqwest::get(format!("{base}/health")).await.is_ok_and(|r| r.status().is_success()) {
            return Some(martin);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("martin did not start: its columns stay empty");
    None
}
