//! Flags, escapes and checksum (JT/T 808-2019, 4.4.2 and 4.4.4).

use super::fault::FrameFaultKind;

/// Begins and ends a frame.
pub(super) const FLAG: u8 = 0x7e;
const ESCAPE: u8 = 0x7d;

/// What stands between the flags without its escapes: each byte and the offset at which it begins.
/// A byte that is no escape and cannot stand alone is an error and counts for itself.
pub(super) fn unescaped(
    inner: &[u8],
) -> impl Iterator<Item = (usize, Result<u8, FrameFaultKind>)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let begin = at;
        let byte = *inner.get(begin)?;
        at += 1;
        let plain = match byte {
            FLAG => Err(FrameFaultKind::FlagInside),
            ESCAPE => match inner.get(at) {
                Some(1) => Ok(ESCAPE),
                Some(2) => Ok(FLAG),
                _ => Err(FrameFaultKind::Escape),
            },
            byte => Ok(byte),
        };
        if byte == ESCAPE && plain.is_ok() {
            at += 1;
        }
        Some((begin, plain))
    })
}

/// Header and body with checksum, escapes and flags: what goes over the line.
pub(super) fn enveloped(content: &[u8]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(content.len() + content.len() / 16 + 4);
    raw.push(FLAG);
    for byte in content.iter().copied().chain([checksum(content)]) {
        match byte {
            FLAG => raw.extend([ESCAPE, 2]),
            ESCAPE => raw.extend([ESCAPE, 1]),
            byte => raw.push(byte),
        }
    }
    raw.push(FLAG);
    raw
}

/// The exclusive or of all bytes.
pub(super) fn checksum(content: &[u8]) -> u8 {
    content.iter().fold(0, |sum, byte| sum ^ byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::noise;

    fn plain(inner: &[u8]) -> Result<Vec<u8>, FrameFaultKind> {
        unescaped(inner).map(|(_, byte)| byte).collect()
    }

    #[test]
    fn an_escape_of_neither_kind_is_refused_wherever_it_stands() {
        for inner in [&[0x7d, 3][..], &[1, 0x7d, 0x7d, 1], &[0x30, 0x7d]] {
            assert_eq!(plain(inner), Err(FrameFaultKind::Escape), "{inner:x?}");
        }
        assert_eq!(plain(&[1, 0x7e]), Err(FrameFaultKind::FlagInside));
    }

    #[test]
    fn a_checksum_that_is_a_flag_is_escaped_too() {
        assert_eq!(enveloped(&[0x7e]), [0x7e, 0x7d, 2, 0x7d, 2, 0x7e]);
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_bytes_come_back_out_of_their_envelope(content in noise::bytes(99)) {
            let raw = enveloped(&content);
            let inner = &raw[1..raw.len() - 1];
            let mut expected = content.clone();
            expected.push(checksum(&content));
            prop_assert_eq!(plain(inner), Ok(expected));
        }
    }
}
