//! What a tile takes of a processor, without HTTP and without a cache: all of it here, beside what a library that writes
//! tiles takes for the writing alone.

use std::sync::Arc;
use std::time::Instant;

use fast_mvt::{MvtExtent, MvtGeomType, MvtLayerBuilder, MvtReaderRef, MvtValue};
use geo_types::{Coord, Geometry, Polygon};
use gis_data::{Follower, Store, Viewer};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tiles::{Resident, Source, TileCoord, tile};

use crate::support::TestApp;
use crate::table::{fill, import, side, tiles_at};
use crate::zooms;

/// Tiles a zoom.
const TILES: usize = 2_000;

/// A feature as it is handed to the library.
type Prepared = (Option<u64>, Vec<(bool, Vec<Coord<i32>>)>, Vec<(String, MvtValue)>);

pub(crate) async fn measure(app: TestApp) {
    let mut psql = app.database.psql().await;
    import(&app);
    fill(&mut psql, side(), side()).await;
    let store = Store::connect(&app.database.url).await.unwrap();
    let mirrors = Follower::start(store).await.unwrap().mirrors();
    let source: Arc<dyn Source> = Arc::new(Resident::new_checked(mirrors, "bench").unwrap());
    let viewer = Viewer::program();
    let mut random = StdRng::seed_from_u64(3);
    println!(
        "a tile that was never made, without HTTP; mean microseconds, and those of fast-mvt for the writing alone"
    );
    println!(
        "{:>4} {:>6} {:>9} {:>9} {:>9} {:>9}",
        "zoom", "tiles", "all", "a feature", "fast-mvt", "ratio"
    );
    for z in zooms() {
        let wanted = tiles_at(&mut psql, z, TILES, &mut random).await;
        let (mut all, mut writing, mut features) = (0.0, 0.0, 0);
        for (z, x, y) in &wanted {
            let index = |n: i32| u32::try_from(n).unwrap();
            let coord = TileCoord::new_checked(*z, index(*x), index(*y)).unwrap();
            let started = Instant::now();
            let bytes = tile(&[&*source], coord, &viewer).await.unwrap().unwrap();
            all += started.elapsed().as_secs_f64() * 1e6;
            let prepared = prepared(&bytes);
            features += prepared.len();
            let started = Instant::now();
            let written = written(&prepared, coord.extent());
            writing += started.elapsed().as_secs_f64() * 1e6;
            assert!(written.len() <= bytes.len() + 16, "{} for {}", written.len(), bytes.len());
        }
        let count = wanted.len() as f64;
        println!(
            "{z:>4} {:>6} {:>9.1} {:>9.3} {:>9.1} {:>9.2}",
            wanted.len(),
            all / count,
            all / features as f64,
            writing / count,
            all / writing
        );
    }
    app.end().await;
}

/// What is in a tile of polygons.
fn prepared(bytes: &[u8]) -> Vec<Prepared> {
    let reader = MvtReaderRef::new(bytes).unwrap();
    let layer = reader.layers().next().unwrap();
    let rings = |polygon: &Polygon<i32>| {
        let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        all.enumerate().map(|(n, ring)| (n == 0, ring.0.clone())).collect::<Vec<_>>()
    };
    layer
        .features()
        .map(|feature| {
            let shape = match feature.geometry().unwrap() {
                Geometry::Polygon(polygon) => rings(&polygon),
                Geometry::MultiPolygon(all) => all.iter().flat_map(rings).collect(),
                _ => Vec::new(),
            };
            let tags = feature.properties().map(|p| {
                let (name, value) = p.unwrap();
                (name.to_owned(), value.into_owned())
            });
            (feature.id(), shape, tags.collect())
        })
        .filter(|(_, shape, _): &Prepared| !shape.is_empty())
        .collect()
}

fn written(features: &[Prepared], extent: u16) -> Vec<u8> {
    let mut layer = MvtLayerBuilder::new("bench").unwrap();
    layer.extent(MvtExtent::new(u32::from(extent)).unwrap());
    for (id, shape, tags) in features {
        let mut feature = layer.feature_of(MvtGeomType::Polygon);
        feature.id(*id);
        for (is_exterior, ring) in shape {
            feature.ring(ring.iter().copied(), *is_exterior).unwrap();
        }
        for (name, value) in tags {
            feature.tag_ref(name, value.into()).unwrap();
        }
        layer = feature.end();
    }
    layer.encode()
}
