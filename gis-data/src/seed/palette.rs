//! Colours of organisations: pale enough to carry labels, told apart by lightness as well as hue.

const COLORS: [&str; 12] = [
    "#a8c7e6", "#f3cf9a", "#b5d8b0", "#e8b3ad", "#cbbce0", "#9fd3d2", "#e3d98f", "#d9b8cf",
    "#c3cdd6", "#f0bd8c", "#9dbfa6", "#b9b4e6",
];

/// The colour of the n-th organisation.
pub(super) fn color(n: usize) -> &'static str {
    COLORS[n % COLORS.len()]
}
