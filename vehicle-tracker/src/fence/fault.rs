//! Why something is no fence.

/// What is wrong with the shape of a fence.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum FenceFault {
    /// Nothing is drawn.
    #[error("a fence has at least one part")]
    Empty,
    /// A ring that encloses nothing.
    #[error("ring {ring} has {points} different points in a row, at least 3 enclose something")]
    Ring {
        /// Counted from 0 through all parts.
        ring: usize,
        /// After repeated ones were taken out.
        points: usize,
    },
    /// A line that leads nowhere.
    #[error("a corridor has {points} different points in a row, at least 2 make a line")]
    Line {
        /// After repeated ones were taken out.
        points: usize,
    },
    /// Coordinates that are no place.
    #[error("longitude {lon}, latitude {lat} is no place on the earth")]
    Place {
        /// Degrees east.
        lon: f64,
        /// Degrees north.
        lat: f64,
    },
    /// More vertices than anybody draws.
    #[error("the drawing has {count} vertices, at most {most} are taken")]
    TooMany {
        /// In all rings.
        count: usize,
        /// The limit.
        most: usize,
    },
    /// A radius or a width outside what is sensible.
    #[error("{metres} m is no radius or width, it must be from 1 to {most} m")]
    Size {
        /// As given.
        metres: f64,
        /// The limit.
        most: f64,
    },
}
