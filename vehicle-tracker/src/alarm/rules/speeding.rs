//! Speeding 超速: faster than the limit for a while. One episode, however many points it has.
//!
//! The limit of a fence goes before that of the vehicle, its organisation and the default, which is
//! the highest limit there is (Regulations on the Implementation of the Road Traffic Safety Law,
//! article 78: 120 km/h). Half more than the limit is severe: there the law takes the licence
//! (article 99 of the law).

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::{Origin, Threshold, Used};
use crate::fence::{Crossing, CrossingKind, FenceId, distance_m};
use crate::point::Point;

pub(super) const RULE: Rule = Rule::of::<Speeding>(
    "speeding",
    ("超速", "speeding"),
    Level::WARNING,
    "The vehicle was faster than its limit for longer than an overtaking takes.",
    &[LIMIT, LEAST, MARGIN, CALM],
);

const LIMIT: Threshold = Threshold { name: "speeding.limit_kmh", default: 120.0 };
const LEAST: Threshold = Threshold { name: "speeding.least_s", default: 10.0 };
const MARGIN: Threshold = Threshold { name: "speeding.margin_kmh", default: 5.0 };
const CALM: Threshold = Threshold { name: "speeding.calm_s", default: 10.0 };

/// So many expected intervals without a point, and two minutes, end what is known of the speed.
const GAP_INTERVALS: i64 = 3;
const GAP_MS: i64 = 120_000;

/// So many fences with a limit at a time.
const MOST_FENCES: usize = 64;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Speeding {
    inside: Vec<FenceId>,
    run: Option<Run>,
}

/// Above the limit, perhaps not for long enough yet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Run {
    ongoing: Option<Ongoing>,
    started_ms: i64,
    last_ms: i64,
    last_kmh: f32,
    place: LonLat,
    peak_kmh: f32,
    peak_limit_kmh: f64,
    /// Kilometres an hour times milliseconds.
    sum: f64,
    metres: f64,
    calm: Option<Calm>,
}

/// Since when it is slow enough to be over, and what was added up by then.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Calm {
    at_ms: i64,
    sum: f64,
    metres: f64,
}

impl Memory for Speeding {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        if let Input::Crossing(crossing) = input {
            self.crossed(crossing, setting);
        }
        let Some(point) = input.place() else { return };
        let Some(speed_kmh) = point.speed_kmh else { return };
        let limit = self.limit(setting);
        let gap_ms = GAP_MS.max(setting.interval_ms.saturating_mul(GAP_INTERVALS));
        if let Some(run) = self.run.take_if(|run| point.fix_ms - run.last_ms > gap_ms) {
            run.end(run.last_ms, limit, setting, say);
        }
        if f64::from(speed_kmh) > limit.value {
            let run = self.run.get_or_insert_with(|| Run::begun(point, speed_kmh, limit.value));
            run.above(point, speed_kmh, limit, setting, say);
        } else if let Some(run) = &mut self.run
            && run.below(point, speed_kmh, limit, setting)
        {
            run.end(point.fix_ms, limit, setting, say);
            self.run = None;
        }
    }
}

impl Speeding {
    fn crossed(&mut self, crossing: &Crossing, setting: &Setting<'_>) {
        let id = crossing.fence;
        match crossing.kind {
            CrossingKind::Leave => self.inside.retain(|known| *known != id),
            CrossingKind::Enter | CrossingKind::Inside => {
                let known = self.inside.contains(&id);
                if !known && setting.concerns(id) && self.inside.len() < MOST_FENCES {
                    self.inside.push(id);
                }
            }
            CrossingKind::Dwell => {}
        }
    }

    /// The lowest limit of the fences it is in, else its own.
    fn limit(&self, setting: &Setting<'_>) -> Used {
        let of = |id: &FenceId| setting.fences.get(*id)?.limit_kmh;
        let lowest = self.inside.iter().filter_map(of).min_by(f32::total_cmp);
        lowest.map_or_else(
            || setting.thresholds.look_up(&LIMIT),
            |limit_kmh| Used::from(LIMIT.name, f64::from(limit_kmh), Origin::Fence),
        )
    }
}

