//! Vehicles for tiles.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use geo_types::{Geometry, Point};
use gis_data::{
    Attribute, AttributeType, GeometryType, Layer, OwnedFeature, Snapshot, Text2, Value, Viewer,
};
use serde_json::Value as Json;
use tiles::{Held, Source, TileCoord};
use time::OffsetDateTime;
use vehicle_tracker::{Live, LiveVehicle};

/// How old the fleet of a tile may be.
const REPACK_EVERY: Duration = Duration::from_secs(1);

/// The layer `vehicles`: the live state, packed at most once a second. Without plates, which are personal: the API and
/// the live stream tell them to each as they may read them, while tiles are shared by all who see the same places.
pub(crate) struct FleetSource {
    layer: Layer,
    live: Arc<Live>,
    packed: Mutex<Option<(Instant, Arc<Snapshot>)>>,
}

impl FleetSource {
    pub(crate) fn new(live: Arc<Live>) -> Self {
        Self { layer: layer(), live, packed: Mutex::new(None) }
    }
}

impl Source for FleetSource {
    fn layer(&self) -> &Layer {
        &self.layer
    }

    fn held(&self) -> Held<'_> {
        Held::Memory(self.snapshot())
    }

    fn version(&self, _coord: TileCoord) -> u64 {
        self.snapshot().version()
    }
}

impl FleetSource {
    fn snapshot(&self) -> Arc<Snapshot> {
        let mut packed = self.packed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, snapshot)) = packed.as_ref()
            && at.elapsed() < REPACK_EVERY
        {
            return Arc::clone(snapshot);
        }
        let version = *self.live.version().borrow();
        let vehicles = self.live.select(&Viewer::program(), |v| v.position.is_some());
        let features = vehicles.iter().filter_map(feature).collect();
        let snapshot = Arc::new(Snapshot::of(features, self.layer.max_zoom, version));
        *packed = Some((Instant::now(), Arc::clone(&snapshot)));
        snapshot
    }
}

fn feature(vehicle: &LiveVehicle) -> Option<OwnedFeature> {
    let position = vehicle.position?;
    let number = |n: Option<f32>| n.map_or(Value::Null, |n| Value::Float(f64::from(n)));
    OwnedFeature::new(
        vehicle.info.feature_id,
        vehicle.info.scope,
        &Geometry::Point(Point::new(position.place.lon(), position.place.lat())),
        vec![
            Value::Text(Arc::from(vehicle.status.name())),
            number(position.heading_deg),
            number(position.speed_kmh),
        ],
    )
}

fn layer() -> Layer {
    let attribute = |name: &str, kind, zh, en| Attribute {
        name: name.to_owned(),
        kind,
        title: Text2::new(zh, en),
    };
    Layer {
        layer_id: "vehicles".to_owned(),
        relation: "vehicle".to_owned(),
        geometry_column: "geom".to_owned(),
        geometry: GeometryType::Point,
        title: Text2::new("公务用车", "Official vehicles"),
        group_id: "fleet".to_owned(),
        attributes: vec![
            attribute("status", AttributeType::Text, "状态", "Status"),
            attribute("heading", AttributeType::Float, "航向", "Heading"),
            attribute("speed_kmh", AttributeType::Float, "速度", "Speed"),
        ],
        min_zoom: 8,
        max_zoom: 16,
        ordinal: 100,
        style: Json::Null,
        version: 1,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    }
}
