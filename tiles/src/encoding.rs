//! How a tile's bytes travel: as they are, or compressed once and kept.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Zstandard's own default: four times as fast as gzip here, and as small.
const ZSTD_LEVEL: i32 = 3;

/// A content coding (RFC 9110, 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As they are.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// The best of those an `Accept-Encoding` accepts; as they are without one. Weights only say what is refused.
    pub fn accepted(header: Option<&str>) -> Self {
        match () {
            () if accepts(header, "zstd") => Self::Zstd,
            () if accepts(header, "gzip") => Self::Gzip,
            () => Self::Identity,
        }
    }

    /// Whether an `Accept-Encoding` takes it; bytes as they are always go.
    pub(crate) fn is_accepted(self, header: Option<&str>) -> bool {
        self.name().is_none_or(|name| accepts(header, name))
    }

    /// Its name in `Content-Encoding`; none for bytes as they are.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }

    /// What tells its entity tags from the others'.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gz",
            Self::Zstd => "-zst",
        }
    }

    pub(crate) fn compress(self, bytes: &Bytes) -> Bytes {
        match self {
            Self::Identity => bytes.clone(),
            Self::Gzip => {
                let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
                gzip.write_all(bytes).expect("a vector takes all bytes");
                gzip.finish().expect("a vector takes all bytes").into()
            }
            Self::Zstd => zstd::bulk::compress(bytes, ZSTD_LEVEL)
                .expect("compressing in memory has no way to fail")
                .into(),
        }
    }
}

/// Whether an `Accept` or `Accept-Encoding` takes what has this name; weights only say what is refused.
pub(crate) fn accepts(header: Option<&str>, wanted: &str) -> bool {
    header.unwrap_or_default().split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_named && !weight.is_some_and(|q| q.parse() == Ok(0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_accepted_coding_is_taken() {
        for (header, expected) in [
            (None, Encoding::Identity),
            (Some(""), Encoding::Identity),
            (Some("identity"), Encoding::Identity),
            (Some("gzip, deflate, br, zstd"), Encoding::Zstd),
            (Some("gzip, deflate, br"), Encoding::Gzip),
            (Some("GZIP;q=0.5"), Encoding::Gzip),
            (Some("zstd;q=0, gzip;q=1.0"), Encoding::Gzip),
            (Some("zstd; q=0.0"), Encoding::Identity),
            (Some("xgzip"), Encoding::Identity),
        ] {
            assert_eq!(Encoding::accepted(header), expected, "{header:?}");
        }
    }

    #[test]
    fn what_is_compressed_comes_back() {
        use std::io::Read as _;
        let bytes = Bytes::from("宗地,".repeat(500));
        let mut plain = Vec::new();
        let gzip = Encoding::Gzip.compress(&bytes);
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, bytes);
        assert_eq!(zstd::decode_all(&Encoding::Zstd.compress(&bytes)[..]).unwrap(), bytes);
        assert_eq!(Encoding::Identity.compress(&bytes), bytes);
    }
}
