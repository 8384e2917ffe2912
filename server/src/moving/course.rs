//! A vehicle's positions as pieces between which nothing is known, and what lies between two of them.
//!
//! A piece ends where the vehicle was silent for more than an hour, and at midnight in China: there the next one begins with
//! the position that ends it, so that no time is left out. What is in a piece does not depend on who asks for which window.

use std::ops::RangeInclusive;

use vehicle_tracker::vehicles::SILENCE;

/// China Standard Time.
const EAST_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// How a value becomes the next one.
pub(crate) trait Between: Copy {
    /// After this part of the time, from 0 to 1.
    fn between(self, next: Self, part: f64) -> Self;
}

/// Degrees (lon, lat), in a straight line.
impl Between for [f64; 2] {
    fn between(self, next: Self, part: f64) -> Self {
        [self[0].between(next[0], part), self[1].between(next[1], part)]
    }
}

/// Evenly.
impl Between for f64 {
    fn between(self, next: Self, part: f64) -> Self {
        self + (next - self) * part
    }
}

/// A value that holds until the next is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Held<V>(pub(crate) V);

impl<V: Copy> Between for Held<V> {
    fn between(self, next: Self, part: f64) -> Self {
        if part < 1.0 { self } else { next }
    }
}

/// Values at moments; never empty, and each moment is later than the one before.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece<V> {
    /// The moment with which the whole piece begins, which names it. Epoch milliseconds.
    pub(crate) id: i64,
    /// Epoch milliseconds.
    pub(crate) times: Vec<i64>,
    /// As many.
    pub(crate) values: Vec<V>,
}

/// Pieces, and from which moment on there are more.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page<V> {
    /// In the order of time.
    pub(crate) pieces: Vec<Piece<V>>,
    /// Epoch milliseconds.
    pub(crate) next_ms: Option<i64>,
}

/// Where reading has to begin and end, so that every piece that touches the window is read whole. Epoch milliseconds.
pub(crate) fn reach(window: &RangeInclusive<i64>) -> RangeInclusive<i64> {
    let silence_ms = silence_ms();
    let start = midnight_before(window.start().saturating_sub(silence_ms));
    let end = midnight_before(*window.end()).saturating_add(DAY_MS + silence_ms);
    start..=end
}

/// Where reading has to begin and end for what lies in the window alone. Epoch milliseconds.
pub(crate) fn around(window: &RangeInclusive<i64>) -> RangeInclusive<i64> {
    window.start().saturating_sub(silence_ms())..=window.end().saturating_add(silence_ms())
}

fn midnight_before(ms: i64) -> i64 {
    ms.saturating_add(EAST_MS).div_euclid(DAY_MS).saturating_mul(DAY_MS).saturating_sub(EAST_MS)
}

fn silence_ms() -> i64 {
    i64::try_from(SILENCE.whole_milliseconds()).unwrap_or(i64::MAX)
}

impl<V: Between> Page<V> {
    /// The pieces that touch the window and are wanted, `limit` at most. `last_ms` is the last moment that was read where
    /// more could be.
    pub(crate) fn of(
        values: impl IntoIterator<Item = (i64, V)>,
        last_ms: Option<i64>,
        window: &RangeInclusive<i64>,
        limit: usize,
        is_wanted: impl Fn(&Piece<V>) -> bool,
    ) -> Self {
        let mut pieces = cut(values);
        let mut next_ms = last_ms;
        // The last one may go on: it is the first of the next page, unless it is all that this one has.
        if last_ms.is_some() && pieces.len() > 1 {
            next_ms = pieces.pop().map(|piece| piece.id);
        }
        pieces.retain(|piece| piece.touches(window) && is_wanted(piece));
        if pieces.len() > limit {
            next_ms = pieces.get(limit).map(|piece| piece.id);
            pieces.truncate(limit);
        }
        Self { pieces, next_ms: next_ms.filter(|ms| ms <= window.end()) }
    }
}

/// Moments that are not later than the one before are left out.
fn cut<V: Copy>(values: impl IntoIterator<Item = (i64, V)>) -> Vec<Piece<V>> {
    let mut pieces: Vec<Piece<V>> = Vec::new();
    for (ms, value) in values {
        let last_ms = pieces.last().and_then(|piece| piece.times.last().copied());
        match last_ms {
            Some(last_ms) if ms <= last_ms => continue,
            Some(last_ms) if ms.saturating_sub(last_ms) <= silence_ms() => {
                if let Some(piece) = pieces.last_mut() {
                    piece.times.push(ms);
                    piece.values.push(value);
                }
                if midnight_before(ms) == midnight_before(last_ms) {
                    continue;
                }
            }
            _ => drop_echo(&mut pieces),
        }
        pieces.push(Piece { id: ms, times: vec![ms], values: vec![value] });
    }
    drop_echo(&mut pieces);
    pieces
}

