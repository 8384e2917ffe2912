//! Frames out of a stream that comes in chunks of any size.

use super::escape::FLAG;
use super::fault::FrameFault;
use super::frame::{Frame, INNER_LIMIT};

/// Cuts a stream at its flags. Holds at most one frame; what is no frame is skipped and counted.
///
/// A flag may end one frame and begin the next. What follows an ended frame is therefore the next
/// frame if it reads as one, and noise if it does not; after noise the flag begins a frame. A lost
/// flag thus costs the frame that it belonged to and no other. Noise whose length and checksum happen
/// to be right cannot be told from a frame.
#[derive(Debug, Clone, Default)]
pub struct Splitter {
    state: State,
    /// Since the last flag.
    run: Vec<u8>,
    fed: u64,
    noise: u64,
}

/// What stood between two flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Offset of the opening flag in the stream.
    pub at: u64,
    /// As it came, with both flags.
    pub raw: Vec<u8>,
    /// What it says.
    pub frame: Result<Frame, FrameFault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// No flag yet, or too many bytes since the last.
    #[default]
    Lost,
    /// The last flag begins a frame.
    Open,
    /// The last flag ended a frame, and may begin the next.
    Closed,
}

impl Splitter {
    /// At the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// The frames that these bytes complete, good and bad, in their order.
    pub fn feed(&mut self, chunk: &[u8]) -> Vec<Cut> {
        let mut cuts = Vec::new();
        let mut runs = chunk.split(|byte| *byte == FLAG);
        self.hold(runs.next().unwrap_or_default());
        for run in runs {
            cuts.extend(self.cut());
            self.hold(run);
        }
        cuts
    }

    /// Bytes that were in no frame, flags not counted.
    pub fn noise_bytes(&self) -> u64 {
        self.noise
    }

    /// Bytes since the last flag that may become a frame.
    pub fn pending_bytes(&self) -> usize {
        self.run.len()
    }

    fn hold(&mut self, run: &[u8]) {
        self.fed += run.len() as u64;
        if self.state == State::Lost {
            self.noise += run.len() as u64;
        } else if self.run.len() + run.len() > INNER_LIMIT {
            self.noise += (self.run.len() + run.len()) as u64;
            self.run.clear();
            self.state = State::Lost;
        } else {
            self.run.extend(run);
        }
    }

