//! Frames as people hand them on: hexadecimal.

use super::escape::FLAG;

/// A character that is no digit, or a digit without its other half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("character {at} is {found}")]
pub struct HexFault {
    /// Offset in characters, from 0.
    pub at: usize,
    /// What stands there.
    pub found: HexFound,
}

/// What is wrong with hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HexFound {
    /// Another character than `0` to `9`, `A` to `F`, `a` to `f` and blanks.
    #[error("{0:?}, which is no digit")]
    NoDigit(char),
    /// The last digit stands alone.
    #[error("the last digit, and stands alone")]
    Half,
}

/// Bytes out of digits; blanks, line ends and `0x` before a byte are passed over.
pub fn from_hex(text: &str) -> Result<Vec<u8>, HexFault> {
    let mut digits = Vec::with_capacity(text.len());
    let mut characters = text.chars().enumerate().peekable();
    while let Some((at, character)) = characters.next() {
        let begins_byte = digits.len().is_multiple_of(2);
        if character.is_whitespace() || character == ',' {
            continue;
        }
        if begins_byte
            && character == '0'
            && characters.next_if(|(_, c)| matches!(c, 'x' | 'X')).is_some()
        {
            continue;
        }
        let digit = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let found = HexFound::NoDigit(character);
        digits.push((at, digit.ok_or(HexFault { at, found })?));
    }
    let (pairs, half) = digits.as_chunks::<2>();
    if let Some((at, _)) = half.first() {
        return Err(HexFault { at: *at, found: HexFound::Half });
    }
    Ok(pairs.iter().map(|[(_, high), (_, low)]| high << 4 | low).collect())
}

/// What stands between flags, with them, good or bad.
///
/// One flag between two frames belongs to both; bytes before the first flag and behind the last are left out.
pub fn frames(bytes: &[u8]) -> Vec<&[u8]> {
    let flags: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, byte)| **byte == FLAG).map(|(at, _)| at).collect();
    let mut found = Vec::new();
    let mut open = None;
    for at in flags {
        match open {
            Some(from) if at - from > 1 => {
                found.extend(bytes.get(from..=at));
                // It may begin the next frame too; two flags in a row tell that it does not.
                open = Some(at);
            }
            _ => open = Some(at),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jt808::samples::{self, sample};
    use crate::jt808::text::hex;
    use crate::noise;

    #[test]
    fn blanks_line_ends_and_prefixes_are_passed_over() {
        assert_eq!(from_hex(" 7e 00\n0x02,7E "), Ok(vec![0x7e, 0, 2, 0x7e]));
        assert_eq!(from_hex(""), Ok(Vec::new()));
    }

    #[test]
    fn a_character_that_is_no_digit_is_told_with_its_place() {
        let fault = HexFault { at: 3, found: HexFound::NoDigit('g') };
        assert_eq!(from_hex("7e g0"), Err(fault));
        assert_eq!(from_hex("7e0"), Err(HexFault { at: 2, found: HexFound::Half }));
        assert_eq!(fault.to_string(), "character 3 is 'g', which is no digit");
    }

    #[test]
    fn frames_are_cut_at_their_flags_whether_they_share_one_or_not() {
        let (one, two) = (sample(samples::HEARTBEAT), sample(samples::LOCATION_2013));
        let apart = [&b"noise"[..], &one, &two].concat();
        assert_eq!(frames(&apart), [one.as_slice(), &two]);
        let shared = [&one[..], &two[1..]].concat();
        assert_eq!(frames(&shared), [one.as_slice(), &two]);
        assert_eq!(frames(b"\x7e"), [&[] as &[u8]; 0]);
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_bytes_are_read_back_from_their_digits(bytes in noise::bytes(64)) {
            prop_assert_eq!(from_hex(&hex(&bytes)), Ok(bytes));
        }

        #[test]
        fn random_text_is_hexadecimal_or_a_fault_within_it(text in noise::text(40)) {
            if let Err(fault) = from_hex(&text) {
                prop_assert!(fault.at < text.chars().count());
            }
        }
    }
}
