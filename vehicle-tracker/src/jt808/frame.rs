//! A frame: header and body, out of what stands between two flags, and back into it.

use super::escape::{FLAG, checksum, enveloped, unescaped};
use super::fault::{FrameFault, FrameFaultKind};
use super::header::{BODY_LIMIT, FIXED_2019, Header};

/// What can stand between two flags: the longest header with its part, body and checksum, each
/// byte of them escaped.
pub(super) const INNER_LIMIT: usize = 2 * (FIXED_2019 + 4 + BODY_LIMIT + 1);

/// A header and a body of at most 1,023 bytes whose checksum was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    header: Header,
    body: Vec<u8>,
}

impl Frame {
    /// `None` when the body is longer than 1,023 bytes.
    pub fn new_checked(header: Header, body: Vec<u8>) -> Option<Self> {
        (body.len() <= BODY_LIMIT).then_some(Self { header, body })
    }

    /// Reads a frame with both of its flags, as it came. Strict: a frame whose checksum or length
    /// is wrong is refused, since nothing in it can be believed.
    pub fn read(raw: &[u8]) -> Result<Self, FrameFault> {
        let inner = between_flags(raw)?;
        let mut content = Vec::with_capacity(inner.len());
        for (at, byte) in unescaped(inner) {
            content.push(byte.map_err(|kind| FrameFault { at: at + 1, kind })?);
        }
        let short = FrameFault { at: 1, kind: FrameFaultKind::TooShort { found: 0 } };
        let said = content.pop().ok_or(short)?;
        let computed = checksum(&content);
        if said != computed {
            let kind = FrameFaultKind::Checksum { said, computed };
            return Err(FrameFault { at: raw_offset(inner, content.len()), kind });
        }
        let (header, body) = Header::read(&content)
            .map_err(|fault| FrameFault { at: raw_offset(inner, fault.at), ..fault })?;
        Ok(Self { header, body: body.to_vec() })
    }

    /// The bytes for the line: flags, escapes and checksum included.
    pub fn write(&self) -> Vec<u8> {
        let mut content = Vec::with_capacity(FIXED_2019 + 4 + self.body.len());
        let body_len = u16::try_from(self.body.len()).expect("a body has at most 1,023 bytes");
        self.header.write(body_len, &mut content);
        content.extend(&self.body);
        enveloped(&content)
    }

