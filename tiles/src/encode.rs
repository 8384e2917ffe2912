//! Features become the bytes of one MVT 2.1 layer.

use gis_data::{AttributeType, FeatureRef, GeometryType, Layer, Value};
use mvt::{GeomData, GeomEncoder, GeomType, Tile};

use crate::clip::{Vertex, Window};
use crate::generalise::{self, Detail};
use crate::{Result, TileCoord, TileError};

/// One layer's bytes, which are a tile of their own; tiles of several layers are such bytes in a row.
/// Empty when nothing is left of the features.
pub(crate) fn layer(
    layer: &Layer,
    features: &[FeatureRef<'_>],
    coord: TileCoord,
) -> Result<Vec<u8>> {
    encode(layer, features, coord).map_err(|source| TileError::Encode {
        layer: layer.layer_id.clone(),
        coord,
        source,
    })
}

fn encode(
    layer: &Layer,
    features: &[FeatureRef<'_>],
    coord: TileCoord,
) -> Result<Vec<u8>, mvt::Error> {
    let detail = if coord.z() >= layer.max_zoom { Detail::Full } else { Detail::Visible };
    let mut tile = Tile::new(u32::from(coord.extent()));
    let mut encoded = tile.create_layer(&layer.layer_id);
    for feature in features {
        let Some(geometry) = geometry(layer.geometry, feature, coord, detail)? else { continue };
        let mut row = encoded.into_feature(geometry);
        if let Ok(id) = u64::try_from(feature.id.0) {
            row.set_id(id);
        }
        for (attribute, value) in layer.attributes.iter().zip(feature.values) {
            tag(&mut row, &attribute.name, attribute.kind, value);
        }
        encoded = row.into_layer();
    }
    if encoded.num_features() == 0 {
        return Ok(Vec::new());
    }
    tile.add_layer(encoded)?;
    tile.to_bytes()
}

/// `None` when nothing of it is in the tile.
fn geometry(
    kind: GeometryType,
    feature: &FeatureRef<'_>,
    coord: TileCoord,
    detail: Detail,
) -> Result<Option<GeomData>, mvt::Error> {
    let window = Window::of(coord);
    Ok(Some(match kind {
        GeometryType::Point => {
            let vertices = feature.geometry.points().iter().map(|p| coord.snap(*p));
            let points = window.points(vertices);
            if points.is_empty() {
                return Ok(None);
            }
            encode_points(&points)?
        }
        GeometryType::Line => {
            let parts = feature.geometry.parts();
            let lines: Vec<_> =
                parts.flat_map(|part| window.line(&generalise::line(part, coord))).collect();
            if lines.is_empty() {
                return Ok(None);
            }
            encode_lines(&lines)?
        }
        GeometryType::Polygon => {
            let polygons = window.polygons(generalise::rings(feature.geometry, coord, detail));
            if polygons.is_empty() {
                return Ok(None);
            }
            encode_polygons(polygons)?
        }
    }))
}

fn encode_points(points: &[Vertex]) -> Result<GeomData, mvt::Error> {
    let mut encoder = GeomEncoder::new(GeomType::Point);
    for p in points {
        encoder.add_point(p.x, p.y)?;
    }
    encoder.encode()
}

/// A line that begins where the one before ended goes on as part of it: the encoder would leave out the
/// `MoveTo` between them, and two `LineTo` in a row are against the specification.
fn encode_lines(lines: &[Vec<Vertex>]) -> Result<GeomData, mvt::Error> {
    let mut encoder = GeomEncoder::new(GeomType::Linestring);
    let mut end: Option<Vertex> = None;
    for line in lines {
        if end.is_some() && end != line.first().copied() {
            encoder.complete_geom()?;
        }
        for p in line {
            encoder.add_point(p.x, p.y)?;
        }
        end = line.last().copied();
    }
    encoder.encode()
}

/// Rings that begin where the ring before ended are turned by one vertex, for the same reason as lines.
fn encode_polygons(polygons: Vec<Vec<Vec<Vertex>>>) -> Result<GeomData, mvt::Error> {
    let mut encoder = GeomEncoder::new(GeomType::Polygon);
    let mut end: Option<Vertex> = None;
    for mut ring in polygons.into_iter().flatten() {
        if end == ring.first().copied() {
            ring.rotate_left(1);
        }
        for p in &ring {
            encoder.add_point(p.x, p.y)?;
        }
        encoder.complete_geom()?;
        end = ring.last().copied();
    }
    encoder.encode()
}

/// Numbers take the type the catalogue gives them; absent values have no tag.
fn tag(row: &mut mvt::Feature, key: &str, kind: AttributeType, value: &Value) {
    match (kind, value) {
        (_, Value::Text(text)) => row.add_tag_string(key, text),
        #[expect(clippy::cast_precision_loss, reason = "the catalogue says a float will do")]
        (AttributeType::Float, Value::Int(number)) => row.add_tag_double(key, *number as f64),
        (_, Value::Int(number)) if *number < 0 => row.add_tag_sint(key, *number),
        (_, Value::Int(number)) => row.add_tag_int(key, *number),
        (_, Value::Float(number)) if number.is_finite() => row.add_tag_double(key, *number),
        (_, Value::Null | Value::Float(_)) => {}
    }
}
