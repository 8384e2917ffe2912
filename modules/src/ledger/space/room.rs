//! A room in the ledger: how much of it there is and who uses how much, at every instant.

use std::collections::BTreeMap;

use gis_data::{FeatureId, OrgId};
use time::Date;

use super::timeline::{Period, Timeline};

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// How much there is of the room 使用面积.
    Area,
    /// How much of it an organisation uses.
    Use(OrgId),
}

/// One entry of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The room.
    pub room: FeatureId,
    /// What it is about.
    pub account: Account,
    /// Square centimetres; negative takes away.
    pub cm2: i64,
    /// When.
    pub during: Period,
}

impl Entry {
    /// The entry that takes it back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { cm2: -self.cm2, ..self }
    }
}

/// What a posting would break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpaceFault {
    /// More would be used than there is.
    #[error("room {room} has {over} cm² too little on {on}")]
    Full {
        /// The room.
        room: FeatureId,
        /// The first such day.
        on: Date,
        /// By so many square centimetres.
        over: i64,
    },
    /// Something would be taken away that is not there.
    #[error("room {room} has {lacking} cm² less on {on} than would be taken away")]
    Lacking {
        /// The room.
        room: FeatureId,
        /// The first such day.
        on: Date,
        /// By so many square centimetres.
        lacking: i64,
    },
    /// The parts of a room are not as large as the room.
    #[error("room {room} has {has} cm², its parts have {parts} cm²")]
    Uneven {
        /// The room.
        room: FeatureId,
        /// What it has.
        has: i64,
        /// What its parts have together.
        parts: i64,
    },
    /// The room's area changes later; it is split or merged after that or not at all.
    #[error("the area of room {room} changes after {on}")]
    Unsteady {
        /// The room.
        room: FeatureId,
        /// The day asked for.
        on: Date,
    },
}

/// A room as its entries make it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// How much there is.
    pub area: Timeline,
    /// How much of it each organisation uses.
    pub uses: BTreeMap<OrgId, Timeline>,
}

impl Room {
    /// Adds an entry. Whether the room still holds, [`Room::judge`] says.
    pub fn add(&mut self, account: Account, during: Period, cm2: i64) {
        match account {
            Account::Area => self.area.add(during, cm2),
            Account::Use(org) => {
                let line = self.uses.entry(org).or_default();
                line.add(during, cm2);
                if *line == Timeline::default() {
                    self.uses.remove(&org);
                }
            }
        }
    }

    /// At every instant: nobody uses less than nothing, and all together no more than there is.
    pub fn judge(&self, room: FeatureId) -> Result<(), SpaceFault> {
        for line in self.uses.values().chain([&self.area]) {
            if let Some((on, lacking)) = line.below_zero() {
                return Err(SpaceFault::Lacking { room, on, lacking });
            }
        }
        match self.vacant().below_zero() {
            Some((on, over)) => Err(SpaceFault::Full { room, on, over }),
            None => Ok(()),
        }
    }

    /// What is free.
    pub fn vacant(&self) -> Timeline {
        let mut vacant = self.area.clone();
        for line in self.uses.values() {
            vacant.add_all(line, -1);
        }
        vacant
    }

    /// The area from a day on, if it does not change any more.
    pub(super) fn steady_area(&self, room: FeatureId, on: Date) -> Result<i64, SpaceFault> {
        if self.area.days().any(|day| day > on) {
            return Err(SpaceFault::Unsteady { room, on });
        }
        Ok(self.area.on(on))
    }
}
