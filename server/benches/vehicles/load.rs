//! The load generator, a process of its own: terminals with an MQTT connection each, that keep a position until it is
//! acknowledged and publish it again on the next connection, and a ledger of what was acknowledged.
//!
//! It is told what to do line by line on its input (`offer RATE`, `pause`, `finish SECONDS`) and answers with one JSON
//! object a line. One thread does everything: it shares the machine with what it measures.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin};
use tokio::sync::Semaphore;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::fleet;
use crate::link::{self, Link};

/// What this program is when it is the generator: the file with its [`Plan`].
pub(crate) const LOAD: &str = "ONEMAP_BENCH_LOAD";

/// Between two looks at what is due.
const TICK: Duration = Duration::from_millis(5);
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Connections in the making at one time.
const AT_ONCE: usize = 256;
/// How long a pause waits for what is under way.
const PAUSE_LIMIT: Duration = Duration::from_secs(20);

/// What to publish, and as whom.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// `host:port` of the broker.
    pub(crate) broker: String,
    pub(crate) logins: Vec<Login>,
    /// Positions a message.
    pub(crate) batch: u32,
    /// Messages of one connection without an acknowledgement.
    pub(crate) window: usize,
    /// Where every acknowledged position is written; see [`crate::ledger`].
    pub(crate) ledger: Option<PathBuf>,
}

/// One connection, and the terminals that it publishes for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) client_id: String,
    /// User and secret.
    pub(crate) credentials: Option<(String, String)>,
    /// The first of its terminals.
    pub(crate) first: u32,
    pub(crate) count: u32,
}

/// A line of the generator.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    Progress(Progress),
    Phase(Phase),
    Done(Done),
}

/// How it goes, ten times a second; numbers are of messages since the start.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) offered: u64,
    pub(crate) acknowledged: u64,
    /// Connections that are open.
    pub(crate) open: usize,
    /// Connections that were lost.
    pub(crate) lost: u64,
    /// When the last published of what is acknowledged was published.
    pub(crate) newest_ms: i64,
}

/// What was offered between `offer` and `pause`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Phase {
    pub(crate) seconds: f64,
    /// Positions that came due; those still waiting at the end are given up.
    pub(crate) offered: u64,
    pub(crate) acknowledged: u64,
    /// From PUBLISH to PUBACK: half, 99 of 100, all. Milliseconds.
    pub(crate) answer_ms: [f64; 3],
    /// The same from the moment a message was due.
    pub(crate) due_ms: [f64; 3],
}

/// The end: positions of each terminal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) lost: u64,
    /// Messages that were due and never published, because those before them were not acknowledged.
    pub(crate) waiting: usize,
    pub(crate) published: Vec<u64>,
    pub(crate) acknowledged: Vec<u64>,
}

/// Positions of one terminal at equal distances, to be published together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message {
    pub(crate) number: u32,
    pub(crate) first_ms: i64,
    pub(crate) step_ms: i64,
    pub(crate) serial: u64,
    pub(crate) due: Instant,
}

impl Message {
    pub(crate) fn fixes(&self, batch: u32) -> impl Iterator<Item = i64> {
        let (first_ms, step_ms) = (self.first_ms, self.step_ms);
        (0..i64::from(batch)).map(move |n| first_ms + n * step_ms)
    }
}

/// What all connections share.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) gate: Semaphore,
    pub(crate) book: RefCell<Book>,
    pub(crate) open: Cell<usize>,
    pub(crate) lost: Cell<u64>,
}

/// What was offered and what was acknowledged.
#[derive(Default)]
pub(crate) struct Book {
    ledger: Option<BufWriter<File>>,
    published: Vec<u64>,
    acknowledged: Vec<u64>,
    offered: u64,
    acknowledged_messages: u64,
    newest_ms: i64,
    phase_began: Option<Instant>,
    phase_offered: u64,
    answers_us: Vec<u32>,
    dues_us: Vec<u32>,
}

impl Book {
    /// A message goes out for the first time.
    pub(crate) fn published(&mut self, message: &Message, batch: u32) {
        self.published[message.number as usize - 1] += u64::from(batch);
    }