impl Run {
    fn begun(point: &Point, speed_kmh: f32, limit_kmh: f64) -> Self {
        Self {
            ongoing: None,
            started_ms: point.fix_ms,
            last_ms: point.fix_ms,
            last_kmh: speed_kmh,
            place: super::short(point.place),
            peak_kmh: speed_kmh,
            peak_limit_kmh: limit_kmh,
            sum: 0.0,
            metres: 0.0,
            calm: None,
        }
    }

    fn above(
        &mut self,
        point: &Point,
        speed_kmh: f32,
        limit: Used,
        setting: &Setting<'_>,
        say: &mut Say<'_>,
    ) {
        self.go_on(point, speed_kmh);
        self.calm = None;
        let beyond = |speed_kmh: f32, limit_kmh: f64| f64::from(speed_kmh) / limit_kmh.max(1.0);
        if beyond(speed_kmh, limit.value) > beyond(self.peak_kmh, self.peak_limit_kmh) {
            (self.peak_kmh, self.peak_limit_kmh) = (speed_kmh, limit.value);
        }
        let used = [limit, setting.thresholds.look_up(&LEAST)];
        let tell = self.tell(&used);
        match &mut self.ongoing {
            Some(ongoing) => say.goes_on(ongoing, tell),
            None if point.fix_ms - self.started_ms >= used[1].times_ms(1_000) => {
                self.ongoing = Some(say.opened(tell));
            }
            None => {}
        }
    }

    /// Whether it is over.
    fn below(&mut self, point: &Point, speed_kmh: f32, limit: Used, setting: &Setting<'_>) -> bool {
        self.go_on(point, speed_kmh);
        let margin = setting.thresholds.look_up(&MARGIN);
        if f64::from(speed_kmh) > limit.value - margin.value {
            self.calm = None;
            // What has not lasted yet must last without a break.
            return self.ongoing.is_none();
        }
        let now = Calm { at_ms: point.fix_ms, sum: self.sum, metres: self.metres };
        let since_ms = self.calm.get_or_insert(now).at_ms;
        let least = setting.thresholds.look_up(&CALM);
        self.ongoing.is_none() || point.fix_ms - since_ms >= least.times_ms(1_000)
    }

    fn go_on(&mut self, point: &Point, speed_kmh: f32) {
        let took_ms = super::as_f64(point.fix_ms - self.last_ms);
        self.sum =
            super::tenth(self.sum + took_ms * f64::from(f32::midpoint(self.last_kmh, speed_kmh)));
        let place = super::short(point.place);
        self.metres = super::tenth(self.metres + distance_m(self.place, place));
        (self.last_ms, self.last_kmh, self.place) = (point.fix_ms, speed_kmh, place);
    }

    /// It ended when it became slow, else by a moment.
    fn end(&self, by_ms: i64, limit: Used, setting: &Setting<'_>, say: &mut Say<'_>) {
        if self.ongoing.is_none() {
            return;
        }
        let (sum, metres) = (self.sum, self.metres);
        let calm = self.calm.unwrap_or(Calm { at_ms: by_ms, sum, metres });
        let limit = Used { value: self.peak_limit_kmh, ..limit };
        let used = [limit, setting.thresholds.look_up(&LEAST)];
        let whole = Self { last_ms: calm.at_ms, sum: calm.sum, metres: calm.metres, ..*self };
        say.ended(calm.at_ms, whole.tell(&used));
    }

