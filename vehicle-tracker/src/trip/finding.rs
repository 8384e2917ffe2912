//! What became certain of a vehicle: its trips, its stops, what was filled into its tank.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};

use super::ground::kmh;
use super::line::Vertex;

/// From one stop to the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trip {
    /// When it left: the last moment at rest. Epoch milliseconds.
    pub start_ms: i64,
    /// When it came to rest. Epoch milliseconds.
    pub end_ms: i64,
    /// Where it left.
    pub start: LonLat,
    /// Where it came to rest.
    pub end: LonLat,
    /// Along the kept positions, in metres on the ellipsoid; of a wait on the way only the distance
    /// between its beginning and its end counts, of a leap of the receiver nothing.
    pub distance_m: f64,
    /// The highest speed that was told or, where none was, the highest between two positions.
    pub max_kmh: f64,
    /// How long it moved and did not wait.
    pub moving_ms: i64,
    /// What the odometer counted, where both ends tell one and it did not run back.
    pub odometer_m: Option<f64>,
    /// What the tank lost; refuelling is not set off against it. Never negative.
    pub fuel_used_l: Option<f64>,
    /// Kept positions, both ends included.
    pub points: u64,
    /// Silences so long that a stop could hide in them.
    pub gaps: u32,
    /// How long these were together.
    pub gap_ms: i64,
    /// How often the receiver leapt to another place.
    pub leaps: u32,
    /// The way with its times, in order.
    pub line: Vec<Vertex>,
}

impl Trip {
    /// From leaving to coming to rest.
    pub fn duration_ms(&self) -> i64 {
        self.end_ms - self.start_ms
    }

    /// Over the whole duration, waits included.
    pub fn average_kmh(&self) -> f64 {
        kmh(self.distance_m, self.duration_ms())
    }
}

/// At rest in one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// When it came to rest. Epoch milliseconds.
    pub start_ms: i64,
    /// When it left: the last moment at rest. Epoch milliseconds.
    pub end_ms: i64,
    /// The median of its positions, longitudes and latitudes apart.
    pub place: LonLat,
    /// How far back its beginning is known.
    pub begun: Begun,
    /// How long it stood with the ignition on, where that is told.
    pub ignition_on_ms: Option<i64>,
    /// Kept positions, both ends included.
    pub points: u64,
}

impl Stop {
    /// From coming to rest to leaving.
    pub fn duration_ms(&self) -> i64 {
        self.end_ms - self.start_ms
    }
}

/// How a stop began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begun {
    /// The vehicle was seen to come to rest.
    Arrived,
    /// Nothing is known of the time before: the first position, or the first after a silence or a leap.
    /// Such a stop counts however short it was seen.
    FirstSeen,
}

/// The tank became fuller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refuel {
    /// The last position before it was fuller by as much as a refuelling takes. Epoch milliseconds.
    pub start_ms: i64,
    /// The position at which it was full. Epoch milliseconds.
    pub end_ms: i64,
    /// Where it was full.
    pub place: LonLat,
    /// How much was filled in, as the tank tells it.
    pub litres: f64,
}

/// Something that no later position changes; one that comes late may.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// A trip came to its end.
    Trip(Trip),
    /// A stop came to its end.
    Stop(Stop),
    /// The tank was filled.
    Refuel(Refuel),
}

impl Finding {
    /// When what was found began. Epoch milliseconds.
    pub fn start_ms(&self) -> i64 {
        match self {
            Self::Trip(trip) => trip.start_ms,
            Self::Stop(stop) => stop.start_ms,
            Self::Refuel(refuel) => refuel.start_ms,
        }
    }
}

/// What a vehicle is at, as far as is known: the next position may change it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Open {
    /// It stands, or has not gone as far as a trip goes.
    Standing(Stop),
    /// It is on a trip, until now.
    Driving(Trip),
}
