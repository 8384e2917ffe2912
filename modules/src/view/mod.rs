//! Filters that people keep 常用视图: their own, and those that others share.

use gis_data::Viewer;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::approval::nobody;
use crate::definition::FieldFault;
use crate::engine::Engine;
use crate::{ModuleError, Result};

mod queries;

/// A filter that somebody keeps.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct SavedView {
    /// The key.
    #[sqlx(rename = "saved_view_id")]
    pub view_id: i64,
    /// What it is called.
    pub name: String,
    /// The filter, as the client writes it.
    pub query: Json,
    /// Whether others see it.
    #[sqlx(rename = "is_shared")]
    pub shared: bool,
    /// Whether it is the viewer's own.
    pub mine: bool,
}

impl Engine {
    /// The viewer's filters of a kind, and those that others share.
    pub async fn saved_views(&self, viewer: &Viewer, kind: &str) -> Result<Vec<SavedView>> {
        let mut tx = self.begin(viewer).await?;
        let me = self.me(&mut tx, viewer).await?.unwrap_or(0);
        queries::list(&mut tx, me, kind).await
    }

    /// Keeps a filter; the same name again replaces it.
    pub async fn save_view(
        &self,
        viewer: &Viewer,
        kind: &str,
        name: &str,
        query: &Json,
        shared: bool,
    ) -> Result<i64> {
        self.registry().kind(kind)?;
        let length = name.trim().chars().count();
        if !(1..=60).contains(&length) || name.contains('\0') {
            let fault = FieldFault::new(
                "name",
                Some(json!(60)),
                "名称应为 1 至 60 个字",
                "a name has 1 to 60 characters",
            );
            return Err(ModuleError::Invalid(vec![fault]));
        }
        let mut tx = self.begin(viewer).await?;
        let me = self.me(&mut tx, viewer).await?.ok_or_else(nobody)?;
        let id = queries::save(&mut tx, me, kind, name.trim(), query, shared).await?;
        tx.commit().await.map_err(ModuleError::query("commit a view"))?;
        Ok(id)
    }

    /// Forgets a filter of the viewer's own.
    pub async fn delete_view(&self, viewer: &Viewer, view_id: i64) -> Result<()> {
        let mut tx = self.begin(viewer).await?;
        let me = self.me(&mut tx, viewer).await?.ok_or_else(nobody)?;
        if !queries::delete(&mut tx, me, view_id).await? {
            return Err(ModuleError::Nothing(format!("view {view_id}")));
        }
        tx.commit().await.map_err(ModuleError::query("commit a view"))
    }
}
