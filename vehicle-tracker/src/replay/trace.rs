//! Readers of recorded traces. GeoLife CSV is told by its header, GPX by its root element.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use time::OffsetDateTime;
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::error::{Result, TrackerError};
use crate::topic::TerminalId;

/// GeoLife's own way to write a time, in UTC.
const GEOLIFE_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// One position of a trace, as recorded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) terminal: TerminalId,
    pub(super) fix_time: OffsetDateTime,
    pub(super) lon: f64,
    pub(super) lat: f64,
    pub(super) speed_kmh: Option<f64>,
}

/// Hands every point to `take`, in the file's order, until it answers false.
pub(super) fn read(path: &Path, take: &mut dyn FnMut(Point) -> bool) -> Result<()> {
    let file = File::open(path)
        .map_err(|source| TrackerError::OpenTrace { path: path.to_owned(), source })?;
    read_from(path, BufReader::new(file), take)
}

fn read_from(
    path: &Path,
    mut raw: impl BufRead,
    take: &mut dyn FnMut(Point) -> bool,
) -> Result<()> {
    let opened = |source| TrackerError::OpenTrace { path: path.to_owned(), source };
    let is_gzip = raw.fill_buf().map_err(opened)?.starts_with(&[0x1f, 0x8b]);
    let unpacked: Box<dyn Read + '_> =
        if is_gzip { Box::new(MultiGzDecoder::new(raw)) } else { Box::new(raw) };
    let mut text = BufReader::new(unpacked);
    let first = text.fill_buf().map_err(opened)?.iter().copied().find(|b| !b.is_ascii_whitespace());
    match first {
        Some(b'<' | 0xef) => read_gpx(path, text, take),
        Some(_) => read_csv(path, text, take),
        None => Err(broken(path, 0, "the file is empty")),
    }
}

