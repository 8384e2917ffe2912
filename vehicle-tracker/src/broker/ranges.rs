//! Which of a terminal's own numbers are committed, as ranges that it is told. Pure: no clock, no broker.
//!
//! A terminal counts from each of its starts on, so its numbers are kept start by start. What is told is never more than
//! was committed; what is forgotten for lack of room was merely not told, and is sent again.

use std::collections::{BTreeSet, HashMap};
use std::mem;

use serde::Serialize;

use crate::decode::{Boot, Mark};
use crate::topic::TerminalId;

/// Terminals that are remembered; of more, those that have not been heard of for the longest are forgotten.
const MOST_TERMINALS: usize = 200_000;
/// Starts of a terminal: late messages of the one before come among those of the present one.
const MOST_BOOTS: usize = 2;
/// Ranges of a start.
const MOST_RANGES: usize = 64;

/// A range that holds every number from the first to the last, each of them committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    /// Whose.
    #[serde(skip)]
    pub(crate) terminal: TerminalId,
    /// Since which start.
    pub(crate) boot: Boot,
    /// The first.
    pub(crate) from: i64,
    /// The last.
    pub(crate) to: i64,
}

/// The ranges of every terminal that counts.
#[derive(Debug)]
pub(crate) struct Ranges {
    /// Those heard of since `old` was young.
    young: HashMap<TerminalId, Vec<Start>>,
    old: HashMap<TerminalId, Vec<Start>>,
    /// Have something to be told.
    waiting: BTreeSet<TerminalId>,
    most_terminals: usize,
}

/// What is committed since a start, in order, with a gap between each two.
#[derive(Debug)]
struct Start {
    boot: Boot,
    ranges: Vec<Range>,
}

#[derive(Debug, Clone, Copy)]
struct Range {
    from: i64,
    to: i64,
    is_told: bool,
}

/// What a number came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Added {
    Anywhere,
    /// Two ranges became one.
    IntoGap,
}

impl Default for Ranges {
    fn default() -> Self {
        Self::with_room(MOST_TERMINALS)
    }
}

impl Ranges {
    fn with_room(most_terminals: usize) -> Self {
        let (young, old) = (HashMap::new(), HashMap::new());
        Self { young, old, waiting: BTreeSet::new(), most_terminals }
    }

    /// These are committed. Where they close a gap, the range is told at once; `tell` answers whether it was taken.
    pub(crate) fn committed(
        &mut self,
        terminal: &TerminalId,
        mut marks: Vec<Mark>,
        mut tell: impl FnMut(&Told) -> bool,
    ) {
        if marks.is_empty() {
            return;
        }
        marks.sort_by_key(|mark| mark.serial);
        let starts = self.starts_of(terminal);
        let mut closing = Vec::new();
        for Mark { boot, serial } in marks {
            if start_of(starts, &boot).add(serial) == Added::IntoGap {
                closing.push((boot, serial));
            }
        }
        for (boot, serial) in closing {
            let Some(start) = starts.iter_mut().find(|start| start.boot == boot) else { continue };
            let around = |range: &&mut Range| (range.from..=range.to).contains(&serial);
            if let Some(range) = start.ranges.iter_mut().find(around)
                && !range.is_told
            {
                range.is_told = tell(&range.to_told(terminal, &boot));
            }
        }
        self.waiting.insert(terminal.clone());
    }

    /// To be called once a second: of each terminal that has something to be told, the longest range. `tell` answers whether it
    /// was taken; what was not is told the next time.
    pub(crate) fn due(&mut self, mut tell: impl FnMut(&Told) -> bool) {
        for terminal in mem::take(&mut self.waiting) {
            let held = self.young.get_mut(&terminal).or_else(|| self.old.get_mut(&terminal));
            // One that has been forgotten meanwhile is told nothing.
            let Some(starts) = held else { continue };
            let untold = starts.iter_mut().flat_map(|start| {
                let boot = &start.boot;
                start.ranges.iter_mut().filter(|range| !range.is_told).map(move |r| (boot, r))
            });
            let mut untold: Vec<(&Boot, &mut Range)> = untold.collect();
            untold.sort_by_key(|(_, range)| range.from.abs_diff(range.to));
            let Some((boot, longest)) = untold.pop() else { continue };
            longest.is_told = tell(&longest.to_told(&terminal, boot));
            if !longest.is_told || !untold.is_empty() {
                self.waiting.insert(terminal);
            }
        }
    }

    fn starts_of(&mut self, terminal: &TerminalId) -> &mut Vec<Start> {
        let known = self.old.remove(terminal);
        if self.young.len() >= self.most_terminals / 2 && !self.young.contains_key(terminal) {
            self.old = mem::take(&mut self.young);
        }
        self.young.entry(terminal.clone()).or_insert_with(|| known.unwrap_or_default())
    }
}

/// The start with this name, which is the last one heard of from now on.
fn start_of<'s>(starts: &'s mut Vec<Start>, boot: &Boot) -> &'s mut Start {
    if let Some(at) = starts.iter().position(|start| start.boot == *boot) {
        starts[at..].rotate_left(1);
    } else {
        if starts.len() >= MOST_BOOTS {
            starts.remove(0);
        }
        starts.push(Start { boot: boot.clone(), ranges: Vec::new() });
    }
    let last = starts.len() - 1;
    &mut starts[last]
}

