//! The SQL of people, rights, sessions and terminals. All of it runs as the program: who may ask is decided before.

mod people;
mod rights;
mod sessions;
mod terminals;

use crate::error::ApiError;
use gis_data::GisError;

pub(super) use people::*;
pub(super) use rights::*;
pub(super) use sessions::*;
pub(super) use terminals::*;

/// For `map_err`: a failed statement and what it was for.
pub(crate) fn failed(what: &'static str) -> impl FnOnce(sqlx::Error) -> ApiError {
    move |source| GisError::Query { what, source }.into()
}
