//! A terminal with the troubles of the field: spells without network, a clock that is off, fixes that are none,
//! messages twice and in disorder. Pure: a seed, a moment and a place in, messages out.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::clock::{Clock, Origin};
use super::drive::Motion;
use super::trouble::{TroubleCounts, Troubles};
use super::wire::{Form, Packing, Said, Seen, Voice};
use crate::decode::Reading;
use crate::jt808::Layout;

/// Positions that a terminal keeps while it is offline; then the oldest give way.
const KEPT: usize = 3_600;
/// Positions that it may send a second time.
const REMEMBERED: usize = 64;
/// Messages with kept positions that leave in one tick.
const BATCHES_A_TICK: usize = 8;
const METRES_A_DEGREE: f64 = 111_195.0;

/// A terminal and all that it remembers.
#[derive(Debug)]
pub(super) struct Troubled {
    troubles: Troubles,
    /// Between two ticks. Chances go by it and not by the clock on the wall, so that the n-th tick has the same troubles
    /// whatever the machine does.
    period_s: f64,
    rng: ChaCha8Rng,
    voice: Voice,
    clock: Clock,
    is_online: bool,
    /// Not sent yet.
    kept: VecDeque<Reading>,
    /// Sent lately.
    recent: VecDeque<Reading>,
    /// Leaves after the messages of the next tick.
    held: Option<Said>,
    serial: u32,
    odometer_km: f64,
    altitude_m: i16,
    last_place: Option<(f64, f64)>,
    /// Positions for which there was no room.
    forgotten: u64,
    counts: TroubleCounts,
}

impl Troubled {
    /// The `number` is what a JT/T 808 terminal calls itself.
    pub(super) fn new(troubles: Troubles, period_s: f64, number: u32, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let is_2019 = rng.random_bool(0.5);
        let voice = if rng.random::<f64>() < troubles.jt808_share {
            Voice::Jt808(layout(number, is_2019))
        } else {
            Voice::Json
        };
        let origin = if voice == Voice::Json { Origin::Epoch } else { Origin::Century };
        let clock = Clock::new(origin, troubles.skew_share, &mut rng);
        Self {
            troubles,
            period_s,
            voice,
            clock,
            is_online: true,
            kept: VecDeque::new(),
            recent: VecDeque::new(),
            held: None,
            serial: 0,
            odometer_km: rng.random_range(0.0..200_000.0),
            altitude_m: rng.random_range(0..2_500),
            last_place: None,
            forgotten: 0,
            counts: TroubleCounts::default(),
            rng,
        }
    }

    /// What leaves the terminal at a moment, in epoch milliseconds, at which its vehicle moves so.
    pub(super) fn tick(&mut self, now_ms: i64, motion: &Motion) -> Vec<Said> {
        if self.happens(self.troubles.jumps_per_hour / 3_600.0 * self.period_s) {
            self.clock.jump(now_ms, &mut self.rng);
            self.counts.clock_jumps += 1;
        }
        self.come_and_go();
        let reading = self.see(now_ms, motion);
        if !self.is_online {
            self.keep(reading);
            return Vec::new();
        }
        let mut said = self.catch_up();
        if self.happens(self.troubles.duplicate_share) && !self.recent.is_empty() {
            let which = self.rng.random_range(0..self.recent.len());
            let again: Vec<Reading> = self.recent.get(which).cloned().into_iter().collect();
            said.push(self.say(&again, Form::Alone));
            self.counts.duplicates += 1;
        }
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        said.push(self.say(std::slice::from_ref(&reading), Form::Alone));
        self.recent.push_back(reading);
        let late = self.held.take();
        if self.happens(self.troubles.disorder_share) {
            self.held = said.pop();
            self.counts.disordered += 1;
        }
        said.extend(late);
        said
    }

    pub(super) fn speaks_jt808(&self) -> bool {
        self.voice != Voice::Json
    }

    /// How many positions have not left yet.
    pub(super) fn kept(&self) -> usize {
        self.kept.len() + self.held.as_ref().map_or(0, |said| said.sendings.len())
    }

    /// How many positions it had no room for.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// What it has been through.
    pub(super) fn counts(&self) -> &TroubleCounts {
        &self.counts
    }

    /// Always draws, so that what comes later does not depend on the answer.
    fn happens(&mut self, chance: f64) -> bool {
        self.rng.random::<f64>() < chance
    }

    /// Spells without network are as long, and as far apart, as makes their share of the time.
    fn come_and_go(&mut self) {
        let Troubles { offline_share, offline_s, .. } = self.troubles;
        let online_s = offline_s * (1.0 - offline_share) / offline_share;
        let spell_s = if self.is_online { online_s } else { offline_s };
        if self.happens(self.period_s / spell_s) {
            self.is_online = !self.is_online;
            self.counts.offline_spells += u64::from(!self.is_online);
        }
    }

