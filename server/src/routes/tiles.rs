//! Vector tiles and their TileJSON.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use gis_data::GisError;
use serde::Deserialize;
use tiles::{Ask, Encoding, FilterLang, Format, TileError, Wish};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, ApiQuery, Asker, Loaded};
use crate::routes::styles::base_url;

/// What is asked of the layers of a tile.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Params {
    filter: Option<String>,
    filter_lang: Option<Lang>,
    properties: Option<String>,
}

/// Languages of filters, as OGC API names them.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Lang {
    Cql2Text,
    Cql2Json,
}

pub(crate) async fn get_tile(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath((layers, z, x, y)): ApiPath<(String, u8, u32, u32)>,
    ApiQuery(params): ApiQuery<Params>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let accepted = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let encoding = Encoding::accepted(accepted(header::ACCEPT_ENCODING));
    let may_be_mlt = !city.mlt.is_empty() && layers.split(',').all(|l| city.mlt.contains(l));
    let asked = if may_be_mlt { accepted(header::ACCEPT) } else { None };
    let format = Format::accepted(asked);
    let ask = Ask { layers, address: (z, x, y), viewer, format, encoding, wish: params.into() };
    let made = match city.tiles.quick_tile(&ask)? {
        Some(quick) => quick,
        None => city.tiles.tile(&ask).await?,
    };
    let Some(tile) = made else {
        return Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "private, no-cache")])
            .into_response());
    };
    let etag = HeaderValue::from_str(&tile.etag).map_err(|e| ApiError::internal(&e))?;
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag);
    let shared = [
        (header::VARY, HeaderValue::from_static("accept, accept-encoding, cookie, authorization")),
        (header::ETAG, etag),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, shared).into_response());
    }
    let coding = encoding.name().map(|name| [(header::CONTENT_ENCODING, name)]);
    Ok((shared, coding, tile.bytes).into_response())
}

impl From<Params> for Wish {
    fn from(params: Params) -> Self {
        let lang = match params.filter_lang {
            Some(Lang::Cql2Json) => FilterLang::Json,
            Some(Lang::Cql2Text) | None => FilterLang::Text,
        };
        let names = |list: String| {
            list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        Self { filter: params.filter, lang, properties: params.properties.map(names) }
    }
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

/// Whether a statement took longer than it may, which PostgreSQL has a code for, or waited as long for its turn.
fn is_late(error: &GisError) -> bool {
    match error {
        GisError::Query { source, .. } => {
            source.as_database_error().is_some_and(|e| e.code().as_deref() == Some("57014"))
        }
        GisError::Connect(source) => matches!(source, sqlx::Error::PoolTimedOut),
        _ => false,
    }
}

impl From<TileError> for ApiError {
    fn from(error: TileError) -> Self {
        Self::from_tile(&error)
    }
}

impl ApiError {
    fn from_tile(error: &TileError) -> Self {
        let en = error.to_string();
        match error {
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
            TileError::Filter { layer, source } => Self::bad_request(
                &format!("图层“{layer}”的筛选条件有误：{}", source.message_zh()),
                &en,
            ),
            TileError::UnknownProperty { name, known } => Self::bad_request(
                &format!("所请求的图层没有属性“{name}”，现有：{}", known.join("、")),
                &en,
            ),
            TileError::TooManyLayers { asked } => Self::bad_request(
                &format!("一次请求了 {asked} 个图层，最多 {} 个", tiles::MAX_LAYERS),
                &en,
            ),
            TileError::Database { layer, coord, source } if is_late(source) => {
                let seconds = gis_data::DRAWING_TIMEOUT.as_secs();
                Self::new(
                    StatusCode::GATEWAY_TIMEOUT,
                    "tile-timeout",
                    ("瓦片生成超时", "Tile took too long"),
                    (
                        &format!(
                            "数据库未能在 {seconds} 秒内生成图层“{layer}”的瓦片 {coord}：请放大后再看，或提高图层的最小级别"
                        ),
                        &format!(
                            "the database did not draw tile {coord} of layer {layer} within {seconds} s: zoom in, or raise the layer's first zoom"
                        ),
                    ),
                )
            }
            TileError::Shared(shared) => Self::from_tile(shared),
            TileError::Database { .. } | TileError::Panicked(_) | TileError::Format(_) => {
                Self::internal(error)
            }
        }
    }
}
