//! A message that came in several frames (JT/T 808-2019, 4.4.3: packages of a message), put together again.

use std::collections::BTreeMap;

use super::fault::BodyFault;
use super::frame::Frame;
use super::header::{BODY_LIMIT, Header, Layout, Part};
use super::message::Message;

/// Parts of a message that have not come; at least one, each once and in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    first_serial: u16,
    parts: Vec<u16>,
}

impl Gap {
    /// `first_serial` is that of the message's first part, whether this one has come or not. `None`
    /// unless there is a part, and they count from 1 and upwards.
    pub fn new_checked(first_serial: u16, parts: Vec<u16>) -> Option<Self> {
        let is_valid = parts.first().is_some_and(|first| *first > 0)
            && parts.is_sorted_by(|one, other| one < other);
        is_valid.then_some(Self { first_serial, parts })
    }

    /// The serial of the message's first part: what the terminal knows the message by.
    pub fn first_serial(&self) -> u16 {
        self.first_serial
    }

    /// Which, from 1.
    pub fn parts(&self) -> &[u16] {
        &self.parts
    }

    /// The most parts that one 0x8003 asks for: before 2019 their count has one byte, since then a
    /// body of 1,023 bytes is the limit.
    pub fn limit(layout: Layout) -> usize {
        match layout {
            Layout::V2013 { .. } => u8::MAX.into(),
            Layout::V2019 { .. } => (BODY_LIMIT - 4) / 2,
        }
    }
}

/// The frames of one message, in whatever order they come.
#[derive(Debug, Clone)]
pub struct Parts {
    header: Header,
    /// The serial of the first part: parts count on from it.
    first_serial: u16,
    total: u16,
    /// Bodies by index: what is told of as the total costs nothing until it comes.
    held: BTreeMap<u16, Vec<u8>>,
}

impl Parts {
    /// Begins with one of them; `None` for a frame that is a whole message.
    pub fn of(frame: &Frame) -> Option<Self> {
        let part = part(frame)?;
        Some(Self {
            header: *frame.header(),
            first_serial: first_serial(frame, part),
            total: part.total(),
            held: BTreeMap::from([(part.index(), frame.body().to_vec())]),
        })
    }

    /// Whether the frame is a part of this message.
    pub fn owns(&self, frame: &Frame) -> bool {
        part(frame).is_some_and(|part| {
            frame.header().id == self.header.id
                && part.total() == self.total
                && first_serial(frame, part) == self.first_serial
        })
    }

    /// Keeps one more of them; one that is there already is kept as it was.
    pub fn take(&mut self, frame: &Frame) {
        if let Some(part) = part(frame).filter(|_| self.owns(frame)) {
            self.held.entry(part.index()).or_insert_with(|| frame.body().to_vec());
        }
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.total.into()
    }

    /// How many of them are missing.
    pub fn missing(&self) -> usize {
        self.total() - self.held.len()
    }

    /// What to ask for again, at most as much as one 0x8003 in the sender's layout asks for; `None` once
    /// nothing is missing. The last ones may be on their way still: when to ask is the caller's to say.
    pub fn gap(&self) -> Option<Gap> {
        let missing = (1..=self.total).filter(|index| !self.held.contains_key(index));
        let parts = missing.take(Gap::limit(self.header.layout)).collect();
        Gap::new_checked(self.first_serial, parts)
    }

    /// The message, once nothing is missing.
    pub fn message(&self) -> Option<Result<Message, BodyFault>> {
        let whole = || self.held.values().flatten().copied().collect::<Vec<u8>>();
        (self.missing() == 0).then(|| Message::read_whole(&self.header, &whole()))
    }
}

fn part(frame: &Frame) -> Option<Part> {
    frame.header().part.filter(|part| part.total() > 1)
}

