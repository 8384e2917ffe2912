//! A day comes back from its file.

use std::path::Path;

use gis_data::{Store, Viewer};
use time::Date;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::columns::Part;
use super::file::{self, Fault, Reader};
use super::{failed, queries};
use crate::error::{Result, TrackerError};
use crate::journal::ensure_partition;

/// What a file brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Of the fixes, in UTC.
    pub day: Date,
    /// Positions in the file.
    pub rows: i64,
    /// Those of them that were not in the database.
    pub new: u64,
    /// Whether the file is on this database's book: then its day stays as long as one that was received today. Another
    /// goes again as soon as days are archived.
    pub is_on_book: bool,
}

/// Puts the positions of a file back, those that are there already left as they are.
///
/// Nothing is judged again by them: their trips and alarms have stayed. The file is verified before anything is written. `tell` hears how many are back, of how many.
pub async fn restore(
    store: &Store,
    path: &Path,
    tell: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Restored> {
    let mut guard = store.as_viewer(&Viewer::program()).await?;
    if !queries::lock(&mut guard).await? {
        return Err(TrackerError::ArchiveBusy { path: path.to_owned() });
    }
    let target = path.to_owned();
    let verified = spawn_blocking(move || file::verify(&target)).await;
    let verified = verified.map_err(Fault::from).and_then(|verified| verified);
    let told = verified.map_err(failed("verify", path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let on_book = queries::hash_on_book(&mut guard, &name).await?;
    if on_book.as_ref().is_some_and(|hash| *hash != told.sha256) {
        let fault = "the book of archives has another content under this name";
        return Err(failed("put back", path)(fault));
    }
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    ensure_partition(&mut tx, told.day).await?;
    tx.commit().await.map_err(TrackerError::query("make room for a day of positions"))?;
    let (send, mut parts) = mpsc::channel::<Part>(1);
    let target = path.to_owned();
    let reading = spawn_blocking(move || {
        Reader::open(&target)?.parts(|part| {
            send.blocking_send(part).map_err(|_closed| Fault::from("nobody takes its positions"))
        })
    });
    let all = u64::try_from(told.rows).unwrap_or_default();
    let (mut new, mut done) = (0, 0);
    while let Some(part) = parts.recv().await {
        done += u64::try_from(part.len()).unwrap_or_default();
        let mut tx = store.as_viewer(&Viewer::program()).await?;
        new += queries::put_back(&mut tx, part).await?;
        tx.commit().await.map_err(TrackerError::query("put positions back"))?;
        tell(done, all);
    }
    let read = reading.await.map_err(Fault::from).and_then(|read| read);
    read.map_err(failed("read", path))?;
    // Not before all of it is back.
    if on_book.is_some() {
        queries::mark_restored(&mut guard, &name).await?;
    }
    guard.commit().await.map_err(TrackerError::query("put positions back"))?;
    Ok(Restored { day: told.day, rows: told.rows, new, is_on_book: on_book.is_some() })
}
