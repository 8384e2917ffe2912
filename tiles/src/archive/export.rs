//! Layers become an archive: tiles are encoded by all processors, a batch at a time, and written in order.

use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gis_data::{Bbox, Layer, Snapshot, Viewer, WorldBox};
use xxhash_rust::xxh3::xxh3_128;

use super::cover::Cover;
use super::mbtiles::MbtilesSink;
use super::metadata::{About, Metadata};
use super::pmtiles::PmtilesSink;
use super::target::Target;
use super::{ArchiveError, Format, Result};
use crate::tile::in_memory;
use crate::{Encoding, Held, MAX_ZOOM, Source, TileCoord};

/// How many tiles an export asks for unless it is told otherwise. Each costs the writer about a hundred bytes of memory.
pub const MOST_TILES: u64 = 2_000_000;

/// How many tiles are in memory at once.
const BATCH: usize = 256;

/// What becomes of a file that has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is exported.
    Refuse,
    /// It is replaced, in one step, once the archive is whole.
    Replace,
}

/// What is to be exported.
pub struct Order<'a> {
    /// The layers, in the order they have in a tile. They are read once, so that all tiles are of one moment.
    pub sources: &'a [&'a dyn Source],
    /// Who may see what goes into the archive.
    pub viewer: &'a Viewer,
    /// Where. Default: around what the viewer sees.
    pub area: Option<Bbox>,
    /// First and last zoom. Default: those of the layers.
    pub zooms: Option<(u8, u8)>,
    /// How many tiles may be asked for.
    pub most_tiles: u64,
    /// What becomes of a file that is there already.
    pub existing: Existing,
    /// What the archive says of itself.
    pub about: About<'a>,
}

/// How far an export is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Tiles that were asked for.
    pub done: u64,
    /// Tiles to ask for.
    pub total: u64,
    /// Of those done, the ones that hold something.
    pub tiles: u64,
    /// Their bytes, compressed.
    pub bytes: u64,
    /// Since the first tile.
    pub took: Duration,
}

impl Progress {
    /// How long the rest takes if it is like what is done; `None` before anything is.
    pub fn left(&self) -> Option<Duration> {
        let (done, rest) = (u32::try_from(self.done).ok()?, self.total - self.done);
        Some(self.took.checked_div(done)?.saturating_mul(u32::try_from(rest).ok()?))
    }
}

/// What an export has written.
#[derive(Debug, Clone, Copy)]
pub struct Summary {
    /// Tiles that hold something.
    pub tiles: u64,
    /// Different ones among them; each is stored once.
    pub distinct: u64,
    /// Size of the file.
    pub bytes: u64,
    /// From the order to the finished file.
    pub took: Duration,
}

/// Where tiles are written to.
pub(super) trait Sink {
    /// Adds a tile; equal tiles have equal hashes.
    fn put(&mut self, coord: TileCoord, tile: &Packed) -> Result<()>;

    /// Writes what comes after the tiles, and answers how many different ones there are.
    fn finish(self: Box<Self>) -> Result<u64>;
}

/// A tile as it is stored.
pub(super) struct Packed {
    /// Of what was compressed.
    pub(super) hash: u128,
    /// With gzip.
    pub(super) bytes: Bytes,
}

/// Writes the archive, whole or not at all. Blocks until it is done; `stop` ends it early, `told` hears how far it is.
pub fn export(
    order: &Order<'_>,
    path: &Path,
    stop: &AtomicBool,
    told: &mut dyn FnMut(&Progress),
) -> Result<Summary> {
    let started = Instant::now();
    let format = Format::of_path(path)?;
    let zooms = zooms(order)?;
    let target = Target::beside(path, order.existing)?;
    let pinned: Vec<Pinned> =
        order.sources.iter().map(|s| Pinned::of(*s)).collect::<Result<_>>()?;
    let sources: Vec<&dyn Source> = pinned.iter().map(|p| p as &dyn Source).collect();
    let area = order.area.map(WorldBox::from_bbox);
    let cover = Cover::of(&sources, order.viewer, area, zooms.clone()).ok_or_else(|| {
        let ids: Vec<&str> = sources.iter().map(|s| s.layer().layer_id.as_str()).collect();
        let viewer = order.viewer.name().to_owned();
        ArchiveError::Nothing { layers: ids.join(","), viewer, is_box: area.is_some() }
    })?;
    let total = cover.count(order.most_tiles)?;
    let metadata = Metadata::of(&sources, &order.about, cover.area(), zooms);
    let sink: Box<dyn Sink> = match format {
        Format::Pmtiles => Box::new(PmtilesSink::create(&target, &metadata)?),
        Format::Mbtiles => Box::new(MbtilesSink::create(target.unfinished(), &metadata)?),
    };
    let progress = Progress { done: 0, total, tiles: 0, bytes: 0, took: Duration::ZERO };
    let mut run = Run {
        maker: Maker { sources: &sources, viewer: order.viewer, stop },
        told,
        sink,
        batch: Vec::with_capacity(BATCH),
        started: Instant::now(),
        progress,
    };
    if let ControlFlow::Break(error) = cover.each(&mut |coord| run.add(coord)) {
        return Err(error);
    }
    run.flush()?;
    let tiles = run.progress.tiles;
    let distinct = run.sink.finish()?;
    let bytes = target.publish()?;
    Ok(Summary { tiles, distinct, bytes, took: started.elapsed() })
}

