//! Archives, written and read back: by this crate, by a reader of PMTiles that knows its specification alone, and by SQL.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, where a panic is the report"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::read::GzDecoder;
use geo_types::{Geometry, LineString, Point, Polygon};
use gis_data::{
    AttributeType, Bbox, FeatureId, GeometryType, OwnedFeature, ScopeId, Value, Viewer,
};
use serde_json::Value as Json;
use support::{Fixed, source_with, waited};
use tiles::{
    About, ArchiveError, Base, Encoding, Existing, Order, Progress, Source, Summary, TileCoord,
    TileFormat, export, tile,
};

const NAMED: &[(&str, AttributeType)] = &[("name", AttributeType::Text)];

fn feature(id: i64, scope: i32, geometry: &Geometry<f64>) -> OwnedFeature {
    let name = Value::Text(Arc::from(format!("院{id}").as_str()));
    OwnedFeature::new(FeatureId(id), ScopeId(scope), geometry, vec![name]).unwrap()
}

/// Houses of 20 m in rows, every third of them of scope 2; far off a lake that is one tile after the other of the same.
fn town() -> [Fixed; 3] {
    let square = |lon: f64, lat: f64, side: f64| {
        let (e, n) = (lon + side, lat + side);
        let ring = vec![(lon, lat), (e, lat), (e, n), (lon, n), (lon, lat)];
        Geometry::from(Polygon::new(LineString::from(ring), Vec::new()))
    };
    let houses = (0..400).map(|n| {
        let (column, row) = (f64::from(n % 20), f64::from(n / 20));
        let shape = square(116.2 + column * 0.000_5, 36.1 + row * 0.000_5, 0.000_2);
        feature(i64::from(n) + 1, if n % 3 == 0 { 2 } else { 1 }, &shape)
    });
    let lake = feature(9001, 1, &square(116.4, 36.3, 0.2));
    let wells = (0..3).map(|n| feature(9100 + n, 1, &Geometry::from(Point::new(116.25, 36.15))));
    [
        source_with(NAMED, "houses", GeometryType::Polygon, (8, 14), houses.collect()),
        source_with(NAMED, "water", GeometryType::Polygon, (4, 12), vec![lake]),
        source_with(NAMED, "wells", GeometryType::Point, (10, 14), wells.collect()),
    ]
}

fn order<'a>(sources: &'a [&'a dyn Source], viewer: &'a Viewer) -> Order<'a> {
    Order {
        sources,
        viewer,
        area: None,
        zooms: None,
        most_tiles: 100_000,
        existing: Existing::Refuse,
        about: About {
            name: "houses,water,wells",
            notice: Some("示例数据（虚构）"),
            data_at: "2026-11-26T08:00:00Z",
        },
    }
}

fn made(order: &Order<'_>, path: &Path) -> Result<Summary, ArchiveError> {
    export(order, path, &AtomicBool::new(false), &mut |_| {})
}

fn plain(gzip: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Every tile with something in it for this viewer, asked for one by one within the box of the archive.
fn expected(
    sources: &[&dyn Source],
    viewer: &Viewer,
    ([west, south, east, north], zooms): ([f64; 4], std::ops::RangeInclusive<u8>),
) -> BTreeMap<TileCoord, Vec<u8>> {
    let corner = |z, lon, lat| {
        let place = gis_data::LonLat::new_checked(lon, lat).unwrap();
        TileCoord::at(z, gis_data::World::from_lonlat(place)).unwrap()
    };
    let mut all = BTreeMap::new();
    for z in zooms {
        let (nw, se) = (corner(z, west, north), corner(z, east, south));
        for x in nw.x()..=se.x() {
            for y in nw.y()..=se.y() {
                let coord = TileCoord::new_checked(z, x, y).unwrap();
                if let Some(bytes) = waited(tile(sources, coord, viewer)).unwrap() {
                    all.insert(coord, bytes);
                }
            }
        }
    }
    all
}

/// What PMTiles says, read by its specification: <https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md>.
struct Pmtiles {
    bytes: Vec<u8>,
}

impl Pmtiles {
    fn number(&self, at: usize) -> usize {
        let number = u64::from_le_bytes(self.bytes[at..at + 8].try_into().unwrap());
        usize::try_from(number).unwrap()
    }

    fn section(&self, at: usize) -> &[u8] {
        let offset = self.number(at);
        &self.bytes[offset..offset + self.number(at + 8)]
    }

    fn metadata(&self) -> Json {
        serde_json::from_slice(&plain(self.section(24))).unwrap()
    }

    /// `(id, run, length, offset)` of a directory.
    fn directory(packed: &[u8]) -> Vec<(u64, u64, usize, usize)> {
        let bytes = plain(packed);
        let mut rest = bytes.iter();
        let mut next = || {
            let (mut number, mut shift) = (0_u64, 0);
            loop {
                let byte = *rest.next().unwrap();
                number |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    return number;
                }
            }
        };
        let count = usize::try_from(next()).unwrap();
        let mut id = 0;
        let ids: Vec<u64> = (0..count)
            .map(|_| {
                id += next();
                id
            })
            .collect();
        let runs: Vec<u64> = (0..count).map(|_| next()).collect();
        let lengths: Vec<usize> = (0..count).map(|_| usize::try_from(next()).unwrap()).collect();
        let mut offsets: Vec<usize> = Vec::new();
        for n in 0..count {
            let offset = usize::try_from(next()).unwrap();
            let follows = |last: usize| offsets[last] + lengths[last];
            offsets.push(if offset == 0 && n > 0 { follows(n - 1) } else { offset - 1 });
        }
        ids.into_iter()
            .zip(runs)
            .zip(lengths)
            .zip(offsets)
            .map(|(((a, b), c), d)| (a, b, c, d))
            .collect()
    }

    /// All tiles by their number on the curve.
    fn tiles(&self) -> BTreeMap<u64, Vec<u8>> {
        let (leaves, data) = (self.section(40), self.section(56));
        let mut entries = Self::directory(self.section(8));
        let mut found = BTreeMap::new();
        while let Some((id, run, length, offset)) = entries.pop() {
            if run == 0 {
                entries.extend(Self::directory(&leaves[offset..offset + length]));
            }
            for n in 0..run {
                found.insert(id + n, data[offset..offset + length].to_vec());
            }
        }
        found
    }
}

