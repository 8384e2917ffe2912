//! Where several vehicles were, as the columns that a replay plays.

use std::collections::BTreeSet;
use std::ops::Range;

use gis_data::{FeatureId, Store, Viewer};
use time::OffsetDateTime;

use super::queries;
use crate::error::Result;
use crate::fix::epoch_ms;

/// The first bytes of an encoded answer.
const MAGIC: &[u8; 8] = b"OMTRACK1";
/// What stands for a number that was not told.
const UNTOLD: u16 = u16::MAX;

/// Positions of several vehicles within one window, vehicle by vehicle and in the order of time. Those
/// that drifted or had no fix are not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracks {
    /// Since the epoch; times of positions count from here.
    base_ms: i64,
    /// The vehicles that the viewer may track, each with how many of the positions are its own.
    vehicles: Vec<(FeatureId, u32)>,
    positions: Vec<TrackRow>,
}

/// A position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TrackRow {
    pub(super) vehicle_id: i64,
    /// Since the beginning of the window.
    offset_ms: u32,
    lon_e7: i32,
    lat_e7: i32,
    /// In tenths of km/h, of degrees clockwise from north.
    speed: u16,
    heading: u16,
}

impl TrackRow {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "as saturates, and a place on the earth fits"
    )]
    pub(super) fn new(
        vehicle_id: i64,
        offset_ms: i128,
        (lon, lat): (f64, f64),
        (speed_kmh, heading_deg): (Option<f32>, Option<f32>),
    ) -> Self {
        Self {
            vehicle_id,
            offset_ms: u32::try_from(offset_ms).unwrap_or(u32::MAX),
            lon_e7: (lon * 1e7).round() as i32,
            lat_e7: (lat * 1e7).round() as i32,
            speed: tenths(speed_kmh),
            heading: tenths(heading_deg.map(|degrees| degrees % 360.0)),
        }
    }
}

/// The most positions of an answer: those of 400 hours with one a second, and some.
pub const MOST_POSITIONS: usize = 1_500_000;

/// Where the vehicles were, as far as the viewer may track them; `None` when that is more than
/// [`MOST_POSITIONS`]. A window of more than 49 days does not fit the numbers of the answer.
pub async fn tracks(
    store: &Store,
    viewer: &Viewer,
    ids: &BTreeSet<FeatureId>,
    span: Range<OffsetDateTime>,
) -> Result<Option<Tracks>> {
    let mut tx = store.as_viewer(viewer).await?;
    let base_ms = epoch_ms(span.start);
    let allowed = queries::tracked(&mut tx, viewer, ids).await?;
    let limit = i64::try_from(MOST_POSITIONS + 1).unwrap_or(i64::MAX);
    let positions = queries::tracks(&mut tx, &allowed, span, limit).await?;
    if positions.len() > MOST_POSITIONS {
        return Ok(None);
    }
    let mut rest = positions.as_slice();
    let vehicles = allowed.into_iter().map(|id| {
        let count = rest.partition_point(|row| row.vehicle_id == id.0);
        rest = &rest[count..];
        (id, u32::try_from(count).unwrap_or(u32::MAX))
    });
    Ok(Some(Tracks { base_ms, vehicles: vehicles.collect(), positions }))
}

impl Tracks {
    /// Little endian: `OMTRACK1`, the numbers of vehicles V and of positions N (u32), the moment from
    /// which times count (f64, epoch milliseconds); V times the feature (f64), its first position and
    /// how many (u32); then columns of N: milliseconds (u32), longitude and latitude in 1e-7 degrees
    /// (i32, WGS 84), speed in 0.1 km/h and heading in 0.1 degrees (u16; 65,535 where it was not told).
    #[expect(clippy::cast_precision_loss, reason = "numbers of features and times are below 2^53")]
    pub fn encode(&self) -> Vec<u8> {
        let count = u32::try_from(self.positions.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(24 + self.vehicles.len() * 16 + count as usize * 16);
        bytes.extend(MAGIC);
        bytes.extend(u32::try_from(self.vehicles.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend((self.base_ms as f64).to_le_bytes());
        let mut first = 0_u32;
        for (id, count) in &self.vehicles {
            bytes.extend((id.0 as f64).to_le_bytes());
            bytes.extend(first.to_le_bytes());
            bytes.extend(count.to_le_bytes());
            first += count;
        }
        let rows = || self.positions.iter();
        bytes.extend(rows().flat_map(|row| row.offset_ms.to_le_bytes()));
        bytes.extend(rows().flat_map(|row| row.lon_e7.to_le_bytes()));
        bytes.extend(rows().flat_map(|row| row.lat_e7.to_le_bytes()));
        bytes.extend(rows().flat_map(|row| row.speed.to_le_bytes()));
        bytes.extend(rows().flat_map(|row| row.heading.to_le_bytes()));
        bytes
    }
}

/// What was not told is told as that; what is beyond the range comes to its end.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as saturates")]
fn tenths(value: Option<f32>) -> u16 {
    value.map_or(UNTOLD, |value| ((value * 10.0).round() as u16).min(UNTOLD - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_follow_the_table_of_vehicles() {
        let row = |vehicle_id, offset_ms, speed| {
            TrackRow::new(vehicle_id, offset_ms, (-1e-7, 2e-7), (speed, Some(359.94)))
        };
        let tracks = Tracks {
            base_ms: 1_700_000_000_000,
            vehicles: vec![(FeatureId(5), 0), (FeatureId(7), 2)],
            positions: vec![row(7, 0, Some(60.0)), row(7, 1_000, None)],
        };
        let bytes = tracks.encode();
        let mut expected = b"OMTRACK1\x02\0\0\0\x02\0\0\0".to_vec();
        expected.extend(1_700_000_000_000.0_f64.to_le_bytes());
        expected.extend(5.0_f64.to_le_bytes());
        expected.extend([0; 8]);
        expected.extend(7.0_f64.to_le_bytes());
        expected.extend([0, 0, 0, 0, 2, 0, 0, 0]);
        expected.extend([0, 0, 0, 0, 0xe8, 3, 0, 0]);
        expected.extend([0xff; 8]);
        expected.extend([2, 0, 0, 0, 2, 0, 0, 0]);
        expected.extend([0x58, 2, 0xff, 0xff, 0x0f, 0x0e, 0x0f, 0x0e]);
        assert_eq!(bytes, expected);
    }
}
