//! What a file of SQLite says of itself in its header (<https://www.sqlite.org/fileformat2.html>, 1.3).

/// Bytes of the header.
pub const HEADER_BYTES: usize = 100;

/// The header begins like this.
pub const MAGIC: &[u8] = b"SQLite format 3\0";

/// How many bytes the file is to have, so that one that was cut off is known; `None` where the header does not say.
///
/// Programs of old did not keep the number of pages, which then stands beside another change than the last.
pub fn declared_bytes(header: &[u8; HEADER_BYTES]) -> Option<u64> {
    let page_bytes = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    let is_counted = header[24..28] == header[92..96];
    is_counted.then_some(page_bytes * u64::from(pages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_times_their_size_unless_an_old_program_wrote_last() {
        let mut header = [0; HEADER_BYTES];
        (header[16], header[17], header[31]) = (0x10, 0x00, 3);
        assert_eq!(declared_bytes(&header), Some(3 * 4_096));
        // 65,536 does not fit two bytes.
        (header[16], header[17]) = (0, 1);
        assert_eq!(declared_bytes(&header), Some(3 * 65_536));
        header[27] = 9;
        assert_eq!(declared_bytes(&header), None);
    }
}
