//! From positions to what was asked for: whole pieces, parts of them, or single moments.

use std::ops::RangeInclusive;

use serde_json::Value;
use time::{Duration, OffsetDateTime};
use vehicle_tracker::vehicles::{Sample, Told};

use super::asked::{Asked, ever};
use super::course::{Between, Held, Page, Piece, around, reach};
use super::mfjson::{Shown, Written, bare_property, property};

/// Rows that are read for a page.
const ROWS: usize = 20_000;

/// What has to be read for a page, and what was.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    asked: &'a Asked,
    samples: Vec<Sample>,
    /// The last moment that was read where there is more.
    last_ms: Option<i64>,
}

/// How much of the pieces that touch a window has to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of them: their beginnings name them.
    Whole,
    /// What lies in the window, and as much around it as its ends need.
    Around,
}

/// A value that changes while a vehicle moves.
#[derive(Debug)]
pub(crate) struct Source {
    /// As it stands in addresses.
    pub(crate) name: &'static str,
    /// UN/CEFACT Recommendation 20, or a URI.
    form: Option<&'static str>,
    description: &'static str,
    is_told: fn(Told) -> bool,
    read: Read,
}

/// How a value is read, and what lies between two of them.
#[derive(Debug)]
pub(crate) enum Read {
    /// Changes evenly.
    Even(fn(&Sample) -> Option<f64>),
    /// Holds until the next.
    Held(fn(&Sample) -> Option<f64>),
    /// Yes or no, until the next.
    Flag(fn(&Sample) -> Option<bool>),
}

/// All that terminals tell.
pub(crate) static SOURCES: [Source; 6] = [
    Source {
        name: "speed",
        form: Some("KMH"),
        description: "对地速度 speed over ground, km/h",
        is_told: |told| told.speed,
        read: Read::Even(|sample| sample.speed_kmh.map(f64::from)),
    },
    Source {
        name: "heading",
        form: Some("http://qudt.org/vocab/unit/DEG"),
        description: "航向 heading, degrees clockwise from north",
        is_told: |told| told.heading,
        read: Read::Held(|sample| sample.heading_deg.map(f64::from)),
    },
    Source {
        name: "altitude",
        form: Some("MTR"),
        description: "海拔 height above the sea, m",
        is_told: |told| told.altitude,
        read: Read::Even(|sample| sample.altitude_m.map(f64::from)),
    },
    Source {
        name: "odometer",
        form: Some("KMT"),
        description: "里程表 odometer, km",
        is_told: |told| told.odometer,
        read: Read::Even(|sample| sample.odometer_km),
    },
    Source {
        name: "fuel",
        form: Some("LTR"),
        description: "油量 fuel in the tank, l",
        is_told: |told| told.fuel,
        read: Read::Even(|sample| sample.fuel_l.map(f64::from)),
    },
    Source {
        name: "ignition",
        form: None,
        description: "点火 whether the ignition is on",
        is_told: |told| told.ignition,
        read: Read::Flag(|sample| sample.ignition),
    },
];

impl Source {
    /// Whether a vehicle's terminal tells it.
    pub(crate) fn is_told(&self, told: Told) -> bool {
        (self.is_told)(told)
    }

    /// A `TemporalProperty` without its values.
    pub(crate) fn bare(&self) -> Value {
        let kind = if matches!(self.read, Read::Flag(_)) { "TBoolean" } else { "TReal" };
        bare_property(self.name, kind, self.form, self.description)
    }
}

impl<'a> Reading<'a> {
    /// Between which moments rows have to be read, both included, and how many at most.
    pub(crate) fn needs(asked: &Asked, wanted: Wanted) -> (RangeInclusive<OffsetDateTime>, usize) {
        let window = window(asked);
        let (start, end) = match wanted {
            Wanted::Whole => reach(&window),
            Wanted::Around => around(&window),
        }
        .into_inner();
        let start = asked.after.map_or(start, |after| after.max(start));
        (span(&(start..=end)), ROWS + 1)
    }

