//! What is asked of the generator.

/// A seed and a size; the same plan gives the same city on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CityPlan {
    pub seed: u64,
    pub size: CitySize,
}

/// How large a city to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CitySize {
    /// About 21 km by 17 km: the demo.
    Full,
    /// About 4 km by 3.5 km, all kinds of things but few of each: for tests.
    Small,
}

impl Default for CityPlan {
    fn default() -> Self {
        Self { seed: 20_260_101, size: CitySize::Full }
    }
}
