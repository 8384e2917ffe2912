//! Approved orders, as far back as positions are usually late.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use geo::{Coord, LineString};
use gis_data::{FeatureId, Tx};
use time::OffsetDateTime;

use super::queries::{self, DutyRow};
use crate::alarm::{DriverId, Duty, DutyId, Period};
use crate::error::Result;
use crate::fence::Shape;
use crate::fix::epoch_ms;

/// Orders that ended earlier are read when a position comes from so long ago.
const KEPT_MS: i64 = 35 * DAY_MS;
/// An order counts somewhat longer than it lasts.
const DAY_MS: i64 = 86_400_000;
/// How often orders that ended too long ago are let go.
const REFRESH: Duration = Duration::from_hours(1);

/// Orders of vehicles, each in the order of time.
pub(super) struct Duties {
    of_vehicle: HashMap<FeatureId, Vec<Duty>>,
    /// Orders that ended before are not all here.
    since_ms: i64,
    read: Option<Instant>,
}

impl Duties {
    pub(super) fn none() -> Self {
        Self { of_vehicle: HashMap::new(), since_ms: i64::MIN, read: None }
    }

    /// Reads what has changed since a cursor (`None`: since nothing); answers the vehicles whose orders are not what
    /// they were, each with the first moment that is to be judged again.
    pub(super) async fn load(
        &mut self,
        tx: &mut Tx,
        cursor: Option<&str>,
    ) -> Result<BTreeMap<FeatureId, i64>> {
        let mut changed = match cursor {
            Some(cursor) => queries::changed_duties(tx, cursor).await?,
            None => BTreeMap::new(),
        };
        if self.read.is_some_and(|at| at.elapsed() < REFRESH) {
            let before: BTreeMap<FeatureId, Vec<Duty>> = changed
                .keys()
                .map(|id| (*id, self.of_vehicle.remove(id).unwrap_or_default()))
                .collect();
            let ids: Vec<i64> = changed.keys().map(|id| id.0).collect();
            if !ids.is_empty() {
                self.take(queries::duties_of(tx, &ids, self.since_ms).await?);
            }
            // A transaction is seen again and again while an older one is open. Of what is too long ago to
            // be here nobody can say whether it was judged already.
            changed.retain(|id, from_ms| {
                let is_same = before.get(id).map(Vec::as_slice) == Some(self.of(*id));
                !is_same || *from_ms < self.since_ms
            });
        } else {
            self.since_ms = epoch_ms(OffsetDateTime::now_utc()) - KEPT_MS;
            let rows = queries::duties(tx, self.since_ms).await?;
            self.of_vehicle = HashMap::new();
            self.take(rows);
            self.read = Some(Instant::now());
        }
        Ok(changed)
    }

    /// Makes sure that the orders of a vehicle are here from a moment on.
    pub(super) async fn reach(&mut self, tx: &mut Tx, id: FeatureId, from_ms: i64) -> Result<()> {
        if self.read.is_some() && from_ms < self.since_ms {
            let since_ms = from_ms.saturating_sub(DAY_MS);
            let rows = queries::duties_of(tx, &[id.0], since_ms).await?;
            self.of_vehicle.remove(&id);
            self.take(rows);
        }
        Ok(())
    }

    /// A vehicle's orders.
    pub(super) fn of(&self, vehicle: FeatureId) -> &[Duty] {
        self.of_vehicle.get(&vehicle).map_or(&[], Vec::as_slice)
    }

    fn take(&mut self, rows: Vec<DutyRow>) {
        for row in rows {
            self.of_vehicle.entry(FeatureId(row.vehicle_id)).or_default().push(to_duty(&row));
        }
    }
}

fn to_duty(row: &DutyRow) -> Duty {
    let line: LineString<f64> =
        row.lons.iter().zip(&row.lats).map(|(x, y)| Coord { x: *x, y: *y }).collect();
    let corridor = row.corridor_m.and_then(|metres| {
        let shape = Shape::corridor_checked(&line, f64::from(metres) * 2.0);
        shape.inspect_err(|fault| tracing::warn!(order = row.doc_id, %fault, "no corridor")).ok()
    });
    Duty {
        id: DutyId(row.doc_id),
        period: Period { from_ms: row.from_ms, to_ms: row.to_ms },
        corridor,
        limit_km: row.limit_km,
        driver: row.driver_id.map(DriverId),
    }
}
