//! The SQL of layers that the database draws. Relations and columns come from the catalogue, which accepts only plain
//! identifiers; values are always bound.

use std::fmt::Write as _;

use gis_data::{AttributeType, Bound, Drawing, GeometryType, GisError, Layer, TINY_UNITS, Viewer};

use crate::choice::Choice;
use crate::cluster::{CELL_BITS, POINT_COUNT};
use crate::{MERGED, TileCoord};

/// Metres from the middle of the Web Mercator square to its edge.
const HALF: &str = "20037508.342789244";
/// Metres of a world unit.
const UNIT: &str = "(40075016.685578488 / 4294967296)";

/// The question of a tile. `$1 $2 $3`: zoom, column, row; `$4`: the viewer's scopes or null; `$5` to `$8`: west, south, east
/// and north of the tile with its buffer; `$9 $10`: extent and buffer; `$11`: whether nothing is too small; `$12`: the
/// layer's name; then what the filter is told.
pub(crate) fn tile(layer: &Layer, choice: &Choice) -> (String, Vec<Bound>) {
    let (filter, bound) = match &choice.filter {
        Some(filter) => {
            let (condition, bound) = filter.to_sql(13);
            (format!(" and {condition}"), bound)
        }
        None => (String::new(), Vec::new()),
    };
    let columns = |layer: &Layer, spell: &dyn Fn(AttributeType, &str) -> String| {
        columns(layer, choice, spell)
    };
    let attributes = columns(layer, &|kind, name| {
        let cast = match kind {
            AttributeType::Int => "bigint",
            AttributeType::Float => "double precision",
            AttributeType::Text => "text",
        };
        format!("r.{name}::{cast} as {name}")
    });
    let names = columns(layer, &|_, name| name.to_owned());
    let nulls = columns(layer, &|_, name| format!("null as {name}"));
    let (geom, relation) = (&layer.geometry_column, &layer.relation);
    let met = format!(
        "met as (
            select r.feature_id{attributes}, st_transform(r.{geom}, 3857) as shape
            from {relation} r
            where r.{geom} && st_makeenvelope($5, $6, $7, $8, 4326)
                and ($4::int[] is null or r.scope_id = any($4)){filter})"
    );
    let cut = "st_asmvtgeom(shape, st_tileenvelope($1, $2, $3), $9, $10)";
    let alone =
        columns(layer, &|_, name| format!("case when together = 1 then {name} end as {name}"));
    let drawn = match (layer.geometry, layer.clustered_below()) {
        (GeometryType::Polygon, _) => ranked(&names, &nulls, cut),
        (_, 0) => format!("drawn as (select feature_id{names}, {cut} as geom from met)"),
        (_, below) => clustered(&alone, below, cut),
    };
    let sql = format!(
        "with {met}, {drawn}
         select st_asmvt(d, $12, $9, 'geom', 'feature_id')
         from (select * from drawn where geom is not null order by feature_id) d"
    );
    (sql, bound)
}

/// What is drawn of polygons by their ranks, which are those of `gis_data::Rank`: worked out on the same whole numbers, so
/// that memory and database agree to the last feature. What is hidden is counted by the first square, or, where there is none, by a
/// point in the middle of the first that is hidden.
fn ranked(names: &str, nulls: &str, cut: &str) -> String {
    let bits = TINY_UNITS.ilog2();
    let side = TINY_UNITS.isqrt();
    format!(
        "world as (
            select met.*, st_snaptogrid(st_transscale(shape, {HALF}, -{HALF}, 1 / {UNIT}, -1 / {UNIT}), 1) as w from met),
        sized as (
            select world.*, 2 * coalesce(st_area(w), 0) * power(4, $1) as doubled,
                floor((st_xmin(w) + st_xmax(w)) / 2)::bigint as x, floor((st_ymin(w) + st_ymax(w)) / 2)::bigint as y
            from world),
        ranked as (
            select sized.*, $11 or doubled >= 2 * {TINY_UNITS} * power(2, 40) as is_shaped,
                doubled > (((x >> 9) * 3242174889 + (y >> 9) * 2447445414) & 4294967295) * power(2, 9 + {bits}) as is_shown,
                x * {UNIT} - {HALF} as east, {HALF} - y * {UNIT} as north,
                {UNIT} * power(2, 20 - $1) * {side} / 2 as reach
            from sized),
        square as (
            select feature_id{names}, st_asmvtgeom(st_makeenvelope(east - reach, north - reach, east + reach, north + reach, 3857),
                st_tileenvelope($1, $2, $3), $9, $10) as geom
            from ranked where not is_shaped and is_shown),
        hidden as (select * from ranked where not is_shaped and not is_shown),
        drawn as (
            select feature_id{names}, null::bigint as {MERGED}, {cut} as geom from ranked where is_shaped
            union all
            select feature_id{names},
                case when row_number() over (order by geom is null, feature_id) = 1 then nullif((select count(*) from hidden), 0) end, geom
            from square
            union all
            (select null{nulls}, (select count(*) from hidden),
                st_asmvtgeom(st_point(east, north, 3857), st_tileenvelope($1, $2, $3), $9, 2 * $9)
             from hidden where not exists (select from square where geom is not null) order by feature_id limit 1))"
    )
}

