//! Well-known binary becomes a geometry. It is walked through first, because the reader reserves memory for as many
//! parts as four bytes claim, and follows collections within collections without end.

use geo_types::Geometry;
use geozero::ToGeo as _;
use geozero::wkb::Wkb;

/// A point, line or polygon, or several of a kind; the reason when it is none.
pub(super) fn geometry(wkb: &[u8]) -> Result<Geometry<f64>, String> {
    let mut rest = wkb;
    walk(&mut rest, None).ok_or("its bytes are not those of a point, line or polygon")?;
    Wkb(wkb).to_geo().map_err(|e| e.to_string())
}

/// Passes over one geometry; `None` when it is not whole, or not of the only kind allowed.
fn walk(rest: &mut &[u8], only: Option<u32>) -> Option<()> {
    let is_little = skip(rest, 1)?.first() != Some(&0);
    let kind = number(rest, is_little)?;
    let numbers = match kind / 1_000 {
        0 => 2,
        1 | 2 => 3,
        3 => 4,
        _ => return None,
    };
    let points = |rest: &mut &[u8]| {
        let count = number(rest, is_little)? as usize;
        skip(rest, count.checked_mul(8 * numbers)?).map(|_| ())
    };
    let kind = kind % 1_000;
    if only.is_some_and(|only| only != kind) {
        return None;
    }
    match kind {
        1 => skip(rest, 8 * numbers).map(|_| ()),
        2 => points(rest),
        3 => (0..number(rest, is_little)?).try_for_each(|_| points(rest)),
        4..=6 => (0..number(rest, is_little)?).try_for_each(|_| walk(rest, Some(kind - 3))),
        _ => None,
    }
}

fn number(rest: &mut &[u8], is_little: bool) -> Option<u32> {
    let bytes = skip(rest, 4)?.try_into().ok()?;
    Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
}

fn skip<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (passed, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(passed)
}

#[cfg(test)]
mod tests {
    use geo_types::{LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
    use geozero::{CoordDimensions, ToWkb as _};
    use proptest::collection::vec;
    use proptest::num;
    use proptest::prelude::*;

    use super::*;
    use crate::{FeatureId, OwnedFeature, ScopeId, noise};

    type Place = (f64, f64);

    fn place() -> impl Strategy<Value = Place> {
        let on_earth = (-180.0..=180.0, -90.0..=90.0);
        prop_oneof![9 => on_earth, 1 => (num::f64::NORMAL, num::f64::NORMAL)]
    }

    fn line() -> impl Strategy<Value = LineString<f64>> {
        vec(place(), 1..6).prop_map(LineString::from)
    }

    fn polygon() -> impl Strategy<Value = Polygon<f64>> {
        (line(), vec(line(), 0..3)).prop_map(|(outer, holes)| Polygon::new(outer, holes))
    }

    fn shape() -> impl Strategy<Value = Geometry<f64>> {
        prop_oneof![
            place().prop_map(|p| Point::from(p).into()),
            line().prop_map(Geometry::from),
            polygon().prop_map(Geometry::from),
            vec(place(), 1..5).prop_map(|all| MultiPoint::from(all).into()),
            vec(line(), 1..4).prop_map(|all| MultiLineString(all).into()),
            vec(polygon(), 1..4).prop_map(|all| MultiPolygon(all).into()),
        ]
    }

    fn bytes_of(geometry: &Geometry<f64>) -> Vec<u8> {
        geometry.to_wkb(CoordDimensions::xy()).unwrap()
    }

    fn nested(depth: usize) -> Vec<u8> {
        [1, 7, 0, 0, 0, 1, 0, 0, 0].repeat(depth)
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_wkb_is_refused_or_a_feature_on_the_earth(
            wkb in prop_oneof![
                noise::bytes(100),
                noise::damaged(shape().prop_map(|shape| bytes_of(&shape))),
                (1..4_u8, vec(any::<u8>(), 4..60)).prop_map(|(kind, rest)| [&[1, kind, 0, 0, 0], rest.as_slice()].concat()),
                (1..200_000_usize).prop_map(nested),
            ]
        ) {
            let Ok(geometry) = geometry(&wkb) else { return Ok(()) };
            if let Some(feature) = OwnedFeature::new(FeatureId(1), ScopeId(1), &geometry, Vec::new()) {
                let packed = feature.as_ref();
                prop_assert!(packed.geometry.points().len() * 16 <= wkb.len());
                let counted: usize = packed.geometry.parts().map(|part| part.points.len()).sum();
                prop_assert_eq!(counted, packed.geometry.points().len());
                prop_assert_eq!(packed.geometry.polygons().flatten().count() > 0, packed.geometry.polygons().count() > 0);
            }
        }

        #[test]
        fn random_counts_reserve_no_memory(shape in shape(), count in (1_u32 << 20)..) {
            let mut wkb = bytes_of(&shape);
            wkb[5..9].copy_from_slice(&count.to_le_bytes());
            prop_assert!(matches!(shape, Geometry::Point(_)) || geometry(&wkb).is_err());
        }

        #[test]
        fn random_geometries_come_back(shape in shape()) {
            prop_assert_eq!(geometry(&bytes_of(&shape)), Ok(shape));
        }
    }
}