impl Start {
    /// A number that was told already is told again: it was sent again because nobody heard of it.
    fn add(&mut self, serial: i64) -> Added {
        // The ranges before this one end too early to touch the number.
        let at = self.ranges.partition_point(|range| range.to.saturating_add(1) < serial);
        if let Some(range) = self.ranges.get_mut(at) {
            let is_before = range.to.checked_add(1) == Some(serial);
            let is_after = serial.checked_add(1) == Some(range.from);
            if is_before || is_after || (range.from..=range.to).contains(&serial) {
                (range.from, range.to) = (range.from.min(serial), range.to.max(serial));
                range.is_told = false;
                return self.join(at);
            }
        }
        self.ranges.insert(at, Range { from: serial, to: serial, is_told: false });
        if self.ranges.len() > MOST_RANGES {
            let told = self.ranges.iter().position(|range| range.is_told);
            self.ranges.remove(told.unwrap_or(0));
        }
        Added::Anywhere
    }

    /// Makes one of a range and the next where nothing lies between them.
    fn join(&mut self, at: usize) -> Added {
        match self.ranges.get(at..at + 2) {
            Some([range, next]) if range.to.checked_add(1) == Some(next.from) => {
                let to = next.to;
                self.ranges.remove(at + 1);
                self.ranges[at].to = to;
                Added::IntoGap
            }
            _ => Added::Anywhere,
        }
    }
}

