//! The file being read: opened afresh for each pass, counted as it goes.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};

use super::ImportError;

/// A file and how much of it has been read.
#[derive(Debug, Clone)]
pub(super) struct Input {
    path: PathBuf,
    size: u64,
    read: Arc<AtomicU64>,
}

impl Input {
    /// Checks that there is a file with something in it.
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let failed = |source| ImportError::Read { path: path.to_owned(), source };
        let about = std::fs::metadata(path).map_err(failed)?;
        if about.is_dir() {
            return Err(failed(ErrorKind::IsADirectory.into()));
        }
        if about.len() == 0 {
            return Err(ImportError::EmptyFile(path.to_owned()));
        }
        Ok(Self { path: path.to_owned(), size: about.len(), read: Arc::default() })
    }

    /// Where it stands.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How its name ends, in lower case, without the dot; empty where it has no such end.
    pub(super) fn extension(&self) -> String {
        self.path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
    }

    /// A file beside it that has the same name but for this extension, in whatever case.
    pub(super) fn beside(&self, extension: &str) -> Result<Option<Self>, ImportError> {
        let folder = match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        for entry in std::fs::read_dir(folder).map_err(|e| self.failed(e))? {
            let path = entry.map_err(|e| self.failed(e))?.path();
            if path.file_stem() == self.path.file_stem()
                && path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension))
            {
                return Self::open(&path).map(Some);
            }
        }
        Ok(None)
    }

    /// In bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Bytes read over all passes.
    pub(super) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The first bytes.
    pub(super) fn head(&self) -> Result<Vec<u8>, ImportError> {
        let mut head = Vec::new();
        File::open(&self.path)
            .and_then(|file| file.take(512).read_to_end(&mut head))
            .map_err(|e| self.failed(e))?;
        Ok(head)
    }

    /// The file's fingerprint; a pass of its own.
    pub(super) fn sha256(&self) -> Result<String, ImportError> {
        let mut reader = self.pass()?;
        let mut digest = Sha256::new();
        let mut chunk = vec![0; 1 << 16];
        loop {
            match reader.read(&mut chunk).map_err(|e| self.failed(e))? {
                0 => break,
                n => digest.update(chunk.get(..n).unwrap_or_default()),
            }
        }
        let mut text = String::with_capacity(64);
        for byte in digest.finalize() {
            let _infallible = write!(text, "{byte:02x}");
        }
        Ok(text)
    }

    /// A reader from the front.
    pub(super) fn pass(&self) -> Result<Counted, ImportError> {
        let file = File::open(&self.path).map_err(|e| self.failed(e))?;
        Ok(Counted {
            inner: BufReader::with_capacity(1 << 16, file),
            position: Arc::default(),
            total: Arc::clone(&self.read),
        })
    }

    /// A reader that goes to and fro; what it reads is not counted.
    pub(super) fn seekable(&self) -> Result<BufReader<File>, ImportError> {
        File::open(&self.path).map(BufReader::new).map_err(|e| self.failed(e))
    }

    pub(super) fn failed(&self, source: std::io::Error) -> ImportError {
        ImportError::Read { path: self.path.clone(), source }
    }
}

/// A reader that knows how many bytes it has given.
#[derive(Debug)]
pub(super) struct Counted {
    inner: BufReader<File>,
    position: Arc<AtomicU64>,
    total: Arc<AtomicU64>,
}

impl Counted {
    /// Follows the position while another owns the reader.
    pub(super) fn position(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.position)
    }

    /// Goes on from this byte of the file.
    pub(super) fn go_to(&mut self, byte: u64) -> std::io::Result<()> {
        self.inner.seek(SeekFrom::Start(byte)).map(|_| ())
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.position.fetch_add(n as u64, Ordering::Relaxed);
        self.total.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
