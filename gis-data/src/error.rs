//! What can go wrong on the ground floor.

/// The result of everything in this crate that can fail.
pub type Result<T, E = GisError> = std::result::Result<T, E>;

/// A failure, named after the operation that failed.
#[derive(Debug, thiserror::Error)]
pub enum GisError {
    /// PostgreSQL could not be reached or refused the sign-in.
    #[error("connect to the database")]
    Connect(#[source] sqlx::Error),
    /// A statement failed.
    #[error("run a statement for {what}")]
    Query {
        /// What the statement was for.
        what: &'static str,
        /// PostgreSQL's answer.
        #[source]
        source: sqlx::Error,
    },
    /// The migrations could not be applied.
    #[error("apply the migrations")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A geometry from the database is not what its column says.
    #[error("read the geometry of feature {feature_id} in layer {layer}: {reason}")]
    Geometry {
        /// The layer being read.
        layer: String,
        /// The feature.
        feature_id: i64,
        /// What was found.
        reason: String,
    },
    /// The catalogue names something it must not.
    #[error("layer {layer}: {reason}")]
    Catalogue {
        /// The layer.
        layer: String,
        /// What is wrong.
        reason: String,
    },
}

impl GisError {
    /// For `map_err`: a failed statement and what it was for.
    pub fn query(what: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Query { what, source }
    }
}
