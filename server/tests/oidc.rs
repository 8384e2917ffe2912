//! Sign-in by an identity provider that really signs, with a key of its own: who is known comes in, and a token that is
//! not exactly what was asked for lets nobody in.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use data_encoding::{BASE64URL_NOPAD, HEXUPPER};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use support::{Database, TestApp};
use tokio::net::TcpListener;

const CLIENT: &str = "onemap-test";
const SECRET: &str = "provider-secret-for-tests";

/// What the provider's next ID token is to say, where it is to lie.
#[derive(Clone, Default)]
struct Lie {
    nonce: Option<String>,
    audience: Option<String>,
    issuer: Option<String>,
    is_over: bool,
    by_another_key: bool,
}

/// The challenge, the claims, and whether another key signs them.
type Kept = (String, Value, bool);

#[derive(Clone)]
struct Provider {
    issuer: String,
    folder: PathBuf,
    /// By code: the challenge, and the claims of its token.
    codes: Arc<Mutex<HashMap<String, Kept>>>,
}

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    output.stdout
}

impl Provider {
    async fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        for key in ["key.pem", "other.pem"] {
            std::fs::write(folder.join(key), openssl(&["genrsa", "2048"], b"")).unwrap();
        }
        let provider = Self { issuer, folder: folder.to_owned(), codes: Arc::default() };
        let service = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        provider
    }

    fn key(&self, by_another: bool) -> String {
        let name = if by_another { "other.pem" } else { "key.pem" };
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// What the provider does when somebody has signed in there: a code for the browser to carry back.
    fn admit(&self, asked: &HashMap<String, String>, login: &str, lie: &Lie) -> String {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let code = format!("code-{}", self.codes.lock().unwrap().len());
        let claims = json!({
            "iss": lie.issuer.as_ref().unwrap_or(&self.issuer),
            "aud": lie.audience.as_deref().unwrap_or(CLIENT),
            "sub": format!("subject-of-{login}"),
            "preferred_username": login,
            "nonce": lie.nonce.as_ref().unwrap_or(&asked["nonce"]),
            "iat": now - 60,
            "exp": if lie.is_over { now - 30 } else { now + 300 },
        });
        let kept = (asked["code_challenge"].clone(), claims, lie.by_another_key);
        self.codes.lock().unwrap().insert(code.clone(), kept);
        code
    }
}

async fn discovery(State(provider): State<Provider>) -> Json<Value> {
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn jwks(State(provider): State<Provider>) -> Json<Value> {
    let key = provider.key(false);
    let printed = openssl(&["rsa", "-in", &key, "-noout", "-modulus"], b"");
    let text = String::from_utf8(printed).unwrap();
    let modulus = HEXUPPER.decode(text.trim().trim_start_matches("Modulus=").as_bytes()).unwrap();
    Json(json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "e": "AQAB",
        "n": BASE64URL_NOPAD.encode(&modulus)}]}))
}

/// A code is good once, and only for whoever knows what the challenge was made of.
async fn token(
    State(provider): State<Provider>,
    Form(asked): Form<HashMap<String, String>>,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let refused = || (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"})));
    let kept = provider.codes.lock().unwrap().remove(&asked["code"]);
    let (challenge, claims, by_another) = kept.ok_or_else(refused)?;
    let verifier = Sha256::digest(asked["code_verifier"].as_bytes());
    if BASE64URL_NOPAD.encode(&verifier) != challenge {
        return Err(refused());
    }
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(&json!({"alg": "RS256", "typ": "JWT"})), part(&claims));
    let key = provider.key(by_another);
    let signature = openssl(&["dgst", "-sha256", "-sign", &key], signed.as_bytes());
    let token = format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature));
    Ok(Json(json!({"access_token": "unused", "token_type": "Bearer", "id_token": token})))
}

/// A browser that has pressed the button: what it carries, and what the provider was asked.
async fn sent_off(app: &TestApp) -> (String, HashMap<String, String>) {
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = client.get(format!("{}/api/v1/session/oidc", app.base)).send().await.unwrap();
    assert_eq!(response.status(), 303);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let carried = cookie.split(';').next().unwrap().to_owned();
    let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    let asked: HashMap<String, String> = location.query_pairs().into_owned().collect();
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["client_id"], CLIENT);
    (carried, asked)
}

