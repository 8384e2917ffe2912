//! Base maps, which are the same for everybody who has signed in.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tiles::{Base, TileCoord, TileError};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, Loaded};
use crate::routes::styles::base_url;

pub(crate) async fn get_base(
    Loaded(city): Loaded,
    ApiPath(name): ApiPath<String>,
    headers: HeaderMap,
) -> ApiResult<Json<serde_json::Value>> {
    let Some(name) = name.strip_suffix(".json") else {
        return Err(ApiError::not_found(
            "底图瓦片地址的格式是 /base/名称/z/x/y，TileJSON 的格式是 /base/名称.json",
            "tiles of a base map are at /base/{name}/{z}/{x}/{y}, its TileJSON is at /base/{name}.json",
        ));
    };
    Ok(Json(city.bases[found(&city.bases, name)?].tilejson(&base_url(&headers))))
}

pub(crate) async fn get_base_tile(
    Loaded(city): Loaded,
    ApiPath((name, z, x, y)): ApiPath<(String, u8, u32, u32)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let n = found(&city.bases, &name)?;
    let coord = TileCoord::new_checked(z, x, y).ok_or(TileError::OutsideEarth { z, x, y })?;
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let (bases, accepted) = (Arc::clone(&city.bases), accepted.map(str::to_owned));
    let read = tokio::task::spawn_blocking(move || bases[n].tile(coord, accepted.as_deref()));
    let tile = read.await.map_err(|e| ApiError::internal(&e))?;
    let Some(tile) = tile.map_err(|e| ApiError::internal(&e))? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let etag = HeaderValue::from_str(&tile.etag).map_err(|e| ApiError::internal(&e))?;
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag);
    let content_type = city.bases[n].format().content_type();
    let shared = [
        (header::VARY, HeaderValue::from_static("accept-encoding, cookie, authorization")),
        (header::ETAG, etag),
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, shared).into_response());
    }
    let coding = tile.encoding.name().map(|name| [(header::CONTENT_ENCODING, name)]);
    Ok((shared, coding, tile.bytes).into_response())
}

/// Which of them has this name.
fn found(bases: &[Base], name: &str) -> ApiResult<usize> {
    bases.iter().position(|b| b.name() == name).ok_or_else(|| {
        let there: Vec<&str> = bases.iter().map(Base::name).collect();
        let (zh, en) = if there.is_empty() {
            ("没有配置底图".to_owned(), "there are none".to_owned())
        } else {
            (format!("现有：{}", there.join("、")), format!("there are: {}", there.join(", ")))
        };
        ApiError::not_found(
            &format!("没有底图“{name}”，{zh}"),
            &format!("no base map is named {name:?}; {en}"),
        )
    })
}
