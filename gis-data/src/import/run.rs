//! One import: a thread reads and judges, this task writes, and nothing is kept until both are done.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use geozero::{CoordDimensions, ToWkb as _};
use time::OffsetDateTime;
use tokio::sync::mpsc;
use xxhash_rust::xxh3::Xxh3;

use crate::crs::{Crs, Projector};
use crate::problem::{Fault, Problem};
use crate::{GisError, Store, Viewer};

use super::attributes::Attributes;
use super::format::{Asked, Format, Sink, format_of};
use super::input::Input;
use super::judge::{Tally, judge};
use super::shape::{GoodRow, RawRow, Row};
use super::write::{Writer, problem_batches};
use super::{
    ImportError, ImportLayer, ImportMode, ImportOutcome, ImportReport, ImportRequest, Note,
    Progress, queries,
};

const BATCH_ROWS: usize = 1_000;
const TICK: Duration = Duration::from_millis(200);

/// Imports a file, or refuses it and leaves the database as it was.
pub async fn run(
    store: &Store,
    request: &ImportRequest,
    progress: &dyn Progress,
) -> Result<ImportReport, ImportError> {
    let (started, started_at) = (Instant::now(), OffsetDateTime::now_utc());
    let input = Input::open(&request.file)?;
    let format = format_of(&input)?;
    let total_bytes = input.size() * (format.passes() + 1);
    let mut report = empty_report(request);
    let source = source_name(request, format);

    let mut tx = store.as_viewer(&Viewer::program()).await?;
    queries::lock_source(&mut tx, &source).await?;
    let (sender, mut batches) = mpsc::channel(4);
    let asked = Asked { layer: request.layer, crs: request.crs, table: request.table.clone() };
    let reading = input.clone();
    let reader = tokio::task::spawn_blocking(move || {
        read(format, &reading, &asked, Judge::new(asked.layer, sender))
    });
    let mut writer = Writer::new(&mut tx, &source, &mut report);
    let mut rows = 0;
    let mut written = Ok(());
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            batch = batches.recv() => match batch {
                Some(batch) => {
                    rows += batch.len() as u64;
                    written = writer.write(batch).await;
                    if written.is_err() {
                        break;
                    }
                }
                None => break,
            },
            _ = tick.tick() => {
                progress.bytes(input.bytes_read(), total_bytes);
                progress.rows(rows);
            }
        }
    }
    // A reader whose rows nobody takes any more stops by itself.
    drop(batches);
    let problems = writer.finish();
    let read = reader.await.map_err(ImportError::Reader)?;
    written?;
    let read = read?;
    progress.bytes(total_bytes, total_bytes);
    progress.rows(rows);
    check(&report, &read)?;

    report.notes.clone_from(&read.notes);
    report.crs = read.crs.to_string();
    let changed = report.inserted + report.updated > 0;
    report.outcome = if request.mode == ImportMode::DryRun {
        rollback(tx).await?;
        ImportOutcome::DryRun
    } else if !changed && queries::seen(&mut tx, &report, &read.sha256).await? {
        rollback(tx).await?;
        ImportOutcome::NothingNew
    } else {
        let id = queries::record(&mut tx, &report, &read.sha256, started_at).await?;
        for batch in problem_batches(&problems) {
            queries::keep_problems(&mut tx, id, &batch).await?;
        }
        tx.commit().await.map_err(GisError::query("commit an import"))?;
        ImportOutcome::Committed(id)
    };
    report.elapsed = started.elapsed();
    Ok(report)
}

async fn rollback(tx: crate::Tx) -> Result<(), GisError> {
    tx.rollback().await.map_err(GisError::query("roll an import back"))
}

fn empty_report(request: &ImportRequest) -> ImportReport {
    let file_name = request.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    ImportReport {
        file_name,
        layer: request.layer,
        crs: String::new(),
        read: 0,
        inserted: 0,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        fault_count: 0,
        first_problems: Vec::new(),
        notes: Vec::new(),
        elapsed: Duration::ZERO,
        outcome: ImportOutcome::DryRun,
    }
}

/// Rows of OpenStreetMap are the same in every extract; other rows belong to their file. The layer is
/// part of the name, because one object may be a building and a parcel.
fn source_name(request: &ImportRequest, format: &dyn Format) -> String {
    let own = || request.file.file_stem().unwrap_or(Path::new("").as_os_str()).to_string_lossy();
    let name = request
        .source
        .clone()
        .or_else(|| format.common_source().map(str::to_owned))
        .unwrap_or_else(|| own().into_owned());
    format!("{name}:{}", request.layer)
}

