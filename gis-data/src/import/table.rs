//! Tables: a row of headings, then rows of cells. Two columns of coordinates or one of WKT say where a row is; the
//! other columns are its attributes by their headings.

use crate::problem::{Fault, Problem};

use super::ImportError;
use super::attributes::{Heading, column_name};
use super::format::Sink;
use super::shape::{RawRow, Shape, Tags, storable};
use super::wkt;

/// Headings of longitudes and eastings, in lower case.
pub(super) const LON: &[&str] = &["lon", "lng", "longitude", "经度", "x"];
/// Headings of latitudes and northings.
pub(super) const LAT: &[&str] = &["lat", "latitude", "纬度", "y"];
/// Headings of geometries in WKT.
pub(super) const WKT: &[&str] = &["wkt", "geom", "geometry", "几何"];

/// Titles and notes may stand above the headings.
const MOST_ROWS_ABOVE: usize = 10;
/// A spreadsheet of a bureau has some dozens.
pub(super) const MOST_COLUMNS: usize = 2_000;

/// How the numbers of a table are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decimals {
    /// `121.49`
    Point,
    /// `121,49` as well, where semicolons or tabs part the cells.
    PointOrComma,
}

/// A table as its rows come.
pub(super) struct Table<'a> {
    format: &'static str,
    decimals: Decimals,
    system: String,
    sink: &'a mut dyn Sink,
    first: Option<Vec<String>>,
    tried: usize,
    columns: Option<Columns>,
}

impl<'a> Table<'a> {
    /// `system` is what the file is read in, against which WKT with an SRID is held.
    pub(super) fn new(
        format: &'static str,
        decimals: Decimals,
        system: String,
        sink: &'a mut dyn Sink,
    ) -> Self {
        Self { format, decimals, system, sink, first: None, tried: 0, columns: None }
    }

    /// Takes the row of this number; rows of empty cells are passed over.
    pub(super) fn take(&mut self, number: u64, cells: &[&str]) -> Result<(), ImportError> {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if let Some(columns) = &self.columns {
            let row = columns.row(number, cells, self.decimals, &self.system);
            return self.sink.row(row);
        }
        self.columns = Columns::of(cells);
        self.tried += 1;
        self.first.get_or_insert_with(|| cells.iter().map(|cell| short(cell)).collect());
        if self.columns.is_none() && self.tried >= MOST_ROWS_ABOVE {
            return self.without_places();
        }
        Ok(())
    }

    /// How many columns the headings name; `None` before they have come.
    pub(super) fn width(&self) -> Option<usize> {
        self.columns.as_ref().map(|columns| columns.names.len())
    }

    /// After the last row.
    pub(super) fn end(self) -> Result<(), ImportError> {
        if self.columns.is_some() { Ok(()) } else { self.without_places() }
    }

    fn without_places(&self) -> Result<(), ImportError> {
        let found = self.first.clone().unwrap_or_default();
        Err(ImportError::NoPlaces { format: self.format, found })
    }
}

fn short(cell: &str) -> String {
    storable(cell.trim()).chars().take(40).collect()
}

enum Places {
    /// Columns of the two coordinates.
    Numbers(usize, usize),
    /// The column of the geometry.
    Wkt(usize),
}

struct Columns {
    names: Vec<String>,
    places: Places,
}

impl Columns {
    fn of(headings: &[&str]) -> Option<Self> {
        let plain: Vec<String> = headings
            .iter()
            .map(|heading| {
                let heading = heading.trim().to_lowercase();
                heading.split(['(', '（']).next().unwrap_or_default().trim().to_owned()
            })
            .collect();
        let at = |words: &[&str]| {
            words.iter().find_map(|word| plain.iter().position(|heading| heading == word))
        };
        let places = match (at(WKT), at(LON), at(LAT)) {
            (Some(wkt), ..) => Places::Wkt(wkt),
            (None, Some(lon), Some(lat)) => Places::Numbers(lon, lat),
            _ => return None,
        };
        let name = |heading: &&str| column_name(&storable(heading), Heading::Whole);
        Some(Self { names: headings.iter().map(name).collect(), places })
    }

    fn row(&self, number: u64, cells: &[&str], decimals: Decimals, system: &str) -> RawRow {
        let mut tags = Tags::new();
        for (name, cell) in self.names.iter().zip(cells) {
            let cell = storable(cell.trim());
            if !cell.is_empty() && !name.is_empty() {
                tags.entry(name.clone()).or_insert(cell);
            }
        }
        let mut shape = match self.places {
            Places::Wkt(at) => wkt::shape(cells.get(at).copied().unwrap_or_default(), system),
            Places::Numbers(lon, lat) => self.point(lon, lat, cells, decimals),
        };
        let surplus = cells.get(self.names.len()..).unwrap_or_default();
        if surplus.iter().any(|cell| !cell.trim().is_empty()) {
            let fault = Fault::SurplusCells { cells: cells.len(), columns: self.names.len() };
            let mut faults = vec![Problem::new(fault)];
            if let Shape::Broken(more) = shape {
                faults.extend(more);
            }
            shape = Shape::Broken(faults);
        }
        RawRow::of(Some(number), tags, shape)
    }

    fn point(&self, lon: usize, lat: usize, cells: &[&str], decimals: Decimals) -> Shape {
        let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
        if cell(lon).is_empty() && cell(lat).is_empty() {
            return super::shape::empty();
        }
        let mut faults = Vec::new();
        let mut coordinate = |at: usize| {
            number(cell(at), decimals).unwrap_or_else(|| {
                let column = self.names.get(at).cloned().unwrap_or_default();
                faults.push(Problem::new(Fault::NoNumber { column, text: short(cell(at)) }));
                f64::NAN
            })
        };
        let place = [coordinate(lon), coordinate(lat)];
        if faults.is_empty() { Shape::Point(place) } else { Shape::Broken(faults) }
    }
}

fn number(text: &str, decimals: Decimals) -> Option<f64> {
    let text = text.trim_end_matches(['°', '度']).trim_end();
    let is_comma = decimals == Decimals::PointOrComma && !text.contains('.');
    let text = if is_comma { text.replacen(',', ".", 1) } else { text.to_owned() };
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_say_where_a_row_is_in_both_languages() {
        for headings in [
            &["名称", "经度", "纬度"][..],
            &["Lng ", "LAT"],
            &["X", "y"],
            &["经度（°）", "纬度(°)"],
            &["Longitude", "latitude", "note"],
        ] {
            assert!(
                matches!(Columns::of(headings), Some(Columns { places: Places::Numbers(..), .. })),
                "{headings:?}"
            );
        }
        for headings in [&["WKT", "lon", "lat"][..], &["几何"], &["geom", "名称"]] {
            assert!(
                matches!(Columns::of(headings), Some(Columns { places: Places::Wkt(0), .. })),
                "{headings:?}"
            );
        }
        assert!(Columns::of(&["经度", "名称"]).is_none());
    }

    #[test]
    fn numbers_are_read_as_they_are_typed() {
        assert_eq!(number("121.49°", Decimals::Point), Some(121.49));
        assert_eq!(number("121,49", Decimals::Point), None);
        assert_eq!(number("121,49", Decimals::PointOrComma), Some(121.49));
        assert_eq!(number("1,234,567.5", Decimals::PointOrComma), None);
    }
}
