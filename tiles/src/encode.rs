//! Features become the bytes of one MVT 2.1 layer.

use fast_mvt::{MvtError, MvtExtent, MvtFeatureBuilder, MvtGeomType, MvtLayerBuilder, MvtValueRef};
use gis_data::{
    AttributeType, FeatureRef, GeometryType, Layer, Met, Snapshot, ValueRef, Viewer, World,
    WorldBox,
};

use crate::choice::Choice;
use crate::clip::{Vertex, Window};
use crate::coord::Grid;
use crate::generalise::{self, Detail};
use crate::{Result, TileCoord, TileError};

/// How many features that are too small for the zoom a square stands for beside its own; where a tile has no square, a point
/// without an id says it.
pub const MERGED: &str = "merged";

/// One layer's bytes, which are a tile of their own; tiles of several layers are such bytes in a row.
/// Empty when nothing is left of the features.
pub(crate) fn layer(
    layer: &Layer,
    snapshot: &Snapshot,
    coord: TileCoord,
    viewer: &Viewer,
    choice: &Choice,
) -> Result<Vec<u8>> {
    encode(layer, snapshot, coord, viewer, choice).map_err(|source| TileError::Encode {
        layer: layer.layer_id.clone(),
        coord,
        source,
    })
}

fn encode(
    layer: &Layer,
    snapshot: &Snapshot,
    coord: TileCoord,
    viewer: &Viewer,
    choice: &Choice,
) -> Result<Vec<u8>, MvtError> {
    let mut drawing = Drawing::new(layer, coord, choice)?;
    let mut failure = None;
    let (area, filter) = (coord.buffered_box(), choice.filter.as_ref());
    snapshot.each_in_box(&area, viewer, filter, drawing.zoom, |met| {
        if failure.is_none() {
            failure = drawing.meet(&met).err();
        }
    });
    match failure {
        Some(error) => Err(error),
        None => drawing.finish(),
    }
}

/// A layer of a tile while its features come.
struct Drawing<'a> {
    layer: &'a Layer,
    choice: &'a Choice,
    grid: Grid,
    window: Window,
    detail: Detail,
    /// At the layer's last zoom nothing is too small; points and lines never are.
    zoom: u8,
    /// Side of the square that stands for the small, in units of the tile.
    side: i64,
    encoded: Option<MvtLayerBuilder>,
    /// The last square, until it is known for how many it stands.
    square: Option<FeatureRef<'a>>,
    too_small: i64,
    hidden_at: Option<World>,
}

impl<'a> Drawing<'a> {
    fn new(layer: &'a Layer, coord: TileCoord, choice: &'a Choice) -> Result<Self, MvtError> {
        let mut encoded = MvtLayerBuilder::new(layer.layer_id.as_str())?;
        if let Some(extent) = MvtExtent::new(u32::from(coord.extent())) {
            encoded.extent(extent);
        }
        let is_last = coord.z() >= layer.max_zoom;
        Ok(Self {
            layer,
            choice,
            grid: coord.grid(),
            window: Window::of(coord),
            detail: if is_last { Detail::Full } else { Detail::Visible },
            zoom: if is_last || layer.geometry != GeometryType::Polygon {
                u8::MAX
            } else {
                coord.z()
            },
            side: i64::from(gis_data::TINY_UNITS.isqrt()) * i64::from(coord.extent()) / 4096,
            encoded: Some(encoded),
            square: None,
            too_small: 0,
            hidden_at: None,
        })
    }

