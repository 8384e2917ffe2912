//! One vehicle: its trips, its fences and its alarms, from position to position; pure.

use serde::{Deserialize, Serialize};

use crate::alarm::{Event, Finding as Alarm, Input, Setting, Watch};
use crate::fence::{FenceState, step as fences_step};
use crate::point::Point;
use crate::quality::Quality;
use crate::trip::{Arrival, Driving, Finding, Open, TripRules};

/// What is remembered of a vehicle: a function of its positions, its setting, and of the ticks that
/// told it of silence.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Lane {
    driving: Driving,
    fences: FenceState,
    watch: Watch,
}

/// The same in a tenth of the memory: apart what only positions move on, and what time moves on as well.
#[derive(Debug)]
pub(super) struct Packed {
    way: Box<[u8]>,
    watch: Box<[u8]>,
}

/// What a run of positions came to.
#[derive(Debug, Default)]
pub(super) struct Came {
    /// Trips, stops and refuels, each with the moment of the position that made it certain.
    pub(super) found: Vec<(i64, Finding)>,
    /// Which positions are to be flagged other than they came, by their moments.
    pub(super) judged: Vec<(i64, Quality)>,
    /// What rules found, each with the moment at which it became certain.
    pub(super) alarms: Vec<(i64, Alarm)>,
    /// States worth keeping, each with the moment of the last position that it knows.
    pub(super) checkpoints: Vec<(i64, Lane)>,
}

impl Lane {
    /// Goes on by positions in the order of time.
    pub(super) fn feed(
        &mut self,
        points: &[Point],
        rules: &TripRules,
        setting: &Setting<'_>,
        came: &mut Came,
    ) {
        for point in points {
            let step = self.driving.step(point, rules);
            let at_ms = point.fix_ms;
            if step.quality != point.quality {
                came.judged.push((at_ms, step.quality));
            }
            let judged = Point { quality: step.quality, ..*point };
            for crossing in fences_step(&mut self.fences, &judged, setting.fences) {
                self.hear(&Input::Crossing(crossing), at_ms, setting, came);
            }
            self.hear(&Input::Point(judged), at_ms, setting, came);
            for event in step.findings.iter().flat_map(events) {
                self.hear(&Input::Event(event), at_ms, setting, came);
            }
            if step.arrival == Arrival::Certain
                && let Some(Open::Standing(stop)) = self.driving.open()
            {
                let began = Event::StopBegan { at_ms: stop.start_ms, place: stop.place };
                self.hear(&Input::Event(began), at_ms, setting, came);
            }
            let is_due = self.driving.is_checkpoint_due(&step);
            came.found.extend(step.findings.into_iter().map(|finding| (at_ms, finding)));
            if is_due {
                came.checkpoints.push((at_ms, self.clone()));
            }
        }
    }

    /// Time passes without a position.
    pub(super) fn tick(&mut self, now_ms: i64, setting: &Setting<'_>, came: &mut Came) {
        self.hear(&Input::Tick(now_ms), now_ms, setting, came);
    }

    /// Gives back what no rule needs to remember.
    pub(super) fn rest(&mut self) {
        self.watch.rest();
    }

    /// `None` when it cannot be packed.
    pub(super) fn packed(&self) -> Option<Packed> {
        Some(Packed { way: packed(&(&self.driving, &self.fences))?, watch: packed(&self.watch)? })
    }

    /// The moment of the last position.
    pub(super) fn fed_ms(&self) -> Option<i64> {
        self.driving.fed_ms()
    }

    /// What is remembered of its trips alone.
    pub(crate) fn into_driving(self) -> Driving {
        self.driving
    }

    fn hear(&mut self, input: &Input, certain_ms: i64, setting: &Setting<'_>, came: &mut Came) {
        came.hear(&mut self.watch, input, certain_ms, setting);
    }
}

impl Packed {
    /// `None` when it does not unpack.
    pub(super) fn unpacked(&self) -> Option<Lane> {
        let (driving, fences) = postcard::from_bytes(&self.way).ok()?;
        Some(Lane { driving, fences, watch: postcard::from_bytes(&self.watch).ok()? })
    }

    /// Time passes without a position.
    pub(super) fn tick(&mut self, now_ms: i64, setting: &Setting<'_>, came: &mut Came) {
        let Ok(mut watch) = postcard::from_bytes::<Watch>(&self.watch) else { return };
        came.hear(&mut watch, &Input::Tick(now_ms), now_ms, setting);
        watch.rest();
        if let Some(packed) = packed(&watch).filter(|packed| *packed != self.watch) {
            self.watch = packed;
        }
    }
}

fn packed(state: &impl Serialize) -> Option<Box<[u8]>> {
    postcard::to_stdvec(state).ok().map(Vec::into_boxed_slice)
}

impl Came {
    fn hear(&mut self, watch: &mut Watch, input: &Input, certain_ms: i64, setting: &Setting<'_>) {
        let found = watch.step(input, setting).into_iter();
        self.alarms.extend(found.map(|alarm| (certain_ms, alarm)));
    }
}

/// What rules are told of a trip, once it is certain.
fn events(finding: &Finding) -> Vec<Event> {
    match finding {
        Finding::Stop(stop) => vec![
            Event::StopEnded { at_ms: stop.end_ms },
            Event::TripBegan { at_ms: stop.end_ms, place: stop.place },
        ],
        Finding::Trip(trip) => {
            vec![Event::TripEnded { at_ms: trip.end_ms, place: trip.end, metres: trip.distance_m }]
        }
        // Rules read the tank themselves.
        Finding::Refuel(_) => Vec::new(),
    }
}
