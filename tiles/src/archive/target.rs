//! The file that an export becomes: written beside it under another name, and renamed when it is whole and on the disk.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::export::Existing;
use super::{ArchiveError, Result};

/// Dropped without [`Target::publish`], it leaves nothing. Only its owner may read it, also afterwards: it holds what
/// somebody may see.
pub(super) struct Target {
    unfinished: NamedTempFile,
    path: PathBuf,
    existing: Existing,
}

impl Target {
    pub(super) fn beside(path: &Path, existing: Existing) -> Result<Self> {
        if existing == Existing::Refuse && path.exists() {
            return Err(ArchiveError::Exists(path.to_owned()));
        }
        let unfinished = tempfile::Builder::new()
            .prefix(".onemap-")
            .suffix(".part")
            .tempfile_in(folder(path))
            .map_err(failed("write in the folder", folder(path)))?;
        Ok(Self { unfinished, path: path.to_owned(), existing })
    }

    /// Where it is being written.
    pub(super) fn unfinished(&self) -> &Path {
        self.unfinished.path()
    }

    /// The same, open for reading and writing.
    pub(super) fn file(&self) -> Result<File> {
        self.unfinished.reopen().map_err(failed("open", self.unfinished()))
    }

    /// Gives it its name; answers how many bytes it has.
    pub(super) fn publish(self) -> Result<u64> {
        let file = self.unfinished.as_file();
        file.sync_all().map_err(failed("flush", self.unfinished()))?;
        let bytes = file.metadata().map_err(failed("measure", self.unfinished()))?.len();
        let named = match self.existing {
            Existing::Replace => self.unfinished.persist(&self.path),
            Existing::Refuse => self.unfinished.persist_noclobber(&self.path),
        };
        named.map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => ArchiveError::Exists(self.path.clone()),
            _ => failed("rename to", &self.path)(refused.error),
        })?;
        // The name is on the disk once its folder is.
        let folder = folder(&self.path);
        File::open(folder)
            .and_then(|f| f.sync_all())
            .map_err(failed("flush the folder", folder))?;
        Ok(bytes)
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> ArchiveError {
    let path = path.to_owned();
    move |source| ArchiveError::File { doing, path: path.clone(), source }
}
