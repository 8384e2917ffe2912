//! The two ways to a tile: cut from memory by this program, and drawn by PostGIS. They must agree on what is there, on
//! what is hidden, and, within a cell of the grid, on where it is; what they do not agree on, the original geometry decides.
//!
//! `ONEMAP_TEST_TILES` (300) says how many tiles are drawn by lot.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use fast_mvt::{MvtReaderRef, MvtValueRef};
use geo::{CoordsIter as _, Distance as _, Euclidean, LinesIter as _};
use geo_types::{Coord, Geometry, Point};
use gis_data::{
    Budget, FeatureId, Follower, GeometryType, Layer, Mirrors, Snapshot, Store, Viewer,
};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use sqlx::PgConnection;
use support::{TestApp, printed, run};
use tiles::{DirectLayer, MERGED, POINT_COUNT, Resident, Source, TileCoord, tile};

const LAYERS: [&str; 7] =
    ["buildings", "rooms", "parcels", "roads", "water", "green", "facilities"];

/// What an independent reader finds in a tile.
#[derive(Debug, Default)]
struct Read {
    shapes: BTreeMap<u64, Geometry<i32>>,
    merged: i64,
    /// How many points stand together, and where.
    clusters: Vec<(i64, Geometry<i32>)>,
}

/// What the tiles so far came to.
#[derive(Debug, Default)]
struct Tally {
    tiles: usize,
    empty: usize,
    features: usize,
    merged: i64,
    /// In clusters.
    together: i64,
    /// Which the original geometry had to decide.
    judged: usize,
    /// Which PostGIS had lost.
    lost: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_and_database_draw_the_same() {
    let app = TestApp::start().await;
    import_real_buildings(&app);
    let store = Store::connect(&app.database.url).await.unwrap();
    let memory = Follower::start(store.clone()).await.unwrap().mirrors();
    let budget =
        Budget { direct: LAYERS.iter().map(|l| (*l).to_owned()).collect(), ..Budget::default() };
    let database = Follower::start_within(store.clone(), &budget).await.unwrap().mirrors();
    let direct = DirectLayer::all(&database, &store);
    assert_eq!(direct.len(), LAYERS.len());
    let count = std::env::var("ONEMAP_TEST_TILES").map_or(300, |n| n.parse().unwrap());
    let (mut random, mut tally) = (StdRng::seed_from_u64(2026), Tally::default());
    let mut psql = app.database.psql().await;
    for _ in 0..count {
        let direct = direct.choose(&mut random).unwrap();
        compare(&memory, direct, &mut random, &mut psql, &mut tally).await;
    }
    println!("{tally:?}");
    assert!(tally.features > 10 * tally.tiles, "tiles with something in them: {tally:?}");
    assert!(tally.together > 100, "points in clusters: {tally:?}");
    assert!(tally.merged > 0 && tally.empty < tally.tiles / 10, "{tally:?}");
    store.close().await;
    app.end().await;
}

/// Real shapes beside those of the demo city, where they are at hand.
fn import_real_buildings(app: &TestApp) {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/osm/liechtenstein.osm.pbf");
    if !file.exists() {
        println!("{} is not there: the demo city alone is compared", file.display());
        return;
    }
    for layer in ["buildings", "parcels"] {
        let imported = run(&app.database, &["import", file.to_str().unwrap(), "--layer", layer]);
        assert!(imported.status.success(), "{}", printed(&imported));
    }
}

/// One tile over a feature drawn by lot, at a zoom drawn by lot, by both ways.
async fn compare(
    memory: &Arc<Mirrors>,
    direct: &DirectLayer,
    random: &mut StdRng,
    psql: &mut PgConnection,
    tally: &mut Tally,
) {
    let layer = direct.layer().clone();
    let resident = Resident::new_checked(Arc::clone(memory), &layer.layer_id).unwrap();
    let snapshot = resident.held().in_memory().unwrap();
    let (viewer, coord) = drawn_by_lot(&snapshot, &layer, random);
    let ours = tile(&[&resident], coord, &viewer).await.unwrap().unwrap_or_default();
    let theirs = tile(&[direct as &dyn Source], coord, &viewer).await.unwrap().unwrap_or_default();
    let (ours, theirs) = (read(&ours), read(&theirs));
    let here = format!("{} {coord} for {}", layer.layer_id, viewer.name());
    tally.tiles += 1;
    tally.empty += usize::from(ours.shapes.is_empty() && ours.clusters.is_empty());
    tally.features += ours.shapes.len();
    tally.merged += ours.merged;
    assert_eq!(ours.merged, theirs.merged, "{here}: hidden features");
    same_clusters(&ours, &theirs, &here);
    tally.together += ours.clusters.iter().map(|(count, _)| count).sum::<i64>();
    all_are_valid(&ours, psql, &here).await;
    let tolerance = if coord.z() >= layer.max_zoom { 1.5 } else { 3.0 };
    let ids: BTreeSet<u64> = ours.shapes.keys().chain(theirs.shapes.keys()).copied().collect();
    for id in ids {
        let (own, other) = (ours.shapes.get(&id), theirs.shapes.get(&id));
        let agree =
            matches!((own, other), (Some(own), Some(other)) if apart(own, other) <= tolerance);
        if agree || is_square(&snapshot, id, coord, &layer) && own.is_some() == other.is_some() {
            continue;
        }
        tally.judged += 1;
        tally.lost += usize::from(other.is_none());
        let off = judged(psql, &layer, coord, id, own).await;
        assert!(
            off <= tolerance,
            "{here}: feature {id} is {off:.2} units off the original; ours {own:?}, PostGIS's {other:?}"
        );
    }
}

fn drawn_by_lot(snapshot: &Snapshot, layer: &Layer, random: &mut StdRng) -> (Viewer, TileCoord) {
    let all: Vec<_> = snapshot.iter().collect();
    let feature = all.choose(random).unwrap();
    let z = random.random_range(layer.min_zoom..=(layer.max_zoom + 2).min(19));
    let vertex = *feature.geometry.points().choose(random).unwrap();
    let viewer = if random.random_bool(0.5) {
        Viewer::program()
    } else {
        Viewer::of_scopes("somebody", [feature.scope])
    };
    (viewer, TileCoord::at(z, vertex).unwrap())
}

fn read(bytes: &[u8]) -> Read {
    let reader = MvtReaderRef::new(bytes).unwrap();
    let mut read = Read::default();
    for feature in reader.layers().flat_map(|layer| layer.features().collect::<Vec<_>>()) {
        for property in feature.properties() {
            let (name, number) = match property.unwrap() {
                (name, MvtValueRef::Int(n)) => (name, n),
                (name, MvtValueRef::UInt(n)) => (name, i64::try_from(n).unwrap()),
                _ => continue,
            };
            match name {
                MERGED => read.merged += number,
                POINT_COUNT => {
                    assert_eq!(feature.id(), None, "a cluster is no feature");
                    read.clusters.push((number, feature.geometry().unwrap()));
                }
                _ => {}
            }
        }
        if let Some(id) = feature.id() {
            let before = read.shapes.insert(id, feature.geometry().unwrap());
            assert!(before.is_none(), "feature {id} is there twice");
        }
    }
    read
}

/// As many clusters of as many points at the same places.
fn same_clusters(ours: &Read, theirs: &Read, here: &str) {
    assert_eq!(ours.clusters.len(), theirs.clusters.len(), "{here}: clusters");
    for (count, place) in &ours.clusters {
        let found = theirs.clusters.iter().any(|(n, at)| n == count && apart(at, place) <= 1.5);
        assert!(found, "{here}: {count} points at {place:?} are not among {:?}", theirs.clusters);
    }
}

/// How far the farthest vertex of either is from the other, in units of the tile.
fn apart(one: &Geometry<i32>, other: &Geometry<i32>) -> f64 {
    farthest(one, other).max(farthest(other, one))
}

fn farthest(from: &Geometry<i32>, to: &Geometry<i32>) -> f64 {
    let float = |c: Coord<i32>| Point::new(f64::from(c.x), f64::from(c.y));
    let points: Vec<Point> = to.coords_iter().map(float).collect();
    let lines: Vec<_> =
        edges(to).into_iter().map(|(a, b)| geo_types::Line::new(float(a), float(b))).collect();
    let off = |p: Point| {
        let to_lines = lines.iter().map(|line| Euclidean.distance(&p, line));
        let to_points = points.iter().map(|point| Euclidean.distance(p, *point));
        to_lines.chain(to_points).fold(f64::INFINITY, f64::min)
    };
    from.coords_iter().map(|c| off(float(c))).fold(0.0, f64::max)
}

fn edges(shape: &Geometry<i32>) -> Vec<(Coord<i32>, Coord<i32>)> {
    let ends = |line: geo_types::Line<i32>| (line.start, line.end);
    match shape {
        Geometry::LineString(line) => line.lines_iter().map(ends).collect(),
        Geometry::MultiLineString(lines) => lines.lines_iter().map(ends).collect(),
        Geometry::Polygon(polygon) => polygon.lines_iter().map(ends).collect(),
        Geometry::MultiPolygon(polygons) => polygons.lines_iter().map(ends).collect(),
        _ => Vec::new(),
    }
}

/// Whether it stands for others as a square, which is not its shape.
fn is_square(snapshot: &Snapshot, id: u64, coord: TileCoord, layer: &Layer) -> bool {
    let id = FeatureId(i64::try_from(id).unwrap());
    let rank = snapshot.get(id, &Viewer::program()).unwrap().rank;
    layer.geometry == GeometryType::Polygon && coord.z() < layer.max_zoom && rank.shaped > coord.z()
}

/// GEOS finds nothing wrong with any polygon.
async fn all_are_valid(ours: &Read, psql: &mut PgConnection, here: &str) {
    let shapes: Vec<String> = ours.shapes.values().map(|shape| wkt(shape, |c| c)).collect();
    let faults: Vec<String> = sqlx::query_scalar(
        "select st_isvalidreason(g) || ': ' || t from unnest($1::text[]) t, lateral (select st_geomfromtext(t) as g) m
         where not st_isvalid(g)",
    )
    .bind(shapes)
    .fetch_all(psql)
    .await
    .unwrap();
    assert!(faults.is_empty(), "{here}: {faults:?}");
}

/// How far ours is from the original within the tile, in units of it. Of polygons, the area between both by the length of the
/// outline; of lines, the farthest vertex of either, because where a line leaves the tile at a sharp angle, rounding moves
/// its end along it. What ours leaves out altogether must be as thin, or as short.
async fn judged(
    psql: &mut PgConnection,
    layer: &Layer,
    coord: TileCoord,
    id: u64,
    own: Option<&Geometry<i32>>,
) -> f64 {
    let extent = f64::from(coord.extent());
    let unit = 40_075_016.685_578_49 / f64::from(1_u32 << coord.z()) / extent;
    let half = 20_037_508.342_789_244;
    let metres = |c: Coord<f64>| Coord {
        x: (f64::from(coord.x()) * extent + c.x) * unit - half,
        y: half - (f64::from(coord.y()) * extent + c.y) * unit,
    };
    let own = own.map_or_else(|| "POLYGON EMPTY".to_owned(), |shape| wkt(shape, metres));
    let sql = format!(
        "select case st_dimension(original)
                when 2 then st_area(st_symdifference(st_buffer(o, 0), cut)) / greatest(st_perimeter(cut), 4 * $5)
                when 1 then case when st_isempty(o) then st_length(cut) else greatest(
                    (select max(st_distance(p.geom, original)) from st_dumppoints(o) p),
                    (select max(st_distance(p.geom, o)) from st_dumppoints(original) p where st_contains(st_buffer(square, -2 * $5), p.geom)))
                    end
                else st_hausdorffdistance(o, cut) end / $5
         from (select st_geomfromtext($1, 3857) as o, st_makevalid(st_transform({}, 3857)) as original,
                      st_tileenvelope($2, $3, $4, margin => 64.0 / 4096) as square
               from {} where feature_id = $6) m, lateral (select st_intersection(original, square) as cut) n",
        layer.geometry_column, layer.relation
    );
    let number = |n: u32| i32::try_from(n).unwrap();
    let off: Option<f64> = sqlx::query_scalar(&sql)
        .bind(own)
        .bind(i32::from(coord.z()))
        .bind(number(coord.x()))
        .bind(number(coord.y()))
        .bind(unit)
        .bind(i64::try_from(id).unwrap())
        .fetch_one(psql)
        .await
        .unwrap();
    off.unwrap_or(0.0)
}

/// Well-known text with coordinates of another system.
fn wkt(shape: &Geometry<i32>, to: impl Fn(Coord<f64>) -> Coord<f64> + Copy) -> String {
    let list = |coords: &mut dyn Iterator<Item = Coord<i32>>| {
        let spelled = coords.fold(String::new(), |mut list, c| {
            let c = to(Coord { x: f64::from(c.x), y: f64::from(c.y) });
            let comma = if list.is_empty() { "" } else { "," };
            let _ = write!(list, "{comma}{} {}", c.x, c.y);
            list
        });
        format!("({spelled})")
    };
    let line = |line: &geo_types::LineString<i32>| list(&mut line.coords().copied());
    let polygon = |p: &geo_types::Polygon<i32>| {
        let rings = std::iter::once(p.exterior()).chain(p.interiors());
        format!("({})", rings.map(line).collect::<Vec<_>>().join(","))
    };
    match shape {
        Geometry::Point(p) => format!("POINT{}", list(&mut std::iter::once(p.0))),
        Geometry::MultiPoint(p) => format!("MULTIPOINT{}", list(&mut p.iter().map(|p| p.0))),
        Geometry::LineString(l) => format!("LINESTRING{}", line(l)),
        Geometry::MultiLineString(all) => {
            format!("MULTILINESTRING({})", all.iter().map(line).collect::<Vec<_>>().join(","))
        }
        Geometry::Polygon(p) => format!("POLYGON{}", polygon(p)),
        Geometry::MultiPolygon(all) => {
            format!("MULTIPOLYGON({})", all.iter().map(polygon).collect::<Vec<_>>().join(","))
        }
        other => panic!("no part of a tile: {other:?}"),
    }
}
