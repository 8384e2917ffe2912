//! Office space 办公用房 (M01).

mod entitlement;

pub use entitlement::{
    BuildingForm, PersonCase, PersonFinding, UnitCase, UnitEntitlement, check_person, entitle_unit,
};