/// Points in the cells of `crate::cluster`: worked out on the same whole numbers.
fn clustered(alone: &str, below: u8, cut: &str) -> String {
    let cell = 32 - CELL_BITS;
    format!(
        "world as (
            select met.*, st_snaptogrid(st_transscale(shape, {HALF}, -{HALF}, 1 / {UNIT}, -1 / {UNIT}), 1) as w from met),
        placed as (
            select world.*, floor((st_xmin(w) + st_xmax(w)) / 2)::bigint as x, floor((st_ymin(w) + st_ymax(w)) / 2)::bigint as y
            from world),
        met_in_cells as (
            select placed.*, count(*) over cell as together, sum(x) over cell as east, sum(y) over cell as south,
                row_number() over (cell order by feature_id) as nth
            from placed
            where $1 >= {below} or (x >> (32 - $1) = $2 and y >> (32 - $1) = $3)
            window cell as (partition by case when $1 < {below} then array[x >> ({cell} - $1), y >> ({cell} - $1)]
                else array[feature_id] end)),
        drawn as (
            select case when together = 1 then feature_id end as feature_id{alone}, nullif(together, 1) as {POINT_COUNT},
                case when together = 1 then {cut} else st_asmvtgeom(
                    st_point(floor(east / together) * {UNIT} - {HALF}, {HALF} - floor(south / together) * {UNIT}, 3857),
                    st_tileenvelope($1, $2, $3), $9, $10) end as geom
            from met_in_cells where nth = 1)"
    )
}

fn columns(
    layer: &Layer,
    choice: &Choice,
    spell: &dyn Fn(AttributeType, &str) -> String,
) -> String {
    let drawn = layer.attributes.iter().enumerate().filter(|(n, _)| choice.draws(*n));
    drawn.fold(String::new(), |mut list, (_, a)| {
        let _ = write!(list, ", {}", spell(a.kind, &a.name));
        list
    })
}

/// Asks the question: the layer's own, or one of its own for a choice.
pub(crate) async fn draw(
    drawing: &mut Drawing,
    sql: &str,
    layer: &Layer,
    (coord, viewer): (TileCoord, &Viewer),
    choice: &Choice,
) -> Result<Vec<u8>, GisError> {
    let Some(connection) = drawing.connection() else { return Ok(Vec::new()) };
    let chosen = (choice.fingerprint != 0).then(|| tile(layer, choice));
    let is_own = chosen.is_none();
    let (sql, bound) = chosen.unwrap_or_else(|| (sql.to_owned(), Vec::new()));
    let area = coord.buffered_box().to_bbox();
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let question = sqlx::query_scalar(&sql)
        .persistent(is_own)
        .bind(i32::from(coord.z()))
        .bind(number(coord.x()))
        .bind(number(coord.y()))
        .bind(viewer.scope_array())
        .bind(area.west)
        .bind(area.south)
        .bind(area.east)
        .bind(area.north)
        .bind(i32::from(coord.extent()))
        .bind(i32::from(coord.buffer()))
        .bind(coord.z() >= layer.max_zoom)
        .bind(&layer.layer_id);
    let question = bound.into_iter().fold(question, |question, bound| match bound {
        Bound::Int(value) => question.bind(value),
        Bound::Float(value) => question.bind(value),
        Bound::Text(value) => question.bind(value),
        Bound::Ints(values) => question.bind(values),
        Bound::Floats(values) => question.bind(values),
        Bound::Texts(values) => question.bind(values),
    });
    let drawn: Option<Vec<u8>> =
        question.fetch_one(connection).await.map_err(GisError::query("draw a tile"))?;
    Ok(drawn.unwrap_or_default())
}
