//! The encodings of texts: UTF-8, the Chinese ones, and what a file declares.

use std::io::{Error, ErrorKind, Read, Result};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};

/// The encoding that a file names: a label of the web, or a code page as `.cpg` files have it.
pub(super) fn named(name: &str) -> Option<&'static Encoding> {
    let name = name.trim().trim_start_matches('\u{feff}').to_lowercase();
    let word = name.rsplit([' ', '/']).next().unwrap_or_default();
    let page =
        word.trim_start_matches("cp").trim_start_matches("ms").trim_start_matches("windows-");
    match page {
        "936" | "54936" => Some(GB18030),
        "950" => Encoding::for_label(b"big5"),
        "65001" | "utf8" => Some(UTF_8),
        "88591" => Encoding::for_label(b"latin1"),
        "1250" | "1251" | "1252" => Encoding::for_label(format!("windows-{page}").as_bytes()),
        _ => Encoding::for_label(name.as_bytes()).map(|found| {
            // GB18030 has every character of GBK at the same place.
            if found == encoding_rs::GBK { GB18030 } else { found }
        }),
    }
}

/// Whether bytes are UTF-8, as they come in pieces.
#[derive(Debug, Default)]
pub(super) struct Utf8Check {
    carried: Vec<u8>,
    is_broken: bool,
}

impl Utf8Check {
    /// Looks at the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        if self.is_broken {
            return;
        }
        self.carried.extend_from_slice(piece);
        let (whole, broken) = match std::str::from_utf8(&self.carried) {
            Ok(_) => (self.carried.len(), false),
            Err(e) => (e.valid_up_to(), e.error_len().is_some()),
        };
        self.is_broken = broken;
        self.carried.drain(..whole);
    }

    /// Whether all of it was UTF-8.
    pub(super) fn is_utf8(&self) -> bool {
        !self.is_broken && self.carried.is_empty()
    }
}

/// The text of a field that may be cut within its last character; `None` where it is not in the encoding.
pub(super) fn field(bytes: &[u8], encoding: &'static Encoding) -> Option<String> {
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(e) if e.error_len().is_none() => {
                bytes.get(..e.valid_up_to()).map(|b| String::from_utf8_lossy(b).into_owned())
            }
            Err(_) => None,
        };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let most = decoder.max_utf8_buffer_length_without_replacement(bytes.len())?;
    let mut text = String::with_capacity(most);
    // Not the last piece: what is cut off at the end stays in the decoder.
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, false);
    matches!(result, DecoderResult::InputEmpty).then_some(text)
}

/// Whether a text that may be cut within its last character is UTF-8.
pub(super) fn is_utf8_field(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|e| e.error_len().is_none(), |_| true)
}

/// Reads a file as UTF-8, whatever it is in; a byte that is no character is an error.
pub(super) struct Utf8<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    out: Vec<u8>,
    out_from: usize,
    at_end: bool,
    is_done: bool,
}

impl<R: Read> Utf8<R> {
    /// A byte order mark goes before the encoding given.
    pub(super) fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder(),
            raw: Vec::new(),
            raw_from: 0,
            out: Vec::new(),
            out_from: 0,
            at_end: false,
            is_done: false,
        }
    }

    fn fill(&mut self) -> Result<()> {
        if self.raw_from == self.raw.len() && !self.at_end {
            self.raw.resize(1 << 15, 0);
            let n = self.inner.read(&mut self.raw)?;
            self.raw.truncate(n);
            self.raw_from = 0;
            self.at_end = n == 0;
        }
        let raw = self.raw.get(self.raw_from..).unwrap_or_default();
        self.out.resize(1 << 16, 0);
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(raw, &mut self.out, self.at_end);
        self.raw_from += read;
        self.out.truncate(written);
        self.out_from = 0;
        match result {
            DecoderResult::InputEmpty => self.is_done = self.at_end,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                let name = self.decoder.encoding().name().to_lowercase();
                return Err(Error::new(ErrorKind::InvalidData, format!("it is not in {name}")));
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while self.out_from == self.out.len() && !self.is_done {
            self.fill()?;
        }
        let ready = self.out.get(self.out_from..).unwrap_or_default();
        let n = ready.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(ready) {
            *to = *from;
        }
        self.out_from += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_labels_of_cpg_files_are_known() {
        for name in ["GBK", "936", "CP936", "ANSI 936", "OEM 936", "GB2312", "gb18030\r\n", "ms936"]
        {
            assert_eq!(named(name), Some(GB18030), "{name}");
        }
        for name in ["UTF-8", "utf8", "65001", "\u{feff}UTF-8", "CP65001"] {
            assert_eq!(named(name), Some(UTF_8), "{name}");
        }
        assert_eq!(named("ISO-8859-1"), Encoding::for_label(b"latin1"));
        assert_eq!(named("Klingon"), None);
    }

    #[test]
    fn a_field_cut_within_a_character_keeps_the_whole_ones() {
        let utf8 = "办公楼".as_bytes();
        assert_eq!(field(&utf8[..8], UTF_8).as_deref(), Some("办公"));
        let (gbk, ..) = GB18030.encode("办公楼");
        assert_eq!(field(&gbk[..5], GB18030).as_deref(), Some("办公"));
        assert_eq!(field(b"\xff\xff", UTF_8), None);
    }

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn random_texts_come_back_however_they_are_cut(text in crate::noise::text(200), cut in 1..50_usize) {
            let mut check = Utf8Check::default();
            text.as_bytes().chunks(cut).for_each(|piece| check.push(piece));
            prop_assert!(check.is_utf8());
            let text = text.trim_start_matches('\u{feff}');
            let (bytes, ..) = GB18030.encode(text);
            let mut back = String::new();
            Utf8::new(&*bytes, GB18030).read_to_string(&mut back).unwrap();
            // The editions of the standard differ in a few characters for private use, which come back as what they became.
            let (whole, _) = GB18030.decode_without_bom_handling(&bytes);
            prop_assert_eq!(back, whole);
        }

        #[test]
        fn random_bytes_are_a_text_or_an_error(bytes in crate::noise::bytes(200)) {
            let mut back = Vec::new();
            let read = Utf8::new(&*bytes, GB18030).read_to_end(&mut back);
            prop_assert!(read.is_err() || std::str::from_utf8(&back).is_ok());
            let _ = field(&bytes, GB18030);
            let mut check = Utf8Check::default();
            bytes.chunks(3).for_each(|piece| check.push(piece));
            prop_assert_eq!(check.is_utf8(), std::str::from_utf8(&bytes).is_ok());
        }
    }
}