impl Range {
    fn to_told(self, terminal: &TerminalId, boot: &Boot) -> Told {
        Told { terminal: terminal.clone(), boot: boot.clone(), from: self.from, to: self.to }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::noise;

    fn terminal(number: u8) -> TerminalId {
        TerminalId::new_checked(&format!("T{number}")).unwrap()
    }

    fn mark(boot: i64, serial: i64) -> Mark {
        Mark { boot: Boot::Number(boot), serial }
    }

    /// `(boot, from, to)` of what is told at once when these are committed.
    fn at_once(ranges: &mut Ranges, boot: i64, serials: &[i64]) -> Vec<(i64, i64)> {
        let mut told = Vec::new();
        let marks = serials.iter().map(|serial| mark(boot, *serial)).collect();
        ranges.committed(&terminal(1), marks, |t| {
            told.push((t.from, t.to));
            true
        });
        told
    }

    fn due(ranges: &mut Ranges) -> Vec<Told> {
        let mut told = Vec::new();
        ranges.due(|t| {
            told.push(t.clone());
            true
        });
        told
    }

    fn spans(told: &[Told]) -> Vec<(i64, i64)> {
        told.iter().map(|t| (t.from, t.to)).collect()
    }

    #[test]
    fn what_was_committed_is_told_once_a_second_and_a_closed_gap_at_once() {
        let mut ranges = Ranges::default();
        assert!(at_once(&mut ranges, 1, &[5, 3, 4]).is_empty());
        assert_eq!(spans(&due(&mut ranges)), [(3, 5)]);
        assert!(due(&mut ranges).is_empty(), "nothing is new");
        assert!(at_once(&mut ranges, 1, &[7, 8]).is_empty());
        assert_eq!(spans(&due(&mut ranges)), [(7, 8)]);
        assert_eq!(at_once(&mut ranges, 1, &[6]), [(3, 8)]);
        assert!(due(&mut ranges).is_empty(), "it has just been told");
        assert!(at_once(&mut ranges, 1, &[4]).is_empty());
        assert_eq!(spans(&due(&mut ranges)), [(3, 8)], "whoever sends again did not hear of it");
    }

    #[test]
    fn a_start_begins_anew_and_late_messages_of_the_one_before_do_not_mix_with_it() {
        let mut ranges = Ranges::default();
        at_once(&mut ranges, 1, &[1, 2]);
        at_once(&mut ranges, 2, &[1]);
        at_once(&mut ranges, 1, &[3]);
        let told: Vec<_> = [due(&mut ranges), due(&mut ranges)].concat();
        let named = told.iter().map(|t| (t.boot.clone(), t.from, t.to));
        let expected = [(Boot::Number(1), 1, 3), (Boot::Number(2), 1, 1)];
        assert_eq!(named.collect::<Vec<_>>(), expected, "the longest first, one a second");
        at_once(&mut ranges, 3, &[9]);
        at_once(&mut ranges, 2, &[2]);
        let told = spans(&[due(&mut ranges), due(&mut ranges)].concat());
        assert_eq!(told, [(2, 2), (9, 9)], "of three starts the one before is forgotten");
    }

    #[test]
    fn what_was_not_taken_is_told_again() {
        let mut ranges = Ranges::default();
        at_once(&mut ranges, 1, &[1]);
        ranges.due(|_| false);
        assert_eq!(spans(&due(&mut ranges)), [(1, 1)]);
        ranges.committed(&terminal(1), vec![mark(1, 3)], |_| false);
        ranges.committed(&terminal(1), vec![mark(1, 2)], |_| false);
        assert_eq!(spans(&due(&mut ranges)), [(1, 3)]);
    }

    #[test]
    fn numbers_at_the_ends_of_what_can_be_counted_are_numbers_too() {
        let mut ranges = Ranges::default();
        at_once(&mut ranges, 1, &[i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1, i64::MAX]);
        let told = [due(&mut ranges), due(&mut ranges)].concat();
        let mut told = spans(&told);
        told.sort_unstable();
        assert_eq!(told, [(i64::MIN, i64::MIN + 1), (i64::MAX - 1, i64::MAX)]);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Commit(u8, i64, Vec<i64>),
        /// A second passes; whether the broker takes what is told.
        Second(bool),
    }

    fn steps(terminals: u8, boots: i64, most: i64) -> impl Strategy<Value = Vec<Step>> {
        let commit = (0..terminals, 0..boots, vec(0..most, 0..6))
            .prop_map(|(terminal, boot, serials)| Step::Commit(terminal, boot, serials));
        vec(prop_oneof![4 => commit, 1 => any::<bool>().prop_map(Step::Second)], 0..60)
    }

    /// By terminal and start.
    type Numbers = BTreeMap<(TerminalId, i64), BTreeSet<i64>>;

    fn boot_of(told: &Told) -> i64 {
        match &told.boot {
            Boot::Number(number) => *number,
            Boot::Name(_) => unreachable!("these are numbers"),
        }
    }

    /// Runs the steps; answers what was committed, and every range told with what had been committed by then and
    /// whether it was taken.
    fn run(ranges: &mut Ranges, steps: &[Step]) -> (Numbers, Vec<(Told, bool)>) {
        let (mut committed, mut told) = (Numbers::new(), Vec::new());
        for step in steps {
            match step {
                Step::Commit(number, boot, serials) => {
                    let name = terminal(*number);
                    committed.entry((name.clone(), *boot)).or_default().extend(serials);
                    let marks = serials.iter().map(|serial| mark(*boot, *serial)).collect();
                    ranges.committed(&name, marks, |t| {
                        told.push((t.clone(), true));
                        true
                    });
                }
                Step::Second(takes) => {
                    let mut heard = BTreeSet::new();
                    ranges.due(|t| {
                        assert!(heard.insert(t.terminal.clone()), "one a second");
                        told.push((t.clone(), *takes));
                        *takes
                    });
                }
            }
            assert!(ranges.young.len() + ranges.old.len() <= ranges.most_terminals);
            for (t, _) in &told {
                let numbers = &committed[&(t.terminal.clone(), boot_of(t))];
                assert!((t.from..=t.to).all(|n| numbers.contains(&n)), "{t:?} of {numbers:?}");
            }
        }
        (committed, told)
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_numbers_are_all_told_in_the_end_and_none_that_was_not_committed(
            steps in steps(3, 2, 100),
        ) {
            let mut ranges = Ranges::default();
            let (committed, told) = run(&mut ranges, &steps);
            let mut heard: Vec<Told> = told.into_iter().filter(|(_, taken)| *taken).map(|(t, _)| t).collect();
            loop {
                let more = due(&mut ranges);
                if more.is_empty() {
                    break;
                }
                for t in &more {
                    let numbers = &committed[&(t.terminal.clone(), boot_of(t))];
                    prop_assert!((t.from..=t.to).all(|n| numbers.contains(&n)));
                    // As large as it can be.
                    prop_assert!(!numbers.contains(&(t.from - 1)) && !numbers.contains(&(t.to + 1)));
                }
                heard.extend(more);
            }
            for ((name, boot), numbers) in &committed {
                for number in numbers {
                    let names = |t: &Told| t.terminal == *name && boot_of(t) == *boot;
                    prop_assert!(heard.iter().any(|t| names(t) && (t.from..=t.to).contains(number)));
                }
            }
        }

        #[test]
        fn random_crowds_keep_within_their_room_and_are_told_nothing_wrong(
            steps in steps(20, 4, 2_000),
        ) {
            let mut ranges = Ranges::with_room(8);
            run(&mut ranges, &steps);
            let starts = ranges.young.values().chain(ranges.old.values());
            prop_assert!(starts.clone().all(|starts| starts.len() <= MOST_BOOTS));
            prop_assert!(starts.flatten().all(|start| start.ranges.len() <= MOST_RANGES));
        }
    }

    #[test]
    fn a_start_with_more_gaps_than_there_is_room_for_forgets_what_was_told() {
        let mut ranges = Ranges::default();
        at_once(&mut ranges, 1, &[-4]);
        assert_eq!(spans(&due(&mut ranges)), [(-4, -4)]);
        let odd: Vec<i64> = (0..64).map(|n| 2 * n).collect();
        at_once(&mut ranges, 1, &odd);
        let mut told = Vec::new();
        for _ in 0..64 {
            told.extend(spans(&due(&mut ranges)));
        }
        assert_eq!(told.len(), 64);
        assert!(due(&mut ranges).is_empty());
    }
}
