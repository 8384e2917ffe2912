//! The latest position of each vehicle, on file within seconds: many commits move a vehicle, one statement
//! writes where it came to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gis_data::{FeatureId, Tx};

use crate::batch::{self, Stored};
use crate::error::Result;
use crate::live::{latest_cursor, look};

/// Between two writings. A server that starts reads the batches since the last one.
const WRITE_EVERY: Duration = Duration::from_secs(2);

/// Where vehicles came to since it was written.
#[derive(Debug, Default)]
pub(super) struct Latest {
    moved: BTreeMap<FeatureId, Stored>,
    /// `None` until what an earlier holder of the cursor left is read.
    written_at: Option<Instant>,
}

impl Latest {
    /// Reads what is committed and not yet written, once.
    pub(super) async fn catch_up(&mut self, snapshot: &mut Tx) -> Result<()> {
        if self.written_at.is_some() {
            return Ok(());
        }
        if let Some((xid, applied)) = latest_cursor(snapshot).await? {
            for row in look(snapshot, Some(&xid), &applied).await?.batches {
                // One that does not unpack is told of where trips are made of it.
                for stored in batch::unpack(row.batch_id, row.format, &row.payload).iter().flatten()
                {
                    self.take(stored);
                }
            }
        }
        self.written_at = Some(Instant::now());
        Ok(())
    }

    /// A vehicle was somewhere; what nobody may believe, and what is older, changes nothing.
    pub(super) fn take(&mut self, stored: &Stored) {
        if !stored.point.quality.is_kept() {
            return;
        }
        let newest = self.moved.entry(stored.vehicle_id).or_insert(*stored);
        if newest.point.fix_ms < stored.point.fix_ms {
            *newest = *stored;
        }
    }

    /// What is to be written now; `None` while it is too early or nothing has moved.
    pub(super) fn due(&self) -> Option<&BTreeMap<FeatureId, Stored>> {
        let is_due = self.written_at.is_some_and(|at| at.elapsed() >= WRITE_EVERY);
        (is_due && !self.moved.is_empty()).then_some(&self.moved)
    }

    /// It is on file.
    pub(super) fn written(&mut self) {
        self.moved.clear();
        self.written_at = Some(Instant::now());
    }
}
