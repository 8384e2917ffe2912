//! How vehicles were used, by day, month, vehicle, driver or organisation 用车统计: what trips, stops, refuels, alarms and approved
//! orders add up to.
//!
//! A trip counts whole on the day of the city on which it began, so that a month is the sum of its days.

mod queries;

use std::str::FromStr;

use gis_data::{FeatureId, OrgId, Store, Viewer};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use time::Date;

use crate::error::Result;

/// What one row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A day of the city.
    Day,
    /// A month of the city.
    Month,
    /// A vehicle.
    Vehicle,
    /// Whoever an approved order names as its driver; no key where none does.
    Driver,
    /// The organisation whose vehicle it is; no key for those of none.
    Org,
}

/// Which trips are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageFilter {
    /// What a row is about.
    pub by: By,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Only vehicles of this organisation and those below it.
    pub org: Option<OrgId>,
    /// Only this vehicle.
    pub vehicle: Option<FeatureId>,
}

/// What it comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Usage {
    /// Days and months in their order, without those on which nothing happened; others by distance, the longest first.
    pub rows: Vec<UsageRow>,
    /// All of them together.
    pub total: UsageRow,
}

/// The figures of one row.
#[derive(Debug, Clone, Default, PartialEq, FromRow)]
pub struct UsageRow {
    /// The day, the month, the number of the vehicle or the organisation, the name of the driver.
    pub key: Option<String>,
    /// The plate or the name.
    pub label: Option<String>,
    /// A scope that has something in this row: by it names are masked.
    pub scope_id: Option<i32>,
    /// Of a vehicle: whose it is.
    pub org_id: Option<i64>,
    /// Of a vehicle: whose it is.
    pub org_name: Option<String>,
    /// How many vehicles made a trip.
    pub vehicles: i64,
    /// Days with a trip, of each vehicle.
    pub days: i64,
    /// Trips.
    pub trips: i64,
    /// Along the positions.
    pub distance_m: f64,
    /// On the move.
    pub moving_s: f64,
    /// From leaving to coming to rest.
    pub trip_s: f64,
    /// The highest speed; `None` without a trip.
    pub max_kmh: Option<f64>,
    /// What odometers counted, over the trips that tell it.
    pub odometer_m: Option<f64>,
    /// How many of them tell it.
    pub odometer_trips: i64,
    /// How far these went along their positions.
    pub odometer_of_m: Option<f64>,
    /// What left the tanks, over the trips that tell it.
    pub fuel_l: Option<f64>,
    /// How many of them tell it.
    pub fuel_trips: i64,
    /// How far these went.
    pub fuel_of_m: Option<f64>,
    /// Refuels.
    pub refuels: i64,
    /// What was filled in.
    pub refuelled_l: f64,
    /// Standing with the ignition on, where terminals tell.
    pub idle_s: Option<f64>,
    /// Trips that no approved order touches.
    pub outside_trips: i64,
    /// How far they went.
    pub outside_m: f64,
    /// Alarms of level 1.
    pub severe: i64,
    /// Alarms of level 2.
    pub warning: i64,
    /// Alarms of level 3.
    pub notice: i64,
    /// Whether orders are kept at all: without them a trip outside of them means nothing.
    pub has_orders: bool,
}

impl By {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Vehicle => "vehicle",
            Self::Driver => "driver",
            Self::Org => "org",
        }
    }
}

impl FromStr for By {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        [Self::Day, Self::Month, Self::Vehicle, Self::Driver, Self::Org]
            .into_iter()
            .find(|by| by.name() == name)
            .ok_or_else(|| format!("{name:?} is not one of day, month, vehicle, driver, org"))
    }
}

/// The figures of the vehicles whose ways the viewer may follow.
pub async fn usage(store: &Store, viewer: &Viewer, filter: &UsageFilter) -> Result<Usage> {
    let mut tx = store.as_viewer(viewer).await?;
    let mut rows = queries::rows(&mut tx, viewer, filter).await?;
    let is_total = |row: &UsageRow| row.scope_id.is_none() && row.key.is_none();
    let total = rows.iter().position(is_total).map(|at| rows.remove(at)).unwrap_or_default();
    Ok(Usage { rows, total })
}