    /// What was read for it.
    pub(crate) fn of(asked: &'a Asked, mut samples: Vec<Sample>) -> Self {
        let has_more = samples.len() > ROWS;
        samples.truncate(ROWS);
        let last_ms = samples.last().map(ms).filter(|_| has_more);
        Self { asked, samples, last_ms }
    }

    /// How many rows were read.
    pub(crate) fn rows(&self) -> usize {
        self.samples.len()
    }

    /// The way, as far as it is asked for.
    pub(crate) fn way(&self) -> (Page<[f64; 2]>, Shown) {
        let places = self.samples.iter().map(|sample| (ms(sample), [sample.lon, sample.lat]));
        let bbox = self.asked.bbox;
        self.page(places, |piece| bbox.is_none_or(|bbox| bbox.is_crossed(&piece.values)))
    }

    /// A value, as far as it is asked for: its `valueSequence`, and from which moment on there is more.
    pub(crate) fn values(&self, source: &Source) -> (Value, Option<i64>) {
        match source.read {
            Read::Even(read) => self.written(read, |value| value),
            Read::Held(read) => self.written(read, Held),
            Read::Flag(read) => self.written(read, Held),
        }
    }

    fn written<T, V: Between + Written>(
        &self,
        read: fn(&Sample) -> Option<T>,
        held: impl Fn(T) -> V,
    ) -> (Value, Option<i64>) {
        let told = self.samples.iter().filter_map(|s| Some((ms(s), held(read(s)?))));
        let (page, shown) = self.page(told, |_| true);
        (property(&page.pieces, shown), page.next_ms)
    }

    fn page<V: Between>(
        &self,
        values: impl Iterator<Item = (i64, V)>,
        is_wanted: impl Fn(&Piece<V>) -> bool,
    ) -> (Page<V>, Shown) {
        let asked = self.asked;
        let window = window(asked);
        let is_in_time = |piece: &Piece<V>| asked.window.as_ref().is_none_or(|w| piece.touches(w));
        let has_leaf = |piece: &Piece<V>| {
            asked.leaves.as_ref().is_none_or(|leaves| piece.leaves(leaves).is_some())
        };
        let is_wanted = |piece: &Piece<V>| is_in_time(piece) && has_leaf(piece) && is_wanted(piece);
        let mut page = Page::of(values, self.last_ms, &window, asked.limit, is_wanted);
        let shown = if let Some(leaves) = &asked.leaves {
            page.pieces = page.pieces.iter().filter_map(|piece| piece.leaves(leaves)).collect();
            Shown::Leaves
        } else {
            if asked.is_cut {
                page.pieces = page.pieces.iter().filter_map(|p| p.within(&window)).collect();
            }
            Shown::Told
        };
        (page, shown)
    }
}

/// What is asked for, in time: leaves are sought where they are, whatever window their pieces have to touch.
fn window(asked: &Asked) -> RangeInclusive<i64> {
    let leaves = asked.leaves.as_ref().and_then(|leaves| Some(*leaves.first()?..=*leaves.last()?));
    leaves.or_else(|| asked.window.clone()).unwrap_or_else(ever)
}

fn ms(sample: &Sample) -> i64 {
    moment_of(sample.fix_time)
}

/// Epoch milliseconds.
pub(crate) fn moment_of(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or_default()
}

/// All of a window, whose ends are told to the millisecond and positions kept to the microsecond.
pub(crate) fn span(window: &RangeInclusive<i64>) -> RangeInclusive<OffsetDateTime> {
    at(*window.start())..=at(*window.end()).saturating_add(Duration::microseconds(999))
}

/// All of the time of which anything can be on file.
pub(crate) fn always() -> RangeInclusive<OffsetDateTime> {
    span(&ever())
}

/// Within what the database keeps.
fn at(ms: i64) -> OffsetDateTime {
    let (start, end) = ever().into_inner();
    let ms = ms.clamp(start, end);
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
