//! One terminal's link: reads while answers wait for their commits, up to a window.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt as _, ready};
use futures::stream::FuturesOrdered;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::WriteHalf;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::conversation::{Act, Conversation};
use super::orders::{Orders, outcome};
use crate::broker::{Door, Guest, Intake, Registered};
use crate::command::{Answer as CommandAnswer, Links, Order, Outcome, keep_answer};
use crate::counters::Counters;
use crate::jt808::{
    Command, Frame, GeneralResult, Header, RegisterResult, Splitter, TerminalResult,
};
use crate::message::Message;
use crate::topic::{Channel, TerminalId, Topic};

/// Answers that may be waited for; a terminal that sends more is read again when one has left.
const WINDOW: usize = 64;
const READ_BYTES: usize = 4_096;
/// A terminal that says nothing for so long is gone; heartbeats come every minute or so.
const SILENCE_LIMIT: Duration = Duration::from_mins(10);
/// Whoever is not known yet has less time.
const GREETING_LIMIT: Duration = Duration::from_secs(30);
/// How long the rest of a message in parts is waited for before it is asked for.
const PARTS_WITHIN: Duration = Duration::from_secs(5);
const WRITE_LIMIT: Duration = Duration::from_secs(30);

/// What every link has in common.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) door: Arc<dyn Door>,
    pub(super) intake: Intake,
    pub(super) orders: Links,
    pub(super) counters: Arc<Counters>,
    pub(super) closing: CancellationToken,
}

/// What goes back to a terminal when it is its turn.
enum Answer {
    /// To each of these, the same.
    General(Vec<Header>, GeneralResult),
    Register(Header, Registered),
    /// Answer and end.
    Farewell(Header),
    Nothing,
    /// No answer and the end of the link: what could not be stored is sent again on another.
    HangUp,
}

type Answers = FuturesOrdered<BoxFuture<'static, Answer>>;

impl Link {
    /// Until the terminal leaves, says nothing for too long, or the tracker ends.
    pub(super) async fn serve(&self, mut stream: TcpStream, peer: SocketAddr) {
        self.counters.count_link_opened();
        // Answers are small and waited for.
        let _ = stream.set_nodelay(true);
        if let Err(reason) = self.talk(&mut stream).await {
            tracing::debug!(%peer, reason, "a terminal's link ended");
        }
        self.counters.count_link_closed();
    }

