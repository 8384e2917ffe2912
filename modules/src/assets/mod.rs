//! The system of assets 资产管理.

pub mod office_space;
