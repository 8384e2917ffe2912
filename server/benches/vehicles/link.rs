//! One terminal's connection, or that of a gateway for many: opened again whenever it is lost.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::fleet;
use crate::load::{Login, Message, World};
use crate::mqtt::{self, Heard, Turn};

/// Before a lost connection is opened again: terminals do not come back all at the same moment.
const PAUSE_MS: (u64, u64) = (50, 300);
/// A server that is being ended may take a connection and never answer.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

thread_local! {
    /// One thread reads and writes for all: one at a time.
    static SCRATCH: RefCell<(Vec<u8>, Vec<u8>)> = RefCell::new((vec![0; 1 << 16], Vec::new()));
}

pub(crate) struct Link {
    login: Login,
    topics: Vec<String>,
    state: RefCell<State>,
    /// There is something to write that the socket did not take.
    is_held_up: Notify,
}

#[derive(Default)]
struct State {
    stream: Option<Rc<TcpStream>>,
    /// What the socket did not take yet.
    out: Vec<u8>,
    /// The beginning of a packet.
    heard: Vec<u8>,
    waiting: VecDeque<Message>,
    pending: VecDeque<Pending>,
    last_id: u16,
}

struct Pending {
    id: u16,
    written: Instant,
    message: Message,
}

impl Link {
    pub(crate) fn new(login: Login) -> Self {
        let topics = (login.first..login.first + login.count).map(fleet::topic).collect();
        Self { login, topics, state: RefCell::default(), is_held_up: Notify::new() }
    }

    /// A message is due.
    pub(crate) fn add(&self, message: Message) {
        self.state.borrow_mut().waiting.push_back(message);
    }

    /// Forgets what was never published.
    pub(crate) fn give_up_waiting(&self) {
        self.state.borrow_mut().waiting.clear();
    }

    /// Messages that were never published.
    pub(crate) fn waiting(&self) -> usize {
        self.state.borrow().waiting.len()
    }

    /// Whether anything is not acknowledged.
    pub(crate) fn is_busy(&self) -> bool {
        let state = self.state.borrow();
        !state.waiting.is_empty() || !state.pending.is_empty()
    }

    /// Publishes what is due, as far as the window allows.
    pub(crate) fn pump(&self, world: &World) {
        let mut state = self.state.borrow_mut();
        let Some(stream) = state.stream.clone() else { return };
        while state.pending.len() < world.plan.window
            && let Some(message) = state.waiting.pop_front()
        {
            world.book.borrow_mut().published(&message, world.plan.batch);
            self.write(&mut state, message, Turn::First, world.plan.batch);
        }
        self.flush(&mut state, &stream);
    }

    fn write(&self, state: &mut State, message: Message, turn: Turn, batch: u32) {
        state.last_id = state.last_id.checked_add(1).unwrap_or(1);
        let topic = &self.topics[(message.number - self.login.first) as usize];
        SCRATCH.with_borrow_mut(|(_, payload)| {
            fleet::payload(payload, message.number, message.fixes(batch), message.serial);
            mqtt::publish(&mut state.out, topic, state.last_id, turn, payload);
        });
        state.pending.push_back(Pending { id: state.last_id, written: Instant::now(), message });
    }

    fn flush(&self, state: &mut State, stream: &TcpStream) {
        while !state.out.is_empty() {
            match stream.try_write(&state.out) {
                Ok(taken) => {
                    state.out.drain(..taken);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return self.is_held_up.notify_one();
                }
                // Whoever reads finds the same, and opens another.
                Err(_) => return,
            }
        }
    }

    /// A new connection: what was published on the last one without an answer goes first.
    fn opened(&self, stream: &Rc<TcpStream>, world: &World) {
        let mut state = self.state.borrow_mut();
        state.stream = Some(Rc::clone(stream));
        state.out.clear();
        state.heard.clear();
        for Pending { message, .. } in std::mem::take(&mut state.pending) {
            self.write(&mut state, message, Turn::Again, world.plan.batch);
        }
        self.flush(&mut state, stream);
        drop(state);
        self.pump(world);
    }

    /// Takes in what has come; an error is the end of the connection.
    fn listen(&self, stream: &TcpStream, world: &World) -> Result<(), ErrorKind> {
        let mut state = self.state.borrow_mut();
        SCRATCH.with_borrow_mut(|(buffer, _)| match stream.try_read(buffer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof),
            Ok(read) => {
                state.heard.extend(&buffer[..read]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error.kind()),
        })?;
        let mut heard = std::mem::take(&mut state.heard);
        let mut done = 0;
        while let Some((packet, size)) = mqtt::heard(&heard[done..]) {
            done += size;
            let Heard::Acknowledged(id) = packet else { continue };
            if let Some(place) = state.pending.iter().position(|p| p.id == id)
                && let Some(Pending { written, message, .. }) = state.pending.remove(place)
            {
                world.book.borrow_mut().acknowledged(&message, world.plan.batch, written);
            }
        }
        heard.drain(..done);
        state.heard = heard;
        Ok(())
    }
}

/// Keeps a connection open for ever.
pub(crate) async fn keep(link: Rc<Link>, world: Rc<World>) {
    let mut pause_ms = u64::from(link.login.first) % (PAUSE_MS.1 - PAUSE_MS.0);
    loop {
        let in_turn = world.gate.acquire().await.unwrap();
        let opened = timeout(CONNECT_LIMIT, open(&world.plan.broker, &link.login)).await;
        drop(in_turn);
        if let Ok(Some(stream)) = opened {
            let stream = Rc::new(stream);
            link.opened(&stream, &world);
            world.open.set(world.open.get() + 1);
            talk(&link, &stream, &world).await;
            link.state.borrow_mut().stream = None;
            world.open.set(world.open.get() - 1);
            world.lost.set(world.lost.get() + 1);
        }
        pause_ms = (pause_ms * 7 + 13) % (PAUSE_MS.1 - PAUSE_MS.0);
        sleep(Duration::from_millis(PAUSE_MS.0 + pause_ms)).await;
    }
}

/// Until the connection is lost.
async fn talk(link: &Link, stream: &TcpStream, world: &World) {
    loop {
        let is_held_up = !link.state.borrow().out.is_empty();
        let interest =
            if is_held_up { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        let ready = tokio::select! {
            ready = stream.ready(interest) => ready,
            () = link.is_held_up.notified() => continue,
        };
        let is_over = ready.is_err() || link.listen(stream, world).is_err();
        if is_over {
            return;
        }
        link.pump(world);
    }
}

/// A connection that was let in.
async fn open(broker: &str, login: &Login) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(broker).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let credentials = login.credentials.as_ref().map(|(user, secret)| (&**user, &**secret));
    stream.write_all(&mqtt::connect(&login.client_id, credentials)).await.ok()?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await.ok()?;
    matches!(mqtt::heard(&answer), Some((Heard::Connected(0), 4))).then_some(stream)
}