    /// A message is acknowledged that went out at `written`.
    pub(crate) fn acknowledged(&mut self, message: &Message, batch: u32, written: Instant) {
        let us = |since: Instant| u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.answers_us.push(us(written));
        self.dues_us.push(us(message.due));
        self.acknowledged[message.number as usize - 1] += u64::from(batch);
        self.acknowledged_messages += 1;
        let ago_ms = i64::try_from(written.elapsed().as_millis()).unwrap();
        self.newest_ms = self.newest_ms.max(now_ms() - ago_ms);
        for fix_ms in message.fixes(batch) {
            if let Some(ledger) = &mut self.ledger {
                let (lon, lat, _) = fleet::place(message.number, fix_ms);
                ledger.write_all(&message.number.to_le_bytes()).unwrap();
                ledger.write_all(&fix_ms.to_le_bytes()).unwrap();
                ledger.write_all(&lon.to_le_bytes()).unwrap();
                ledger.write_all(&lat.to_le_bytes()).unwrap();
            }
        }
    }

    /// Acknowledgements may still come after this, and are nobody's business any more.
    fn done(&mut self, lost: u64, waiting: usize) -> Done {
        if let Some(mut ledger) = self.ledger.take() {
            ledger.flush().unwrap();
        }
        let (published, acknowledged) = (self.published.clone(), self.acknowledged.clone());
        Done { lost, waiting, published, acknowledged }
    }

    fn begin_phase(&mut self) {
        self.phase_began = Some(Instant::now());
        self.phase_offered = 0;
        self.answers_us.clear();
        self.dues_us.clear();
    }

    fn phase(&mut self, seconds: f64, batch: u32) -> Phase {
        let parts = |us: &mut Vec<u32>| {
            us.sort_unstable();
            let at = |part: f64| {
                let place =
                    ((us.len() as f64 * part).ceil() as usize).clamp(1, us.len().max(1)) - 1;
                us.get(place).map_or(0.0, |us| f64::from(*us) / 1e3)
            };
            [at(0.5), at(0.99), at(1.0)]
        };
        Phase {
            seconds,
            offered: self.phase_offered * u64::from(batch),
            acknowledged: self.answers_us.len() as u64 * u64::from(batch),
            answer_ms: parts(&mut self.answers_us),
            due_ms: parts(&mut self.dues_us),
        }
    }
}

/// Runs as the generator that the plan in this file asks for.
pub(crate) fn run(plan: &str) {
    let plan: Plan = serde_json::from_slice(&std::fs::read(plan).unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, publish(plan));
    // The thread that reads the input would be waited for.
    std::process::exit(0);
}

async fn publish(plan: Plan) {
    let terminals = plan.logins.iter().map(|l| l.first + l.count - 1).max().unwrap() as usize;
    let ledger = plan.ledger.as_ref().map(|path| BufWriter::new(File::create(path).unwrap()));
    let zeros = vec![0; terminals];
    let book = Book { ledger, published: zeros.clone(), acknowledged: zeros, ..Book::default() };
    let world = Rc::new(World {
        gate: Semaphore::new(AT_ONCE),
        book: RefCell::new(book),
        open: Cell::new(0),
        lost: Cell::new(0),
        plan,
    });
    let links: Vec<Rc<Link>> =
        world.plan.logins.iter().map(|login| Rc::new(Link::new(login.clone()))).collect();
    for link in &links {
        spawn_local(link::keep(Rc::clone(link), Rc::clone(&world)));
    }
    Pacer::new(world, links, terminals).run().await;
}

/// Hands out what is due, and does what it is told.
struct Pacer {
    world: Rc<World>,
    links: Vec<Rc<Link>>,
    /// The connection of each terminal, and its clock.
    terminals: Vec<(usize, i64)>,
    turn: usize,
    serial: u64,
    /// Messages a second, since when.
    rate: Option<(f64, Instant)>,
    handed_out: u64,
}

impl Pacer {
    fn new(world: Rc<World>, links: Vec<Rc<Link>>, terminals: usize) -> Self {
        let mut of = vec![(0, 0); terminals];
        for (place, login) in world.plan.logins.iter().enumerate() {
            let first = login.first as usize - 1;
            of[first..first + login.count as usize].fill((place, 0));
        }
        Self { world, links, terminals: of, turn: 0, serial: 0, rate: None, handed_out: 0 }
    }