/// The browser comes back: where it is sent, and its session if it got one.
async fn came_back(
    app: &TestApp,
    carried: &str,
    code: &str,
    state: &str,
) -> (u16, String, Option<String>) {
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut url = Url::parse(&format!("{}/api/v1/session/oidc/callback", app.base)).unwrap();
    url.query_pairs_mut().append_pair("code", code).append_pair("state", state);
    let response = client.get(url).header("cookie", carried).send().await.unwrap();
    let cookies: Vec<String> = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|c| c.to_str().unwrap().to_owned())
        .collect();
    assert!(
        cookies.iter().any(|c| c.starts_with("onemap_oidc=;")),
        "the errand is over: {cookies:?}"
    );
    let session = cookies
        .iter()
        .find(|c| c.starts_with("onemap_session="))
        .map(|c| c.split(';').next().unwrap().to_owned());
    let to = response.headers().get("location").map(|l| l.to_str().unwrap().to_owned());
    (response.status().as_u16(), to.unwrap_or_default(), session)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_the_provider_knows_comes_in_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start(folder.path()).await;
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let app = TestApp::start_on(
        Database::create().await,
        &[
            "--oidc-issuer",
            &provider.issuer,
            "--oidc-client-id",
            CLIENT,
            "--oidc-client-secret-file",
            secret.to_str().unwrap(),
            "--oidc-redirect-url",
            "http://127.0.0.1/api/v1/session/oidc/callback",
            "demo",
            "--city",
            "small",
            "--vehicles",
            "0",
        ],
    )
    .await;
    let options = app.json("/api/v1/session/options").await;
    assert_eq!(options["oidc"]["title"]["zh"], "统一身份认证");

    let (carried, asked) = sent_off(&app).await;
    let code = provider.admit(&asked, "Planner", &Lie::default());
    let (status, _, session) = came_back(&app, &carried, &code, &asked["state"]).await;
    assert_eq!(status, 200, "a page of our own, from which the strict cookie is sent");
    let planner = app.person(&session.unwrap());
    let me = planner.client.get(format!("{}/api/v1/session", app.base)).send().await.unwrap();
    assert_eq!(me.json::<Value>().await.unwrap()["user"]["login"], "planner");

    let (_, to, session) = came_back(&app, &carried, &code, &asked["state"]).await;
    assert_eq!(
        (to.as_str(), session),
        ("/sign-in?fault=oidc-refused", None),
        "a code is good once"
    );

    let (carried, asked) = sent_off(&app).await;
    let code = provider.admit(&asked, "nobody.here", &Lie::default());
    let (_, to, session) = came_back(&app, &carried, &code, &asked["state"]).await;
    assert_eq!((to.as_str(), session), ("/sign-in?fault=oidc-no-account", None));

    every_lie_is_refused(&app, &provider).await;
    let auditor = app.sign_in("auditor").await;
    let url = format!("{}/api/v1/audit?action=sign-in&actor=nobody.here", app.base);
    let log: Value = auditor.client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(log["items"][0]["outcome"], "failed");
    assert_eq!(log["items"][0]["detail"]["why"], "oidc-no-account");
    app.end().await;
}

async fn every_lie_is_refused(app: &TestApp, provider: &Provider) {
    let text = |text: &str| Some(text.to_owned());
    let lies = [
        ("another nonce", Lie { nonce: text("guessed"), ..Lie::default() }),
        ("for another program", Lie { audience: text("another"), ..Lie::default() }),
        ("by another provider", Lie { issuer: text("http://elsewhere.example"), ..Lie::default() }),
        ("over", Lie { is_over: true, ..Lie::default() }),
        ("signed by another key", Lie { by_another_key: true, ..Lie::default() }),
    ];
    let refused = "/sign-in?fault=oidc-refused";
    for (what, lie) in lies {
        let (carried, asked) = sent_off(app).await;
        let code = provider.admit(&asked, "supervisor", &lie);
        let (_, to, session) = came_back(app, &carried, &code, &asked["state"]).await;
        assert_eq!((to.as_str(), session), (refused, None), "{what}");
    }
    let (carried, asked) = sent_off(app).await;
    let (others, _) = sent_off(app).await;
    for (what, carried, state) in [
        ("a state that was guessed", carried.as_str(), "guessed"),
        ("what another browser carries", others.as_str(), asked["state"].as_str()),
        ("nothing carried", "a=b", asked["state"].as_str()),
        ("something else carried", "onemap_oidc=AAAA", asked["state"].as_str()),
    ] {
        let code = provider.admit(&asked, "supervisor", &Lie::default());
        let (_, to, session) = came_back(app, carried, &code, state).await;
        assert_eq!((to.as_str(), session), (refused, None), "{what}");
    }
}
