//! What speaks against a position. It is stored all the same: a flag stands beside the raw numbers.

use serde::{Deserialize, Serialize};

/// Flags; 0 is good. The numbers are stored and never change their meaning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quality(pub i16);

impl Quality {
    /// Nothing speaks against it.
    pub const GOOD: Self = Self(0);
    /// The receiver says that it had no fix: the place is its last one, or any.
    pub const NO_FIX: Self = Self(1);
    /// Reached from the last kept position at a speed that no vehicle has.
    pub const DRIFT: Self = Self(1 << 1);
    /// The receiver believes it to be further off than a road is wide.
    pub const INACCURATE: Self = Self(1 << 2);

    /// Every flag with its stable name.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::NO_FIX, "no_fix"), (Self::DRIFT, "drift"), (Self::INACCURATE, "inaccurate")];

    /// Whether all of these flags are up.
    pub fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// With these flags up too.
    #[must_use]
    pub fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }

    /// Whether trips, mileage and alarms may believe the place.
    pub fn is_kept(self) -> bool {
        self.0 & (Self::NO_FIX.0 | Self::DRIFT.0) == 0
    }

    /// The names of the flags that are up.
    pub fn names(self) -> Vec<&'static str> {
        Self::ALL.into_iter().filter(|(flag, _)| self.has(*flag)).map(|(_, name)| name).collect()
    }
}
