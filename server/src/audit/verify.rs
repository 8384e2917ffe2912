//! Walks the chain from the first row and says where it breaks.

use std::path::Path;

use anyhow::bail;
use gis_data::{Store, Text2, Viewer};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::archive;
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
    let (last, head) = queries::end(&mut tx).await?;
    let mut link = queries::archived_until(&mut tx).await?.unwrap_or_else(beginning);
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
            if let Some(fault) = fault_of(row, &link) {
                return Ok(end(checked, Some(fault)));
            }
            link = (row.audit_id, row.hash.clone());
        }
    }
    let (reached, hash) = link;
    let fault = (reached != last || hash != head).then(|| Fault {
        audit_id: reached + 1,
        reason: Text2::new(
            &format!("日志应止于第 {last} 条，实际止于第 {reached} 条：末尾的记录被删除或改动"),
            &format!("the log should end with row {last} and ends with {reached}: its end was deleted or changed"),
        ),
    });
    Ok(end(checked, fault))
}

/// Checks an archive from its first row to its last, and that the book of archives knows where it begins and ends.
pub(crate) async fn verify_file(store: &Store, path: &Path) -> anyhow::Result<Verdict> {
    let rows = archive::read(path)?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        bail!("{}: the archive is empty", path.display());
    };
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let on_book = queries::archive_ending(&mut tx, last.audit_id).await?;
    let mut link = (first.audit_id - 1, first.prev_hash.clone());
    let verdict = |checked: usize, fault| {
        let checked = i64::try_from(checked).unwrap_or(i64::MAX);
        Verdict { checked, fault, head: hex(&last.hash) }
    };
    for (at, row) in rows.iter().enumerate() {
        if let Some(fault) = fault_of(row, &link) {
            return Ok(verdict(at + 1, Some(fault)));
        }
        link = (row.audit_id, row.hash.clone());
    }
    let is_on_book = on_book
        .is_some_and(|(first_id, last_hash)| first_id == first.audit_id && last_hash == last.hash);
    let fault = (!is_on_book).then(|| Fault {
        audit_id: last.audit_id,
        reason: Text2::new(
            "归档登记中没有止于这一条的归档，文件被截断或改动",
            "no archive on the book begins and ends like this: the file was cut or changed",
        ),
    });
    Ok(verdict(rows.len(), fault))
}

/// What the very first row follows.
fn beginning() -> (i64, Vec<u8>) {
    (0, vec![0; 32])
}

fn fault_of(row: &SealedRow, link: &(i64, Vec<u8>)) -> Option<Fault> {
    let at =
        |zh: &str, en: &str| Some(Fault { audit_id: row.audit_id, reason: Text2::new(zh, en) });
    let (before, hash) = link;
    if row.audit_id != before + 1 {
        return at("前面的记录被删除", "rows before it were deleted");
    }
    if row.prev_hash != *hash {
        return at("与前一条记录不衔接", "it does not follow the row before it");
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
