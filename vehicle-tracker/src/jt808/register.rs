//! A terminal asks to be registered (0x0100; JT/T 808-2019, 8.8).

use super::cursor::Cursor;
use super::fault::BodyFault;
use super::header::Layout;
use super::text::gbk;

/// Who a terminal says it is. Padding is left out of every text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// By which layout the body was read.
    pub edition: Edition,
    /// The first two digits of GB/T 2260; 0 where the platform is to choose.
    pub province: u16,
    /// The last four digits of GB/T 2260; 0 where the platform is to choose.
    pub city: u16,
    /// The maker's code.
    pub maker: String,
    /// The maker's name for the model.
    pub model: String,
    /// The maker's name for this terminal.
    pub terminal_id: String,
    /// By JT/T 415 or JT/T 697.7; 0 for a vehicle without a plate.
    pub plate_colour: u8,
    /// The plate; where the colour is 0, the vehicle's identification number.
    pub plate: String,
}

/// Whose lengths the fields of a registration have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// Model 8 bytes.
    V2011,
    /// Model 20 bytes.
    V2013,
    /// Maker 11, model and terminal 30 bytes each.
    V2019,
}

impl Edition {
    /// Bytes of maker, model and terminal.
    pub(super) fn lengths(self) -> [usize; 3] {
        match self {
            Self::V2011 => [5, 8, 7],
            Self::V2013 => [5, 20, 7],
            Self::V2019 => [11, 30, 30],
        }
    }

    /// The body does not tell its edition, and headers of one come with bodies of another. It is the
    /// first one whose fields find room and at whose end a colour stands, beginning with the header's.
    pub(super) fn of(body: &[u8], layout: Layout) -> Self {
        let order = match layout {
            Layout::V2013 { .. } => [Self::V2013, Self::V2011, Self::V2019],
            Layout::V2019 { .. } => [Self::V2019, Self::V2013, Self::V2011],
        };
        let colour = |edition: &Self| body.get(edition.colour_at()).copied();
        let like = |edition: &Self| colour(edition).is_some_and(may_be_a_colour);
        let fits = |edition: &Self| colour(edition).is_some();
        let found = order.iter().find(|e| like(e)).or_else(|| order.iter().find(|e| fits(e)));
        found.copied().unwrap_or(order[0])
    }

    fn colour_at(self) -> usize {
        4 + self.lengths().iter().sum::<usize>()
    }
}

impl Register {
    /// Reads a body; `layout` is that of the header before it.
    pub fn read(body: &[u8], layout: Layout) -> Result<Self, BodyFault> {
        let edition = Edition::of(body, layout);
        let [maker, model, terminal_id] = edition.lengths();
        let mut cursor = Cursor::new(body, 0);
        Ok(Self {
            edition,
            province: cursor.u16()?,
            city: cursor.u16()?,
            maker: gbk(cursor.take(maker)?),
            model: gbk(cursor.take(model)?),
            terminal_id: gbk(cursor.take(terminal_id)?),
            plate_colour: cursor.u8()?,
            plate: gbk(cursor.rest()),
        })
    }
}

/// The colours of JT/T 415 and JT/T 697.7; none is a letter or a digit in ASCII.
fn may_be_a_colour(byte: u8) -> bool {
    matches!(byte, 0..=13 | 91..=94)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jt808::frame::Frame;
    use crate::jt808::samples::{self, sample};
    use crate::noise;

    const OLD: Layout = Layout::V2013 { phone: [0; 6] };
    const NEW: Layout = Layout::V2019 { version: 1, phone: [0; 10] };

    fn body(edition: Edition, plate_colour: u8, plate: &[u8]) -> Vec<u8> {
        let mut body = vec![0, 40, 0, 50];
        for (text, len) in ["1234", "smallchi", "CHI123"].into_iter().zip(edition.lengths()) {
            let mut field = text.as_bytes().to_vec();
            field.resize(len, 0);
            body.extend(field);
        }
        body.push(plate_colour);
        body.extend(plate);
        body
    }

    #[test]
    fn a_registration_of_2013_is_read() {
        let frame = Frame::read(&sample(samples::REGISTER_2013)).unwrap();
        let read = Register::read(frame.body(), frame.header().layout).unwrap();
        let expected = Register {
            edition: Edition::V2013,
            province: 40,
            city: 50,
            maker: "1234".to_owned(),
            model: "smallchi123".to_owned(),
            terminal_id: "CHI123".to_owned(),
            plate_colour: 1,
            plate: "粤A12345".to_owned(),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn every_edition_is_told_by_its_lengths_whatever_the_header_says() {
        let plate = [0xd4, 0xc1, 0x41, 0x31, 0x32, 0x33, 0x34, 0x35];
        for edition in [Edition::V2011, Edition::V2013, Edition::V2019] {
            for (colour, plate) in [(2, &plate[..]), (0, b"LSVAA4182E2123456"), (94, b"")] {
                // A header of 2013 before a body of 2019: its padding looks like a colour.
                let layouts: &[Layout] =
                    if edition == Edition::V2019 { &[NEW] } else { &[OLD, NEW] };
                for layout in layouts {
                    let read = Register::read(&body(edition, colour, plate), *layout).unwrap();
                    assert_eq!(read.edition, edition, "{colour} {layout:?}");
                    assert_eq!((read.plate_colour, read.plate), (colour, gbk(plate)));
                    assert_eq!((&*read.maker, &*read.terminal_id), ("1234", "CHI123"));
                }
            }
        }
    }

    #[test]
    fn a_body_too_short_for_any_edition_is_told_where_it_ends() {
        let fault = Register::read(&[0; 20], OLD).unwrap_err();
        assert_eq!(fault, BodyFault::cut_short(9, 20, 11));
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_bodies_register_from_25_bytes_on(body in noise::bytes(120), new: bool) {
            let read = Register::read(&body, if new { NEW } else { OLD });
            prop_assert_eq!(read.is_ok(), body.len() >= 25);
        }
    }
}