/// Leaves the last piece out where all that it has is the end of the one before.
fn drop_echo<V>(pieces: &mut Vec<Piece<V>>) {
    if let [.., before, last] = pieces.as_slice()
        && last.times.len() == 1
        && before.times.last() == last.times.first()
    {
        pieces.pop();
    }
}

impl<V> Piece<V> {
    /// Whether any of it lies in the window.
    pub(crate) fn touches(&self, window: &RangeInclusive<i64>) -> bool {
        self.times.first().is_some_and(|first| first <= window.end())
            && self.times.last().is_some_and(|last| last >= window.start())
    }
}

impl<V: Between> Piece<V> {
    /// The value at a moment; `None` before the first and after the last.
    pub(crate) fn at(&self, ms: i64) -> Option<V> {
        let after = self.times.partition_point(|at| *at < ms);
        let (next_ms, next) = (*self.times.get(after)?, *self.values.get(after)?);
        if next_ms == ms {
            return Some(next);
        }
        let (last_ms, last) = (self.times[after.checked_sub(1)?], self.values[after - 1]);
        Some(last.between(next, seconds(ms - last_ms) / seconds(next_ms - last_ms)))
    }

    /// What of it lies in the window, with the values at its ends; `None` when nothing does.
    pub(crate) fn within(&self, window: &RangeInclusive<i64>) -> Option<Self> {
        let inside = self.times.iter().zip(&self.values).filter(|(ms, _)| window.contains(ms));
        let ends = [*window.start(), *window.end()].map(|ms| self.at(ms).map(|value| (ms, value)));
        let mut values: Vec<(i64, V)> =
            inside.map(|(ms, value)| (*ms, *value)).chain(ends.into_iter().flatten()).collect();
        values.sort_by_key(|(ms, _)| *ms);
        values.dedup_by_key(|(ms, _)| *ms);
        let (times, values): (Vec<i64>, Vec<V>) = values.into_iter().unzip();
        (!times.is_empty()).then_some(Self { id: self.id, times, values })
    }