    fn see(&mut self, now_ms: i64, motion: &Motion) -> Reading {
        self.odometer_km += motion.speed_kmh * self.period_s / 3_600.0;
        let is_drifting = self.happens(self.troubles.drift_share);
        let is_fixed = !self.happens(self.troubles.no_fix_share);
        let (mut lon, mut lat) = (motion.lon, motion.lat);
        if is_drifting {
            let metres = self.rng.random_range(200.0..900.0);
            let turn = self.rng.random_range(0.0..TAU);
            lat += metres * turn.cos() / METRES_A_DEGREE;
            lon += metres * turn.sin() / (METRES_A_DEGREE * motion.lat.to_radians().cos());
            self.counts.drifted += 1;
        }
        if is_fixed {
            self.last_place = Some((lon, lat));
        } else {
            // Without a fix a receiver tells its last place; one that has just started has none.
            let is_started = self.rng.random_bool(0.25);
            (lon, lat) = self.last_place.filter(|_| !is_started).unwrap_or_default();
            self.counts.without_fix += 1;
        }
        self.voice.round(&Seen {
            told_ms: self.clock.says(now_ms),
            lon,
            lat,
            speed_kmh: motion.speed_kmh,
            heading_deg: motion.heading_deg,
            odometer_km: self.odometer_km,
            altitude_m: self.altitude_m,
            is_fixed,
        })
    }

    fn keep(&mut self, reading: Reading) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
            self.forgotten += 1;
        }
        self.kept.push_back(reading);
    }

    /// The oldest of what was kept, in full messages.
    fn catch_up(&mut self) -> Vec<Said> {
        let mut said = Vec::new();
        while !self.kept.is_empty() && said.len() < BATCHES_A_TICK {
            let many = self.voice.most().min(self.kept.len());
            let mut batch: Vec<Reading> = self.kept.drain(..many).collect();
            if self.happens(self.troubles.disorder_share) {
                batch.shuffle(&mut self.rng);
                self.counts.disordered += 1;
            }
            said.push(self.say(&batch, Form::Kept));
            self.counts.batches += 1;
        }
        said
    }

    fn say(&mut self, readings: &[Reading], form: Form) -> Said {
        self.serial = self.serial.wrapping_add(1);
        let is_packed = self.happens(self.troubles.gzip_share) && self.voice == Voice::Json;
        self.counts.packed += u64::from(is_packed);
        let packing = if is_packed { Packing::Gzip } else { Packing::Plain };
        self.voice.say(readings, self.serial, form, packing)
    }
}

