//! The way in for geographic information systems: OGC API - Common, Features and Moving Features, read-only.
//!
//! Of Moving Features (22-003r3) the classes `mf-collection` and `movingfeatures` ask for creating, replacing and deleting too, so
//! they are not claimed: vehicles come from the register and their tracks from terminals.

use std::convert::Infallible;

use axum::Json;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use gis_data::Permission::Track;
use serde_json::{Value, json};

use super::moving_features::{self, VEHICLES};
use super::styles::base_url;
use super::table::{Route, get};
use crate::error::ApiResult;
use crate::extract::{Asker, Loaded};
use crate::guard::Rule::{self, Any, SignedIn};
use crate::moving::{Asked, Takes, pairs};
use crate::openapi::Query::{self, Bbox, Flag, Interval, Leaves, Limit, Text};

/// What is met, clause by clause.
const CONFORMS_TO: [&str; 6] = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-movingfeatures-1/1.0/conf/common",
];
pub(super) const JSON: &str = "application/json";
/// No parameters at all.
pub(super) const NOTHING: Takes =
    Takes { parameters: &[], default_limit: 0, most: 0, most_hours: None };

pub(super) fn routes() -> Vec<Route> {
    use moving_features::{PIECES, VEHICLES_AT_ONCE};
    const TRACK: Rule = Any(&[Track]);
    const SOME: Query =
        Limit { default: VEHICLES_AT_ONCE.default_limit, most: VEHICLES_AT_ONCE.most };
    const SOME_PIECES: Query = Limit { default: PIECES.default_limit, most: PIECES.most };
    vec![
        get("/ogc", SignedIn, "Landing page of OGC API", get_landing_page),
        get("/ogc/conformance", SignedIn, "What of OGC API is met", get_conformance),
        get("/ogc/collections", SignedIn, "Collections of OGC API", list_collections),
        get("/ogc/collections/vehicles", TRACK, "Vehicles as moving features", get_collection),
        get(
            "/ogc/collections/vehicles/items",
            TRACK,
            "Vehicles that have been somewhere (GeoJSON)",
            moving_features::list_items,
        )
        .query(&[Bbox, Interval, SOME, Flag("subTrajectory"), Text("after")]),
        get(
            "/ogc/collections/vehicles/items/{id}",
            TRACK,
            "A vehicle as a moving feature (GeoJSON)",
            moving_features::get_item,
        ),
        get(
            "/ogc/collections/vehicles/items/{id}/tgsequence",
            TRACK,
            "Where a vehicle was (MF-JSON)",
            moving_features::get_tgsequence,
        )
        .query(&[
            Bbox,
            Interval,
            SOME_PIECES,
            Leaves,
            Flag("subTrajectory"),
            Text("after"),
        ]),
        get(
            "/ogc/collections/vehicles/items/{id}/tproperties",
            TRACK,
            "What a vehicle's terminal tells besides (MF-JSON)",
            moving_features::list_tproperties,
        )
        .query(&[Interval, SOME_PIECES, Flag("subTemporalValue"), Text("after")]),
        get(
            "/ogc/collections/vehicles/items/{id}/tproperties/{property}",
            TRACK,
            "A value while a vehicle moved (MF-JSON)",
            moving_features::get_tproperty,
        )
        .query(&[Interval, SOME_PIECES, Leaves, Flag("subTemporalValue"), Text("after")]),
    ]
}

/// The address that was asked for, as its reader knows it.
pub(super) struct Here {
    base: String,
    path: String,
    query: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Here {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let OriginalUri(uri) = OriginalUri::from_request_parts(parts, state).await?;
        Ok(Self {
            base: base_url(&parts.headers),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
        })
    }
}

impl Here {
    /// What is asked for, where it is not wrong.
    pub(super) fn asked(&self, takes: &Takes) -> ApiResult<Asked> {
        Asked::judged(&pairs(&self.query), takes)
    }

    /// A link to a path of this server.
    pub(super) fn link(&self, rel: &str, path: &str, kind: &str, title: &str) -> Value {
        json!({"href": format!("{}{path}", self.base), "rel": rel, "type": kind, "title": title})
    }

    /// A link to this answer.
    pub(super) fn this(&self, kind: &str) -> Value {
        let query = if self.query.is_empty() { "" } else { "?" };
        let path = format!("{}{query}{}", self.path, self.query);
        self.link("self", &path, kind, "本页 this page")
    }

    /// A link to the same, from there on.
    pub(super) fn next(&self, after: i64, kind: &str) -> Value {
        let kept =
            self.query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
        let pairs: Vec<String> =
            kept.map(str::to_owned).chain([format!("after={after}")]).collect();
        self.link("next", &format!("{}?{}", self.path, pairs.join("&")), kind, "下一页 next page")
    }
}

async fn get_landing_page(here: Here) -> ApiResult<Json<Value>> {
    here.asked(&NOTHING)?;
    let data = ("/ogc/collections", JSON, "数据集 collections");
    let conformance = ("/ogc/conformance", JSON, "符合的标准 conformance");
    let links = [
        here.this(JSON),
        here.link("service-desc", "/api/v1/openapi.json", JSON, "接口描述 OpenAPI 3.1"),
        here.link("conformance", conformance.0, conformance.1, conformance.2),
        here.link(
            "http://www.opengis.net/def/rel/ogc/1.0/conformance",
            conformance.0,
            conformance.1,
            conformance.2,
        ),
        here.link("data", data.0, data.1, data.2),
        here.link("http://www.opengis.net/def/rel/ogc/1.0/data", data.0, data.1, data.2),
    ];
    Ok(Json(json!({
        "title": "OneMap 机关事务一张图",
        "description": "公务用车及其轨迹，只读 Official vehicles and their tracks, read-only",
        "links": links,
    })))
}

async fn get_conformance(here: Here) -> ApiResult<Json<Value>> {
    here.asked(&NOTHING)?;
    Ok(Json(json!({"conformsTo": CONFORMS_TO})))
}

/// None for whoever may track nobody.
async fn list_collections(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    here: Here,
) -> ApiResult<Json<Value>> {
    here.asked(&NOTHING)?;
    let may_track = viewer.scopes_for(Track).is_none_or(|scopes| !scopes.is_empty());
    let mut collections = Vec::new();
    if may_track {
        collections.push(moving_features::collection(&city, &viewer, &here));
    }
    Ok(Json(json!({"links": [here.this(JSON)], "collections": collections})))
}

async fn get_collection(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    here: Here,
) -> ApiResult<Json<Value>> {
    here.asked(&NOTHING)?;
    let mut collection = moving_features::collection(&city, &viewer, &here);
    if let Some(links) = collection["links"].as_array_mut() {
        links.push(here.link(
            "http://www.opengis.net/def/rel/ogc/1.0/data",
            "/ogc/collections",
            JSON,
            VEHICLES,
        ));
    }
    Ok(Json(collection))
}