/// The place of a tile among all, level by level, each along a Hilbert curve.
fn number_on_curve(coord: TileCoord) -> u64 {
    let before: u64 = (0..coord.z()).map(|z| 1 << (2 * z)).sum();
    let (mut x, mut y) = (u64::from(coord.x()), u64::from(coord.y()));
    let mut along = 0;
    for bit in (0..coord.z()).rev() {
        let side = 1_u64 << bit;
        let (right, below) = (u64::from(x & side > 0), u64::from(y & side > 0));
        along += side * side * ((3 * right) ^ below);
        if below == 0 {
            if right == 1 {
                (x, y) = ((side - 1).wrapping_sub(x), (side - 1).wrapping_sub(y));
            }
            (x, y) = (y, x);
        }
        (x, y) = (x & (side - 1), y & (side - 1));
    }
    before + along
}

#[test]
fn a_pmtiles_archive_holds_every_tile_of_the_viewer_and_no_other() {
    let layers = town();
    let sources: Vec<&dyn Source> = layers.iter().map(|l| l as &dyn Source).collect();
    let viewer = Viewer::of_scopes("county", [ScopeId(1)]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("town.pmtiles");
    let summary = made(&order(&sources, &viewer), &path).unwrap();
    assert_eq!(summary.bytes, fs::metadata(&path).unwrap().len());
    let base = Base::open("town", &path).unwrap();
    assert_eq!((base.format(), base.zooms()), (TileFormat::Mvt, (4, 14)));
    assert_eq!((base.title(), base.attribution()), ("houses,water,wells", "示例数据（虚构）"));
    let expected = expected(&sources, &viewer, (base.bounds(), 4..=14));
    assert!(expected.len() > 150, "{}", expected.len());
    assert_eq!(summary.tiles, expected.len() as u64);
    assert!(summary.distinct < summary.tiles / 2, "the middle of the lake is stored once");

    let second = Pmtiles { bytes: fs::read(&path).unwrap() };
    assert_eq!(second.bytes[..8], *b"PMTiles\x03");
    assert_eq!(second.bytes[96..102], [1, 2, 2, 1, 4, 14], "clustered, gzip twice, MVT, zooms");
    assert_eq!(second.number(72) as u64, summary.tiles);
    assert_eq!(second.number(88) as u64, summary.distinct);
    let metadata = second.metadata();
    assert_eq!(metadata["data_at"], "2026-11-26T08:00:00Z");
    assert_eq!(metadata["vector_layers"][0]["id"], "houses");
    assert_eq!(base.vector_layers(), metadata["vector_layers"].as_array().unwrap());
    let stored = second.tiles();
    assert_eq!(stored.len(), expected.len());
    for (coord, bytes) in &expected {
        let found = base.tile(*coord, Some("gzip")).unwrap().unwrap();
        assert_eq!(found.encoding, Encoding::Gzip);
        assert_eq!(plain(&found.bytes), *bytes, "{coord}");
        assert_eq!(stored[&number_on_curve(*coord)], found.bytes, "{coord}");
    }
    assert!(base.tile(TileCoord::new_checked(14, 0, 0).unwrap(), None).unwrap().is_none());
}

#[test]
fn an_mbtiles_archive_holds_the_same_and_stores_equal_tiles_once() {
    let layers = town();
    let sources: Vec<&dyn Source> = layers.iter().map(|l| l as &dyn Source).collect();
    let viewer = Viewer::program();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("town.MBTiles");
    let asked = Order { zooms: Some((6, 13)), ..order(&sources, &viewer) };
    let summary = made(&asked, &path).unwrap();
    let base = Base::open("town", &path).unwrap();
    let expected = expected(&sources, &viewer, (base.bounds(), 6..=13));
    assert_eq!(summary.tiles, expected.len() as u64);
    for (coord, bytes) in &expected {
        let found = base.tile(*coord, Some("zstd")).unwrap().unwrap();
        assert_eq!((found.encoding, found.bytes.as_ref()), (Encoding::Identity, &bytes[..]));
        assert_ne!(found.etag, base.tile(*coord, Some("gzip")).unwrap().unwrap().etag);
    }
    let sqlite = rusqlite::Connection::open(&path).unwrap();
    let count = |sql: &str| sqlite.query_row(sql, (), |row| row.get::<_, u64>(0)).unwrap();
    assert_eq!(count("select count(*) from tiles"), summary.tiles);
    assert_eq!(count("select count(*) from images"), summary.distinct);
    assert_eq!(count("pragma application_id"), 0x4d50_4258);
    let integrity: String =
        sqlite.query_row("pragma integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    let row = |name: &str| -> String {
        let sql = "select value from metadata where name = ?1";
        sqlite.query_row(sql, [name], |row| row.get(0)).unwrap()
    };
    assert_eq!(
        (row("format"), row("minzoom"), row("maxzoom")),
        ("pbf".into(), "6".into(), "13".into())
    );
    let more: Json = serde_json::from_str(&row("json")).unwrap();
    assert_eq!(more["vector_layers"].as_array().unwrap().len(), 3);
}

#[test]
fn the_same_data_make_the_same_file() {
    let layers = town();
    let sources: Vec<&dyn Source> = layers.iter().map(|l| l as &dyn Source).collect();
    let dir = tempfile::tempdir().unwrap();
    for kind in ["pmtiles", "mbtiles"] {
        let path = |n: u8| dir.path().join(format!("{n}.{kind}"));
        for n in [1, 2] {
            made(&order(&sources, &Viewer::program()), &path(n)).unwrap();
        }
        assert!(fs::read(path(1)).unwrap() == fs::read(path(2)).unwrap(), "{kind}");
    }
}

#[test]
fn a_box_and_zooms_are_kept_to() {
    let layers = town();
    let sources: Vec<&dyn Source> = layers.iter().map(|l| l as &dyn Source).collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lake.pmtiles");
    let area = Bbox::new_checked([116.45, 36.35, 116.46, 36.36]);
    let viewer = Viewer::program();
    made(&Order { area, zooms: Some((0, 9)), ..order(&sources, &viewer) }, &path).unwrap();
    let base = Base::open("lake", &path).unwrap();
    assert_eq!(base.zooms(), (4, 9), "above zoom 4 no layer is drawn");
    for (side, asked) in base.bounds().iter().zip(area.unwrap().to_array()) {
        assert!((side - asked).abs() < 1e-6);
    }
    let tiles = Pmtiles { bytes: fs::read(&path).unwrap() }.tiles();
    assert_eq!(tiles.len(), expected(&sources, &viewer, (area.unwrap().to_array(), 4..=9)).len());
}

#[test]
fn what_cannot_be_exported_says_why_and_leaves_nothing() {
    let layers = town();
    let sources: Vec<&dyn Source> = layers.iter().map(|l| l as &dyn Source).collect();
    let (all, nobody) = (Viewer::program(), Viewer::of_scopes("nobody", []));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("town.pmtiles");
    let refused = |order: Order<'_>| {
        let error = made(&order, &path).unwrap_err();
        assert!(error.message_zh().chars().any(|c| c > '\u{2fff}'), "{}", error.message_zh());
        error.to_string()
    };
    let told = refused(order(&sources, &nobody));
    assert_eq!(told, "houses,water,wells hold nothing that nobody may see");
    let far = Bbox::new_checked([0.0, 0.0, 1.0, 1.0]);
    let told = refused(Order { area: far, ..order(&sources, &all) });
    assert_eq!(told, "houses,water,wells hold nothing that program may see in this box");
    let told = refused(Order { zooms: Some((9, 8)), ..order(&sources, &all) });
    assert_eq!(told, "zooms 9 to 8: the first is at most the last, and both are at most 22");
    let told = refused(Order { zooms: Some((0, 3)), ..order(&sources, &all) });
    assert_eq!(told, "no layer has tiles up to zoom 3: houses 8, water 4, wells 10");
    let told = refused(Order { most_tiles: 50, ..order(&sources, &all) });
    assert!(told.starts_with("more than 50 tiles, which is the limit; zooms 4 to "), "{told}");
    let error = made(&order(&sources, &all), &dir.path().join("town.zip")).unwrap_err();
    assert!(error.to_string().contains("neither .pmtiles nor .mbtiles"));
    let error = made(&order(&sources, &all), &dir.path().join("none/town.pmtiles")).unwrap_err();
    assert!(error.to_string().starts_with("write in the folder"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn an_export_that_is_stopped_leaves_what_was_there() {
    let layers = town();
    let sources: Vec<&dyn Source> = layers.iter().map(|l| l as &dyn Source).collect();
    let viewer = Viewer::program();
    let dir = tempfile::tempdir().unwrap();
    for kind in ["pmtiles", "mbtiles"] {
        let path = dir.path().join(format!("town.{kind}"));
        fs::write(&path, "before").unwrap();
        let error = made(&order(&sources, &viewer), &path).unwrap_err();
        assert!(matches!(error, ArchiveError::Exists(_)));
        let replacing =
            Order { existing: Existing::Replace, zooms: Some((4, 17)), ..order(&sources, &viewer) };
        let stop = AtomicBool::new(false);
        let mut heard: Vec<Progress> = Vec::new();
        let error = export(&replacing, &path, &stop, &mut |progress| {
            heard.push(*progress);
            stop.store(true, Ordering::Relaxed);
        })
        .unwrap_err();
        assert!(matches!(error, ArchiveError::Cancelled), "{error}");
        assert_eq!((heard.len(), heard[0].done), (1, 256));
        assert!(heard[0].total > 256 && heard[0].left().is_some());
        assert_eq!(fs::read(&path).unwrap(), b"before");
        made(&replacing, &path).unwrap();
        assert!(Base::open("town", &path).is_ok());
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_broken_base_map_is_refused_with_its_reason() {
    let layers = town();
    let sources: Vec<&dyn Source> = layers.iter().map(|l| l as &dyn Source).collect();
    let viewer = Viewer::program();
    let dir = tempfile::tempdir().unwrap();
    for kind in ["pmtiles", "mbtiles"] {
        let path = dir.path().join(format!("whole.{kind}"));
        made(&order(&sources, &viewer), &path).unwrap();
        let whole = fs::read(&path).unwrap();
        let cut = dir.path().join(format!("cut.{kind}"));
        fs::write(&cut, &whole[..whole.len() - 5000]).unwrap();
        let error = Base::open("cut", &cut).err().unwrap();
        assert!(error.to_string().contains("cut off"), "{error}");
        for bytes in [&b""[..], b"PK\x03\x04 no archive at all", &whole[..90]] {
            fs::write(&cut, bytes).unwrap();
            assert!(Base::open("cut", &cut).is_err(), "{kind}: {} bytes", bytes.len());
        }
        assert!(Base::open("none", &dir.path().join(format!("none.{kind}"))).is_err());
    }
}

#[test]
fn pictures_come_back_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("photo.mbtiles");
    let sqlite = rusqlite::Connection::open(&path).unwrap();
    let picture = b"\x89PNG\r\n\x1a\n and so on";
    sqlite
        .execute_batch(
            "create table metadata (name text, value text);
             insert into metadata values ('name', '航拍'), ('attribution', '<a href=\"#\">© 测绘院</a>');
             create table tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob);",
        )
        .unwrap();
    sqlite.execute("insert into tiles values (3, 6, 4, ?1)", [&picture[..]]).unwrap();
    let base = Base::open("photo", &path).unwrap();
    assert_eq!((base.format(), base.zooms()), (TileFormat::Png, (3, 3)));
    assert_eq!((base.title(), base.attribution()), ("航拍", "© 测绘院"));
    // Row 4 from the south is row 3 from the north.
    let tile = base.tile(TileCoord::new_checked(3, 6, 3).unwrap(), None).unwrap().unwrap();
    assert_eq!((tile.bytes.as_ref(), tile.encoding), (&picture[..], Encoding::Identity));
    assert!(base.tilejson("http://host").get("vector_layers").is_none());
    sqlite.execute("insert into metadata values ('format', 'tiff')", ()).unwrap();
    let error = Base::open("photo", &path).err();
    assert!(error.is_none(), "an unknown name is no fault while the pictures say what they are");
}
