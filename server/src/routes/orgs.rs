//! The organisation tree, as far as it is somebody's business.

use axum::Json;
use gis_data::{OrgId, Permission, feature};
use serde_json::{Value, json};

use crate::error::ApiResult;
use crate::extract::{Loaded, Signed};

pub(crate) async fn list_orgs(
    Loaded(city): Loaded,
    Signed(known): Signed,
) -> ApiResult<Json<Value>> {
    let account = &known.account;
    let is_for_all = account.may_any(&[Permission::ManageUsers, Permission::ManageRights]);
    let tops: Vec<OrgId> =
        account.grants.iter().filter_map(|g| g.org.as_ref().map(|o| o.org_id)).collect();
    let mut tx = city.store.as_viewer(&account.viewer).await?;
    let orgs = feature::orgs(&mut tx, if is_for_all { None } else { Some(&tops) }).await?;
    Ok(Json(json!({"items": orgs})))
}
