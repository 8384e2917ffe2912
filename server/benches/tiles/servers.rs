//! The servers that ours is measured against.

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use bytes::Bytes;
use gis_data::{Follower, Store, Viewer};
use tiles::{Ask, Encoding, Resident, Source, Tiles, Wish};

use crate::asking::Server;
use crate::support::{Person, TestApp, free_port};

/// Ours, as somebody who has signed in sees it.
pub(crate) fn ours(app: &TestApp, person: &Person) -> Server {
    Server { client: person.client.clone(), base: format!("{}/tiles/bench", app.base) }
}

/// A server that has these answers ready.
pub(crate) async fn floor(answers: HashMap<String, Bytes>) -> Server {
    type Answers = Arc<HashMap<String, Bytes>>;
    let answer =
        async |State(answers): State<Answers>, Path(path): Path<String>| answers[&path].clone();
    let service = Router::new().route("/tiles/bench/{*path}", get(answer));
    started(service.with_state(Arc::new(answers))).await
}

/// The tiles of ours without sign-in, rights, headers, limits and logs, in the process of the benchmark.
pub(crate) async fn bare(app: &TestApp) -> Server {
    let store = Store::connect(&app.database.url).await.unwrap();
    let mirrors = Follower::start(store).await.unwrap().mirrors();
    let source = Resident::new_checked(mirrors, "bench").unwrap();
    let tiles = Arc::new(Tiles::new(vec![Arc::new(source) as Arc<dyn Source>]));
    let answer = async |State(tiles): State<Arc<Tiles>>, Path((z, x, y)): Path<(u8, u32, u32)>| {
        let ask = Ask {
            layers: "bench".to_owned(),
            address: (z, x, y),
            viewer: Viewer::program(),
            encoding: Encoding::Identity,
            wish: Wish::default(),
        };
        let quick = tiles.quick_tile(&ask).unwrap();
        let made = match quick {
            Some(quick) => quick,
            None => tiles.tile(&ask).await.unwrap(),
        };
        made.unwrap().bytes
    };
    started(Router::new().route("/tiles/bench/{z}/{x}/{y}", get(answer)).with_state(tiles)).await
}

async fn started(service: Router) -> Server {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/tiles/bench", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, service).into_future());
    Server { client: reqwest::Client::new(), base }
}

/// A running martin.
pub(crate) struct Martin {
    child: Child,
    pub(crate) server: Server,
}

impl Drop for Martin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
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
    let martin = Martin { child, server };
    for _ in 0..300 {
        if reqwest::get(format!("{base}/health")).await.is_ok_and(|r| r.status().is_success()) {
            return Some(martin);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("martin did not start: its columns stay empty");
    None
}
