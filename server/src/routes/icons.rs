//! Icons, and the sprite that a style draws them from.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use gis_data::Permission;
use serde::Deserialize;
use serde_json::{Value, json};
use tiles::{ICON_MOST_BYTES, Icon, IconName, Ratio, Theme};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, ApiQuery, Caller, Loaded, Signed};
use crate::icons::{Held, ICONS_MOST, Part, Put, too_large};
use crate::state::City;

/// An icon by itself is a picture: opened as a page it may do nothing at all.
const PICTURE_ONLY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// The address of an icon carries its version, so that a changed one is another address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionParams {
    #[serde(rename = "v")]
    _version: Option<String>,
}

pub(crate) async fn get_sprite(
    Loaded(city): Loaded,
    ApiPath(name): ApiPath<String>,
    ApiQuery(_): ApiQuery<VersionParams>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let there_is_none = || {
        ApiError::not_found(
            &format!(
                "没有“/sprites/{name}”，现有：icons.json、icons.png、icons@2x.json、icons@2x.png"
            ),
            &format!(
                "nothing is at /sprites/{name}; there are icons.json, icons.png, icons@2x.json and icons@2x.png"
            ),
        )
    };
    let (stem, extension) = name.split_once('.').ok_or_else(there_is_none)?;
    let ratio = match stem {
        "icons" => Ratio::Single,
        "icons@2x" => Ratio::Double,
        _ => return Err(there_is_none()),
    };
    let held = city.icons.held();
    match extension {
        "png" => part(&held.sheet(ratio).await?.png, "image/png", &headers),
        "json" => part(&held.sheet(ratio).await?.index, "application/json", &headers),
        _ => Err(there_is_none()),
    }
}

pub(crate) async fn get_icon(
    Loaded(city): Loaded,
    ApiPath(name): ApiPath<String>,
    ApiQuery(_): ApiQuery<VersionParams>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let svg = city.icons.held().found(&name)?.drawing.svg().to_owned();
    let mut answer = part(&Part::of(svg.into()), "image/svg+xml", &headers)?;
    let policy = HeaderValue::from_static(PICTURE_ONLY);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(answer)
}

pub(crate) async fn list_icons(Loaded(city): Loaded, Signed(known): Signed) -> Json<Value> {
    let held = city.icons.held();
    let uses = Uses::of(&city, &held);
    let may_know = known.account.may_any(&[Permission::ManageIcons]);
    let items: Vec<Value> = held
        .icons
        .iter()
        .map(|(name, icon)| {
            let mut item = shown(&held, name, icon);
            item["uses"] = uses.named(name);
            // Who did it is for those whose work it is.
            if let Some(changed) = held.changed(name).filter(|_| may_know) {
                item["updated_by"] = json!(changed.by);
                item["updated_at"] = json!(changed.at);
                item["bytes"] = json!(changed.bytes);
            }
            item
        })
        .collect();
    Json(json!({
        "version": held.icons.version(),
        "limits": {"bytes": ICON_MOST_BYTES, "own": ICONS_MOST},
        "items": items,
    }))
}

pub(crate) async fn put_icon(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiPath(name): ApiPath<String>,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let svg = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(&name),
        _ => rejection.into(),
    })?;
    let put = city.icons.put(&known.account, &name, &svg, &origin).await?;
    let held = city.icons.held();
    let icon = held.found(&name)?;
    let status = match put {
        Put::New => StatusCode::CREATED,
        Put::InPlace => StatusCode::OK,
    };
    let shown = IconName::new_checked(&name).map(|name| shown(&held, &name, icon));
    Ok((status, Json(shown.unwrap_or_default())))
}

pub(crate) async fn delete_icon(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiPath(name): ApiPath<String>,
) -> ApiResult<StatusCode> {
    city.icons.remove(&known.account, &name, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(held: &Held, name: &IconName, icon: &Icon) -> Value {
    json!({
        "name": name.as_str(),
        "title": icon.title,
        "origin": icon.origin,
        "href": held.icons.href(name.as_str()),
    })
}

/// What draws each icon: a layer, what it stands for there, and in which colours.
struct Uses(Vec<(String, Value)>);

impl Uses {
    fn of(city: &City, held: &Held) -> Self {
        let mut all = Vec::new();
        for source in city.tiles.sources() {
            let layer = source.layer();
            let [light, dark] =
                [Theme::Light, Theme::Dark].map(|theme| tiles::legend(layer, theme, &held.icons));
            for (by_day, by_night) in light.into_iter().zip(dark) {
                if let Some(icon) = by_day.icon {
                    let told = json!({
                        "layer_id": layer.layer_id, "layer": layer.title, "what": by_day.title,
                        "light": by_day.color, "dark": by_night.color,
                    });
                    all.push((icon.name, told));
                }
            }
        }
        Self(all)
    }

    fn named(&self, name: &IconName) -> Value {
        self.0
            .iter()
            .filter(|(icon, _)| icon == name.as_str())
            .map(|(_, told)| told.clone())
            .collect()
    }
}

/// A file with its entity tag; nothing where the browser has it already.
fn part(part: &Part, kind: &'static str, headers: &HeaderMap) -> ApiResult<Response> {
    let etag = HeaderValue::from_str(&part.etag).map_err(|error| ApiError::internal(&error))?;
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag);
    let about: [(HeaderName, HeaderValue); 2] =
        [(header::ETAG, etag), (header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, part.bytes.clone()).into_response())
}
