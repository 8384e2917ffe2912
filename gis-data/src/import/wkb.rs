//! Well-known binary of a record becomes a shape (OGC 06-103r4, and with the flags that PostGIS sets). Heights and
//! measures are left out; no memory is reserved for what is only claimed.

use crate::problem::Problem;

use super::shape::{Position, Ring, Shape, empty, wrong_type};

const NAME: &str = "WKB";

/// The shape of the bytes.
pub(super) fn shape(wkb: &[u8]) -> Shape {
    let mut reading = Reading { rest: wkb, is_little: true, numbers: 2 };
    reading.shape().unwrap_or_else(|| {
        Shape::Broken(vec![Problem::unreadable(
            NAME,
            "its bytes are not those of a geometry",
            "字节不是有效的图形",
        )])
    })
}

struct Reading<'a> {
    rest: &'a [u8],
    is_little: bool,
    /// Numbers of a coordinate.
    numbers: usize,
}

impl Reading<'_> {
    fn shape(&mut self) -> Option<Shape> {
        Some(match self.head()? {
            1 => {
                let place = self.position()?;
                if place.iter().all(|number| number.is_nan()) {
                    empty()
                } else {
                    Shape::Point(place)
                }
            }
            3 => Shape::Polygons(vec![self.rings()?]),
            6 => {
                let mut parts = Vec::new();
                for _ in 0..self.count()? {
                    if self.head()? != 3 {
                        return None;
                    }
                    parts.push(self.rings()?);
                }
                Shape::Polygons(parts)
            }
            2 => wrong_type("LineString"),
            4 => wrong_type("MultiPoint"),
            5 => wrong_type("MultiLineString"),
            7 => wrong_type("GeometryCollection"),
            10 => wrong_type("CurvePolygon"),
            12 => wrong_type("MultiSurface"),
            8 | 9 | 11 | 13..=17 => wrong_type("Curve"),
            _ => return None,
        })
    }

    /// Order of bytes and kind of geometry.
    fn head(&mut self) -> Option<u32> {
        self.is_little = match self.take(1)?.first()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        let kind = self.count()?;
        if kind & 0x2000_0000 != 0 {
            self.take(4)?;
        }
        let (plain, flags) = (kind & 0x0fff_ffff, kind >> 30);
        self.numbers = 2
            + flags.count_ones() as usize
            + match plain / 1_000 {
                0 => 0,
                1 | 2 => 1,
                3 => 2,
                _ => return None,
            };
        Some(plain % 1_000)
    }

    fn rings(&mut self) -> Option<Vec<Ring>> {
        let mut rings = Vec::new();
        for _ in 0..self.count()? {
            let mut ring = Ring::new();
            for _ in 0..self.count()? {
                ring.push(self.position()?);
            }
            rings.push(ring);
        }
        Some(rings)
    }

    fn position(&mut self) -> Option<Position> {
        let is_little = self.is_little;
        let bytes = self.take(8 * self.numbers)?;
        let number = |at: usize| {
            let bytes = bytes.get(at..at + 8)?.try_into().ok()?;
            Some(if is_little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
        };
        Some([number(0)?, number(8)?])
    }

    fn count(&mut self) -> Option<u32> {
        let is_little = self.is_little;
        let bytes = self.take(4)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use geo_types::{Geometry, MultiPolygon, polygon};
    use geozero::{CoordDimensions, ToWkb as _};
    use proptest::prelude::*;

    use super::*;
    use crate::noise;

    fn town() -> Geometry<f64> {
        let holed = polygon!(
            exterior: [(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.), (x: 0., y: 0.)],
            interiors: [[(x: 2., y: 1.), (x: 3., y: 1.), (x: 3., y: 2.), (x: 2., y: 1.)]],
        );
        MultiPolygon(vec![holed.clone(), holed]).into()
    }

    #[test]
    fn all_dialects_say_the_same() {
        let plain = town().to_wkb(CoordDimensions::xy()).unwrap();
        let Shape::Polygons(parts) = shape(&plain) else { panic!() };
        assert_eq!((parts.len(), parts[0].len()), (2, 2));
        assert_eq!(format!("{:?}", parts[0][1][2]), "[3.0, 2.0]");
        let place = |kind: u32, more: usize| {
            let mut bytes = vec![1];
            bytes.extend(kind.to_le_bytes());
            bytes.extend([5.0_f64, 6.0].map(f64::to_le_bytes).concat());
            bytes.extend(vec![0; 8 * more]);
            bytes
        };
        for (kind, more) in
            [(1, 0), (1_001, 1), (2_001, 1), (3_001, 2), (0x8000_0001, 1), (0xc000_0001, 2)]
        {
            assert_eq!(shape(&place(kind, more)), Shape::Point([5.0, 6.0]), "{kind}");
        }
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_wkb_is_a_shape_no_larger_than_its_bytes(
            bytes in prop_oneof![
                noise::bytes(100),
                noise::damaged(Just(town().to_wkb(CoordDimensions::xy()).unwrap())),
            ]
        ) {
            match shape(&bytes) {
                Shape::Polygons(parts) => {
                    let positions: usize = parts.iter().flatten().map(Vec::len).sum();
                    prop_assert!(positions * 16 <= bytes.len());
                }
                Shape::Broken(faults) => prop_assert!(!faults.is_empty()),
                Shape::Point(_) => {}
            }
        }
    }
}
