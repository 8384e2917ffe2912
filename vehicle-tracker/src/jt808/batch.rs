//! Many locations in one message (0x0704).

use super::cursor::Cursor;
use super::fault::{BodyFault, BodyFaultKind};
use super::location::Location;

/// Locations that a terminal has kept and now sends, each judged on its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Why they come together.
    pub kind: BatchKind,
    /// How many the terminal says there are.
    pub declared: u16,
    /// What was found, in its order. Where the bytes end too early or too late, the last item is a
    /// fault with what is left.
    pub items: Vec<BatchItem>,
}

/// Why locations come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchKind {
    /// 0: several at once, by setting.
    Normal,
    /// 1: those of a place without network, sent later.
    BlindArea,
    /// Not in the standard.
    Other(u8),
}

/// One of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchItem {
    /// Offset of its length in the unescaped body.
    pub at: usize,
    /// The location's bytes, without the length before them.
    pub bytes: Vec<u8>,
    /// What they say.
    pub location: Result<Location, BodyFault>,
}

impl Batch {
    /// Reads a body of at least 3 bytes. Good locations are kept whatever stands beside them.
    pub fn read(body: &[u8]) -> Result<Self, BodyFault> {
        let mut cursor = Cursor::new(body, 0);
        let declared = cursor.u16()?;
        let kind = match cursor.u8()? {
            0 => BatchKind::Normal,
            1 => BatchKind::BlindArea,
            other => BatchKind::Other(other),
        };
        let mut items = Vec::new();
        for _ in 0..declared {
            let at = cursor.at();
            let (bytes, location) = match item(&mut cursor) {
                Ok((begin, bytes)) => (bytes, Location::read_at(bytes, begin)),
                Err(fault) => (cursor.rest(), Err(fault)),
            };
            // Behind an item that was cut short nothing is left, and what is missing is told once.
            let over = cursor.left() == 0 && location.is_err();
            items.push(BatchItem { at, bytes: bytes.to_vec(), location });
            if over {
                break;
            }
        }
        if cursor.left() > 0 {
            let at = cursor.at();
            let kind = BodyFaultKind::Leftover { count: cursor.left() };
            let bytes = cursor.rest().to_vec();
            items.push(BatchItem { at, bytes, location: Err(BodyFault { at, kind }) });
        }
        Ok(Self { kind, declared, items })
    }

    /// The good ones, in their order.
    pub fn locations(&self) -> impl Iterator<Item = &Location> {
        self.items.iter().filter_map(|item| item.location.as_ref().ok())
    }
}

/// Where the bytes begin, and they.
fn item<'a>(cursor: &mut Cursor<'a>) -> Result<(usize, &'a [u8]), BodyFault> {
    let len = cursor.u16()?;
    let begin = cursor.at();
    Ok((begin, cursor.take(len.into())?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jt808::samples;
    use crate::noise;

    const GOOD: [u8; 28] = [7; 28];

    fn batch(declared: u16, items: &[&[u8]]) -> Vec<u8> {
        let mut body = declared.to_be_bytes().to_vec();
        body.push(1);
        for item in items {
            body.extend(u16::try_from(item.len()).unwrap().to_be_bytes());
            body.extend(*item);
        }
        body
    }

    fn outcomes(body: &[u8]) -> Vec<Option<BodyFault>> {
        Batch::read(body).unwrap().items.into_iter().map(|i| i.location.err()).collect()
    }

    #[test]
    fn each_item_is_judged_alone() {
        let body = batch(3, &[&GOOD, &GOOD[..20], &GOOD]);
        assert_eq!(Batch::read(&body).unwrap().kind, BatchKind::BlindArea);
        let short = BodyFault::cut_short(35 + 20, 2, 0);
        assert_eq!(outcomes(&body), [None, Some(short), None]);
    }

    #[test]
    fn a_batch_cut_short_keeps_the_good_ones() {
        let mut body = batch(2, &[&GOOD, &GOOD]);
        body.truncate(3 + 30 + 2 + 10);
        assert_eq!(outcomes(&body), [None, Some(BodyFault::cut_short(35, 28, 10))]);
        let last = Batch::read(&body).unwrap().items.pop().unwrap();
        assert_eq!((last.at, last.bytes.len()), (33, 10));
        body.truncate(3 + 30 + 1);
        assert_eq!(outcomes(&body), [None, Some(BodyFault::cut_short(33, 2, 1))]);
    }

    #[test]
    fn what_is_missing_is_told_once() {
        let body = batch(u16::MAX, &[&GOOD]);
        assert_eq!(outcomes(&body), [None, Some(BodyFault::cut_short(33, 2, 0))]);
    }

    #[test]
    fn what_is_more_than_was_told_of_is_left_over() {
        let body = batch(1, &[&GOOD, &GOOD]);
        let leftover = BodyFault { at: 33, kind: BodyFaultKind::Leftover { count: 30 } };
        assert_eq!(outcomes(&body), [None, Some(leftover)]);
        assert_eq!(Batch::read(&body).unwrap().locations().count(), 1);
    }

    #[test]
    fn a_body_without_count_and_kind_is_no_batch() {
        assert_eq!(Batch::read(&[0, 1]), Err(BodyFault::cut_short(2, 1, 0)));
        assert_eq!(outcomes(&[0, 0, 0]), []);
    }

    fn good() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(samples::location_body(), 0..5).prop_map(|bodies| {
            let items: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
            batch(u16::try_from(items.len()).unwrap(), &items)
        })
    }

    fn bodies() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![noise::bytes(90), good(), noise::damaged(good())]
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_batches_have_each_byte_in_one_item(body in bodies()) {
            let Ok(batch) = Batch::read(&body) else {
                prop_assert!(body.len() < 3);
                return Ok(());
            };
            prop_assert!(batch.items.len() <= usize::from(batch.declared) + 1);
            let mut end = 3;
            for item in &batch.items {
                prop_assert_eq!(item.at, end);
                // The length before an item's bytes is its own; bytes left over have none.
                let begin = body.len().min(end + 2);
                let with_len = body[begin..].starts_with(&item.bytes);
                end = if with_len { begin } else { end } + item.bytes.len();
                prop_assert!(end <= body.len());
            }
            prop_assert!(end == body.len() || batch.items.last().is_some_and(|i| i.location.is_err()));
        }
    }
}
