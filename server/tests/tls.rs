//! A private authority, HTTPS, the live stream and MQTTS, as an isolated intranet has them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::json;
use support::{Database, ONEMAP, PASSWORD, free_port, printed, run};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn init(folder: &Path) -> std::process::Output {
    Command::new(ONEMAP)
        .args(["tls", "init", "--dir"])
        .arg(folder)
        .args(["--name", "localhost", "--name", "127.0.0.1"])
        .output()
        .unwrap()
}

fn trusting(folder: &Path) -> reqwest::Client {
    let authority = std::fs::read(folder.join("ca.pem")).unwrap();
    reqwest::Client::builder()
        .use_preconfigured_tls(client_config(Some(&authority)))
        .build()
        .unwrap()
}

fn client_config(authority: Option<&[u8]>) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in authority.into_iter().flat_map(CertificateDer::pem_slice_iter) {
        roots.add(certificate.unwrap()).unwrap();
    }
    rustls::ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn publish(folder: &Path, port: u16, (name, secret): (&str, &str), is_tls: bool) -> bool {
    let mut command = Command::new("mosquitto_pub");
    command
        .args(["-h", "localhost", "-p", &port.to_string(), "-q", "1", "-i", name, "-u", name, "-P", secret])
        .args(["-t", &format!("onemap/v1/{name}/position"), "-m"])
        .arg(json!({"t": time::OffsetDateTime::now_utc().unix_timestamp() * 1_000, "lon": 112.9, "lat": 28.2}).to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if is_tls {
        command.arg("--cafile").arg(folder.join("ca.pem"));
    }
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    child.wait().unwrap().success()
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_and_terminals_speak_tls() {
    let folder = tempfile::tempdir().unwrap();
    let made = init(folder.path());
    assert!(made.status.success(), "{}", printed(&made));
    let database = Database::create().await;
    let (port, mqtt, mqtts) = (free_port(), free_port(), free_port());
    let child = Command::new(ONEMAP)
        .args(["demo", "--city", "small", "--vehicles", "0"])
        .env("DATABASE_URL", &database.url)
        .env("ONEMAP_DEMO_PASSWORD", PASSWORD)
        .env("ONEMAP_LISTEN", format!("127.0.0.1:{port}"))
        .env("ONEMAP_MQTT_LISTEN", format!("127.0.0.1:{mqtt}"))
        .env("ONEMAP_MQTTS_LISTEN", format!("127.0.0.1:{mqtts}"))
        .env("ONEMAP_TLS_CERT", folder.path().join("server.pem"))
        .env("ONEMAP_TLS_KEY", folder.path().join("server-key.pem"))
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server(child);
    let base = format!("https://localhost:{port}");
    let client = trusting(folder.path());
    let deadline = Instant::now() + Duration::from_mins(1);
    while !client.get(format!("{base}/readyz")).send().await.is_ok_and(|r| r.status() == 200) {
        assert!(Instant::now() < deadline, "not ready after 60 s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Somebody who connects and says nothing holds nobody up.
    let _silent: Vec<TcpStream> =
        futures::future::join_all((0..50).map(|_| TcpStream::connect(("127.0.0.1", port))))
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();

    let typed = json!({"login": "supervisor", "password": PASSWORD});
    let signed_in =
        client.post(format!("{base}/api/v1/session")).json(&typed).send().await.unwrap();
    assert_eq!(signed_in.status(), 200);
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    assert_eq!(signed_in.headers()["strict-transport-security"], "max-age=15552000");
    let stranger =
        reqwest::Client::builder().use_preconfigured_tls(client_config(None)).build().unwrap();
    assert!(stranger.get(format!("{base}/healthz")).send().await.is_err(), "an unknown authority");
    let plain = reqwest::get(format!("http://127.0.0.1:{port}/healthz")).await;
    assert!(plain.is_err(), "no plain HTTP on the port: {plain:?}");

    the_stream_opens(port, folder.path(), cookie.split(';').next().unwrap()).await;

    let terminal: String = sqlx::query_scalar("select min(terminal_id) from terminal")
        .fetch_one(&mut database.psql().await)
        .await
        .unwrap();
    let issued = run(&database, &["terminal", "issue", &terminal]);
    let secret = String::from_utf8(issued.stdout).unwrap().trim().to_owned();
    // Known to the running server within half a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let known = (terminal.as_str(), secret.as_str());
    assert!(publish(folder.path(), mqtts, known, true), "with TLS");
    assert!(!publish(folder.path(), mqtts, (&terminal, "guessed"), true), "a wrong secret");
    assert!(!publish(folder.path(), mqtts, known, false), "plain text on the TLS port");
    drop(server);
    database.drop().await;
}

/// An upgrade to WebSocket by hand: the stream is HTTP/1.1 within TLS.
async fn the_stream_opens(port: u16, folder: &Path, cookie: &str) {
    let authority = std::fs::read(folder.join("ca.pem")).unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client_config(Some(&authority))));
    let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut stream = connector.connect("localhost".try_into().unwrap(), socket).await.unwrap();
    let request = format!(
        "GET /api/v1/live HTTP/1.1\r\nhost: localhost:{port}\r\norigin: https://localhost:{port}\r\n\
         cookie: {cookie}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 512];
    let length = stream.read(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(text.starts_with("HTTP/1.1 101"), "{text}");
}

#[test]
fn what_would_show_secrets_is_refused_with_the_way_out() {
    let refused = |arguments: &[&str]| {
        let output = Command::new(ONEMAP)
            .args(arguments)
            .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
            .output()
            .unwrap();
        assert!(!output.status.success());
        printed(&output)
    };
    for (arguments, way_out) in [
        (&["--listen", "0.0.0.0:8080", "serve"][..], "onemap tls init"),
        (&["--mqtt-listen", "0.0.0.0:1883", "serve"], "--allow-plain-mqtt"),
        (&["--tls-cert", "a.pem", "serve"], "--tls-key"),
        (&["--tls-cert", "a.pem", "--tls-key", "b.pem", "serve"], "a.pem"),
    ] {
        let said = refused(arguments);
        assert!(said.contains(way_out), "{arguments:?}: {said}");
    }
}
