//! A terminal shows the code that it was given at its registration (0x0102).

use super::cursor::Cursor;
use super::fault::BodyFault;
use super::header::{Header, Layout};
use super::text::gbk;

const IMEI_LEN: usize = 15;
const SOFTWARE_LEN: usize = 20;

/// The code; since 2019 also what the terminal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// As it was given.
    pub code: String,
    /// 2019: of the terminal's modem.
    pub imei: Option<String>,
    /// 2019: the version of the terminal's software.
    pub software: Option<String>,
}

impl Authentication {
    /// Reads a body; `header` is what stands before it.
    pub fn read(body: &[u8], header: &Header) -> Result<Self, BodyFault> {
        let mut cursor = Cursor::new(body, 0);
        if let Some(code_len) = code_len_of_2019(body, header) {
            cursor.u8()?;
            return Ok(Self {
                code: gbk(cursor.take(code_len)?),
                imei: Some(gbk(cursor.take(IMEI_LEN)?)),
                software: Some(gbk(cursor.take(SOFTWARE_LEN)?)),
            });
        }
        if body.is_empty() {
            return Err(BodyFault::cut_short(0, 1, 0));
        }
        Ok(Self { code: gbk(body), imei: None, software: None })
    }
}

/// Of the layout of 2019, which the header must announce and the length must confirm: the code of
/// 2013 fills the whole body, and any first byte may be a part of it.
pub(super) fn code_len_of_2019(body: &[u8], header: &Header) -> Option<usize> {
    let announced = header.version_bit || matches!(header.layout, Layout::V2019 { .. });
    let code_len = usize::from(*body.first()?);
    (announced && 1 + code_len + IMEI_LEN + SOFTWARE_LEN == body.len()).then_some(code_len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jt808::frame::Frame;
    use crate::jt808::samples::{self, sample};

    /// From `JT808_0x0102Test.cs` of `SmallChi/JT808`.
    const BODY_2019: &str =
        "05343536313231323334353637383930616263646576322E302E300000000000000000000000000000";

    fn header(hex: &str) -> Header {
        *Frame::read(&sample(hex)).unwrap().header()
    }

    #[test]
    fn since_2019_a_code_comes_with_imei_and_software() {
        let read = Authentication::read(&sample(BODY_2019), &header(samples::LOCATION_2019));
        let expected = Authentication {
            code: "45612".to_owned(),
            imei: Some("1234567890abcde".to_owned()),
            software: Some("v2.0.0".to_owned()),
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn before_2019_the_whole_body_is_the_code() {
        for (body, hex) in [
            (&b"456121111"[..], samples::HEARTBEAT),
            (b"456121111", samples::LOCATION_2019),
            (&sample(BODY_2019), samples::HEARTBEAT),
        ] {
            let read = Authentication::read(body, &header(hex)).unwrap();
            assert_eq!((read.code, read.imei), (gbk(body), None));
        }
    }

    #[test]
    fn no_code_is_a_fault() {
        let read = Authentication::read(&[], &header(samples::HEARTBEAT));
        assert_eq!(read, Err(BodyFault::cut_short(0, 1, 0)));
    }
}
