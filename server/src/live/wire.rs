//! Vehicles on the wire, as JSON or in 20 bytes each.

use axum::extract::ws::Message;
use gis_data::{FeatureId, Personal, Viewer};
use serde::Deserialize;
use serde_json::{Value, json};
use vehicle_tracker::{Cell, Cluster, Clusters, Delta, Handle, LiveVehicle, Update};

/// The version of the binary frames.
const VERSION: u8 = 1;
const SNAPSHOT: u8 = 1;
const DELTA: u8 = 2;
/// What makes of a kind the one that has clusters behind its vehicles.
const WITH_CLUSTERS: u8 = 2;
/// The heading is below, the status from this bit on.
const STATUS_SHIFT: u16 = 12;

/// How a client wants to be told of vehicles; everything else is JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// `{type, seq, at_ms, …}` with `[feature_id, lon, lat, heading_deg, speed_kmh, fix_ms, status, plate]`
    /// for each vehicle, and `clusters: {level, cells: [[x, y, lon, lat, count, moving, idle], …], remove: [[x, y], …]}` for
    /// a client that asked for them; x and y number the columns and rows of 2^level by 2^level in Web Mercator.
    #[default]
    Json,
    /// Little endian: kind (u8: 1 snapshot, 2 delta), version (u8: 1), 0 (u16), sequence number (u32), the
    /// server's clock (f64, epoch milliseconds), how many vehicles the viewer may see anywhere (u32; 0 in a
    /// delta), how many entered the view, moved in it, left it (u32 each); for each that entered and then each
    /// that moved 20 bytes: handle (u32), longitude and latitude in 1e-7 degrees (i32, WGS 84), the lower 32
    /// bits of the fix time in epoch milliseconds (u32), speed in 0.1 km/h (u16), heading in 0.1 degrees in
    /// the lower 12 bits with the status above them (u16); for each that left its handle (u32); for each
    /// that entered its feature (f64), its fix time (f64, epoch milliseconds), and its plate as bytes of
    /// UTF-8 after their number (u8). A handle means the same vehicle as long as the connection lasts.
    ///
    /// Only for a client that asked for them there are the kinds 3 and 4: as 1 and 2, and then clusters: level (u8), 0
    /// (u8, u16), how many are new or changed and how many cells are empty now (u32 each); for each cluster 20 bytes:
    /// where it stands as 2^32 parts of the Web Mercator world to the east and to the south (u32 each), how many vehicles
    /// it has, how many of them move and how many stand (u32 each; the rest is silent); for each empty cell its column
    /// and its row (u32 each). A cluster stands in its own cell, whose column and row are the upper `level` bits.
    Binary,
}

/// An update of vehicles as a message with its number and its time.
pub(crate) fn told(
    format: Format,
    update: Update,
    viewer: &Viewer,
    (seq, at_ms): (u64, i64),
) -> Message {
    let text = |mut value: Value| {
        value["seq"] = json!(seq);
        value["at_ms"] = json!(at_ms);
        Message::Text(value.to_string().into())
    };
    match update {
        Update::Heartbeat { counts } => text(json!({"type": "heartbeat", "counts": {
            "moving": counts.moving, "idle": counts.idle, "offline": counts.offline,
            "unknown": counts.unknown, "total": counts.total,
        }})),
        Update::News(about) => text(json!({"type": "fleet_changed", "about": about})),
        Update::Snapshot { vehicles, total, clusters } if format == Format::Binary => {
            let delta = Delta { entered: vehicles, clusters, ..Delta::default() };
            Message::Binary(packed((SNAPSHOT, total), &delta, viewer, (seq, at_ms)).into())
        }
        Update::Snapshot { vehicles, total, clusters } => text(with_clusters(
            json!({"type": "snapshot", "vehicles": rows(&vehicles, viewer), "total": total}),
            clusters.as_ref(),
        )),
        Update::Delta(delta) if format == Format::Binary => {
            Message::Binary(packed((DELTA, 0), &delta, viewer, (seq, at_ms)).into())
        }
        Update::Delta(Delta { mut entered, moved, gone, clusters }) => {
            entered.extend(moved);
            let remove: Vec<FeatureId> = gone.into_iter().map(|(id, _)| id).collect();
            let value =
                json!({"type": "delta", "upsert": rows(&entered, viewer), "remove": remove});
            text(with_clusters(value, clusters.as_ref()))
        }
    }
}