fn first_serial(frame: &Frame, part: Part) -> u16 {
    frame.header().serial.wrapping_sub(part.index() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jt808::samples::{self, sample};

    /// The frame, cut into so many.
    fn cut(frame: &Frame, total: u16) -> Vec<Frame> {
        let size = frame.body().len().div_ceil(total.into());
        let bodies = frame.body().chunks(size);
        let framed = (1..).zip(bodies).map(|(index, body)| {
            let serial = frame.header().serial.wrapping_add(index - 1);
            let part = Part::new_checked(total, index);
            Frame::new_checked(Header { serial, part, ..*frame.header() }, body.to_vec()).unwrap()
        });
        framed.collect()
    }

    #[test]
    fn a_message_is_whole_once_all_of_its_parts_are_there_in_any_order_and_twice() {
        let whole = Frame::read(&sample(samples::LOCATION_2013)).unwrap();
        let frames = cut(&whole, 3);
        let mut parts = Parts::of(&frames[2]).unwrap();
        assert_eq!((parts.total(), parts.missing()), (3, 2));
        assert!(parts.message().is_none());
        for frame in [&frames[0], &frames[2], &frames[0], &frames[1]] {
            assert!(parts.owns(frame));
            parts.take(frame);
        }
        assert_eq!(parts.missing(), 0);
        assert_eq!(parts.message().unwrap(), Message::read(&whole));
    }

    #[test]
    fn a_gap_names_the_parts_that_have_not_come_by_the_serial_of_the_first() {
        let whole = Frame::read(&sample(samples::LOCATION_2013)).unwrap();
        let frames = cut(&whole, 4);
        let mut parts = Parts::of(&frames[2]).unwrap();
        let first = whole.header().serial;
        assert_eq!(parts.gap(), Gap::new_checked(first, vec![1, 2, 4]));
        parts.take(&frames[0]);
        assert_eq!(parts.gap(), Gap::new_checked(first, vec![2, 4]));
        parts.take(&frames[1]);
        parts.take(&frames[3]);
        assert_eq!(parts.gap(), None);
    }

    #[test]
    fn the_serial_of_the_first_part_is_known_from_any_even_where_it_wraps() {
        let whole = *Frame::read(&sample(samples::LOCATION_2013)).unwrap().header();
        let header = Header { serial: 1, part: Part::new_checked(5, 4), ..whole };
        let parts = Parts::of(&Frame::new_checked(header, vec![0]).unwrap()).unwrap();
        assert_eq!(parts.gap(), Gap::new_checked(65_534, vec![1, 2, 3, 5]));
    }

    #[test]
    fn a_gap_is_no_wider_than_one_question() {
        for (hex, limit) in [(samples::LOCATION_2013, 255), (samples::LOCATION_2019, 509)] {
            let whole = *Frame::read(&sample(hex)).unwrap().header();
            let header = Header { part: Part::new_checked(u16::MAX, 2), ..whole };
            let parts = Parts::of(&Frame::new_checked(header, vec![0]).unwrap()).unwrap();
            let gap = parts.gap().unwrap();
            assert_eq!((gap.parts().len(), Gap::limit(header.layout)), (limit, limit));
            assert_eq!(gap.parts()[..2], [1, 3]);
        }
    }

    #[test]
    fn a_gap_has_parts_from_one_upwards() {
        for parts in [vec![], vec![0, 1], vec![2, 2], vec![3, 2]] {
            assert_eq!(Gap::new_checked(7, parts), None);
        }
    }

    #[test]
    fn a_part_of_another_message_is_not_taken_for_this_ones() {
        let whole = Frame::read(&sample(samples::LOCATION_2013)).unwrap();
        let frames = cut(&whole, 3);
        let parts = Parts::of(&frames[0]).unwrap();
        let later = Header { serial: frames[1].header().serial + 3, ..*frames[1].header() };
        let later = Frame::new_checked(later, frames[1].body().to_vec()).unwrap();
        assert!(!parts.owns(&later));
        assert!(!parts.owns(&whole));
        assert!(Parts::of(&whole).is_none());
        assert!(!parts.owns(&cut(&whole, 2)[1]));
    }
}