fn read_csv(path: &Path, text: impl Read, take: &mut dyn FnMut(Point) -> bool) -> Result<()> {
    let mut reader = csv::Reader::from_reader(text);
    let headers = reader.headers().map_err(|e| broken(path, 1, &e.to_string()))?.clone();
    let column = |names: &[&str]| {
        let found = headers.iter().position(|h| names.contains(&h.trim()));
        found.ok_or_else(|| broken(path, 1, &format!("the header has no column {}", names[0])))
    };
    let (lat, lon) = (column(&["lat"])?, column(&["lng", "lon"])?);
    let (at, uid) = (column(&["datetime"])?, column(&["uid"])?);
    for record in reader.records() {
        let record = record.map_err(|e| {
            let line = e.position().map_or(0, csv::Position::line);
            broken(path, usize::try_from(line).unwrap_or_default(), &e.to_string())
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong =
            |reason: String| broken(path, usize::try_from(line).unwrap_or_default(), &reason);
        let number = |index: usize| {
            let text = record.get(index).unwrap_or_default();
            text.trim().parse::<f64>().map_err(|e| wrong(format!("{text:?}: {e}")))
        };
        let text = record.get(at).unwrap_or_default();
        let name = record.get(uid).unwrap_or_default();
        let point = Point {
            terminal: TerminalId::new_checked(&format!("geolife-{name}"))
                .ok_or_else(|| wrong(format!("{name:?} cannot name a terminal")))?,
            fix_time: geolife_time(text).ok_or_else(|| wrong(format!("{text:?} is not a time")))?,
            lon: number(lon)?,
            lat: number(lat)?,
            speed_kmh: None,
        };
        if !take(point) {
            return Ok(());
        }
    }
    Ok(())
}

fn read_gpx(path: &Path, text: impl Read, take: &mut dyn FnMut(Point) -> bool) -> Result<()> {
    let gpx = gpx::read(text).map_err(|e| broken(path, 0, &e.to_string()))?;
    let terminal = terminal_of(path);
    let points = gpx.tracks.iter().flat_map(|t| &t.segments).flat_map(|s| &s.points);
    for (number, point) in (1..).zip(points) {
        let time = point.time.ok_or_else(|| {
            broken(path, 0, &format!("track point {number} has no time, so it cannot be replayed"))
        })?;
        let place = point.point();
        let taken = take(Point {
            terminal: terminal.clone(),
            fix_time: OffsetDateTime::from(time),
            lon: place.x(),
            lat: place.y(),
            speed_kmh: point.speed.map(|metres_a_second| metres_a_second * 3.6),
        });
        if !taken {
            return Ok(());
        }
    }
    Ok(())
}

fn geolife_time(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    let geolife = PrimitiveDateTime::parse(text, GEOLIFE_TIME).map(PrimitiveDateTime::assume_utc);
    geolife.or_else(|_not_geolife| OffsetDateTime::parse(text, &Rfc3339)).ok()
}

/// A GPX file names no device, so its own name does.
fn terminal_of(path: &Path) -> TerminalId {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let safe =
        |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') { c } else { '-' };
    let name: String = stem.chars().map(safe).take(60).collect();
    TerminalId::new_checked(&format!("gpx-{name}")).expect("made of allowed characters")
}

fn broken(path: &Path, line: usize, reason: &str) -> TrackerError {
    TrackerError::Trace { path: path.to_owned(), line, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use time::macros::datetime;

    use super::*;
    use crate::noise;
    use flate2::Compression;
    use flate2::read::GzEncoder;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn points(name: &str, text: &str) -> Result<Vec<Point>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        let mut found = Vec::new();
        read(&path, &mut |point| {
            found.push(point);
            true
        })?;
        Ok(found)
    }

    #[test]
    fn geolife_is_read_with_its_time_in_utc() {
        let found =
            points("a.csv", "lat,lng,datetime,uid\n39.9,116.3,2008-10-23 05:53:05,001\n").unwrap();
        let expected = Point {
            terminal: TerminalId::new_checked("geolife-001").unwrap(),
            fix_time: datetime!(2008-10-23 05:53:05 UTC),
            lon: 116.3,
            lat: 39.9,
            speed_kmh: None,
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn gpx_is_read_with_time_and_speed_under_its_files_name() {
        let found = points(
            "早 1.gpx",
            r#"<gpx version="1.0" creator="t"><trk><trkseg><trkpt lat="39.9" lon="116.3"><time>2026-01-02T03:04:05Z</time><speed>10</speed></trkpt></trkseg></trk></gpx>"#,
        )
        .unwrap();
        assert_eq!(found[0].terminal.as_str(), "gpx---1");
        assert_eq!(found[0].fix_time, datetime!(2026-01-02 03:04:05 UTC));
        assert_eq!(found[0].speed_kmh, Some(36.0));
    }

    #[test]
    fn a_broken_trace_is_told_with_its_line() {
        for (text, told) in [
            ("", "the file is empty"),
            ("a,b\n1,2\n", "line 1: the header has no column lat"),
            (
                "lat,lng,datetime,uid\n1,2,2008-10-23 05:53:05,1\n1,x,2008-10-23 05:53:06,1\n",
                "line 3: \"x\"",
            ),
            ("lat,lng,datetime,uid\n1,2,yesterday,1\n", "line 2: \"yesterday\""),
        ] {
            let error = points("a.csv", text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    fn read_bytes(bytes: &[u8]) -> (Vec<Point>, Result<()>) {
        let mut found = Vec::new();
        let ended = read_from(Path::new("示例 1.trace"), bytes, &mut |point| {
            found.push(point);
            true
        });
        (found, ended)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        GzEncoder::new(text, Compression::fast()).read_to_end(&mut packed).unwrap();
        packed
    }

    type Row = ((f64, f64), OffsetDateTime, String);

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let place = (-180.0..=180.0, -90.0..=90.0);
        let at =
            (0..4_102_444_800_i64).prop_map(|s| OffsetDateTime::from_unix_timestamp(s).unwrap());
        vec((place, at, "[A-Za-z0-9_.-]{1,50}".boxed()), 1..5)
    }

    fn csv_of(rows: &[Row]) -> Vec<u8> {
        let line = |((lon, lat), at, uid): &Row| {
            format!("{lat},{lon},{},{uid}\n", at.format(GEOLIFE_TIME).unwrap())
        };
        let lines: String = rows.iter().map(line).collect();
        format!("lat,lng,datetime,uid\n{lines}").into_bytes()
    }

    fn gpx_of(rows: &[Row]) -> Vec<u8> {
        let point = |((lon, lat), at, _): &Row| {
            let at = at.format(&Rfc3339).unwrap();
            format!(r#"<trkpt lat="{lat}" lon="{lon}"><time>{at}</time><speed>1.5</speed></trkpt>"#)
        };
        let points: String = rows.iter().map(point).collect();
        format!(r#"<?xml version="1.0"?><gpx version="1.0" creator="t"><trk><trkseg>{points}</trkseg></trk></gpx>"#)
            .into_bytes()
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_traces_end_with_an_error_or_are_read(
            bytes in prop_oneof![
                noise::bytes(300),
                noise::damaged(rows().prop_map(|rows| csv_of(&rows))),
                noise::damaged(rows().prop_map(|rows| gpx_of(&rows))),
                noise::damaged(rows().prop_map(|rows| gzip(&csv_of(&rows)))),
                noise::damaged(rows().prop_map(|rows| gpx_of(&rows))).prop_map(|text| gzip(&text)),
            ]
        ) {
            let (points, ended) = read_bytes(&bytes);
            prop_assert!(points.len() <= 5 * 100);
            prop_assert!(ended.is_ok() || !ended.unwrap_err().to_string().is_empty());
        }

        #[test]
        fn random_good_traces_come_back_point_by_point(rows in rows(), packed in any::<bool>()) {
            for (text, is_csv) in [(csv_of(&rows), true), (gpx_of(&rows), false)] {
                let (points, ended) = read_bytes(&if packed { gzip(&text) } else { text });
                prop_assert!(ended.is_ok(), "{:?}", ended);
                prop_assert_eq!(points.len(), rows.len());
                for (point, ((lon, lat), at, uid)) in points.iter().zip(&rows) {
                    prop_assert_eq!((point.lon, point.lat, point.fix_time), (*lon, *lat, *at));
                    let name = format!("geolife-{uid}");
                    prop_assert!(!is_csv || point.terminal.as_str() == name);
                }
            }
        }
    }
}
