//! Months of the log that were kept long enough go to files, which can be verified as the log itself can.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, PgConnection};

use super::queries::{self, SealedRow};

/// The least that rows stay in the database: six months, Cybersecurity Law article 21 (3).
pub(crate) const KEPT_DAYS: u16 = 180;

/// A month that went.
#[derive(Debug)]
pub(crate) struct Archived {
    pub(crate) file: PathBuf,
    pub(crate) rows: usize,
}

/// A row in a file: one line of JSON.
#[derive(Serialize, Deserialize)]
struct Line {
    fields: Vec<Option<String>>,
    prev_hash: String,
    hash: String,
}

/// Writes each month that is over for so many days to a file, makes sure that the file is on the disk and reads back
/// whole, and only then takes the month out of the database. Works with the rights of the login, as `migrate` does:
/// the program itself cannot take anything out.
pub(crate) async fn archive(
    database_url: &str,
    folder: &Path,
    kept_days: u16,
) -> anyhow::Result<Vec<Archived>> {
    if kept_days < KEPT_DAYS {
        bail!(
            "{kept_days} days: the log is kept for {KEPT_DAYS} days at least (审计日志至少保留 {KEPT_DAYS} 天)"
        );
    }
    fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let mut connection = PgConnection::connect(database_url).await?;
    let mut gone = Vec::new();
    for (month, partition) in queries::months_due(&mut connection, i32::from(kept_days)).await? {
        let mut tx = connection.begin().await?;
        queries::act_as_owner(&mut tx).await?;
        let rows = queries::sealed_of_month(&mut tx, &partition).await?;
        let name = format!("{partition}.jsonl.gz");
        let file = folder.join(&name);
        let mut digest = Vec::new();
        if !rows.is_empty() {
            digest = write(&file, &rows).with_context(|| format!("write {}", file.display()))?;
        }
        queries::let_go(&mut tx, (month, &partition), &rows, (&name, &digest)).await?;
        tx.commit().await?;
        gone.push(Archived { file, rows: rows.len() });
    }
    connection.close().await?;
    Ok(gone)
}

/// The rows of an archive.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<SealedRow>> {
    let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
    let mut rows = Vec::new();
    for (at, line) in BufReader::new(GzDecoder::new(file)).lines().enumerate() {
        let row = line
            .map_err(anyhow::Error::from)
            .and_then(|line| row_of(&line))
            .with_context(|| format!("{}, line {}", path.display(), at + 1))?;
        rows.push(row);
    }
    Ok(rows)
}

fn row_of(line: &str) -> anyhow::Result<SealedRow> {
    let line: Line = serde_json::from_str(line)?;
    let number = line.fields.first().cloned().flatten().context("a row without a number")?;
    let bytes = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes());
    Ok(SealedRow {
        audit_id: number.parse()?,
        prev_hash: bytes(&line.prev_hash)?,
        hash: bytes(&line.hash)?,
        fields: line.fields,
    })
}

/// Answers the SHA-256 of the file. An archive that is there already is never written over.
fn write(path: &Path, rows: &[SealedRow]) -> anyhow::Result<Vec<u8>> {
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    for row in rows {
        let line = Line {
            fields: row.fields.clone(),
            prev_hash: hex(&row.prev_hash),
            hash: hex(&row.hash),
        };
        serde_json::to_writer(&mut packed, &line)?;
        packed.write_all(b"\n")?;
    }
    let bytes = packed.finish()?;
    let mut file = File::create_new(path)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    let back = read(path)?;
    if back.len() != rows.len() || back.iter().zip(rows).any(|(b, r)| b.hash != r.hash) {
        bail!("what was written does not read back as it was");
    }
    Ok(Sha256::digest(&bytes).to_vec())
}