    async fn run(mut self) {
        let mut told = BufReader::new(tokio::io::stdin()).lines();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut progress = interval(PROGRESS_EVERY);
        progress.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.hand_out(),
                _ = progress.tick() => self.say(&Told::Progress(self.progress())),
                line = told.next_line() => {
                    let Ok(Some(line)) = line else { return };
                    if self.obey(&line, &mut told).await { return }
                }
            }
        }
    }

    /// Whether that was the end.
    async fn obey(&mut self, line: &str, told: &mut Lines<BufReader<Stdin>>) -> bool {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("offer", rate) => {
                let positions: f64 = rate.parse().unwrap();
                self.rate = Some((positions / f64::from(self.world.plan.batch), Instant::now()));
                self.handed_out = 0;
                self.world.book.borrow_mut().begin_phase();
            }
            ("pause", _) => {
                let seconds = self.end_offer();
                for link in &self.links {
                    link.give_up_waiting();
                }
                self.quiet(PAUSE_LIMIT).await;
                let phase = self.world.book.borrow_mut().phase(seconds, self.world.plan.batch);
                self.say(&Told::Phase(phase));
            }
            ("finish", seconds) => {
                self.end_offer();
                self.quiet(Duration::from_secs_f64(seconds.parse().unwrap())).await;
                let waiting = self.links.iter().map(|link| link.waiting()).sum();
                let done = self.world.book.borrow_mut().done(self.world.lost.get(), waiting);
                self.say(&Told::Done(done));
                // Until whoever counts this process's time has done so.
                while let Ok(Some(_)) = told.next_line().await {}
                return true;
            }
            _ => {}
        }
        false
    }

    /// How long it was offered.
    fn end_offer(&mut self) -> f64 {
        self.rate = None;
        let began = self.world.book.borrow_mut().phase_began.take();
        began.map_or(0.0, |began| began.elapsed().as_secs_f64())
    }

    /// Waits until everything is acknowledged, telling how it goes.
    async fn quiet(&self, limit: Duration) {
        let began = Instant::now();
        while began.elapsed() < limit && self.links.iter().any(|link| link.is_busy()) {
            self.say(&Told::Progress(self.progress()));
            sleep(PROGRESS_EVERY).await;
        }
    }

    fn hand_out(&mut self) {
        let Some((rate, since)) = self.rate else { return };
        let due = (since.elapsed().as_secs_f64() * rate) as u64;
        let now = Instant::now();
        let batch = i64::from(self.world.plan.batch);
        let mut last: Option<usize> = None;
        for _ in self.handed_out..due {
            let (place, clock) = &mut self.terminals[self.turn];
            // Evenly from the message before to now; a terminal's clock never stands still.
            let now_ms = now_ms();
            let step_ms = match *clock {
                0 => 1,
                before => ((now_ms - before) / batch).max(1),
            };
            let first_ms = (now_ms - (batch - 1) * step_ms).max(*clock + 1);
            *clock = first_ms + (batch - 1) * step_ms;
            let number = u32::try_from(self.turn + 1).unwrap();
            let link = &self.links[*place];
            link.add(Message { number, first_ms, step_ms, serial: self.serial, due: now });
            // Once for all that a connection is given in a row.
            if let Some(last) = last.replace(*place)
                && last != *place
            {
                self.links[last].pump(&self.world);
            }
            self.serial += batch.unsigned_abs();
            self.turn = (self.turn + 1) % self.terminals.len();
        }
        if let Some(last) = last {
            self.links[last].pump(&self.world);
        }
        let mut book = self.world.book.borrow_mut();
        book.offered += due - self.handed_out;
        book.phase_offered += due - self.handed_out;
        self.handed_out = due;
    }

    fn progress(&self) -> Progress {
        let book = self.world.book.borrow();
        Progress {
            offered: book.offered,
            acknowledged: book.acknowledged_messages,
            open: self.world.open.get(),
            lost: self.world.lost.get(),
            newest_ms: book.newest_ms,
        }
    }

    #[expect(clippy::unused_self, reason = "it is the pacer that speaks")]
    fn say(&self, told: &Told) {
        println!("{}", serde_json::to_string(told).unwrap());
    }
}

/// Milliseconds of the clock.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
