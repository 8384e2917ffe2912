//! The columns of a position, as they stand in the table and in a file.

use sha2::{Digest as _, Sha256};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Long,
    /// Microseconds since 1970 in UTC, as PostgreSQL keeps them.
    Time,
    Int,
    Short,
    Double,
    Float,
    Bool,
    Text,
    Json,
}

/// Whether every row has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    Perhaps,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) presence: Presence,
}

const fn always(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, presence: Presence::Always }
}

const fn perhaps(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, presence: Presence::Perhaps }
}

/// All columns of the table, in its order. A day is not archived while the table has others.
pub(super) const COLUMNS: [Column; 23] = [
    always("vehicle_id", Kind::Long),
    always("fix_time", Kind::Time),
    always("content_hash", Kind::Long),
    always("lon", Kind::Double),
    always("lat", Kind::Double),
    perhaps("speed_kmh", Kind::Float),
    perhaps("heading_deg", Kind::Float),
    perhaps("accuracy_m", Kind::Float),
    perhaps("serial", Kind::Long),
    always("quality", Kind::Short),
    always("terminal_id", Kind::Text),
    always("received_at", Kind::Time),
    always("datum", Kind::Short),
    perhaps("sent_lon", Kind::Double),
    perhaps("sent_lat", Kind::Double),
    perhaps("altitude_m", Kind::Float),
    perhaps("satellites", Kind::Short),
    perhaps("odometer_km", Kind::Double),
    perhaps("fuel_l", Kind::Float),
    perhaps("ignition", Kind::Bool),
    perhaps("status_bits", Kind::Int),
    always("alarm_bits", Kind::Int),
    perhaps("extra", Kind::Json),
];
const VEHICLE_ID: usize = 0;
const FIX_TIME: usize = 1;
const RECEIVED_AT: usize = 11;

/// The values of a column, one a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cells {
    Long(Vec<Option<i64>>),
    Int(Vec<Option<i32>>),
    Double(Vec<Option<f64>>),
    Float(Vec<Option<f32>>),
    Bool(Vec<Option<bool>>),
    Text(Vec<Option<String>>),
}

impl Cells {
    fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Long | Kind::Time => Self::Long(Vec::new()),
            Kind::Int | Kind::Short => Self::Int(Vec::new()),
            Kind::Double => Self::Double(Vec::new()),
            Kind::Float => Self::Float(Vec::new()),
            Kind::Bool => Self::Bool(Vec::new()),
            Kind::Text | Kind::Json => Self::Text(Vec::new()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Long(cells) => cells.len(),
            Self::Int(cells) => cells.len(),
            Self::Double(cells) => cells.len(),
            Self::Float(cells) => cells.len(),
            Self::Bool(cells) => cells.len(),
            Self::Text(cells) => cells.len(),
        }
    }

    /// A value as bytes that no other value has.
    fn put(&self, row: usize, bytes: &mut Vec<u8>) {
        match self {
            Self::Long(cells) => put(bytes, cells[row].map(i64::to_le_bytes)),
            Self::Int(cells) => put(bytes, cells[row].map(i32::to_le_bytes)),
            Self::Double(cells) => put(bytes, cells[row].map(f64::to_le_bytes)),
            Self::Float(cells) => put(bytes, cells[row].map(f32::to_le_bytes)),
            Self::Bool(cells) => put(bytes, cells[row].map(|is| [u8::from(is)])),
            Self::Text(cells) => {
                let text = cells[row].as_deref();
                put(
                    bytes,
                    text.map(|text| u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes()),
                );
                bytes.extend(text.unwrap_or_default().as_bytes());
            }
        }
    }
}

fn put<const N: usize>(bytes: &mut Vec<u8>, value: Option<[u8; N]>) {
    bytes.push(u8::from(value.is_some()));
    bytes.extend(value.into_iter().flatten());
}

/// Some rows, in the order of vehicle, time and content.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// As many as [`COLUMNS`], and all of one length.
    cells: Vec<Cells>,
}

impl Part {
    pub(super) fn empty() -> Self {
        Self { cells: COLUMNS.iter().map(|column| Cells::empty(column.kind)).collect() }
    }

    /// `None` when these are not the columns of a position.
    pub(super) fn new_checked(cells: Vec<Cells>) -> Option<Self> {
        let like = Self::empty();
        let is_alike = |(cells, like): (&Cells, &Cells)| {
            std::mem::discriminant(cells) == std::mem::discriminant(like)
        };
        let is_whole = cells.len() == like.cells.len()
            && cells.iter().zip(&like.cells).all(is_alike)
            && cells.iter().all(|column| column.len() == cells[0].len());
        is_whole.then_some(Self { cells })
    }

    pub(super) fn len(&self) -> usize {
        self.cells[VEHICLE_ID].len()
    }

    pub(super) fn cells(&self) -> &[Cells] {
        &self.cells
    }

    pub(super) fn into_cells(self) -> Vec<Cells> {
        self.cells
    }

    /// For whoever adds a value to each.
    pub(super) fn cells_mut(&mut self) -> &mut [Cells] {
        &mut self.cells
    }

    /// Vehicle, fix time and time of receipt of each row, in microseconds.
    pub(super) fn keys(&self) -> impl Iterator<Item = (i64, i64, i64)> + '_ {
        let long = |column: usize| match &self.cells[column] {
            Cells::Long(cells) => cells.as_slice(),
            _ => &[],
        };
        let (vehicles, fixes, receipts) = (long(VEHICLE_ID), long(FIX_TIME), long(RECEIVED_AT));
        let rows = vehicles.iter().zip(fixes).zip(receipts);
        rows.map(|((vehicle, fix), receipt)| {
            (vehicle.unwrap_or_default(), fix.unwrap_or_default(), receipt.unwrap_or_default())
        })
    }

    /// Adds the rows to a hash, each value with whether it is there, texts with their length before them.
    pub(super) fn digest(&self, hash: &mut Sha256) {
        let mut bytes = Vec::with_capacity(256);
        for row in 0..self.len() {
            bytes.clear();
            for cells in &self.cells {
                cells.put(row, &mut bytes);
            }
            hash.update(&bytes);
        }
    }
}
