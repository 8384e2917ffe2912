//! The numbers that rules go by, as people set them: for all vehicles, for an organisation's, for one.

mod queries;

use gis_data::{Permission, Store, Viewer};
use serde::Deserialize;

use crate::alarm::RULES;
use crate::error::{Result, TrackerError};

pub use queries::ThresholdOnFile;

/// What follows the code of a rule in the name of its level.
const LEVEL: &str = ".level";
/// Larger than any sensible number of metres, minutes or kilometres.
const LARGEST: f64 = 1e6;

/// A number as somebody wants it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdPlan {
    /// `<rule>.<what it limits>_<unit>`, or `<rule>.level`: 1 severe, 2 a warning, 3 a notice, 0 off.
    pub name: String,
    /// `None` takes the number away: what is set above it, or the default, counts again.
    pub value: Option<f64>,
    /// For the vehicles of this organisation and of those below it.
    pub org_id: Option<i64>,
    /// For this vehicle.
    pub vehicle_id: Option<i64>,
}

/// Why a number is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThresholdFault {
    /// No rule goes by a number of this name.
    Name,
    /// Not between 0 and a million; a level is 0, 1, 2 or 3.
    Value,
    /// No such organisation or vehicle, or none that the viewer may see; or both are named.
    Whose,
    /// The viewer may not command the vehicles that it is for.
    NotAllowed,
}

/// Every number that is set, as far as the viewer may track the vehicles that it is for; those for all
/// vehicles first.
pub async fn thresholds(store: &Store, viewer: &Viewer) -> Result<Vec<ThresholdOnFile>> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    queries::thresholds(&mut tx, viewer.scopes_for(Permission::Track)).await
}

/// Sets a number, or takes it away.
pub async fn set_threshold(
    store: &Store,
    viewer: &Viewer,
    actor: &str,
    plan: &ThresholdPlan,
) -> Result<Result<(), ThresholdFault>> {
    if let Err(fault) = judged(plan) {
        return Ok(Err(fault));
    }
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let scope = match (plan.org_id, plan.vehicle_id) {
        (Some(_), Some(_)) => None,
        (_, Some(vehicle)) => queries::scope_of_vehicle(&mut tx, vehicle).await?,
        // A number for all is for the organisation above all.
        (org, None) => queries::scope_of_org(&mut tx, org).await?,
    };
    let Some(scope) = scope.filter(|scope| viewer.may(Permission::Track, *scope)) else {
        return Ok(Err(ThresholdFault::Whose));
    };
    if !viewer.may(Permission::Command, scope) {
        return Ok(Err(ThresholdFault::NotAllowed));
    }
    queries::set(&mut tx, actor, plan).await?;
    tx.commit().await.map_err(TrackerError::query("commit a number of a rule"))?;
    Ok(Ok(()))
}

fn judged(plan: &ThresholdPlan) -> Result<(), ThresholdFault> {
    let level = plan.name.strip_suffix(LEVEL);
    let is_level = level.is_some_and(|code| RULES.iter().any(|rule| rule.code == code));
    let mut numbers = RULES.iter().flat_map(|rule| rule.thresholds);
    if !is_level && !numbers.any(|number| number.name == plan.name) {
        return Err(ThresholdFault::Name);
    }
    let is_good = |value: f64| {
        if is_level {
            [0.0, 1.0, 2.0, 3.0].contains(&value)
        } else {
            (0.0..=LARGEST).contains(&value)
        }
    };
    if plan.value.is_none_or(is_good) { Ok(()) } else { Err(ThresholdFault::Value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_name_that_a_rule_knows_and_a_value_that_it_can_have() {
        let plan = |name: &str, value| {
            judged(&ThresholdPlan { name: name.to_owned(), value, org_id: None, vehicle_id: None })
        };
        assert_eq!(plan("speeding.limit_kmh", Some(80.0)), Ok(()));
        assert_eq!(plan("speeding.limit_kmh", None), Ok(()));
        assert_eq!(plan("speeding.level", Some(0.0)), Ok(()));
        assert_eq!(plan("speeding.level", Some(0.5)), Err(ThresholdFault::Value));
        assert_eq!(plan("speeding.limit_kmh", Some(-1.0)), Err(ThresholdFault::Value));
        assert_eq!(plan("speeding.limit_kmh", Some(f64::NAN)), Err(ThresholdFault::Value));
        assert_eq!(plan("dancing.level", Some(1.0)), Err(ThresholdFault::Name));
        assert_eq!(plan("speeding", Some(1.0)), Err(ThresholdFault::Name));
    }
}
