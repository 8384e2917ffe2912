//! Vehicles by place, as they are now: the nearest to a place, those in an area, those along a road.

use gis_data::{LonLat, Viewer};

use crate::fence::Shape;
use crate::live::{Counts, Handle, Live, LiveVehicle, Seen, Status};

/// Of which statuses vehicles are asked for; empty asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statuses(pub Vec<Status>);

impl Statuses {
    fn have(&self, status: Status) -> bool {
        self.0.is_empty() || self.0.contains(&status)
    }
}

/// A vehicle by a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// Which.
    pub vehicle: LiveVehicle,
    /// Metres on WGS 84 between the two.
    pub distance_m: f64,
}

/// A vehicle by a road.
#[derive(Debug, Clone, PartialEq)]
pub struct Along {
    /// Which.
    pub vehicle: LiveVehicle,
    /// Metres along the road to where it is nearest to it.
    pub at_m: f64,
    /// Metres from there to the vehicle.
    pub off_m: f64,
}

/// The vehicles of an area.
#[derive(Debug, Clone, PartialEq)]
pub struct Inside {
    /// How many there are, of each status, were none asked for.
    pub counts: Counts,
    /// How many have a status that was asked for.
    pub total: usize,
    /// The first of these, by feature.
    pub vehicles: Vec<LiveVehicle>,
}

/// The `count` vehicles nearest to a place that the viewer may see and that are at most `within_m` metres away, the nearest
/// first.
pub fn nearest(
    live: &Live,
    viewer: &Viewer,
    place: LonLat,
    (count, within_m): (usize, f64),
    statuses: &Statuses,
) -> Vec<Near> {
    let seen = live.look();
    let keep = |handle| visible(&seen, viewer, handle).is_some_and(|v| statuses.have(v.status));
    let found = seen.index().nearest(place, count, within_m, keep);
    let near = |(handle, distance_m)| Some(Near { vehicle: seen.at(handle)?.clone(), distance_m });
    found.into_iter().filter_map(near).collect()
}

/// The vehicles in an area that the viewer may see, on its edge too; listed up to `limit`.
pub fn inside(
    live: &Live,
    viewer: &Viewer,
    area: &Shape,
    statuses: &Statuses,
    limit: usize,
) -> Inside {
    let mut counts = Counts::default();
    let mut found: Vec<&LiveVehicle> = Vec::new();
    let seen = live.look();
    seen.visit_bbox(viewer, &area.bbox(), |vehicle| {
        if vehicle.position.is_some_and(|at| area.signed_distance_m(at.place) <= 0.0) {
            counts.add(vehicle.status);
            if statuses.have(vehicle.status) {
                found.push(vehicle);
            }
        }
    });
    let total = found.len();
    found.sort_unstable_by_key(|vehicle| vehicle.info.feature_id);
    Inside { counts, total, vehicles: found.into_iter().take(limit).cloned().collect() }
}

/// The vehicles at most `within_m` metres from a road that the viewer may see, in the order of the road.
pub fn along(
    live: &Live,
    viewer: &Viewer,
    road: &[LonLat],
    within_m: f64,
    statuses: &Statuses,
) -> Vec<Along> {
    let seen = live.look();
    let found = seen.index().along(road, within_m);
    let along = |on: crate::moving::OnRoute| {
        let vehicle = visible(&seen, viewer, on.id).filter(|v| statuses.have(v.status))?;
        Some(Along { vehicle: vehicle.clone(), at_m: on.at_m, off_m: on.off_m })
    };
    found.into_iter().filter_map(along).collect()
}

fn visible<'s>(seen: &'s Seen<'_>, viewer: &Viewer, handle: Handle) -> Option<&'s LiveVehicle> {
    seen.at(handle).filter(|vehicle| viewer.sees(vehicle.info.scope))
}

#[cfg(test)]
mod tests {
    use geo::{Distance as _, Geodesic, MultiPolygon, Point, polygon};
    use gis_data::{FeatureId, ScopeId};

    use super::*;
    use crate::live::{LivePosition, VehicleInfo};

    const NOW_MS: i64 = 1_000_000;

    fn at(lon: f64) -> LonLat {
        LonLat::new_checked(lon, 36.0).unwrap()
    }