fn zooms(order: &Order<'_>) -> Result<RangeInclusive<u8>> {
    let layers = || order.sources.iter().map(|s| s.layer());
    let own = (layers().map(|l| l.min_zoom).min(), layers().map(|l| l.max_zoom).max());
    let (lowest, deepest) = (own.0.unwrap_or(0), own.1.unwrap_or(0));
    let (first, last) = order.zooms.unwrap_or((lowest, deepest));
    if first > last || last > MAX_ZOOM {
        return Err(ArchiveError::BadZooms { first, last });
    }
    if last < lowest {
        let starts = layers().map(|l| (l.layer_id.clone(), l.min_zoom)).collect();
        return Err(ArchiveError::AboveZooms { last, starts });
    }
    // Above the first layer there is nothing to ask for, and the archive need not say that there were.
    Ok(first.max(lowest)..=last)
}

/// A layer at the moment the export began.
struct Pinned {
    layer: Layer,
    snapshot: Arc<Snapshot>,
}

impl Pinned {
    fn of(source: &dyn Source) -> Result<Self> {
        let layer = source.layer().clone();
        match source.held().in_memory() {
            Some(snapshot) => Ok(Self { layer, snapshot }),
            None => Err(ArchiveError::NotInMemory(layer.layer_id)),
        }
    }
}

impl Source for Pinned {
    fn layer(&self) -> &Layer {
        &self.layer
    }

    fn held(&self) -> Held<'_> {
        Held::Memory(Arc::clone(&self.snapshot))
    }

    fn version(&self, _coord: TileCoord) -> u64 {
        self.snapshot.version()
    }
}

/// An export under way.
struct Run<'a> {
    maker: Maker<'a>,
    told: &'a mut dyn FnMut(&Progress),
    sink: Box<dyn Sink>,
    batch: Vec<TileCoord>,
    started: Instant,
    progress: Progress,
}

impl Run<'_> {
    fn add(&mut self, coord: TileCoord) -> ControlFlow<ArchiveError> {
        self.batch.push(coord);
        if self.batch.len() < BATCH {
            return ControlFlow::Continue(());
        }
        match self.flush() {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }

    fn flush(&mut self) -> Result<()> {
        for (number, tile) in self.maker.make(&self.batch)? {
            self.progress.tiles += 1;
            self.progress.bytes += tile.bytes.len() as u64;
            self.sink.put(self.batch[number], &tile)?;
        }
        self.progress.done += self.batch.len() as u64;
        self.progress.took = self.started.elapsed();
        self.batch.clear();
        (self.told)(&self.progress);
        Ok(())
    }
}

/// What all processors share.
struct Maker<'a> {
    sources: &'a [&'a dyn Source],
    viewer: &'a Viewer,
    stop: &'a AtomicBool,
}

impl Maker<'_> {
    /// The tiles of a batch that hold something, by their place in it.
    fn make(&self, batch: &[TileCoord]) -> Result<Vec<(usize, Packed)>> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        let mut all = thread::scope(|scope| {
            let workers: Vec<_> = (0..processors.min(batch.len()))
                .map(|_| scope.spawn(|| self.work(batch, &next)))
                .collect();
            let mut all = Vec::with_capacity(batch.len());
            for worker in workers {
                all.extend(worker.join().expect("tiles do not panic")?);
            }
            Ok::<_, ArchiveError>(all)
        })?;
        all.sort_unstable_by_key(|(number, _)| *number);
        Ok(all)
    }

    /// Takes one tile of the batch after the other, until none is left.
    fn work(&self, batch: &[TileCoord], next: &AtomicUsize) -> Result<Vec<(usize, Packed)>> {
        let mut made = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(coord) = batch.get(number) else { return Ok(made) };
            if self.stop.load(Ordering::Relaxed) {
                return Err(ArchiveError::Cancelled);
            }
            let bytes = in_memory(self.sources, *coord, self.viewer);
            if !bytes.is_empty() {
                let hash = xxh3_128(&bytes);
                let bytes = Encoding::Gzip.compress(&bytes.into());
                made.push((number, Packed { hash, bytes }));
            }
        }
    }
}
