//! Features become the bytes of one MVT 2.1 layer.

use gis_data::ring::tidy;
use gis_data::{
    AttributeType, FeatureRef, GeometryType, Layer, Met, Snapshot, ValueRef, Viewer, World,
    WorldBox,
};

use crate::TileCoord;
use crate::choice::Choice;
use crate::clip::{Left, Vertex, Window, narrow};
use crate::cluster::{Clusters, POINT_COUNT};
use crate::coord::Grid;
use crate::generalise::{self, Detail, Ring};
use crate::write::{Kind, Writer};

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
) -> Vec<u8> {
    let mut drawing = Drawing::new(layer, coord, choice);
    let (area, filter) = (coord.buffered_box(), choice.filter.as_ref());
    snapshot.each_in_box(&area, viewer, filter, drawing.zoom, |met| drawing.meet(&met));
    drawing.finish()
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
    written: Writer<'a>,
    /// The ring at hand, and room to cut it.
    ring: Ring,
    spare: Ring,
    /// The last square, until it is known for how many it stands.
    square: Option<FeatureRef<'a>>,
    too_small: i64,
    hidden_at: Option<World>,
    /// Where points stand together at this zoom.
    clusters: Option<Clusters<'a>>,
}

impl<'a> Drawing<'a> {
    fn new(layer: &'a Layer, coord: TileCoord, choice: &'a Choice) -> Self {
        let is_last = coord.z() >= layer.max_zoom;
        let keys = layer.attributes.iter().map(|a| a.name.as_str()).chain([MERGED, POINT_COUNT]);
        Self {
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
            written: Writer::new(&layer.layer_id, coord.extent(), keys),
            ring: Ring::new(),
            spare: Ring::new(),
            square: None,
            too_small: 0,
            hidden_at: None,
            clusters: (coord.z() < layer.clustered_below()).then(|| Clusters::of(coord)),
        }
    }

    fn meet(&mut self, met: &Met<'a>) {
        match met {
            Met::TooSmall(bbox) => {
                self.too_small += 1;
                self.hidden_at.get_or_insert_with(|| bbox.middle());
            }
            Met::Shown(feature) if feature.rank.shaped > self.zoom => {
                if self.square_of(feature).is_some() {
                    self.draw_square();
                    self.square = Some(*feature);
                }
            }
            Met::Shown(feature) => match &mut self.clusters {
                Some(clusters) => clusters.meet(feature),
                None => self.draw(feature),
            },
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.draw_square();
        self.count_hidden();
        self.draw_clusters();
        self.written.finish()
    }

    fn draw_clusters(&mut self) {
        for cluster in self.clusters.take().into_iter().flat_map(Clusters::finish) {
            if cluster.count == 1 {
                self.draw(&cluster.first);
                continue;
            }
            self.written.tag(self.layer.attributes.len() + 1, ValueRef::Int(cluster.count));
            self.written.points(&[self.window.nearest(self.grid.snap(cluster.place()))]);
            self.written.end(None, Kind::Point);
        }
    }

    /// What no square stands for is counted all the same: by the last square, or by a point of its own.
    fn count_hidden(&mut self) {
        if let (hidden @ 1.., Some(place)) = (self.too_small, self.hidden_at) {
            self.written.tag(self.layer.attributes.len(), ValueRef::Int(hidden));
            self.written.points(&[self.window.nearest(self.grid.snap(place))]);
            self.written.end(None, Kind::Point);
        }
    }

    fn draw(&mut self, feature: &FeatureRef<'a>) {
        match self.layer.geometry {
            GeometryType::Point => {
                let points = feature.geometry.points().iter().map(|p| self.grid.snap(*p));
                let points = self.window.points(points);
                if !points.is_empty() {
                    self.written.points(&points);
                    self.put(feature, Kind::Point);
                }
            }
            GeometryType::Line => {
                let mut is_empty = true;
                for part in feature.geometry.parts() {
                    for line in self.window.line(&generalise::line(part, self.grid)) {
                        self.written.line(&line);
                        is_empty = false;
                    }
                }
                if !is_empty {
                    self.put(feature, Kind::Line);
                }
            }
            GeometryType::Polygon => self.draw_polygons(feature),
        }
    }

    /// Most buildings are one ring that is simple on the grid of this zoom.
    fn draw_polygons(&mut self, feature: &FeatureRef<'a>) {
        let grid = self.grid;
        let is_inside = self.is_inside(&feature.bbox);
        if is_inside && feature.rank.is_tidy_at(grid.zoom()) {
            let ring = feature.geometry.only_part().at(grid.zoom());
            self.written.ring(ring.clone().count(), ring.map(|p| narrow(grid.snap(p))));
            return self.put(feature, Kind::Polygon);
        }
        if feature.rank.is_simple_at(self.grid.zoom()) {
            match self.left_of(feature, is_inside) {
                Left::Nothing => return,
                Left::Ring => {
                    self.written.ring(self.ring.len(), self.ring.iter().copied().map(narrow));
                    return self.put(feature, Kind::Polygon);
                }
                Left::Pieces => {}
            }
        }
        let rings = generalise::rings(feature.geometry, self.grid, self.detail);
        let polygons = self.window.polygons(rings);
        if !polygons.is_empty() {
            for ring in polygons.into_iter().flatten() {
                self.written.ring(ring.len(), ring.into_iter());
            }
            self.put(feature, Kind::Polygon);
        }
    }

    /// What the tile keeps of a simple ring, in `ring`.
    fn left_of(&mut self, feature: &FeatureRef<'a>, is_inside: bool) -> Left {
        let grid = self.grid;
        let needed = feature.geometry.only_part().at(grid.zoom());
        tidy(needed.map(|p| grid.snap(p)), &mut self.ring);
        if is_inside { Left::Ring } else { self.window.ring(&mut self.ring, &mut self.spare) }
    }

    fn draw_square(&mut self) {
        let Some(feature) = self.square.take() else { return };
        let Some(corners) = self.square_of(&feature) else { return };
        let merged = std::mem::take(&mut self.too_small);
        if merged > 0 {
            self.written.tag(self.layer.attributes.len(), ValueRef::Int(merged));
        }
        self.written.ring(corners.len(), corners.into_iter());
        self.put(&feature, Kind::Polygon);
    }

    /// The part in the tile of the square around a feature's middle.
    fn square_of(&self, feature: &FeatureRef<'_>) -> Option<[Vertex; 4]> {
        let middle = self.grid.snap(feature.bbox.middle());
        self.window.square(middle, self.side)
    }

    fn is_inside(&self, bbox: &WorldBox) -> bool {
        self.window.holds(self.grid.snap(bbox.min)) && self.window.holds(self.grid.snap(bbox.max))
    }

    /// Writes a feature whose geometry has been.
    fn put(&mut self, feature: &FeatureRef<'a>, kind: Kind) {
        let (attributes, choice) = (&self.layer.attributes, self.choice);
        self.written.tag_alike(feature.alike, |written| {
            for (n, attribute) in attributes.iter().enumerate().filter(|(n, _)| choice.draws(*n)) {
                written.tag(n, typed(attribute.kind, feature.values.get(n)));
            }
        });
        self.written.end(u64::try_from(feature.id.0).ok(), kind);
    }
}

/// Numbers take the type the catalogue gives them.
fn typed(kind: AttributeType, value: ValueRef<'_>) -> ValueRef<'_> {
    match (kind, value) {
        #[expect(clippy::cast_precision_loss, reason = "the catalogue says a float will do")]
        (AttributeType::Float, ValueRef::Int(number)) => ValueRef::Float(number as f64),
        (_, value) => value,
    }
}
