//! What a tile takes of a processor, without HTTP: to make, to make and keep, and, for the writing alone, with a library that
//! writes tiles.

use std::sync::Arc;
use std::time::Instant;

use fast_mvt::{MvtExtent, MvtGeomType, MvtLayerBuilder, MvtReaderRef, MvtValue};
use geo_types::{Coord, Geometry, Polygon};
use gis_data::{Follower, Store, Viewer};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tiles::{Ask, Encoding, Format, Resident, Source, TileCoord, Tiles, Wish, tile};

use crate::support::TestApp;
use crate::table::{Address, fill, import, side, tiles_at};
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
    let kept = Arc::new(Tiles::new(vec![Arc::clone(&source)]));
    let mut random = StdRng::seed_from_u64(3);
    println!("a tile that was never made, without HTTP; mean microseconds");
    println!(
        "{:>4} {:>6} {:>8} {:>9} {:>8} {:>9} {:>9}",
        "zoom", "tiles", "made", "a feature", "kept", "fast-mvt", "ratio"
    );
    for z in zooms() {
        let wanted = tiles_at(&mut psql, z, TILES, &mut random).await;
        let (mut made, mut keeping, mut writing, mut features) = (0.0, 0.0, 0.0, 0);
        for pair in wanted.chunks_exact(2) {
            let started = Instant::now();
            kept.quick_tile(&ask(pair[0])).unwrap();
            keeping += started.elapsed().as_secs_f64() * 1e6;
            let (z, x, y) = address(pair[1]);
            let coord = TileCoord::new_checked(z, x, y).unwrap();
            let started = Instant::now();
            let bytes = tile(&[&*source], coord, &viewer).await.unwrap().unwrap();
            made += started.elapsed().as_secs_f64() * 1e6;
            let prepared = prepared(&bytes);
            features += prepared.len();
            let started = Instant::now();
            let written = written(&prepared, coord.extent());
            writing += started.elapsed().as_secs_f64() * 1e6;
            assert!(written.len() <= bytes.len() + 16, "{} for {}", written.len(), bytes.len());
        }
        let count = (wanted.len() / 2) as f64;
        println!(
            "{z:>4} {count:>6} {:>8.1} {:>9.3} {:>8.1} {:>9.1} {:>9.2}",
            made / count,
            made / features as f64,
            keeping / count,
            writing / count,
            made / writing
        );
    }
    println!(
        "kept: with its place in the cache, where that is done at once; fast-mvt: its writing of the same features alone"
    );
    app.end().await;
}

fn address((z, x, y): Address) -> (u8, u32, u32) {
    let index = |n: i32| u32::try_from(n).unwrap();
    (z, index(x), index(y))
}

fn ask(tile: Address) -> Ask {
    Ask {
        layers: "bench".to_owned(),
        address: address(tile),
        viewer: Viewer::program(),
        format: Format::Mvt,
        encoding: Encoding::Identity,
        wish: Wish::default(),
    }
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
