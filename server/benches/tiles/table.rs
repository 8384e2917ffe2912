//! The table that all servers draw, and the tiles that are asked for.

use std::path::PathBuf;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use sqlx::{Executor as _, PgConnection};

use crate::support::{TestApp, printed, run};

/// Zoom, column, row.
pub(crate) type Address = (u8, i32, i32);

/// The side of the grid on which the country is repeated.
pub(crate) fn side() -> i32 {
    std::env::var("ONEMAP_BENCH_GRID").map_or(11, |n| n.parse().unwrap())
}

/// Imports the country once.
pub(crate) fn import(app: &TestApp) {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/osm/liechtenstein.osm.pbf");
    assert!(data.exists(), "{} is missing: this benchmark needs it", data.display());
    let imported = run(&app.database, &["import", data.to_str().unwrap(), "--layer", "buildings"]);
    assert!(imported.status.success(), "{}", printed(&imported));
}

/// Makes the table of so many countries and publishes it as a layer; answers its rows.
pub(crate) async fn fill(psql: &mut PgConnection, columns: i32, rows: i32) -> i64 {
    psql.execute(
        format!(
            "drop table if exists bench_building;
             create table bench_building as
             select 1000000000000 + row_number() over (order by x, y, b.feature_id) as feature_id, s.scope_id,
                    st_translate(b.geom, x * 0.2, y * 0.25)::geometry(multipolygon, 4326) as geom,
                    b.name, b.use_kind, b.height_m::float8 as height_m, b.floors_above, f.scope_id::bigint as org_id
             from building b join feature f using (feature_id), generate_series(0, {columns} - 1) x,
                  generate_series(0, {rows} - 1) y,
                  (select f.scope_id from feature f join scope s using (scope_id), org top
                   where top.code = 'U0151' and f.kind = 'building' and exists (select from org o where o.path <@ top.path
                         and o.org_id = any(s.managing_orgs)) limit 1) s
             where b.geom && st_makeenvelope(9.4, 47.0, 9.7, 47.3, 4326);
             create index on bench_building using gist (geom);
             create unique index on bench_building (feature_id);
             call follow_changes('bench_building', 'bench');
             grant select on bench_building to onemap_mirror;
             insert into layer (layer_id, relation, geometry_column, geometry, title, group_id, attributes, min_zoom,
                                max_zoom, ordinal, style)
             select 'bench', 'bench_building', 'geom', 'polygon', title, group_id,
                    '[{{\"name\":\"name\",\"type\":\"text\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}},
                      {{\"name\":\"use_kind\",\"type\":\"text\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}},
                      {{\"name\":\"height_m\",\"type\":\"float\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}},
                      {{\"name\":\"floors_above\",\"type\":\"int\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}},
                      {{\"name\":\"org_id\",\"type\":\"int\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}}]',
                    8, 16, 200, '{{}}'
             from layer where layer_id = 'buildings'
             on conflict (layer_id) do nothing;
             analyze bench_building"
        )
        .as_str(),
    )
    .await
    .unwrap();
    sqlx::query_scalar("select count(*) from bench_building").fetch_one(psql).await.unwrap()
}

/// Tiles over buildings drawn by lot, each once.
pub(crate) async fn tiles_at(
    psql: &mut PgConnection,
    z: u8,
    most: usize,
    random: &mut StdRng,
) -> Vec<Address> {
    let mut found: Vec<(i32, i32)> = sqlx::query_as(
        "select distinct floor((st_x(c) + 180) / 360 * $1)::int,
                floor((1 - asinh(tan(radians(st_y(c)))) / pi()) / 2 * $1)::int
         from bench_building tablesample system (5) repeatable (7), lateral (select st_centroid(geom) as c) m",
    )
    .bind(f64::from(1_u32 << z))
    .fetch_all(psql)
    .await
    .unwrap();
    found.sort_unstable();
    found.choose_multiple(random, most).map(|(x, y)| (z, *x, *y)).collect()
}

/// Time for the mirror to follow.
pub(crate) async fn followed() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}
