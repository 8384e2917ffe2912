//! The folder of archives: how files are called, and whether those on the book are there.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use gis_data::{Store, Viewer};
use time::Date;
use uuid::Uuid;

use super::file::{self, Fault, Told};
use super::{failed, queries};
use crate::error::Result;

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) byte_count: i64,
}

/// The first name of a day that nobody has: `position-2026-03-02.parquet`, then `position-2026-03-02-2.parquet`.
pub(super) fn free(folder: &Path, day: Date) -> Result<PathBuf> {
    for number in 1_u32.. {
        let path = folder.join(file_name(day, number).map_err(failed("name", folder))?);
        if !path.try_exists().map_err(failed("look at", &path))? {
            return Ok(path);
        }
    }
    Ok(folder.to_owned())
}

/// How old an unfinished file is that nobody writes any more.
const REMAINS_AFTER: Duration = Duration::from_hours(48);

fn file_name(day: Date, number: u32) -> Result<String, Fault> {
    let day = file::written(day)?;
    Ok(match number {
        1 => format!("position-{day}.parquet"),
        number => format!("position-{day}-{number}.parquet"),
    })
}

/// Where a day is written before it has its name: a file of nobody else's, whoever else writes into the folder.
pub(super) fn begin(folder: &Path, day: Date) -> Result<PathBuf> {
    make(folder).map_err(failed("make the folder", folder))?;
    let name = file_name(day, 1).map_err(failed("name a file in", folder))?;
    take_remains(folder, &name).map_err(failed("look through", folder))?;
    Ok(folder.join(format!("{name}.{}.part", Uuid::new_v4().simple())))
}

/// Takes away what tries that were killed have left of a day; no try takes that long.
fn take_remains(folder: &Path, name: &str) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let file_name = file_name.to_string_lossy();
        let is_part = file_name.starts_with(name) && file_name.ends_with(".part");
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if is_part && age > REMAINS_AFTER {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Makes the folder and those above it, so that they are still there after a crash.
fn make(folder: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    fs::create_dir_all(folder)?;
    for made in missing {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty());
        File::open(above.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Takes an unfinished file away, if there is one.
pub(super) fn clear(part_file: &Path) -> Result<()> {
    match fs::remove_file(part_file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(failed("take away", part_file)(error))
        }
        _ => Ok(()),
    }
}

/// Gives a file its name, reads it back under it, and answers the name with the size. A file that is there already is never
/// written over, nor is the name of one that is on the book taken, wherever it is; one that holds the same, because an earlier
/// try ended after it or because its day was put back, is taken in its place.
pub(super) fn name(
    folder: &Path,
    part_file: &Path,
    told: &Told,
    on_book: &BTreeMap<String, Vec<u8>>,
) -> Result<Named, Fault> {
    for number in 1_u32.. {
        let name = file_name(told.day, number)?;
        if on_book.get(&name).is_some_and(|hash| *hash != told.sha256) {
            continue;
        }
        let path = folder.join(&name);
        match fs::hard_link(part_file, &path) {
            Ok(()) => File::open(folder)?.sync_all()?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        if !holds(&path, told) {
            continue;
        }
        let bytes = fs::metadata(&path)?.len();
        return Ok(Named { name, byte_count: i64::try_from(bytes)? });
    }
    Err("every name is taken".into())
}

fn holds(path: &Path, told: &Told) -> bool {
    let is_said = file::Reader::open(path).is_ok_and(|reader| reader.told() == told);
    is_said && file::verify(path).is_ok()
}

/// What is wrong with a file on the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// There are files on the book, so many, and nobody said where they are.
    NoFolder(usize),
    /// It is not there.
    Missing(PathBuf),
    /// It is of another size.
    Size {
        /// The file.
        path: PathBuf,
        /// As the book has it.
        on_book: i64,
        /// As it is.
        found: u64,
    },
    /// It cannot be looked at.
    Unreadable(PathBuf, String),
}

impl Display for FileFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFolder(count) => write!(
                f,
                "{count} files of archived positions are on the book: say where they are with --archive-dir \
                 (登记有 {count} 个定位归档文件，请用 --archive-dir 指明目录)"
            ),
            Self::Missing(path) => {
                let path = path.display();
                write!(
                    f,
                    "{path} is on the book of archives and not there (归档文件 {path} 不存在)"
                )
            }
            Self::Size { path, on_book, found } => {
                let path = path.display();
                write!(
                    f,
                    "{path} has {found} bytes, on the book {on_book} (归档文件 {path} 有 {found} 字节，登记为 {on_book})"
                )
            }
            Self::Unreadable(path, why) => {
                let path = path.display();
                write!(f, "{path} cannot be looked at: {why} (无法查看归档文件 {path})")
            }
        }
    }
}

/// Files on the book that are missing or of another size.
pub async fn faults(store: &Store, folder: Option<&Path>) -> Result<Vec<FileFault>> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let files = queries::files(&mut tx).await?;
    let Some(folder) = folder else {
        let count = files.len();
        return Ok((count > 0).then_some(FileFault::NoFolder(count)).into_iter().collect());
    };
    let fault = |path: PathBuf, on_book: i64| match fs::metadata(&path) {
        Ok(found) if i64::try_from(found.len()).is_ok_and(|found| found == on_book) => None,
        Ok(found) => Some(FileFault::Size { path, on_book, found: found.len() }),
        Err(error) if error.kind() == ErrorKind::NotFound => Some(FileFault::Missing(path)),
        Err(error) => Some(FileFault::Unreadable(path, error.to_string())),
    };
    let found = files.into_iter().filter_map(|f| fault(folder.join(f.file_name), f.byte_count));
    Ok(found.collect())
}