fn with_clusters(mut value: Value, clusters: Option<&Clusters>) -> Value {
    if let Some(Clusters { level, cells, gone }) = clusters {
        let row = |c: &Cluster| {
            let (Cell { x, y }, place) = (c.cell, c.place.to_lonlat());
            json!([x, y, place.lon(), place.lat(), c.count, c.moving, c.idle])
        };
        value["clusters"] = json!({
            "level": level,
            "cells": cells.iter().map(row).collect::<Vec<_>>(),
            "remove": gone.iter().map(|Cell { x, y }| [x, y]).collect::<Vec<_>>(),
        });
    }
    value
}

/// Those that have a position.
fn rows(vehicles: &[LiveVehicle], viewer: &Viewer) -> Vec<Value> {
    let row = |vehicle: &LiveVehicle| {
        let p = vehicle.position?;
        Some(json!([
            vehicle.info.feature_id,
            p.place.lon(),
            p.place.lat(),
            p.heading_deg.unwrap_or(0.0),
            p.speed_kmh.unwrap_or(0.0),
            p.fix_ms,
            vehicle.status.number(),
            viewer.shown(Personal::Plate, vehicle.info.scope, &vehicle.info.plate)
        ]))
    };
    vehicles.iter().filter_map(row).collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "features and times are below 2^53, and of the latter the lower half is meant; `as` saturates"
)]
fn packed(
    (kind, total): (u8, usize),
    delta: &Delta,
    viewer: &Viewer,
    (seq, at_ms): (u64, i64),
) -> Vec<u8> {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    let there = |v: &&LiveVehicle| v.position.is_some();
    let entered: Vec<&LiveVehicle> = delta.entered.iter().filter(there).collect();
    let moved: Vec<&LiveVehicle> = delta.moved.iter().filter(there).collect();
    let kind = if delta.clusters.is_some() { kind + WITH_CLUSTERS } else { kind };
    let mut bytes = vec![kind, VERSION, 0, 0];
    bytes.extend((seq as u32).to_le_bytes());
    bytes.extend((at_ms as f64).to_le_bytes());
    bytes.extend(count(total));
    bytes.extend(count(entered.len()));
    bytes.extend(count(moved.len()));
    bytes.extend(count(delta.gone.len()));
    for vehicle in entered.iter().chain(&moved) {
        let Some(p) = vehicle.position else { continue };
        let Handle(handle) = vehicle.handle;
        bytes.extend(handle.to_le_bytes());
        bytes.extend(((p.place.lon() * 1e7).round() as i32).to_le_bytes());
        bytes.extend(((p.place.lat() * 1e7).round() as i32).to_le_bytes());
        bytes.extend((p.fix_ms as u32).to_le_bytes());
        bytes.extend(((p.speed_kmh.unwrap_or(0.0) * 10.0).round() as u16).to_le_bytes());
        let heading = (p.heading_deg.unwrap_or(0.0) * 10.0).round() as u16 % 3_600;
        let status = u16::from(vehicle.status.number()) << STATUS_SHIFT;
        bytes.extend((heading | status).to_le_bytes());
    }
    for (_, Handle(handle)) in &delta.gone {
        bytes.extend(handle.to_le_bytes());
    }
    for vehicle in entered {
        let info = &vehicle.info;
        let fix_ms = vehicle.position.map_or(0, |p| p.fix_ms);
        let plate = viewer.shown(Personal::Plate, info.scope, &info.plate);
        let plate = plate.as_bytes();
        // No plate is that long; one that were would be cut rather than break the frame.
        let plate = &plate[..plate.len().min(255)];
        bytes.extend((info.feature_id.0 as f64).to_le_bytes());
        bytes.extend((fix_ms as f64).to_le_bytes());
        bytes.push(plate.len() as u8);
        bytes.extend(plate);
    }
    if let Some(clusters) = &delta.clusters {
        pack_clusters(&mut bytes, clusters);
    }
    bytes
}