    /// What stands before the body.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The body, unescaped.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

fn between_flags(raw: &[u8]) -> Result<&[u8], FrameFault> {
    let no_flag = |at| FrameFault { at, kind: FrameFaultKind::NoFlag };
    let limit = INNER_LIMIT + 2;
    if raw.len() > limit {
        let kind = FrameFaultKind::TooLong { found: raw.len(), limit };
        return Err(FrameFault { at: limit, kind });
    }
    let opened = raw.strip_prefix(&[FLAG]).ok_or(no_flag(0))?;
    opened.strip_suffix(&[FLAG]).ok_or(no_flag(raw.len()))
}

/// Where the byte of this index stands in a frame with its flags and escapes.
fn raw_offset(inner: &[u8], index: usize) -> usize {
    1 + unescaped(inner).nth(index).map_or(inner.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jt808::header::{Encryption, Layout, Part};
    use crate::jt808::message::MessageId;
    use crate::jt808::samples::{self, sample};
    use crate::noise;

    fn refused(raw: &[u8]) -> FrameFault {
        Frame::read(raw).unwrap_err()
    }

    #[test]
    fn a_frame_with_both_escapes_is_read() {
        let frame = Frame::read(&sample(samples::LOCATION_2013)).unwrap();
        assert_eq!(frame.header().id, MessageId::LOCATION);
        assert_eq!(frame.header().phone(), "123456789012");
        assert_eq!(frame.header().serial, 0x7e);
        assert_eq!(frame.header().encryption, Encryption::NONE);
        assert_eq!(frame.body().len(), 38);
        assert_eq!(frame.write(), sample(samples::LOCATION_2013));
    }

    #[test]
    fn a_header_of_2019_has_a_version_and_twenty_digits() {
        let frame = Frame::read(&sample(samples::LOCATION_2019)).unwrap();
        assert!(matches!(frame.header().layout, Layout::V2019 { version: 1, .. }));
        assert_eq!(frame.header().phone(), "00000000013419905507");
        assert!(frame.header().version_bit_is_true());
    }

    #[test]
    fn the_length_tells_the_layout_where_the_version_bit_lies() {
        let frame = Frame::read(&sample(samples::LYING_VERSION_BIT)).unwrap();
        assert_eq!(frame.header().phone(), "010030000681");
        assert!(frame.header().version_bit);
        assert!(!frame.header().version_bit_is_true());
        assert_eq!(frame.body().len(), 108);
    }

    #[test]
    fn a_wrong_checksum_is_found_at_its_place_behind_escapes() {
        let mut raw = sample(samples::LOCATION_2013);
        let at = raw.len() - 2;
        raw[at] ^= 1;
        let kind = FrameFaultKind::Checksum { said: 0x12, computed: 0x13 };
        assert_eq!(refused(&raw), FrameFault { at, kind });
    }

    #[test]
    fn a_length_that_fits_no_layout_is_found_at_the_attributes() {
        let mut content = vec![0, 2, 0, 3];
        content.extend([0; 8]);
        let kind = FrameFaultKind::Length { declared: 3, found: 0 };
        assert_eq!(refused(&enveloped(&content)), FrameFault { at: 3, kind });
    }

    #[test]
    fn what_has_no_flags_or_no_room_for_a_header_is_refused() {
        for raw in [&[][..], &[0x7e], &[1, 0x7e], &[0x7e, 1]] {
            assert_eq!(refused(raw).kind, FrameFaultKind::NoFlag, "{raw:x?}");
        }
        for content in [&[][..], &[0], &[0; 4], &[0; 11]] {
            let kind = FrameFaultKind::TooShort { found: content.len() + 1 };
            assert_eq!(refused(&enveloped(content)).kind, kind, "{content:x?}");
        }
        assert_eq!(refused(&[0x7e, 0x7e]).kind, FrameFaultKind::TooShort { found: 0 });
        let long = [&[0x7e][..], &[1; INNER_LIMIT + 1], &[0x7e]].concat();
        assert!(matches!(refused(&long).kind, FrameFaultKind::TooLong { .. }));
    }

    #[test]
    fn a_part_is_from_one_to_the_total() {
        let frame = |part: [u8; 4]| {
            let mut content = vec![0, 2, 0x20, 0, 0, 0, 0, 0, 0, 1, 0, 9];
            content.extend(part);
            Frame::read(&enveloped(&content))
        };
        let read = frame([0, 3, 0, 3]).unwrap();
        assert_eq!(read.header().part, Part::new_checked(3, 3));
        for (part, total, index) in [([0, 3, 0, 4], 3, 4), ([0, 3, 0, 0], 3, 0), ([0; 4], 0, 0)] {
            let kind = FrameFaultKind::Part { total, index };
            assert_eq!(frame(part), Err(FrameFault { at: 13, kind }));
        }
    }

    #[test]
    fn a_body_of_more_than_ten_bits_makes_no_frame() {
        let header = *Frame::read(&sample(samples::HEARTBEAT)).unwrap().header();
        assert!(Frame::new_checked(header, vec![0; 1_023]).is_some());
        assert!(Frame::new_checked(header, vec![0; 1_024]).is_none());
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_frames_read_back_as_written(frame in samples::frame()) {
            let raw = frame.write();
            prop_assert!(raw.len() <= INNER_LIMIT + 2);
            prop_assert_eq!(Frame::read(&raw), Ok(frame));
        }

        #[test]
        fn random_bytes_are_a_frame_only_when_they_write_back(raw in samples::anything()) {
            match Frame::read(&raw) {
                Ok(frame) => prop_assert_eq!(frame.write(), raw),
                Err(fault) => prop_assert!(fault.at <= raw.len(), "{fault}"),
            }
        }
    }
}