    fn tell<'a>(&self, used: &'a [Used]) -> Tell<'a> {
        let took_ms = super::as_f64(self.last_ms - self.started_ms);
        let average = if took_ms > 0.0 { self.sum / took_ms } else { f64::from(self.peak_kmh) };
        let seen = json!({
            "peak_kmh": self.peak_kmh,
            "limit_at_peak_kmh": self.peak_limit_kmh,
            "average_kmh": super::tenth(average),
            "length_m": self.metres,
        });
        let tell = Tell::new(self.started_ms, self.last_ms, Some(self.place), seen).by(used);
        let severe = f64::from(self.peak_kmh) >= 1.5 * self.peak_limit_kmh;
        if severe { tell.at_level(Level::SEVERE) } else { tell }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::*;
    use super::*;
    use crate::fence::FenceIndex;

    #[test]
    fn a_minute_above_the_limit_is_one_episode_with_peak_and_average() {
        let speeds = [(0, 100.0), (10, 130.0), (20, 150.0), (30, 130.0), (40, 110.0), (50, 110.0)];
        let inputs = speeds.map(|(s, speed)| fast(s, speed));
        let episodes = Scene::new().episodes(&RULE, &inputs);
        let (key, episode) = episodes.first_key_value().unwrap();
        assert_eq!((episodes.len(), key.started_ms, episode.ended_ms), (1, 10_000, Some(40_000)));
        assert_eq!(episode.evidence["seen"]["peak_kmh"], 150.0);
        assert_eq!(episode.evidence["seen"]["average_kmh"], 133.3);
        assert_eq!(episode.evidence["thresholds"][0]["from"], "default");
        assert_eq!(episode.level, Level::WARNING);
    }

    #[test]
    fn an_overtaking_is_no_speeding() {
        let inputs = [(0, 115.0), (5, 130.0), (10, 130.0), (14, 118.0), (20, 125.0), (25, 110.0)];
        assert_eq!(Scene::new().times(&RULE, &inputs.map(|(s, v)| fast(s, v))), []);
        // Nor are two points above the limit with an hour between them.
        assert_eq!(Scene::new().times(&RULE, &[fast(0, 130.0), fast(3_600, 130.0)]), []);
    }

    #[test]
    fn a_moment_near_the_limit_does_not_make_two_episodes_and_a_long_silence_does() {
        let near = [(0, 130.0), (10, 130.0), (20, 117.0), (40, 117.0), (50, 114.0), (55, 130.0)];
        let mut inputs = near.map(|(s, speed)| fast(s, speed)).to_vec();
        inputs.extend([fast(60, 110.0), fast(70, 110.0)]);
        assert_eq!(Scene::new().times(&RULE, &inputs), [(0, Some(60_000))]);
        let silent = [fast(0, 130.0), fast(10, 130.0), fast(200, 130.0), fast(210, 130.0)];
        let times = Scene::new().times(&RULE, &silent);
        assert_eq!(times, [(0, Some(10_000)), (200_000, None)]);
    }

    #[test]
    fn a_late_slow_fix_takes_the_episode_back() {
        let inputs = [fast(0, 130.0), fast(8, 130.0), fast(16, 130.0), fast(60, 90.0)];
        assert_eq!(Scene::new().times(&RULE, &inputs).len(), 1);
        assert_eq!(Scene::new().times(&RULE, &with(&inputs, fast(7, 100.0))), []);
    }

    /// Limit 40, 15 s: 50 and 55 at 0 and 10 s say nothing, 55 at 20 s does, and 30 ends it.
    #[test]
    fn the_known_answer_for_a_minimum_of_fifteen_seconds() {
        let scene = Scene::new()
            .with("speeding.limit_kmh", 40.0)
            .with("speeding.least_s", 15.0)
            .with("speeding.margin_kmh", 0.0)
            .with("speeding.calm_s", 0.0);
        let inputs = [(0, 50.0), (10, 55.0), (20, 55.0), (30, 55.0), (30, 30.0)];
        let inputs = inputs.map(|(s, v)| fast(s, v));
        assert_eq!(scene.findings(&RULE, &inputs[..2]), []);
        let found = scene.findings(&RULE, &inputs[..3]);
        assert_eq!((found.len(), &found[0].evidence["seen"]["peak_kmh"]), (1, &json!(55.0)));
        assert_eq!(scene.findings(&RULE, &inputs[..4]).len(), 1);
        assert_eq!(scene.times(&RULE, &inputs), [(0, Some(30_000))]);
    }

    #[test]
    fn the_limit_of_a_fence_goes_before_that_of_the_vehicle() {
        let fences = FenceIndex::new([circle(1, 0.0, 500.0).with_limit(30.0)]);
        let scene = Scene { fences, ..Scene::new().with("speeding.limit_kmh", 80.0) };
        let drive = [fast(0, 50.0), fast(10, 50.0), fast(20, 50.0)];
        assert_eq!(scene.times(&RULE, &drive), []);
        let mut inside = vec![crossing(1, CrossingKind::Enter, 0)];
        inside.extend(drive);
        let episodes = scene.episodes(&RULE, &inside);
        let episode = episodes.values().next().unwrap();
        assert_eq!(episode.evidence["thresholds"][0]["from"], "fence");
        assert_eq!(episode.level, Level::SEVERE);
    }
}
