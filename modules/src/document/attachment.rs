//! Files of documents. Each is kept once, by what is in it.

use gis_data::Viewer;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use time::OffsetDateTime;

use super::{DocId, queries};
use crate::definition::FieldFault;
use crate::engine::Engine;
use crate::{ModuleError, Result};

/// The largest file.
pub const MOST_BYTES: usize = 20 * 1024 * 1024;

/// A file of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct Attachment {
    /// What is in it.
    pub sha256: String,
    /// What it is called.
    pub name: String,
    /// How large it is.
    pub bytes: i32,
    /// What it says it is.
    pub media_type: String,
    /// Who added it.
    pub actor: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

impl Engine {
    /// Adds a file to a document.
    pub async fn attach(
        &self,
        viewer: &Viewer,
        doc_id: DocId,
        name: &str,
        media_type: &str,
        content: &[u8],
    ) -> Result<Attachment> {
        let is_plain = |c: char| !c.is_control() && !matches!(c, '/' | '\\');
        if name.trim().is_empty() || name.chars().count() > 200 || !name.chars().all(is_plain) {
            return Err(fault(
                "name",
                200,
                "文件名应为 1 至 200 个字，不含斜杠",
                "a name has 1 to 200 characters and no slash",
            ));
        }
        if content.is_empty() || content.len() > MOST_BYTES {
            return Err(fault(
                "content",
                MOST_BYTES,
                "文件应为 1 字节至 20 MiB",
                "a file has 1 byte to 20 MiB",
            ));
        }
        let mut tx = self.begin(viewer).await?;
        queries::one(&mut tx, viewer.scope_array(), doc_id)
            .await?
            .ok_or(ModuleError::NotFound(doc_id))?;
        let sha256 = hex::encode(Sha256::digest(content));
        queries::keep_file(&mut tx, &sha256, content).await?;
        let attached = queries::attach(
            &mut tx,
            doc_id,
            &sha256,
            name.trim(),
            media_type,
            content.len(),
            viewer.name(),
        )
        .await?;
        tx.commit().await.map_err(ModuleError::query("commit a file"))?;
        Ok(attached)
    }

    /// A file of a document, with its name and type.
    pub async fn attachment(
        &self,
        viewer: &Viewer,
        doc_id: DocId,
        sha256: &str,
    ) -> Result<(Attachment, Vec<u8>)> {
        let mut tx = self.begin(viewer).await?;
        queries::one(&mut tx, viewer.scope_array(), doc_id)
            .await?
            .ok_or(ModuleError::NotFound(doc_id))?;
        let attachment = queries::attached(&mut tx, doc_id, sha256)
            .await?
            .ok_or(ModuleError::NotFound(doc_id))?;
        let content = queries::file(&mut tx, sha256).await?;
        Ok((attachment, content))
    }
}

fn fault(field: &str, limit: usize, zh: &str, en: &str) -> ModuleError {
    ModuleError::Invalid(vec![FieldFault::new(field, Some(json!(limit)), zh, en)])
}