/// With the number as the last digits of the terminal's phone.
fn layout(number: u32, is_2019: bool) -> Layout {
    let mut phone = [0; 10];
    let mut left = number;
    for byte in phone.iter_mut().rev() {
        let pair = u8::try_from(left % 100).unwrap_or_default();
        *byte = ((pair / 10) << 4) | (pair % 10);
        left /= 100;
    }
    if is_2019 {
        return Layout::V2019 { version: 1, phone };
    }
    let [_, _, _, _, twelve @ ..] = phone;
    Layout::V2013 { phone: twelve }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::OffsetDateTime;
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;
    use crate::message::Message;
    use crate::noise;
    use crate::reason::Reason;
    use crate::simulate::ledger::{Fate, Ledger, Position, epoch_us};
    use crate::topic::{TerminalId, Topic};

    const BEGAN_MS: i64 = 1_772_366_400_000;

    fn grim() -> Troubles {
        Troubles {
            jt808_share: 0.5,
            offline_share: 0.3,
            offline_s: 60.0,
            duplicate_share: 0.2,
            disorder_share: 0.2,
            skew_share: 0.5,
            jumps_per_hour: 60.0,
            drift_share: 0.1,
            no_fix_share: 0.2,
            gzip_share: 0.3,
        }
    }

    /// Wherever on earth, a position a second.
    fn told(terminal: &mut Troubled, (lon, lat): (f64, f64), ticks: i64) -> Vec<(i64, Vec<Said>)> {
        (0..ticks)
            .map(|n| {
                let share = f64::from(u32::try_from(n % 100).unwrap()) / 100.0;
                let motion = Motion {
                    lon: lon + share / 100.0,
                    lat: lat - share / 200.0,
                    speed_kmh: share * 123.4,
                    heading_deg: share * 359.99,
                };
                let now_ms = BEGAN_MS + 1_000 * n + n % 7;
                (now_ms, terminal.tick(now_ms, &motion))
            })
            .collect()
    }

    /// As the server judges them: the good ones and the bad ones, each in their order.
    type Judged = (Vec<Position>, Vec<(Reason, u64)>);

    fn judged(said: &Said, now: OffsetDateTime) -> Judged {
        let terminal = TerminalId::new_checked("T1").unwrap();
        let topic = Topic::of(terminal, said.channel).to_string();
        let message = Message { topic, payload: said.payload.clone(), received_at: now };
        let judged = message.judge().unwrap();
        let fixes = judged
            .fixes
            .iter()
            .map(|fix| Position { fix_us: epoch_us(fix.fix_time()), content: fix.content_hash() });
        let rejects = judged.rejects.iter().map(|r| (r.fault.reason, xxh3_64(&r.evidence)));
        (fixes.collect(), rejects.collect())
    }

    fn expected(said: &Said, now: OffsetDateTime) -> Judged {
        let mut ledger = Ledger::default();
        let page = ledger.hand_over(&said.payload, &said.sendings, now);
        ledger.acknowledge(page, now);
        let (mut fixes, mut rejects) = (Vec::new(), Vec::new());
        for (page, sendings) in ledger.pages() {
            for sending in sendings {
                match page.fate(sending) {
                    Fate::Stored => fixes.push(sending.position),
                    Fate::Rejected(reason) => rejects.push((reason, sending.evidence)),
                    Fate::Either => panic!("clocks are off by more, or by less: {sending:?}"),
                }
            }
        }
        (fixes, rejects)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..noise::config() })]

        #[test]
        fn the_ledger_holds_exactly_what_the_server_reads_out_of_each_message(
            seed in any::<u64>(),
            place in (-179.0..179.0_f64, -85.0..85.0_f64),
            number in 0..100_000_000_u32,
        ) {
            // Clocks that are off by minutes must not wait until their time has come.
            let troubles = Troubles { offline_s: 30.0, ..grim() };
            let mut terminal = Troubled::new(troubles, 1.0, number, seed);
            for (now_ms, all) in told(&mut terminal, place, 240) {
                let now = OffsetDateTime::from_unix_timestamp_nanos(i128::from(now_ms) * 1_000_000);
                let now = now.unwrap();
                for said in all {
                    prop_assert!(!said.sendings.is_empty());
                    // What waited offline for its time may be judged either way; the model says so.
                    let waits = said.sendings.iter().any(|s| {
                        let ahead_us = s.position.fix_us - epoch_us(now);
                        (200_000_000..400_000_000).contains(&ahead_us)
                    });
                    if !waits {
                        prop_assert_eq!(judged(&said, now), expected(&said, now));
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_seed_says_the_same_and_another_does_not() {
        let says = |seed| told(&mut Troubled::new(grim(), 1.0, 7, seed), (105.0, 36.0), 600);
        assert_eq!(says(5), says(5));
        assert_ne!(says(5), says(6));
    }

    #[test]
    fn every_trouble_comes_and_none_comes_without_being_asked_for() {
        let mut counts = TroubleCounts::default();
        let (mut jt808, mut kept, mut sent) = (0, 0, 0);
        for number in 0..40_u32 {
            let mut terminal = Troubled::new(grim(), 1.0, number, number.into());
            let said = told(&mut terminal, (105.0, 36.0), 600);
            sent += said.iter().flat_map(|(_, s)| s).map(|s| s.sendings.len()).sum::<usize>();
            kept += terminal.kept();
            jt808 += usize::from(terminal.speaks_jt808());
            counts.add(terminal.counts());
        }
        let duplicates = usize::try_from(counts.duplicates).unwrap();
        assert_eq!(sent - duplicates + kept, 40 * 600, "each position leaves once or is kept");
        assert!((10..=30).contains(&jt808), "{jt808} of 40 speak JT/T 808");
        let TroubleCounts { offline_spells, batches, disordered, clock_jumps, .. } = counts;
        assert!(offline_spells > 40 && batches > 40 && clock_jumps > 200, "{counts:?}");
        assert!(disordered > 500 && counts.drifted > 1_000 && counts.packed > 500, "{counts:?}");
        assert!(counts.without_fix > 2_000 && duplicates > 1_000, "{counts:?}");

        let none = Troubles {
            jt808_share: 0.0,
            offline_share: 0.0,
            duplicate_share: 0.0,
            disorder_share: 0.0,
            jumps_per_hour: 0.0,
            drift_share: 0.0,
            no_fix_share: 0.0,
            gzip_share: 0.0,
            ..grim()
        };
        let mut calm = Troubled::new(none, 1.0, 1, 1);
        let said = told(&mut calm, (105.0, 36.0), 600);
        assert!(said.iter().all(|(_, messages)| messages.len() == 1));
        assert_eq!((calm.counts(), calm.kept()), (&TroubleCounts::default(), 0));
    }

    #[test]
    fn a_terminal_that_stays_offline_forgets_the_oldest() {
        let troubles = Troubles { offline_share: 0.95, offline_s: 3_600.0, ..grim() };
        let mut terminal = Troubled::new(troubles, 1.0, 1, 1);
        terminal.is_online = false;
        for n in 0..4_000_i64 {
            let reading = terminal.see(
                BEGAN_MS + n,
                &Motion { lon: 105.0, lat: 36.0, speed_kmh: 0.0, heading_deg: 0.0 },
            );
            terminal.keep(reading);
        }
        assert_eq!((terminal.kept(), terminal.forgotten()), (KEPT, 400));
    }
}