    /// Vehicles 1, 2, 3 of scopes 1, 2, 1 at 105.01, 105.02, 105.03 degrees; the last stands.
    fn live() -> Live {
        let live = Live::default();
        let info = |id: i64| VehicleInfo {
            feature_id: FeatureId(id),
            scope: ScopeId(if id == 2 { 2 } else { 1 }),
            plate: format!("示A{id:05}"),
            name: String::new(),
            vehicle_type: "".into(),
            org: None,
            terminal_id: None,
        };
        live.apply_infos((1..=4).map(info).collect(), NOW_MS);
        let position = |n: u8| LivePosition {
            place: at(105.0 + 0.01 * f64::from(n)),
            speed_kmh: Some(if n == 3 { 0.0 } else { 40.0 }),
            heading_deg: None,
            fix_ms: NOW_MS,
            received_ms: NOW_MS,
        };
        live.apply_positions((1..=3).map(|n| (FeatureId(n.into()), position(n))), NOW_MS);
        live
    }

    fn ids<'v>(vehicles: impl IntoIterator<Item = &'v LiveVehicle>) -> Vec<i64> {
        vehicles.into_iter().map(|v| v.info.feature_id.0).collect()
    }

    #[test]
    fn the_nearest_are_those_that_the_viewer_may_see_with_the_geodesic_distance() {
        let (live, all, any) = (live(), Viewer::program(), Statuses::default());
        let found = nearest(&live, &all, at(105.0), (2, 1e5), &any);
        assert_eq!(ids(found.iter().map(|near| &near.vehicle)), [1, 2]);
        let truth = Geodesic.distance(Point::new(105.0, 36.0), Point::new(105.01, 36.0));
        assert!((found[0].distance_m - truth).abs() < 0.01, "{} for {truth}", found[0].distance_m);
        let county = Viewer::of_scopes("county", [ScopeId(1)]);
        let found = nearest(&live, &county, at(105.0), (9, 1e5), &any);
        assert_eq!(ids(found.iter().map(|near| &near.vehicle)), [1, 3]);
        assert_eq!(nearest(&live, &county, at(105.0), (9, 1_000.0), &any).len(), 1);
        let standing = Statuses(vec![Status::Idle]);
        let found = nearest(&live, &all, at(105.0), (1, 1e5), &standing);
        assert_eq!(ids(found.iter().map(|near| &near.vehicle)), [3]);
    }

    #[test]
    fn an_area_holds_what_lies_in_it_and_not_in_its_hole() {
        let (live, all) = (live(), Viewer::program());
        let ring = polygon!(
            exterior: [(x: 105.0, y: 35.9), (x: 105.1, y: 35.9), (x: 105.1, y: 36.1), (x: 105.0, y: 36.1)],
            interiors: [[(x: 105.015, y: 35.95), (x: 105.025, y: 35.95), (x: 105.025, y: 36.05), (x: 105.015, y: 36.05)]],
        );
        let area = Shape::areas_checked(&MultiPolygon(vec![ring])).unwrap();
        let found = inside(&live, &all, &area, &Statuses(vec![Status::Moving]), 9);
        assert_eq!((ids(&found.vehicles), found.total), (vec![1], 1));
        assert_eq!((found.counts.total, found.counts.idle), (2, 1));
        let listed = inside(&live, &all, &area, &Statuses::default(), 1);
        assert_eq!((listed.vehicles.len(), listed.total), (1, 2));
        let stranger = Viewer::of_scopes("stranger", []);
        assert_eq!(inside(&live, &stranger, &area, &Statuses::default(), 9).counts.total, 0);
    }

    #[test]
    fn along_a_road_vehicles_come_in_its_order() {
        let (live, all, any) = (live(), Viewer::program(), Statuses::default());
        let road = [at(105.05), at(105.0)];
        let found = along(&live, &all, &road, 50.0, &any);
        assert_eq!(ids(found.iter().map(|on| &on.vehicle)), [3, 2, 1]);
        let truth = Geodesic.distance(Point::new(105.05, 36.0), Point::new(105.03, 36.0));
        assert!((found[0].at_m - truth).abs() < 0.1 && found[0].off_m < 1.0, "{:?}", found[0]);
        let county = Viewer::of_scopes("county", [ScopeId(2)]);
        assert_eq!(ids(along(&live, &county, &road, 50.0, &any).iter().map(|on| &on.vehicle)), [2]);
    }
}
