//! The browser client, built by web-map and embedded in the binary.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::RustEmbed;

use crate::error::ApiError;
use crate::state::AppState;

#[derive(RustEmbed)]
#[folder = "../web-map/dist"]
#[allow_missing = true]
struct Dist;

/// The pages, as the client's router has them.
const PAGES: [&str; 26] = [
    "",
    "screen",
    "sign-in",
    "account",
    "account/password",
    "admin/users",
    "admin/terminals",
    "admin/audit",
    "admin/icons",
    "refused",
    "modules",
    "tasks",
    "alarms",
    "alarms/rules",
    "fences",
    "seals",
    "seals/new",
    "commands",
    "usage",
    "replay",
    "standards",
    "office-space/over-standard",
    "office-space/entitlement",
    "office-space/reconciliation",
    "office-space/vacant",
    "tools/frames",
];
/// Pages of things that have a name or a number.
const PAGES_BELOW: [&str; 3] = ["modules/", "documents/", "fences/"];

/// Nothing but our own host, no inline script or style, no evaluation.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; worker-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'self'; \
    frame-ancestors 'none'; form-action 'self'";

/// The `font-faces` of styles, as the client's build found them; empty without a built client.
pub(crate) fn font_faces() -> serde_json::Value {
    Dist::get("fonts/noto-sans-sc.json")
        .and_then(|file| serde_json::from_slice(&file.data).ok())
        .unwrap_or_else(|| serde_json::json!({}))
}

/// A file of the client, or the page for the client's own routes.
pub(crate) async fn serve(
    State(_state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_page = PAGES.contains(&path) || PAGES_BELOW.iter().any(|page| path.starts_with(page));
    let name = if is_page { "index.html" } else { path };
    match Dist::get(name) {
        Some(file) => respond(name, &file, &headers),
        None if is_page => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "client-not-built",
            ("网页客户端尚未构建", "Client not built"),
            (
                "请先运行 make demo",
                "this binary was built without the browser client; run `make demo`",
            ),
        )
        .into_response(),
        None => ApiError::not_found(
            &format!("没有这个地址：/{path}"),
            &format!("nothing is at /{path}"),
        )
        .into_response(),
    }
}

fn respond(name: &str, file: &rust_embed::EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag = format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&hash));
    let etag =
        HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""));
    // Built assets carry a hash in their names; everything else is asked for again each time.
    let is_hashed = name.starts_with("assets/");
    let cache = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag);
    let kind = HeaderValue::from_str(file.metadata.mimetype())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::ETAG, etag),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, file.data.to_vec()).into_response()
}
