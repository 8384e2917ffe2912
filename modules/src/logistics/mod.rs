//! Logistics 后勤管理: what keeps the houses working.

pub(crate) mod repair;