    async fn talk(&self, stream: &mut TcpStream) -> Result<(), &'static str> {
        let (mut reading, mut writing) = stream.split();
        let (mut splitter, mut conversation) = (Splitter::new(), Conversation::default());
        let mut orders = Orders::default();
        let (mut answers, mut serial) = (Answers::new(), 0_u16);
        let mut buffer = [0; READ_BYTES];
        let mut every = interval(PARTS_WITHIN);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_open = true;
        while is_open || !answers.is_empty() {
            let limit = if conversation.known().is_some() { SILENCE_LIMIT } else { GREETING_LIMIT };
            tokio::select! {
                () = self.closing.cancelled(), if is_open => is_open = false,
                read = tokio::time::timeout(limit, reading.read(&mut buffer)),
                    if is_open && answers.len() < WINDOW =>
                {
                    let count = read.map_err(|_elapsed| "silent for too long")?;
                    let count = count.map_err(|_error| "reading failed")?;
                    is_open = count > 0;
                    for cut in splitter.feed(buffer.get(..count).unwrap_or_default()) {
                        if cut.frame.is_err() {
                            self.counters.count_broken_frame();
                        }
                        if let Some(act) = conversation.hear(cut) {
                            answers.push_back(self.answer(act, &mut conversation, &mut orders));
                        }
                    }
                }
                Some(answer) = answers.next() => {
                    let is_last = matches!(answer, Answer::Farewell(_));
                    let bytes = written(answer, &mut serial).ok_or("not stored, or guesses")?;
                    write(&mut writing, &bytes).await?;
                    if is_last {
                        return Ok(());
                    }
                }
                _ = every.tick(), if is_open && conversation.is_waiting() => {
                    for (layout, gap) in conversation.tick() {
                        serial = serial.wrapping_add(1);
                        let asked = Frame::command(layout, serial, &Command::SendAgain(gap));
                        if let Ok(frame) = asked {
                            write(&mut writing, &frame.write()).await?;
                        }
                    }
                }
                order = orders.next(), if is_open => {
                    if !conversation.known().is_some_and(|terminal| self.is_guest(terminal)) {
                        let note = "its credential was taken away".to_owned();
                        self.refuse(conversation.known(), &order, note).await;
                        return Err("its credential was taken away");
                    }
                    serial = serial.wrapping_add(1);
                    match orders.frame(&order, serial) {
                        Ok(bytes) => write(&mut writing, &bytes).await?,
                        Err(fault) => self.refuse(conversation.known(), &order, fault).await,
                    }
                }
            }
        }
        Ok(())
    }

    /// The terminal was never asked: it cannot be told so.
    async fn refuse(&self, terminal: Option<&TerminalId>, order: &Order, note: String) {
        let (command_id, outcome) = (order.command_id, Outcome::Unsupported);
        let answer = CommandAnswer { command_id, outcome, note };
        if let Some(terminal) = terminal
            && let Err(error) = keep_answer(&self.intake.store, terminal, &answer).await
        {
            tracing::warn!(%terminal, %error, "a command that cannot be sent is not told of");
        }
    }

    fn answer(
        &self,
        act: Act,
        conversation: &mut Conversation,
        orders: &mut Orders,
    ) -> BoxFuture<'static, Answer> {
        match act {
            Act::Answer(to, result) => ready(Answer::General(vec![to], result)).boxed(),
            Act::HangUp => ready(Answer::HangUp).boxed(),
            Act::Leave(to) => ready(Answer::Farewell(to)).boxed(),
            Act::Register(to, terminal, claim) => {
                let door = Arc::clone(&self.door);
                async move {
                    let registered = door.register(&terminal, &claim).await;
                    registered.map_or(Answer::HangUp, |registered| Answer::Register(to, registered))
                }
                .boxed()
            }
            Act::Authenticate(to, terminal, shown) => {
                let is_right = self.door.knows_code(&terminal, shown.code.trim_end_matches('\0'));
                let result = if is_right { GeneralResult::Done } else { GeneralResult::Failed };
                if is_right {
                    orders.list(&self.orders, terminal.clone(), to.layout);
                    conversation.believe(terminal);
                } else {
                    tracing::warn!(%terminal, "refused: not the code of this terminal");
                }
                ready(Answer::General(vec![to], result)).boxed()
            }
            Act::Heed(terminal, serial, result, payload) => {
                let (link, command_id) = (self.clone(), orders.answered(serial));
                async move { link.heed((terminal, command_id), result, payload).await }.boxed()
            }
            Act::Store(to, terminal, payload) => {
                let link = self.clone();
                async move {
                    match link.store(terminal, payload).await {
                        Some(true) => Answer::General(to, GeneralResult::Done),
                        Some(false) => Answer::General(to, GeneralResult::Failed),
                        None => Answer::HangUp,
                    }
                }
                .boxed()
            }
            Act::Keep(terminal, payload) => {
                let link = self.clone();
                async move {
                    link.store(terminal, payload).await.map_or(Answer::HangUp, |_| Answer::Nothing)
                }
                .boxed()
            }
        }
    }

    /// Keeps what a terminal said to a command, and the position that it told with it.
    async fn heed(
        &self,
        (terminal, command_id): (TerminalId, Option<i64>),
        result: TerminalResult,
        payload: Option<bytes::Bytes>,
    ) -> Answer {
        if let Some(command_id) = command_id.filter(|_| self.is_guest(&terminal)) {
            let (outcome, note) = outcome(result);
            let answer = CommandAnswer { command_id, outcome, note: note.to_owned() };
            if let Err(error) = keep_answer(&self.intake.store, &terminal, &answer).await {
                tracing::warn!(%terminal, %error, "the answer to a command is not on file");
            }
        }
        match payload {
            Some(payload) => {
                self.store(terminal, payload).await.map_or(Answer::HangUp, |_| Answer::Nothing)
            }
            None => Answer::Nothing,
        }
    }

    /// Whether the terminal's credential still holds.
    fn is_guest(&self, terminal: &TerminalId) -> bool {
        self.door.guest(Some(terminal.as_str())) == Some(Guest::Terminal(terminal.clone()))
    }

    /// `false` when the terminal's credential was taken away since; `None` when nothing is stored.
    async fn store(&self, terminal: TerminalId, payload: bytes::Bytes) -> Option<bool> {
        if !self.is_guest(&terminal) {
            return Some(false);
        }
        let topic = Topic::of(terminal, Channel::Jt808).to_string();
        self.intake.take(Message::now(topic, payload)).await?.ok().map(|_kept| true)
    }
}

async fn write(writing: &mut WriteHalf<'_>, bytes: &[u8]) -> Result<(), &'static str> {
    let sent = tokio::time::timeout(WRITE_LIMIT, writing.write_all(bytes)).await;
    sent.map_err(|_elapsed| "does not read")?.map_err(|_error| "writing failed")
}

/// The frames of an answer; `None` when there must be none.
fn written(answer: Answer, serial: &mut u16) -> Option<Vec<u8>> {
    let mut next = || {
        *serial = serial.wrapping_add(1);
        *serial
    };
    Some(match answer {
        Answer::General(to, result) => {
            let frames = to.iter().map(|to| Frame::general_reply(to, next(), result).write());
            frames.collect::<Vec<_>>().concat()
        }
        Answer::Farewell(to) => Frame::general_reply(&to, next(), GeneralResult::Done).write(),
        Answer::Register(to, registered) => {
            let result = match &registered {
                Registered::Accepted { code } => RegisterResult::Accepted { code },
                Registered::NoSuchVehicle => RegisterResult::NoSuchVehicle,
                Registered::TerminalTaken => RegisterResult::TerminalTaken,
                Registered::NoSuchTerminal => RegisterResult::NoSuchTerminal,
            };
            Frame::register_reply(&to, next(), result)?.write()
        }
        Answer::Nothing => Vec::new(),
        Answer::HangUp => return None,
    })
}
