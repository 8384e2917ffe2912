//! The load generator as whoever started it sees it: [`crate::load`] in another process.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use crate::load::{Done, LOAD, Phase, Plan, Progress, Told};

/// Longer than any answer of the generator takes by its own limits.
const ANSWER_LIMIT: Duration = Duration::from_mins(5);

pub(crate) struct Generator {
    child: Child,
    orders: ChildStdin,
    progress: watch::Receiver<Progress>,
    answers: mpsc::Receiver<Told>,
    folder: TempDir,
}

impl Generator {
    /// Starts it; it connects its terminals and offers nothing yet.
    pub(crate) fn start(mut plan: Plan, keeps_ledger: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if keeps_ledger {
            plan.ledger = Some(ledger_in(&folder));
        }
        let file = folder.path().join("plan.json");
        std::fs::write(&file, serde_json::to_vec(&plan).unwrap()).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(LOAD, &file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let (progress_out, progress) = watch::channel(Progress::default());
        let (answers_out, answers) = mpsc::channel(4);
        tokio::spawn(read(child.stdout.take().unwrap(), progress_out, answers_out));
        Self { child, orders, progress, answers, folder }
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        ledger_in(&self.folder)
    }

    pub(crate) fn progress(&self) -> Progress {
        *self.progress.borrow()
    }

    /// Waits until this many connections are open.
    pub(crate) async fn connected(&self, connections: usize) {
        for _ in 0..1_200 {
            if self.progress().open == connections {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("{} of {connections} connections after two minutes", self.progress().open);
    }

    /// Positions become due at this rate from now on.
    pub(crate) async fn offer(&mut self, positions_s: f64) {
        self.order(&format!("offer {positions_s}")).await;
    }

    /// Nothing becomes due any more; what was never published is given up.
    pub(crate) async fn pause(&mut self) -> Phase {
        self.order("pause").await;
        match self.answer().await {
            Told::Phase(phase) => phase,
            other => panic!("asked for a phase, got {other:?}"),
        }
    }

    /// Nothing becomes due any more; everything is published until it is acknowledged or the time is over.
    pub(crate) async fn finish(&mut self, seconds: u64) -> Done {
        self.order(&format!("finish {seconds}")).await;
        match self.answer().await {
            Told::Done(done) => done,
            other => panic!("asked for the end, got {other:?}"),
        }
    }

    async fn order(&mut self, order: &str) {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.unwrap();
    }

    async fn answer(&mut self) -> Told {
        timeout(ANSWER_LIMIT, self.answers.recv()).await.unwrap().unwrap()
    }
}

fn ledger_in(folder: &TempDir) -> PathBuf {
    folder.path().join("ledger")
}

async fn read(output: ChildStdout, progress: watch::Sender<Progress>, answers: mpsc::Sender<Told>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line).unwrap() {
            Told::Progress(now) => {
                progress.send_replace(now);
            }
            answer => {
                let _ = answers.send(answer).await;
            }
        }
    }
}
