//! Walks the chain from the first row and says where it breaks.

use gis_data::{Store, Text2, Viewer};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::queries::{self, SealedRow};

const PAGE: i64 = 5_000;

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    /// Rows that were read.
    pub(crate) checked: i64,
    pub(crate) fault: Option<Fault>,
    /// Hash of the last row, to be noted elsewhere: who rewrites everything cannot rewrite the note.
    pub(crate) head: String,
}

/// The first row that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    pub(crate) audit_id: i64,
    pub(crate) reason: Text2,
}

/// Checks every row on file; what was archived begins the chain with its last hash.
pub(crate) async fn verify(store: &Store) -> anyhow::Result<Verdict> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let (first, last, head) = queries::ends(&mut tx).await?;
    let mut link: Option<(i64, Vec<u8>)> = match first {
        Some(1) | None => Some((0, vec![0; 32])),
        Some(_) => None,
    };
    let mut checked = 0;
    let mut after = 0;
    let end = |checked, fault| Verdict { checked, fault, head: hex(&head) };
    loop {
        let rows = queries::sealed_after(&mut tx, after, PAGE).await?;
        let Some(newest) = rows.last() else { break };
        after = newest.audit_id;
        for row in &rows {
            if row.audit_id > last {
                // Appended while we read.
                continue;
            }
            checked += 1;
            if let Some(fault) = fault_of(row, link.as_ref()) {
                return Ok(end(checked, Some(fault)));
            }
            link = Some((row.audit_id, row.hash.clone()));
        }
    }
    let (reached, hash) = link.unwrap_or((0, vec![0; 32]));
    let fault = (reached != last || hash != head).then(|| Fault {
        audit_id: reached + 1,
        reason: Text2::new(
            &format!("日志应止于第 {last} 条，实际止于第 {reached} 条：末尾的记录被删除或改动"),
            &format!("the log should end with row {last} and ends with {reached}: its end was deleted or changed"),
        ),
    });
    Ok(end(checked, fault))
}

fn fault_of(row: &SealedRow, link: Option<&(i64, Vec<u8>)>) -> Option<Fault> {
    let at =
        |zh: &str, en: &str| Some(Fault { audit_id: row.audit_id, reason: Text2::new(zh, en) });
    if let Some((before, hash)) = link {
        if row.audit_id != before + 1 {
            return at("前面的记录被删除", "rows before it were deleted");
        }
        if row.prev_hash != *hash {
            return at("与前一条记录不衔接", "it does not follow the row before it");
        }
    }
    if row.hash != sealed(row) {
        return at("内容被改动", "its content was changed");
    }
    None
}

/// As `audit_sealed` computes it: each field with its length in bytes before it.
fn sealed(row: &SealedRow) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(&row.prev_hash);
    for field in &row.fields {
        match field {
            Some(text) => hash.update(format!("{}:{text}", text.len())),
            None => hash.update("-"),
        }
    }
    hash.finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
