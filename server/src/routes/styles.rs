//! MapLibre styles, compiled from the catalogue.

use axum::Json;
use axum::http::{HeaderMap, header};
use serde::Deserialize;

use crate::client;
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, ApiQuery, Loaded};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    lang: Option<String>,
}

pub(crate) async fn get_style(
    Loaded(city): Loaded,
    ApiPath(name): ApiPath<String>,
    ApiQuery(params): ApiQuery<Params>,
    headers: HeaderMap,
) -> ApiResult<Json<serde_json::Value>> {
    let theme = name.strip_suffix(".json").and_then(tiles::Theme::from_name).ok_or_else(|| {
        ApiError::not_found(
            "没有这个样式，现有：light.json、dark.json、wall.json",
            "no such style; there are light.json, dark.json and wall.json",
        )
    })?;
    let lang = match params.lang.as_deref() {
        Some("en") => tiles::Lang::En,
        _ => tiles::Lang::Zh,
    };
    let here = base_url(&headers);
    let layers: Vec<_> = city.tiles.sources().iter().map(|s| s.layer()).collect();
    let (icons, fonts) = (city.icons.held(), client::font_faces());
    let style =
        tiles::style(theme, lang, &layers, &icons.icons, &here, &fonts, city.notice.as_ref());
    let style = tiles::with_mlt(style, &city.mlt);
    Ok(Json(tiles::with_bases(style, theme, &here, &city.bases)))
}

/// Where the browser reached us: the proxy's word first, then the request's own host.
pub(crate) fn base_url(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let scheme =
        text("x-forwarded-proto").filter(|s| s == "https").unwrap_or_else(|| "http".to_owned());
    let host = text("x-forwarded-host").or_else(|| text(header::HOST.as_str()));
    let is_plain = |h: &String| {
        !h.is_empty()
            && h.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'-' | b'[' | b']'))
    };
    host.filter(is_plain).map(|h| format!("{scheme}://{h}")).unwrap_or_default()
}