fn pack_clusters(bytes: &mut Vec<u8>, Clusters { level, cells, gone }: &Clusters) {
    let mut numbers = |all: &[u32]| bytes.extend(all.iter().flat_map(|n| n.to_le_bytes()));
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    numbers(&[u32::from(*level), count(cells.len()), count(gone.len())]);
    for Cluster { place, count, moving, idle, .. } in cells {
        numbers(&[place.x, place.y, *count, *moving, *idle]);
    }
    for Cell { x, y } in gone {
        numbers(&[*x, *y]);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gis_data::{LonLat, ScopeId, World};
    use vehicle_tracker::{LivePosition, Status, VehicleInfo};

    use super::*;

    fn vehicle(handle: u32, plate: &str) -> LiveVehicle {
        let info = VehicleInfo {
            feature_id: FeatureId(7_000_000_000 + i64::from(handle)),
            scope: ScopeId(1),
            plate: plate.to_owned(),
            name: String::new(),
            vehicle_type: "".into(),
            org: None,
            terminal_id: None,
        };
        let position = LivePosition {
            place: LonLat::new_checked(105.123_456_7, -36.5).unwrap(),
            speed_kmh: Some(43.26),
            heading_deg: Some(359.99),
            fix_ms: 1_700_000_000_123,
            received_ms: 1_700_000_000_200,
        };
        LiveVehicle {
            handle: Handle(handle),
            info: Arc::new(info),
            position: Some(position),
            status: Status::Offline,
            revision: 1,
            registered: 1,
        }
    }

    #[test]
    fn a_vehicle_takes_twenty_bytes_and_its_name_once() {
        let delta = Delta {
            entered: vec![vehicle(3, "示A1")],
            moved: vec![vehicle(5, "")],
            gone: vec![(FeatureId(9), Handle(6))],
            clusters: None,
        };
        let update = Update::Delta(delta);
        let stamp = (258, 1_700_000_001_000);
        let told = told(Format::Binary, update, &Viewer::program(), stamp);
        let Message::Binary(bytes) = told else { panic!("{told:?}") };
        let mut expected = vec![2, 1, 0, 0, 2, 1, 0, 0];
        expected.extend(1_700_000_001_000.0_f64.to_le_bytes());
        expected.extend([0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        for handle in [3, 5] {
            expected.extend([handle, 0, 0, 0]);
            expected.extend(1_051_234_567_i32.to_le_bytes());
            expected.extend((-365_000_000_i32).to_le_bytes());
            expected
                .extend(u32::try_from(1_700_000_000_123_i64 % (1 << 32)).unwrap().to_le_bytes());
            expected.extend(433_u16.to_le_bytes());
            expected.extend((3_u16 << 12).to_le_bytes());
        }
        expected.extend([6, 0, 0, 0]);
        expected.extend(7_000_000_003.0_f64.to_le_bytes());
        expected.extend(1_700_000_000_123.0_f64.to_le_bytes());
        expected.push(5);
        expected.extend("示A1".as_bytes());
        assert_eq!(&bytes[..], &expected[..]);
    }

    #[test]
    fn clusters_come_behind_the_vehicles_that_are_kept() {
        let cell = Cell { x: 6, y: 3 };
        let place = World { x: 0x6800_0001, y: 0x3100_0002 };
        let cluster = Cluster { cell, place, count: 70_000, moving: 258, idle: 1 };
        let clusters =
            Some(Clusters { level: 4, cells: vec![cluster], gone: vec![Cell { x: 5, y: 9 }] });
        let update = Update::Delta(Delta {
            gone: vec![(FeatureId(9), Handle(6))],
            clusters: clusters.clone(),
            ..Delta::default()
        });
        let told_binary = told(Format::Binary, update, &Viewer::program(), (1, 2));
        let Message::Binary(bytes) = told_binary else { panic!("{told_binary:?}") };
        assert_eq!(bytes[..2], [4, 1]);
        let mut expected = vec![6, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
        expected.extend([1, 0, 0, 0x68, 2, 0, 0, 0x31]);
        expected.extend([0x70, 0x11, 1, 0, 2, 1, 0, 0, 1, 0, 0, 0]);
        expected.extend([5, 0, 0, 0, 9, 0, 0, 0]);
        assert_eq!(bytes[32..], expected);

        let snapshot = Update::Snapshot { vehicles: vec![], total: 70_000, clusters };
        let told_json = told(Format::Json, snapshot, &Viewer::program(), (1, 2));
        let value: Value = serde_json::from_str(told_json.to_text().unwrap()).unwrap();
        assert_eq!(value["clusters"]["cells"][0][4], 70_000);
        assert_eq!(value["clusters"]["remove"], json!([[5, 9]]));
    }
}