/// What makes a whole file unfit although it could be read to its end.
fn check(report: &ImportReport, read: &Read) -> Result<(), ImportError> {
    let Tally { total, outside, first_outside } = read.tally;
    if let Some([east, north]) = first_outside
        && outside * 2 > total
    {
        let guess = read.crs.guess(east, north);
        let crs = read.crs.to_string();
        return Err(ImportError::WrongCrs { crs, east, north, outside, total, guess });
    }
    if report.read == 0 {
        return Err(ImportError::NoRows(report.layer));
    }
    match report.first_problems.first() {
        Some(first) if report.rejected == report.read => Err(ImportError::NothingGood {
            rejected: report.rejected,
            first: Box::new(first.clone()),
        }),
        _ => Ok(()),
    }
}

/// What the reading thread found out.
pub(super) struct Read {
    crs: Crs,
    tally: Tally,
    notes: Vec<Note>,
    sha256: String,
}

pub(super) fn read(
    format: &dyn Format,
    input: &Input,
    asked: &Asked,
    mut judge: Judge,
) -> Result<Read, ImportError> {
    format.read(input, asked, &mut judge)?;
    let sha256 = input.sha256()?;
    judge.flush()?;
    let crs = judge.projector.map_or(Crs::WGS84, |p| p.crs());
    Ok(Read { crs, tally: judge.tally, notes: judge.notes, sha256 })
}

/// Judges rows as they are read and sends them on in batches.
pub(super) struct Judge {
    layer: ImportLayer,
    projector: Option<Projector>,
    tally: Tally,
    names: HashMap<String, u32>,
    notes: Vec<Note>,
    batch: Vec<Row>,
    row_no: u64,
    sender: mpsc::Sender<Vec<Row>>,
}

impl Judge {
    pub(super) fn new(layer: ImportLayer, sender: mpsc::Sender<Vec<Row>>) -> Self {
        Self {
            layer,
            projector: None,
            tally: Tally::default(),
            names: HashMap::new(),
            notes: Vec::new(),
            batch: Vec::new(),
            row_no: 0,
            sender,
        }
    }

    /// The row's name in its source. Rows that share an id (parts of a shape that was cut) are told
    /// apart by their order. A row without id is known by its geometry: should it be redrawn it becomes
    /// a new feature, whereas a mere row number would, after an insertion further up, let records
    /// point to another place.
    fn name(&mut self, row: &RawRow) -> String {
        let name = row.id.clone().unwrap_or_else(|| {
            let mut hash = Xxh3::new();
            hash.update(format!("{:?}", row.shape).as_bytes());
            format!("geometry/{:016x}", hash.digest())
        });
        let times = self.names.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name}#{times}") }
    }

    fn flush(&mut self) -> Result<(), ImportError> {
        let batch = std::mem::take(&mut self.batch);
        self.sender.blocking_send(batch).map_err(|_closed| ImportError::Stopped)
    }
}

impl Sink for Judge {
    fn begin(&mut self, crs: Crs) -> Result<(), ImportError> {
        self.projector = Some(Projector::new(crs)?);
        Ok(())
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    fn row(&mut self, raw: RawRow) -> Result<(), ImportError> {
        let source_ref = self.name(&raw);
        self.row_no += 1;
        let number = raw.number.unwrap_or(self.row_no);
        let attributes = Attributes::from_tags(&raw.tags, self.layer);
        let projector = self.projector.as_ref().expect("begin comes before the first row");
        let verdict =
            judge(raw.shape, self.layer, projector, &mut self.tally).and_then(|geometry| {
                let wkb = geometry
                    .to_wkb(CoordDimensions::xy())
                    .map_err(|e| vec![Problem::new(Fault::Refused(e.to_string()))])?;
                let mut hash = Xxh3::new();
                hash.update(&wkb);
                hash.update(attributes.canonical().as_bytes());
                let content_hash = hash.digest().cast_signed();
                Ok(GoodRow { geometry, wkb, attributes, content_hash })
            });
        self.batch.push(Row { number, source_ref, verdict });
        if self.batch.len() >= BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }
}
