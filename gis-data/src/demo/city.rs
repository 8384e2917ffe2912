//! What the generator hands over: plain values that refer to each other by index into the vectors
//! of [`City`]. Every coordinate is `lon, lat` in WGS 84 degrees, rounded to 1e-7 degree; every
//! ring is closed, exteriors run counter-clockwise and interiors clockwise.

use geo_types::{Coord, LineString, MultiPolygon, Point, Polygon};

use super::road_graph::RoadGraph;

/// A whole generated city.
#[derive(Debug, Clone)]
pub struct City {
    pub name: String,
    /// The label that every surface showing this data must carry.
    pub notice: &'static str,
    /// The city first, then its districts and counties.
    pub regions: Vec<Region>,
    /// Parents come before their children; the first is the root.
    pub orgs: Vec<Org>,
    pub parcels: Vec<Parcel>,
    pub buildings: Vec<Building>,
    /// Grouped by building, lowest ordinal first.
    pub floors: Vec<Floor>,
    /// Grouped by floor; the rooms of a floor tile it exactly, sharing vertices.
    pub rooms: Vec<Room>,
    pub roads: Vec<Road>,
    pub water: Vec<Area>,
    pub green: Vec<Area>,
    pub facilities: Vec<Facility>,
    pub vehicles: Vec<Vehicle>,
    pub road_graph: RoadGraph,
}

/// A fictional administrative region with a code from a range that GB/T 2260 leaves unused.
#[derive(Debug, Clone)]
pub struct Region {
    /// Six digits, the natural key.
    pub code: String,
    pub name: String,
    /// Index into `regions`; `None` for the city.
    pub parent: Option<usize>,
    pub area: MultiPolygon<f64>,
}

/// A unit of the organisation tree.
#[derive(Debug, Clone)]
pub struct Org {
    /// Letters and digits only, so that it can be an ltree label.
    pub code: String,
    pub name: String,
    /// Index into `orgs`, always smaller than the unit's own.
    pub parent: Option<usize>,
    /// 1 city, 2 districts, counties and city bureaus, 3 their bureaus and stations.
    pub level: u8,
    pub region_code: String,
}

/// A land parcel; parcels never overlap.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub code: String,
    pub name: String,
    pub land_use: &'static str,
    /// Index into `orgs`.
    pub org: usize,
    /// Index into `regions`.
    pub region: usize,
    pub address: String,
    pub area: Polygon<f64>,
}

/// A building; buildings never overlap each other, roads' carriageways or water.
#[derive(Debug, Clone)]
pub struct Building {
    pub code: String,
    /// Most small buildings have none.
    pub name: Option<String>,
    /// One of `办公 住宅 商业 工业 教育 医疗 文体 农房 仓储`.
    pub use_kind: &'static str,
    /// The unit that answers for it, an index into `orgs`.
    pub managing_org: usize,
    /// The units that sit in it, indexes into `orgs`; empty where none is an official body.
    pub using_orgs: Vec<usize>,
    /// Index into `regions`.
    pub region: usize,
    pub height_m: f64,
    pub floors_above: u8,
    pub floors_below: u8,
    pub built_year: u16,
    /// Road name and number.
    pub address: String,
    /// Index into `parcels` of the parcel that contains the footprint.
    pub parcel: Option<usize>,
    pub footprint: Polygon<f64>,
}

/// A storey of an office building.
#[derive(Debug, Clone)]
pub struct Floor {
    pub code: String,
    /// Index into `buildings`.
    pub building: usize,
    /// 1 is the ground floor, -1 the first basement; there is no 0.
    pub ordinal: i8,
    /// `3层`, `地下1层`.
    pub name: String,
    pub area: Polygon<f64>,
}

/// A room; its area is left to the database.
#[derive(Debug, Clone)]
pub struct Room {
    pub code: String,
    /// Index into `floors`.
    pub floor: usize,
    /// The number on the door, unique within the building: `1203`, `B102`.
    pub number: String,
    pub name: String,
    /// One of `办公室 会议室 值班室 机房 档案室 卫生间 楼梯间 走廊 设备间 储藏室 车库`.
    pub use_kind: &'static str,
    /// Index into `orgs`; `None` for shared space and vacant rooms.
    pub org: Option<usize>,
    /// One of `在用 空置 维修`.
    pub status: &'static str,
    pub area: Polygon<f64>,
}

/// The rank of a road in the network, widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoadClass {
    Motorway,
    Trunk,
    Primary,
    Secondary,
    Tertiary,
    Residential,
}

impl RoadClass {
    /// The word the tile layer `roads` uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Motorway => "motorway",
            Self::Trunk => "trunk",
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Tertiary => "tertiary",
            Self::Residential => "residential",
        }
    }

    /// The ordinary speed of free traffic.
    pub fn speed_kmh(self) -> f64 {
        match self {
            Self::Motorway => 100.0,
            Self::Trunk => 70.0,
            Self::Primary => 60.0,
            Self::Secondary => 50.0,
            Self::Tertiary => 40.0,
            Self::Residential => 30.0,
        }
    }

    /// The width of the carriageway.
    pub fn width_m(self) -> f64 {
        match self {
            Self::Motorway => 34.0,
            Self::Trunk => 32.0,
            Self::Primary => 28.0,
            Self::Secondary => 20.0,
            Self::Tertiary => 13.0,
            Self::Residential => 8.0,
        }
    }
}

/// A continuous stretch of one named road; a road that is interrupted comes as several.
#[derive(Debug, Clone)]
pub struct Road {
    pub code: String,
    pub name: String,
    pub class: RoadClass,
    pub line: LineString<f64>,
}

/// A water or green area.
#[derive(Debug, Clone)]
pub struct Area {
    pub code: String,
    pub name: Option<String>,
    /// Water: `river lake pond moat`; green: `park forest farmland orchard grass pitch`.
    pub class: &'static str,
    pub area: Polygon<f64>,
}

/// A point facility in the grounds of an official parcel.
#[derive(Debug, Clone)]
pub struct Facility {
    pub code: String,
    pub name: String,
    /// One of `食堂 充电桩 停车场 门岗 会议中心 配电房 文体中心 应急物资点`.
    pub class: &'static str,
    /// Index into `orgs`.
    pub org: usize,
    /// Index into `parcels`.
    pub parcel: usize,
    pub point: Point<f64>,
}

/// An official vehicle; its plate begins with a character that no province uses.
#[derive(Debug, Clone)]
pub struct Vehicle {
    pub code: String,
    pub plate: String,
    pub name: String,
    /// One of `轿车 越野车 商务车 中巴 执法车`.
    pub vehicle_type: &'static str,
    /// Index into `orgs`.
    pub org: usize,
    pub terminal_id: String,
    /// Where it is parked: the position of `home_node`.
    pub home: Coord<f64>,
    /// Index into `road_graph.nodes`.
    pub home_node: usize,
}
