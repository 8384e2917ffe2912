//! What the size of the table does to a tile of it: nothing, if the cost grows with what is in the tile.

use std::time::Instant;

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::servers::ours;
use crate::support::TestApp;
use crate::table::{Address, fill, import, tiles_at};

/// Columns and rows of countries: about 10 k, 100 k, 1 M and 5 M buildings.
const GRIDS: [(i32, i32); 4] = [(1, 1), (3, 4), (11, 11), (24, 24)];
const SHOWN: [u8; 5] = [10, 12, 13, 14, 16];

pub(crate) async fn measure(mut app: TestApp) {
    let mut psql = app.database.psql().await;
    import(&app);
    let mut tiles: Vec<(u8, Vec<Address>)> = Vec::new();
    let mut measured = Vec::new();
    for (columns, rows) in GRIDS {
        let count = fill(&mut psql, columns, rows).await;
        if tiles.is_empty() {
            // Those of the one country, which every table has.
            let mut random = StdRng::seed_from_u64(11);
            for z in SHOWN {
                tiles.push((z, tiles_at(&mut psql, z, 100, &mut random).await));
            }
        }
        let started = Instant::now();
        app.restart().await;
        app.wait_until_ready().await;
        let ready = started.elapsed().as_secs_f64();
        let person = app.sign_in("county").await;
        let server = ours(&app, &person);
        let warm = tiles_at(&mut psql, 18, 5, &mut StdRng::seed_from_u64(12)).await;
        server.one_by_one(&warm).await;
        let mut ms = Vec::new();
        for (_, tiles) in &tiles {
            ms.push(server.one_by_one(tiles).await.0.mean());
        }
        measured.push((count, ready, app.resident_mb(), ms));
    }
    println!("the same tiles of tables of four sizes, uncached, one connection; mean milliseconds");
    print!("{:>10} {:>8} {:>8}", "buildings", "ready s", "MB");
    for z in SHOWN {
        print!(" {:>8}", format!("z{z}"));
    }
    println!();
    for (count, ready, megabytes, ms) in &measured {
        print!("{count:>10} {ready:>8.1} {megabytes:>8}");
        for ms in ms {
            print!(" {ms:>8.3}");
        }
        println!();
    }
    println!(
        "time of a tile by the size of the table; each # is a tenth of the largest of its zoom"
    );
    for (n, z) in SHOWN.iter().enumerate() {
        let most = measured.iter().map(|(.., ms)| ms[n]).fold(0.0, f64::max);
        for (count, .., ms) in &measured {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bar")]
            let bar = "#".repeat((ms[n] / most * 10.0).round() as usize);
            println!("z{z:<3} {count:>9} {bar:<10} {:.3}", ms[n]);
        }
    }
    app.end().await;
}
