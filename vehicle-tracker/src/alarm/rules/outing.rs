//! Metres driven at times that somebody may ask about, within a trip.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::{Event, Input};
use super::super::threshold::Used;
use crate::fence::distance_m;

/// The trip that goes on, and the stretch of it that is suspect.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Outing {
    last: Option<Spot>,
    stretch: Option<Stretch>,
}

/// By what a stretch is judged.
pub(super) struct Judgement<'a, S> {
    /// Why a moment is suspect, if it is.
    pub(super) suspect: S,
    /// From how many metres on somebody asks.
    pub(super) least_m: f64,
    /// The numbers behind both.
    pub(super) used: &'a [Used],
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Spot {
    at_ms: i64,
    place: LonLat,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Stretch {
    from: Spot,
    metres: f64,
    begin: Begin,
    ongoing: Option<Ongoing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Begin {
    /// The metres of the trip are its own.
    WithTrip,
    /// Part of the trip was driven while nobody asks.
    Later,
}

impl Outing {
    /// Adds up a stretch as long as its moments are suspect. It becomes an episode once it is long
    /// enough, and ends with the trip or when nothing is suspect any more.
    pub(super) fn judge<S>(&mut self, input: &Input, by: &Judgement<'_, S>, say: &mut Say<'_>)
    where
        S: Fn(i64) -> Option<Value>,
    {
        match *input {
            Input::Event(Event::TripBegan { at_ms, place }) => {
                let from = Spot { at_ms, place: super::short(place) };
                self.finish(from, by, say);
                self.last = Some(from);
                self.stretch = (by.suspect)(at_ms).map(|_| Stretch::new(from, Begin::WithTrip));
            }
            Input::Event(Event::TripEnded { at_ms, place, metres }) => {
                let here = Spot { at_ms, place: super::short(place) };
                let whole = |stretch: &&mut Stretch| stretch.begin == Begin::WithTrip;
                if let Some(stretch) = self.stretch.as_mut().filter(whole) {
                    stretch.metres = super::tenth(stretch.metres.max(metres));
                    stretch.go_on(here, by, say);
                }
                self.finish(here, by, say);
                self.last = None;
            }
            _ => {
                let Some(point) = input.place() else { return };
                // A trip that turns out to have begun later than this point does not hold it.
                let Some(last) = self.last.filter(|last| last.at_ms <= point.fix_ms) else {
                    return;
                };
                let here = Spot { at_ms: point.fix_ms, place: super::short(point.place) };
                self.last = Some(here);
                self.drive(last, here, by, say);
            }
        }
    }

    fn drive<S>(&mut self, last: Spot, here: Spot, by: &Judgement<'_, S>, say: &mut Say<'_>)
    where
        S: Fn(i64) -> Option<Value>,
    {
        if (by.suspect)(here.at_ms).is_none() {
            self.finish(here, by, say);
            return;
        }
        match &mut self.stretch {
            // What was driven up to here was driven while nobody asks.
            None => self.stretch = Some(Stretch::new(here, Begin::Later)),
            Some(stretch) => {
                stretch.metres = super::tenth(stretch.metres + distance_m(last.place, here.place));
                stretch.go_on(here, by, say);
            }
        }
    }

    fn finish<S>(&mut self, here: Spot, by: &Judgement<'_, S>, say: &mut Say<'_>)
    where
        S: Fn(i64) -> Option<Value>,
    {
        if let Some(stretch) = self.stretch.take().filter(|stretch| stretch.ongoing.is_some()) {
            say.ended(here.at_ms, stretch.tell(here, by));
        }
    }
}

impl Stretch {
    fn new(from: Spot, begin: Begin) -> Self {
        Self { from, metres: 0.0, begin, ongoing: None }
    }

    fn go_on<S>(&mut self, here: Spot, by: &Judgement<'_, S>, say: &mut Say<'_>)
    where
        S: Fn(i64) -> Option<Value>,
    {
        let tell = self.tell(here, by);
        match &mut self.ongoing {
            Some(ongoing) => say.goes_on(ongoing, tell),
            None if self.metres >= by.least_m => self.ongoing = Some(say.opened(tell)),
            None => {}
        }
    }

    fn tell<'a, S>(&self, here: Spot, by: &Judgement<'a, S>) -> Tell<'a>
    where
        S: Fn(i64) -> Option<Value>,
    {
        let why = (by.suspect)(self.from.at_ms).unwrap_or(Value::Null);
        let seen = json!({ "metres": self.metres, "from": self.from.place, "why": why });
        Tell::new(self.from.at_ms, here.at_ms, Some(here.place), seen).by(by.used)
    }
}
