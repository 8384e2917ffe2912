//! Additional items of a location: an id, a length, and so many bytes.

use super::cursor::Cursor;
use super::fault::{BodyFault, ItemFault};

/// An additional item, with its bytes whatever they say.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Offset of its id in the unescaped body.
    pub at: usize,
    /// Which.
    pub id: u8,
    /// Those of the value; fewer than told of where they were cut short.
    pub bytes: Vec<u8>,
    /// What they say.
    pub value: Result<Value, ItemFault>,
}

/// What an additional item says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// 0x01: the odometer, sent in steps of 0.1 km.
    MileageKm(f64),
    /// 0x02: what is in the tank, sent in steps of 0.1 L.
    FuelL(f64),
    /// 0x03: the speed by the driving recorder, sent in steps of 0.1 km/h.
    RecorderSpeedKmh(f64),
    /// 0x04: the number of an alarm that people must confirm.
    EventToConfirm(u16),
    /// 0x25: lamps, brake and other signals of the vehicle, by their bits.
    Signals(u32),
    /// 0x2A: bit 0 deep sleep, bit 1 sleep.
    InputOutput(u16),
    /// 0x2B: two analog inputs.
    Analog {
        /// Bits 0 to 15.
        ad0: u16,
        /// Bits 16 to 31.
        ad1: u16,
    },
    /// 0x30: strength of the mobile network.
    NetworkStrength(u8),
    /// 0x31: satellites in use.
    Satellites(u8),
    /// Not read here: the item's bytes say it.
    Raw,
}

impl Item {
    /// All items up to the end of a location's body; one cut short is the last.
    pub(super) fn read_all(cursor: &mut Cursor<'_>) -> Vec<Self> {
        let mut items = Vec::new();
        loop {
            let at = cursor.at();
            let Ok(id) = cursor.u8() else { return items };
            let Ok(declared) = cursor.u8() else {
                items.push(Self { at, id, bytes: Vec::new(), value: Err(ItemFault::NoLength) });
                return items;
            };
            let left = cursor.left();
            let (bytes, value) = match cursor.take(declared.into()) {
                Ok(bytes) => (bytes, value(id, bytes)),
                Err(_) => (cursor.rest(), Err(ItemFault::CutShort { declared, left })),
            };
            items.push(Self { at, id, bytes: bytes.to_vec(), value });
        }
    }
}

/// What the bytes of an item say.
pub(super) fn value(id: u8, bytes: &[u8]) -> Result<Value, ItemFault> {
    let Some(expected) = length(id) else { return Ok(Value::Raw) };
    let fault = |_: BodyFault| ItemFault::Length { expected, found: bytes.len() };
    let mut cursor = Cursor::new(bytes, 0);
    let value = match id {
        0x01 => Value::MileageKm(f64::from(cursor.u32().map_err(fault)?) / 10.0),
        0x02 => litres(cursor.u16().map_err(fault)?),
        0x03 => Value::RecorderSpeedKmh(f64::from(cursor.u16().map_err(fault)?) / 10.0),
        0x04 => Value::EventToConfirm(cursor.u16().map_err(fault)?),
        0x25 => Value::Signals(cursor.u32().map_err(fault)?),
        0x2a => Value::InputOutput(cursor.u16().map_err(fault)?),
        0x2b => {
            let ad1 = cursor.u16().map_err(fault)?;
            Value::Analog { ad0: cursor.u16().map_err(fault)?, ad1 }
        }
        0x30 => Value::NetworkStrength(cursor.u8().map_err(fault)?),
        0x31 => Value::Satellites(cursor.u8().map_err(fault)?),
        _ => return Ok(Value::Raw),
    };
    let whole = cursor.left() == 0;
    whole.then_some(value).ok_or(ItemFault::Length { expected, found: bytes.len() })
}

/// By the standard, of the items that are read here.
fn length(id: u8) -> Option<usize> {
    match id {
        0x01 | 0x25 | 0x2b => Some(4),
        0x02 | 0x03 | 0x04 | 0x2a => Some(2),
        0x30 | 0x31 => Some(1),
        _ => None,
    }
}

/// No tank holds 3,276.8 litres: makers set the highest bit where they send something else, such as
/// a percentage.
fn litres(tenths: u16) -> Value {
    if tenths & 0x8000 == 0 { Value::FuelL(f64::from(tenths) / 10.0) } else { Value::Raw }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(bytes: &[u8]) -> Vec<(u8, Result<Value, ItemFault>)> {
        Item::read_all(&mut Cursor::new(bytes, 28)).iter().map(|i| (i.id, i.value)).collect()
    }

    #[test]
    fn known_items_have_values_and_units() {
        let bytes = [
            &[1, 4, 0, 0, 0x0e, 0x3e][..],
            &[2, 2, 0, 0x7d],
            &[3, 2, 2, 0x58],
            &[4, 2, 0, 9],
            &[0x25, 4, 0, 0, 0, 0x10],
            &[0x2a, 2, 0, 1],
            &[0x2b, 4, 0, 2, 0, 1],
            &[0x30, 1, 0x45],
            &[0x31, 1, 8],
        ];
        let expected = [
            Value::MileageKm(364.6),
            Value::FuelL(12.5),
            Value::RecorderSpeedKmh(60.0),
            Value::EventToConfirm(9),
            Value::Signals(0x10),
            Value::InputOutput(1),
            Value::Analog { ad0: 1, ad1: 2 },
            Value::NetworkStrength(69),
            Value::Satellites(8),
        ];
        let read: Vec<Value> = items(&bytes.concat()).iter().map(|(_, v)| v.unwrap()).collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn an_unknown_item_keeps_its_bytes() {
        let read = Item::read_all(&mut Cursor::new(&[0xe4, 3, 7, 8, 9, 0x77, 0], 28));
        let raw =
            |at, id, bytes: &[u8]| Item { at, id, bytes: bytes.to_vec(), value: Ok(Value::Raw) };
        assert_eq!(read, [raw(28, 0xe4, &[7, 8, 9]), raw(33, 0x77, &[])]);
    }

    #[test]
    fn a_wrong_length_is_a_fault_of_its_item_alone() {
        let read = items(&[1, 3, 0, 0, 1, 0x30, 2, 1, 1, 0x31, 1, 5]);
        let wrong = |expected, found| Err(ItemFault::Length { expected, found });
        let expected = [(1, wrong(4, 3)), (0x30, wrong(1, 2)), (0x31, Ok(Value::Satellites(5)))];
        assert_eq!(read, expected);
    }

    #[test]
    fn an_item_cut_short_is_the_last_and_keeps_what_there_is() {
        let read = Item::read_all(&mut Cursor::new(&[0x31, 1, 5, 1, 4, 0, 9], 28));
        assert_eq!(read[1].bytes, [0, 9]);
        assert_eq!(read[1].value, Err(ItemFault::CutShort { declared: 4, left: 2 }));
        assert_eq!(items(&[0x31, 1, 5, 1])[1], (1, Err(ItemFault::NoLength)));
    }

    #[test]
    fn fuel_beyond_any_tank_is_left_as_it_came() {
        assert_eq!(items(&[2, 2, 0x80, 50]), [(2, Ok(Value::Raw))]);
        assert_eq!(items(&[2, 2, 0x7f, 0xff]), [(2, Ok(Value::FuelL(3_276.7)))]);
    }
}
