//! Geometries as packed world integers: points in one row, with the ends of parts and polygons.

use geo_types::{Coord, Geometry, LineString};

use super::Values;
use super::rank::Rank;
use crate::{FeatureId, FeatureRef, LonLat, ScopeId, Value, World, WorldBox, doubled_area};

/// A borrowed geometry. Points have one part per point, lines one per line, polygons one per ring
/// (first the exterior, without the closing vertex), with `polygons` counting rings.
#[derive(Debug, Clone, Copy)]
pub struct PackedGeometry<'a> {
    pub(super) points: &'a [World],
    /// For each point the first zoom that needs it; empty where all of them do.
    pub(super) needs: &'a [u8],
    pub(super) part_ends: &'a [u32],
    pub(super) polygon_ends: &'a [u32],
}

/// A line, or a ring without the closing vertex.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Its vertices.
    pub points: &'a [World],
    pub(super) needs: &'a [u8],
}

impl<'a> Part<'a> {
    /// The vertices that a zoom needs.
    #[inline]
    pub fn at(self, zoom: u8) -> impl Iterator<Item = World> + Clone + 'a {
        let is_needed = move |n: usize| self.needs.get(n).is_none_or(|need| *need <= zoom);
        self.points.iter().enumerate().filter(move |(n, _)| is_needed(*n)).map(|(_, point)| *point)
    }
}

impl<'a> PackedGeometry<'a> {
    /// All vertices.
    #[inline]
    pub fn points(self) -> &'a [World] {
        self.points
    }

    /// All of them as one part: what there is of a feature of one line or ring.
    #[inline]
    pub fn only_part(self) -> Part<'a> {
        Part { points: self.points, needs: self.needs }
    }

    /// Lines or rings in order.
    pub fn parts(self) -> impl Iterator<Item = Part<'a>> {
        let mut start = 0;
        self.part_ends.iter().map(move |&end| {
            let part = start..end as usize;
            start = part.end;
            Part {
                points: &self.points[part.clone()],
                needs: if self.needs.is_empty() { &[] } else { &self.needs[part] },
            }
        })
    }

    /// Polygons in order, each with its rings, exterior first; rings are open (the first vertex is not
    /// repeated). Empty for points and lines.
    pub fn polygons(self) -> impl Iterator<Item = Vec<Part<'a>>> {
        let mut parts = self.parts();
        let mut start = 0;
        self.polygon_ends.iter().map(move |&end| {
            let rings = parts.by_ref().take((end - start) as usize).collect();
            start = end;
            rings
        })
    }

    /// For each vertex the first zoom that needs it; empty where all of them do.
    pub(super) fn needs(self) -> &'a [u8] {
        self.needs
    }

    /// Whether its parts are rings.
    pub(super) fn is_polygonal(self) -> bool {
        !self.polygon_ends.is_empty()
    }
}

/// A feature that owns its parts: what is loaded, and what stands in a delta.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedFeature {
    /// Its id.
    pub id: FeatureId,
    /// Its scope.
    pub scope: ScopeId,
    /// Its box.
    pub bbox: WorldBox,
    /// One value per attribute of the layer.
    pub values: Vec<Value>,
    rank: Rank,
    points: Vec<World>,
    needs: Vec<u8>,
    part_ends: Vec<u32>,
    polygon_ends: Vec<u32>,
}

impl OwnedFeature {
    /// Packs a geometry in degrees; `None` when it is empty, off the earth or a collection.
    pub fn new(
        id: FeatureId,
        scope: ScopeId,
        geometry: &Geometry<f64>,
        values: Vec<Value>,
    ) -> Option<Self> {
        let mut feature = Self {
            id,
            scope,
            bbox: WorldBox { min: World { x: 0, y: 0 }, max: World { x: 0, y: 0 } },
            values,
            rank: Rank::ALWAYS,
            points: Vec::new(),
            needs: Vec::new(),
            part_ends: Vec::new(),
            polygon_ends: Vec::new(),
        };
        feature.push(geometry)?;
        feature.bbox = WorldBox::around(feature.points.iter().copied())?;
        if !feature.polygon_ends.is_empty() {
            feature.rank = feature.wound();
        }
        Some(feature)
    }

    /// As readers see it.
    pub fn as_ref(&self) -> FeatureRef<'_> {
        FeatureRef {
            id: self.id,
            scope: self.scope,
            bbox: self.bbox,
            geometry: PackedGeometry {
                points: &self.points,
                needs: &self.needs,
                part_ends: &self.part_ends,
                polygon_ends: &self.polygon_ends,
            },
            rank: self.rank,
            values: Values::Own(&self.values),
            alike: None,
        }
    }

    /// Says from which zoom each vertex is needed, which the neighbours of a feature have a say in.
    pub(super) fn thin(&mut self, needs: Vec<u8>) {
        self.needs = needs;
        self.rank = self.rank.with_ring(self.as_ref().geometry, &self.bbox);
    }

    /// Turns exteriors clockwise on the screen and holes the other way, as tiles want them, and ranks the whole.
    fn wound(&mut self) -> Rank {
        let (mut start, mut ring, mut doubled) = (0, 0, 0);
        for &polygon_end in &self.polygon_ends {
            let mut is_exterior = true;
            while ring < polygon_end as usize {
                let end = self.part_ends[ring] as usize;
                let points = &mut self.points[start..end];
                let area = doubled_area(points);
                if (area > 0) != is_exterior {
                    points.reverse();
                }
                let share = area.unsigned_abs();
                doubled = if is_exterior {
                    doubled + share
                } else {
                    u128::saturating_sub(doubled, share)
                };
                (start, ring, is_exterior) = (end, ring + 1, false);
            }
        }
        Rank::of_polygons(doubled, &self.bbox)
    }

    fn push(&mut self, geometry: &Geometry<f64>) -> Option<()> {
        match geometry {
            Geometry::Point(p) => self.push_part(std::iter::once(&p.0)),
            Geometry::MultiPoint(points) => points.iter().try_for_each(|p| self.push_part([&p.0])),
            Geometry::LineString(line) => self.push_part(&line.0),
            Geometry::MultiLineString(lines) => lines.iter().try_for_each(|l| self.push_part(&l.0)),
            Geometry::Polygon(polygon) => self.push_polygon(polygon),
            Geometry::MultiPolygon(polygons) => {
                polygons.iter().try_for_each(|p| self.push_polygon(p))
            }
            _ => None,
        }
    }

    fn push_polygon(&mut self, polygon: &geo_types::Polygon<f64>) -> Option<()> {
        let open = |ring: &LineString<f64>| ring.0.len().saturating_sub(1);
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            self.push_part(&ring.0[..open(ring)])?;
        }
        self.polygon_ends.push(u32::try_from(self.part_ends.len()).ok()?);
        Some(())
    }

    fn push_part<'c>(&mut self, coords: impl IntoIterator<Item = &'c Coord<f64>>) -> Option<()> {
        for c in coords {
            self.points.push(World::from_lonlat(LonLat::new_checked(c.x, c.y)?));
        }
        self.part_ends.push(u32::try_from(self.points.len()).ok()?);
        Some(())
    }
}

impl From<FeatureRef<'_>> for OwnedFeature {
    fn from(f: FeatureRef<'_>) -> Self {
        Self {
            id: f.id,
            scope: f.scope,
            bbox: f.bbox,
            values: f.values.to_vec(),
            rank: f.rank,
            points: f.geometry.points.to_vec(),
            needs: f.geometry.needs.to_vec(),
            part_ends: f.geometry.part_ends.to_vec(),
            polygon_ends: f.geometry.polygon_ends.to_vec(),
        }
    }
}