    /// The values at those of the moments that it covers; `None` when it covers none.
    pub(crate) fn leaves(&self, moments: &[i64]) -> Option<Self> {
        let covered = moments.iter().filter_map(|ms| Some((*ms, self.at(*ms)?)));
        let (times, values): (Vec<i64>, Vec<V>) = covered.unzip();
        (!times.is_empty()).then_some(Self { id: self.id, times, values })
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of an hour")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    /// Midnight in China at the beginning of the 2nd of January 1970.
    const MIDNIGHT: i64 = 16 * HOUR;

    fn cut_at(times: &[i64]) -> Vec<Vec<i64>> {
        cut(times.iter().map(|ms| (*ms, seconds(*ms)))).into_iter().map(|p| p.times).collect()
    }

    #[test]
    fn a_silence_ends_a_piece_and_midnight_does_so_without_a_gap() {
        assert_eq!(cut_at(&[0, HOUR, 2 * HOUR + 1]), [vec![0, HOUR], vec![2 * HOUR + 1]]);
        let (before, after) = (MIDNIGHT - MINUTE, MIDNIGHT + MINUTE);
        assert_eq!(
            cut_at(&[before, after, after + MINUTE]),
            [vec![before, after], vec![after, after + MINUTE]]
        );
        assert_eq!(cut_at(&[before, after]), [vec![before, after]], "nothing stands there twice");
        assert_eq!(cut_at(&[before, after, after + 3 * HOUR]).len(), 2);
        assert_eq!(cut_at(&[5, 5, 4, 6]), [vec![5, 6]], "time goes on");
    }

    #[test]
    fn between_two_positions_it_goes_straight_and_a_held_value_holds() {
        let piece =
            Piece { id: 0, times: vec![0, 1_000], values: vec![[105.0, 36.0], [106.0, 38.0]] };
        assert_eq!(piece.at(250), Some([105.25, 36.5]));
        assert_eq!((piece.at(0), piece.at(1_000)), (Some([105.0, 36.0]), Some([106.0, 38.0])));
        assert_eq!((piece.at(-1), piece.at(1_001)), (None, None));
        let held = Piece { id: 0, times: vec![0, 1_000], values: vec![Held(true), Held(false)] };
        assert_eq!((held.at(999), held.at(1_000)), (Some(Held(true)), Some(Held(false))));
    }

    #[test]
    fn a_part_has_values_at_its_ends_and_leaves_only_at_their_moments() {
        let piece = Piece { id: 7, times: vec![0, 10, 20], values: vec![0.0, 1.0, 2.0] };
        let part = piece.within(&(5..=20)).unwrap();
        assert_eq!((part.id, part.times, part.values), (7, vec![5, 10, 20], vec![0.5, 1.0, 2.0]));
        assert_eq!(piece.within(&(-5..=5)).unwrap().times, [0, 5]);
        assert_eq!(piece.within(&(21..=30)), None);
        assert_eq!(piece.leaves(&[-1, 5, 20, 21]).unwrap().values, [0.5, 2.0]);
        assert_eq!(piece.leaves(&[21]), None);
    }

    /// As a client pages, with so many rows at a time.
    fn paged(
        times: &[i64],
        window: &RangeInclusive<i64>,
        rows: usize,
        limit: usize,
    ) -> Vec<Piece<f64>> {
        let (mut all, mut from) = (Vec::new(), *reach(window).start());
        loop {
            let read: Vec<i64> = times
                .iter()
                .copied()
                .filter(|ms| (from..=*reach(window).end()).contains(ms))
                .take(rows)
                .collect();
            let last_ms = read.last().copied().filter(|_| read.len() == rows);
            let values = read.iter().map(|ms| (*ms, seconds(*ms)));
            let page = Page::of(values, last_ms, window, limit, |_| true);
            assert!(page.pieces.len() <= limit);
            all.extend(page.pieces);
            match page.next_ms {
                Some(next) => {
                    assert!(next > from, "the next page begins later");
                    from = next;
                }
                None => return all,
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn random_pages_cover_what_touches_the_window_once_and_in_order(
            steps in vec(prop_oneof![6 => 1..20 * MINUTE, 1 => HOUR..9 * HOUR], 1..120),
            start in 0..30 * HOUR,
            length in 0..40 * HOUR,
            rows in 3..40_usize,
            limit in 1..5_usize,
        ) {
            let mut ms = 0;
            let times: Vec<i64> = steps.iter().map(|step| { ms += step; ms }).collect();
            let window = start..=start + length;
            let whole = Page::of(times.iter().map(|ms| (*ms, seconds(*ms))), None, &window, usize::MAX, |_| true);
            prop_assert_eq!(whole.next_ms, None);
            let paged = paged(&times, &window, rows, limit);
            for piece in &paged {
                prop_assert!(piece.times.is_sorted_by(|a, b| a < b));
                prop_assert_eq!(piece.times.len(), piece.values.len());
            }
            let expected: Vec<i64> = times.iter().copied().filter(|ms| window.contains(ms)).collect();
            for pieces in [&paged, &whole.pieces] {
                let mut seen: Vec<i64> = pieces.iter().flat_map(|piece| piece.times.clone()).collect();
                prop_assert!(seen.is_sorted(), "{seen:?}");
                // One piece begins with what the other ends with, at midnight and where a page is full.
                seen.dedup();
                seen.retain(|ms| window.contains(ms));
                prop_assert_eq!(&seen, &expected);
            }
        }

        #[test]
        fn random_moments_have_a_value_between_its_neighbours(
            steps in vec(1..30 * MINUTE, 1..60),
            at in 0..30 * HOUR,
        ) {
            let mut ms = 0;
            let times: Vec<i64> = steps.iter().map(|step| { ms += step; ms }).collect();
            let page = Page::of(times.iter().map(|ms| (*ms, seconds(*ms))), None, &(at..=at), 9, |_| true);
            prop_assert_eq!(page.pieces.is_empty(), at < times[0] || at > *times.last().unwrap());
            for piece in &page.pieces {
                let value = piece.at(at).unwrap();
                prop_assert!((value - seconds(at)).abs() < 1e-6, "time itself is the value: {value}");
                let part = piece.within(&(at..=at)).unwrap();
                prop_assert_eq!(part.times, vec![at]);
            }
        }
    }
}
