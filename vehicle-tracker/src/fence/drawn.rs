//! Fences as people draw them: GeoJSON geometries (RFC 7946) with what they lack, a radius or a width.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use gis_data::LonLat;
use serde::{Deserialize, Serialize};

use super::fault::FenceFault;
use super::shape::Shape;

/// The most vertices of a drawing.
const MOST_VERTICES: usize = 20_000;

/// Degrees of WGS 84, longitude before latitude.
type Position = [f64; 2];

/// A geometry of GeoJSON that a fence can be made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "coordinates")]
pub enum Outline {
    /// The centre of a circle.
    Point(Position),
    /// The middle of a corridor.
    LineString(Vec<Position>),
    /// An area with holes.
    Polygon(Vec<Vec<Position>>),
    /// Several of them.
    MultiPolygon(Vec<Vec<Vec<Position>>>),
}

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Where.
    pub geometry: Outline,
    /// The radius about a point, the whole width of a corridor; nothing for an area.
    pub metres: Option<f64>,
}

impl Drawn {
    /// The area that is meant.
    pub fn to_shape(&self) -> Result<Shape, FenceFault> {
        let count = self.geometry.vertices();
        if count > MOST_VERTICES {
            return Err(FenceFault::TooMany { count, most: MOST_VERTICES });
        }
        let metres = self.metres.unwrap_or(0.0);
        match &self.geometry {
            Outline::Point([lon, lat]) => {
                let centre = LonLat::new_checked(*lon, *lat);
                let no_place = FenceFault::Place { lon: *lon, lat: *lat };
                Shape::circle_checked(centre.ok_or(no_place)?, metres)
            }
            Outline::LineString(line) => Shape::corridor_checked(&ring(line), metres),
            Outline::Polygon(rings) => Shape::areas_checked(&MultiPolygon(vec![polygon(rings)])),
            Outline::MultiPolygon(areas) => {
                Shape::areas_checked(&areas.iter().map(|rings| polygon(rings)).collect())
            }
        }
    }
}

impl Outline {
    fn vertices(&self) -> usize {
        let of = |rings: &[Vec<Position>]| rings.iter().map(Vec::len).sum::<usize>();
        match self {
            Self::Point(_) => 1,
            Self::LineString(line) => line.len(),
            Self::Polygon(rings) => of(rings),
            Self::MultiPolygon(areas) => areas.iter().map(|rings| of(rings)).sum(),
        }
    }
}

fn polygon(rings: &[Vec<Position>]) -> Polygon {
    let mut rings = rings.iter().map(|positions| ring(positions));
    Polygon::new(rings.next().unwrap_or_else(|| ring(&[])), rings.collect())
}

fn ring(positions: &[Position]) -> LineString {
    positions.iter().map(|[x, y]| Coord { x: *x, y: *y }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Result<Shape, FenceFault> {
        serde_json::from_str::<Drawn>(text).unwrap().to_shape()
    }

    #[test]
    fn each_geometry_is_the_area_that_is_meant() {
        let inside = LonLat::new_checked(105.0, 36.0).unwrap();
        for text in [
            r#"{"geometry": {"type": "Point", "coordinates": [105.001, 36]}, "metres": 100}"#,
            r#"{"geometry": {"type": "LineString", "coordinates": [[104, 36], [106, 36]]}, "metres": 20}"#,
            r#"{"geometry": {"type": "Polygon", "coordinates": [[[104, 35], [106, 35], [105, 38], [104, 35]]]}}"#,
            r#"{"geometry": {"type": "MultiPolygon", "coordinates": [[[[1, 1], [2, 1], [1, 2], [1, 1]]], [[[104, 35], [106, 35], [105, 38], [104, 35]]]]}}"#,
        ] {
            assert!(shape(text).unwrap().signed_distance_m(inside) < 0.0, "{text}");
        }
        let hole = r#"{"geometry": {"type": "Polygon", "coordinates": [[[104, 35], [106, 35], [105, 38], [104, 35]], [[104.9, 35.9], [105.1, 35.9], [105, 36.2], [104.9, 35.9]]]}}"#;
        assert!(shape(hole).unwrap().signed_distance_m(inside) > 0.0);
    }

    #[test]
    fn what_is_no_area_is_told_why() {
        let point = r#"{"geometry": {"type": "Point", "coordinates": [105, 36]}}"#;
        assert!(matches!(shape(point), Err(FenceFault::Size { .. })));
        let empty = r#"{"geometry": {"type": "Polygon", "coordinates": []}}"#;
        assert!(matches!(shape(empty), Err(FenceFault::Ring { ring: 0, points: 0 })));
        let far = r#"{"geometry": {"type": "Point", "coordinates": [205, 36]}, "metres": 9}"#;
        assert!(matches!(shape(far), Err(FenceFault::Place { .. })));
        let geometry = Outline::LineString(vec![[1.0, 2.0]; MOST_VERTICES + 1]);
        let drawn = Drawn { geometry, metres: Some(5.0) };
        assert!(matches!(drawn.to_shape(), Err(FenceFault::TooMany { .. })));
    }
}
