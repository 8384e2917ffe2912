//! Positions become trips, stops, refuels, alarms and latest positions, on file.
//!
//! One server at a time does it, whichever holds the cursor's lock. It follows the batches of positions by
//! their transactions, as the live state does; what a batch makes certain is written in one transaction
//! with the cursor, so that a crash repeats a step and never half of one. A vehicle's state is kept in
//! memory while this server has the cursor, and otherwise made again from its last checkpoint: the trips
//! are a function of the stored positions, whoever works them out, however often, in whatever order the
//! positions came.

mod alarms;
mod lane;
mod lanes;
mod latest;
mod queries;
mod settings;
mod work;

pub(crate) use queries::{checkpoint_before, positions_after};

use std::sync::Arc;
use std::time::Duration;

use gis_data::{Store, Viewer};

use crate::counters::Counters;
use crate::error::{Result, TrackerError};
use crate::trip::TripRules;

use work::{Pass, Work};

/// Between two looks at the batches. Trips are looked at by people, not by animations.
const POLL: Duration = Duration::from_millis(250);
/// Between two passes while there is more. Positions are waiting to be acknowledged, trips are not waited for.
const BREATH: Duration = Duration::from_millis(10);
/// How soon another server takes over from one that is gone.
const AWAY: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_secs(1);

/// Keeps trips equal to what is stored.
pub(crate) struct Keeper {
    store: Store,
    work: Work,
}

impl Keeper {
    /// With the usual thresholds for trips. From here on no position is passed over.
    pub(crate) async fn start(store: Store, counters: Arc<Counters>) -> Result<Self> {
        let mut tx = store.as_viewer(&Viewer::program()).await?;
        queries::make_cursor(&mut tx).await?;
        tx.commit().await.map_err(TrackerError::query("make the cursor of trips"))?;
        Ok(Self { store, work: Work::new(TripRules::default(), counters) })
    }

    /// Works until the task is aborted. A lost database is waited for; the cursor makes up for it.
    pub(crate) async fn run(mut self) {
        let mut was_lost = false;
        loop {
            let pause = match self.work.pass(&self.store).await {
                Ok(Pass::Done) => POLL,
                Ok(Pass::Some) => BREATH,
                Ok(Pass::Elsewhere) => AWAY,
                Err(error) => {
                    if !std::mem::replace(&mut was_lost, true) {
                        let source: &dyn std::error::Error = &error;
                        tracing::warn!(error = source, "trips stand still, retrying");
                    }
                    self.work.forget();
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            };
            if std::mem::take(&mut was_lost) {
                tracing::info!("trips are worked out again");
            }
            tokio::time::sleep(pause).await;
        }
    }
}
