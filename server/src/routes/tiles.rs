//! Vector tiles and their TileJSON.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tiles::{Encoding, TileError};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, Asker, Loaded};
use crate::routes::styles::base_url;

pub(crate) async fn get_tile(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath((layers, z, x, y)): ApiPath<(String, u8, u32, u32)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let encoding = Encoding::accepted(accepted);
    let quick = city.tiles.quick_tile(&layers, (z, x, y), &viewer, encoding)?;
    let made = if let Some(quick) = quick {
        quick
    } else {
        let tiles = Arc::clone(&city.tiles);
        tokio::task::spawn_blocking(move || tiles.tile(&layers, (z, x, y), &viewer, encoding))
            .await
            .map_err(|e| ApiError::internal(&e))??
    };
    let Some(tile) = made else {
        return Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "private, no-cache")])
            .into_response());
    };
    let etag = HeaderValue::from_str(&tile.etag).map_err(|e| ApiError::internal(&e))?;
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag);
    let shared = [
        (header::VARY, HeaderValue::from_static("accept-encoding, cookie, authorization")),
        (header::ETAG, etag),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.mapbox-vector-tile")),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, shared).into_response());
    }
    let coding = encoding.name().map(|name| [(header::CONTENT_ENCODING, name)]);
    Ok((shared, coding, tile.bytes).into_response())
}

pub(crate) async fn get_tilejson(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(name): ApiPath<String>,
    headers: HeaderMap,
) -> ApiResult<Json<serde_json::Value>> {
    let Some(names) = name.strip_suffix(".json") else {
        return Err(ApiError::not_found(
            "瓦片地址的格式是 /tiles/图层/z/x/y，TileJSON 的格式是 /tiles/图层.json",
            "tiles are at /tiles/{layers}/{z}/{x}/{y}, TileJSON is at /tiles/{layers}.json",
        ));
    };
    let sources = city.tiles.named(names)?;
    let notice = city.notice.as_ref().map(|n| n.zh.as_str());
    Ok(Json(tiles::tilejson(&sources, &viewer, &base_url(&headers), notice)))
}

impl From<TileError> for ApiError {
    fn from(error: TileError) -> Self {
        let en = error.to_string();
        match &error {
            TileError::UnknownLayer { name, known } => {
                Self::not_found(&format!("没有图层“{name}”，现有：{}", known.join("、")), &en)
            }
            TileError::OutsideEarth { z, x, y } => Self::new(
                StatusCode::NOT_FOUND,
                "tile-outside-earth",
                ("瓦片超出地球范围", "Tile outside the earth"),
                (
                    &format!(
                        "瓦片 {z}/{x}/{y} 超出地球范围：行列号须小于 2 的 z 次方，z 不大于 22"
                    ),
                    &en,
                ),
            ),
            TileError::OutsideZooms { coord, ranges } => {
                let spelled: Vec<String> = ranges
                    .iter()
                    .map(|(name, min, max)| format!("{name} {min}–{max} 级"))
                    .collect();
                Self::new(
                    StatusCode::NOT_FOUND,
                    "tile-outside-zooms",
                    ("瓦片超出图层级别", "Tile outside the zooms"),
                    (&format!("瓦片 {coord} 不在所请求图层的级别内：{}", spelled.join("、")), &en),
                )
            }
            TileError::TooManyLayers { asked } => Self::bad_request(
                &format!("一次请求了 {asked} 个图层，最多 {} 个", tiles::MAX_LAYERS),
                &en,
            ),
            TileError::Encode { .. } => Self::internal(&error),
        }
    }
}