    fn meet(&mut self, met: &Met<'a>) -> Result<(), MvtError> {
        match met {
            Met::TooSmall(bbox) => {
                self.too_small += 1;
                self.hidden_at.get_or_insert_with(|| bbox.middle());
            }
            Met::Shown(feature) if feature.rank.shaped > self.zoom => {
                if self.square_of(feature).is_some() {
                    self.draw_square()?;
                    self.square = Some(*feature);
                }
            }
            Met::Shown(feature) => self.draw(feature)?,
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, MvtError> {
        self.draw_square()?;
        self.count_hidden()?;
        Ok(match self.encoded {
            Some(encoded) if encoded.num_features() > 0 => encoded.encode(),
            _ => Vec::new(),
        })
    }

    /// What no square stands for is counted all the same: by the last square, or by a point of its own.
    fn count_hidden(&mut self) -> Result<(), MvtError> {
        let (hidden, Some(place)) = (self.too_small, self.hidden_at) else { return Ok(()) };
        if hidden == 0 {
            return Ok(());
        }
        let encoded = self.encoded.take().ok_or(MvtError::InvalidGeometry)?;
        let mut row = encoded.feature_of(MvtGeomType::Point);
        row.tag_ref(MERGED, MvtValueRef::Int(hidden))?;
        row.points([self.window.nearest(self.grid.snap(place))])?;
        self.encoded = Some(row.end());
        Ok(())
    }

    fn draw(&mut self, feature: &FeatureRef<'_>) -> Result<(), MvtError> {
        match self.layer.geometry {
            GeometryType::Point => {
                let points = feature.geometry.points().iter().map(|p| self.grid.snap(*p));
                let points = self.window.points(points);
                if points.is_empty() {
                    return Ok(());
                }
                self.put(feature, MvtGeomType::Point, |f| f.points(points).map(drop))
            }
            GeometryType::Line => {
                let (grid, window) = (self.grid, self.window);
                let parts = feature.geometry.parts();
                let lines: Vec<Vec<Vertex>> =
                    parts.flat_map(|part| window.line(&generalise::line(part, grid))).collect();
                if lines.is_empty() {
                    return Ok(());
                }
                self.put(feature, MvtGeomType::LineString, |f| {
                    lines.into_iter().try_for_each(|line| f.line(line).map(drop))
                })
            }
            GeometryType::Polygon => self.draw_polygons(feature),
        }
    }

    /// Most buildings in most tiles have one ring that is inside and stays simple: it is written as it is.
    fn draw_polygons(&mut self, feature: &FeatureRef<'_>) -> Result<(), MvtError> {
        let grid = self.grid;
        if feature.rank.clear <= grid.zoom() && self.is_inside(&feature.bbox) {
            let ring = feature.geometry.points().iter().map(|p| grid.vertex(*p));
            return self.put(feature, MvtGeomType::Polygon, |f| f.ring(ring, true).map(drop));
        }
        let polygons = self.window.polygons(generalise::rings(feature.geometry, grid, self.detail));
        if polygons.is_empty() {
            return Ok(());
        }
        self.put(feature, MvtGeomType::Polygon, |f| {
            polygons.into_iter().try_for_each(|rings| {
                let mut rings = (0..).zip(rings);
                rings.try_for_each(|(n, ring)| f.ring(ring, n == 0).map(drop))
            })
        })
    }

    fn draw_square(&mut self) -> Result<(), MvtError> {
        let Some(feature) = self.square.take() else { return Ok(()) };
        let Some(corners) = self.square_of(&feature) else { return Ok(()) };
        let merged = std::mem::take(&mut self.too_small);
        self.put(&feature, MvtGeomType::Polygon, |f| {
            if merged > 0 {
                f.tag_ref(MERGED, MvtValueRef::Int(merged))?;
            }
            f.ring(corners, true).map(drop)
        })
    }

    /// The part in the tile of the square around a feature's middle.
    fn square_of(&self, feature: &FeatureRef<'_>) -> Option<[Vertex; 4]> {
        let middle = self.grid.snap(feature.bbox.middle());
        self.window.square(middle, self.side)
    }

    fn is_inside(&self, bbox: &WorldBox) -> bool {
        self.window.holds(self.grid.snap(bbox.min)) && self.window.holds(self.grid.snap(bbox.max))
    }

    fn put(
        &mut self,
        feature: &FeatureRef<'_>,
        kind: MvtGeomType,
        geometry: impl FnOnce(&mut MvtFeatureBuilder) -> Result<(), MvtError>,
    ) -> Result<(), MvtError> {
        let encoded = self.encoded.take().ok_or(MvtError::InvalidGeometry)?;
        let mut row = encoded.feature_of(kind);
        row.id(u64::try_from(feature.id.0).ok());
        let drawn = self.layer.attributes.iter().enumerate().filter(|(n, _)| self.choice.draws(*n));
        for (n, attribute) in drawn {
            tag(&mut row, &attribute.name, attribute.kind, feature.values.get(n))?;
        }
        geometry(&mut row)?;
        self.encoded = Some(row.end());
        Ok(())
    }
}

/// Numbers take the type the catalogue gives them; absent values have no tag.
fn tag(
    row: &mut MvtFeatureBuilder,
    key: &str,
    kind: AttributeType,
    value: ValueRef<'_>,
) -> Result<(), MvtError> {
    let value = match (kind, value) {
        (_, ValueRef::Text(text)) => MvtValueRef::String(text),
        #[expect(clippy::cast_precision_loss, reason = "the catalogue says a float will do")]
        (AttributeType::Float, ValueRef::Int(number)) => MvtValueRef::Double(number as f64),
        (_, ValueRef::Int(number)) if number < 0 => MvtValueRef::SInt(number),
        (_, ValueRef::Int(number)) => MvtValueRef::Int(number),
        (_, ValueRef::Float(number)) if number.is_finite() => MvtValueRef::Double(number),
        (_, ValueRef::Null | ValueRef::Float(_)) => return Ok(()),
    };
    row.tag_ref(key, value).map(drop)
}