    /// At a flag.
    fn cut(&mut self) -> Option<Cut> {
        self.fed += 1;
        if self.run.is_empty() {
            self.state = State::Open;
            return None;
        }
        let raw = [&[FLAG], self.run.as_slice(), &[FLAG]].concat();
        let frame = Frame::read(&raw);
        if self.state == State::Closed && frame.is_err() {
            self.noise += self.run.len() as u64;
            self.run.clear();
            self.state = State::Open;
            return None;
        }
        self.run.clear();
        self.state = State::Closed;
        Some(Cut { at: self.fed - raw.len() as u64, raw, frame })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::jt808::fault::FrameFaultKind;
    use crate::jt808::samples::{self, sample};
    use crate::noise;

    fn ids(cuts: &[Cut]) -> Vec<Option<u16>> {
        cuts.iter().map(|cut| cut.frame.as_ref().ok().map(|frame| frame.header().id.0)).collect()
    }

    #[test]
    fn noise_around_frames_is_skipped_and_counted() {
        let heartbeat = sample(samples::HEARTBEAT);
        let stream = [b"GET /", &heartbeat[..], b"noise", &heartbeat, b"end"].concat();
        let mut splitter = Splitter::new();
        let cuts = splitter.feed(&stream);
        assert_eq!(ids(&cuts), [Some(2), Some(2)]);
        assert_eq!((cuts[0].at, cuts[1].at), (5, 5 + heartbeat.len() as u64 + 5));
        assert_eq!(cuts[0].raw, heartbeat);
        assert_eq!((splitter.noise_bytes(), splitter.pending_bytes()), (10, 3));
    }

    #[test]
    fn frames_may_share_a_flag_or_have_many_between_them() {
        let heartbeat = sample(samples::HEARTBEAT);
        let shared = [&heartbeat[..], &heartbeat[1..], &[FLAG; 5], &heartbeat].concat();
        let mut splitter = Splitter::new();
        assert_eq!(ids(&splitter.feed(&shared)), [Some(2); 3]);
        assert_eq!(splitter.noise_bytes(), 0);
    }

    #[test]
    fn a_lost_flag_costs_one_frame_only() {
        let heartbeat = sample(samples::HEARTBEAT);
        let headless = &heartbeat[1..];
        let tailless = &heartbeat[..heartbeat.len() - 1];
        let mut splitter = Splitter::new();
        let stream = [headless, &heartbeat, &heartbeat].concat();
        assert_eq!(ids(&splitter.feed(&stream)), [Some(2), Some(2)]);
        let stream = [&tailless[..9], &heartbeat, &heartbeat].concat();
        assert_eq!(ids(&Splitter::new().feed(&stream)), [None, Some(2), Some(2)]);
    }

    #[test]
    fn a_damaged_frame_is_told_with_its_bytes_and_place() {
        let mut damaged = sample(samples::HEARTBEAT);
        damaged[5] ^= 1;
        let stream = [sample(samples::HEARTBEAT), damaged.clone()].concat();
        let cuts = Splitter::new().feed(&stream);
        assert_eq!(cuts[1].raw, damaged);
        let fault = cuts[1].frame.clone().unwrap_err();
        assert!(matches!(fault.kind, FrameFaultKind::Checksum { .. }), "{fault}");
    }

    #[test]
    fn a_frame_without_end_is_let_go_and_the_next_is_read() {
        let mut splitter = Splitter::new();
        let endless = [&[FLAG][..], &[1; 5 * INNER_LIMIT]].concat();
        assert_eq!(splitter.feed(&endless), []);
        assert_eq!(splitter.pending_bytes(), 0);
        assert_eq!(splitter.noise_bytes(), 5 * INNER_LIMIT as u64);
        assert_eq!(ids(&splitter.feed(&sample(samples::HEARTBEAT))), [Some(2)]);
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => samples::frame().prop_map(|frame| frame.write()),
            2 => samples::anything(),
            1 => noise::bytes(30),
            1 => vec(any::<bool>().prop_map(|is| if is { FLAG } else { 1 }), 0..9),
            1 => (0..5_000_usize).prop_map(|count| vec![0x33; count]),
        ];
        vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_chunks_give_the_frames_of_the_whole(
            stream in stream(),
            places in vec(any::<proptest::sample::Index>(), 0..9),
        ) {
            let mut whole = Splitter::new();
            let expected = whole.feed(&stream);
            let mut places: Vec<usize> =
                places.iter().map(|place| place.index(stream.len() + 1)).collect();
            places.sort_unstable();
            places.push(stream.len());
            let (mut chunked, mut cuts, mut from) = (Splitter::new(), Vec::new(), 0);
            for to in places {
                cuts.extend(chunked.feed(&stream[from..to]));
                from = to;
            }
            prop_assert_eq!(cuts, expected);
            prop_assert_eq!(chunked.noise_bytes(), whole.noise_bytes());
            prop_assert_eq!(chunked.pending_bytes(), whole.pending_bytes());
        }

        #[test]
        fn random_streams_have_each_byte_in_a_frame_in_noise_or_pending(stream in stream()) {
            let mut splitter = Splitter::new();
            let cuts = splitter.feed(&stream);
            let mut counted = splitter.noise_bytes() + splitter.pending_bytes() as u64;
            for cut in &cuts {
                let at = usize::try_from(cut.at).unwrap();
                prop_assert_eq!(&stream[at..at + cut.raw.len()], &cut.raw[..]);
                counted += cut.raw.len() as u64 - 2;
            }
            let plain = stream.iter().filter(|byte| **byte != FLAG).count() as u64;
            prop_assert_eq!(counted, plain);
        }

        #[test]
        fn random_noise_between_frames_loses_none(
            frames in vec((samples::frame(), noise::bytes(40)), 1..5),
        ) {
            let mut stream = Vec::new();
            for (frame, noise) in &frames {
                stream.extend(frame.write());
                stream.extend(noise.iter().filter(|byte| **byte != FLAG));
            }
            let cuts = Splitter::new().feed(&stream);
            let mut sent = frames.iter().map(|(frame, _)| frame).peekable();
            for cut in &cuts {
                let Ok(frame) = &cut.frame else { continue };
                // One noise in some hundred thousand has a length and a checksum that are right.
                if sent.next_if_eq(&frame).is_none() {
                    let inner = &cut.raw[1..cut.raw.len() - 1];
                    let noises = frames.iter().map(|(_, noise)| noise);
                    let mut plain = noises.map(|n| n.iter().filter(|byte| **byte != FLAG));
                    prop_assert!(plain.any(|noise| noise.eq(inner)), "{frame:?}");
                }
            }
            prop_assert!(sent.next().is_none());
        }
    }
}
