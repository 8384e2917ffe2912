//! Text in GBK, digits in BCD.

use std::fmt::Write as _;

use encoding_rs::GBK;

/// GBK without the NUL bytes and blanks that pad a field; what is not GBK becomes U+FFFD.
pub(super) fn gbk(bytes: &[u8]) -> String {
    let (text, _) = GBK.decode_without_bom_handling(bytes);
    text.trim_matches(['\0', ' ']).to_owned()
}

/// `None` where a character has no place in GBK. The sign of the euro has none: its 80 is of code page
/// 936, and terminals take it for half a character.
pub(super) fn to_gbk(text: &str) -> Option<Vec<u8>> {
    let (bytes, _, replaced) = GBK.encode(text);
    (!replaced && !text.contains('€')).then(|| bytes.into_owned())
}

/// The first character that has no place in GBK, and where it stands in characters.
pub(super) fn unsayable(text: &str) -> Option<(usize, char)> {
    let mut buffer = [0; 4];
    text.chars().enumerate().find(|(_, c)| to_gbk(c.encode_utf8(&mut buffer)).is_none())
}

/// Two digits in a byte; `None` where a half of it is no digit.
pub(super) fn two_digits(bcd: u8) -> Option<u8> {
    let (tens, ones) = (bcd >> 4, bcd & 0xf);
    (tens < 10 && ones < 10).then_some(tens * 10 + ones)
}

/// Two characters for each byte, without blanks; of BCD these are its digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_is_read_and_written_in_gbk() {
        let bytes = [0xd4, 0xc1, 0x41, 0x31, 0x32, 0x33, 0x34, 0x35];
        assert_eq!(gbk(&bytes), "粤A12345");
        assert_eq!(to_gbk("粤A12345").unwrap(), bytes);
    }

    #[test]
    fn padding_is_left_out_and_what_is_not_gbk_is_marked() {
        assert_eq!(gbk(b"\0\0ab c  \0"), "ab c");
        assert_eq!(gbk(&[0x41, 0xff]), "A\u{fffd}");
        assert_eq!((to_gbk("🚗"), to_gbk("5€")), (None, None));
        assert_eq!(unsayable("车🚗€"), Some((1, '🚗')));
        assert_eq!((unsayable("5€"), unsayable("车")), (Some((1, '€')), None));
    }

    #[test]
    fn a_letter_is_no_digit() {
        assert_eq!(two_digits(0x59), Some(59));
        assert_eq!((two_digits(0x5a), two_digits(0xa5)), (None, None));
    }
}
