//! Pieces as MF-JSON (19-045r3) writes them, in CRS84 and ISO 8601, which are its defaults.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::course::{Held, Piece};

/// Which moments of a piece are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Those that were told: what lies between them is known.
    Told,
    /// Those that were asked for one by one: nothing is said of the time between them.
    Leaves,
}

/// A value as JSON has it, with the name of what lies between two of them.
pub(crate) trait Written {
    /// What is said of the values between two moments.
    const INTERPOLATION: &'static str;

    /// The value.
    fn written(&self) -> Value;
}

impl Written for [f64; 2] {
    const INTERPOLATION: &'static str = "Linear";

    fn written(&self) -> Value {
        // A centimetre; between two positions a number would have seventeen digits.
        json!(self.map(|degrees| (degrees * 1e7).round() / 1e7))
    }
}

impl Written for f64 {
    const INTERPOLATION: &'static str = "Linear";

    fn written(&self) -> Value {
        json!((self * 1e3).round() / 1e3)
    }
}

impl Written for Held<f64> {
    const INTERPOLATION: &'static str = "Step";

    fn written(&self) -> Value {
        self.0.written()
    }
}

impl Written for Held<bool> {
    const INTERPOLATION: &'static str = "Step";

    fn written(&self) -> Value {
        json!(self.0)
    }
}

/// RFC 3339 in UTC, to the millisecond.
pub(crate) fn instant(ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// A `TemporalPrimitiveGeometry`. A single moment is written as one that was asked for: nothing lies between.
pub(crate) fn moving_point(piece: &Piece<[f64; 2]>, shown: Shown) -> Value {
    let mut written = primitive(piece, shown, "coordinates");
    written["type"] = json!("MovingPoint");
    written["crs"] =
        json!({"type": "Name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}});
    written["trs"] = json!({"type": "Name", "properties": {"name": "urn:ogc:data:time:iso8601"}});
    written
}

/// A `TemporalProperty` without its values.
pub(crate) fn bare_property(
    name: &str,
    kind: &str,
    form: Option<&str>,
    description: &str,
) -> Value {
    let mut property = json!({"name": name, "type": kind, "description": description});
    if let Some(form) = form {
        property["form"] = json!(form);
    }
    property
}

/// The `valueSequence` of a `TemporalProperty`.
pub(crate) fn property<V: Written>(pieces: &[Piece<V>], shown: Shown) -> Value {
    pieces.iter().map(|piece| primitive(piece, shown, "values")).collect()
}

fn primitive<V: Written>(piece: &Piece<V>, shown: Shown, values: &str) -> Value {
    let is_discrete = shown == Shown::Leaves || piece.times.len() < 2;
    let datetimes: Vec<String> = piece.times.iter().map(|ms| instant(*ms)).collect();
    let mut written = json!({
        "id": piece.id.to_string(),
        "datetimes": datetimes,
        "interpolation": if is_discrete { "Discrete" } else { V::INTERPOLATION },
    });
    written[values] = piece.values.iter().map(Written::written).collect();
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moving_point_has_what_the_standard_asks_for() {
        let piece = Piece {
            id: 1_764_230_400_000,
            times: vec![1_764_230_400_000, 1_764_230_401_500],
            values: vec![[105.123_456_789, 36.5], [105.2, 36.6]],
        };
        assert_eq!(
            moving_point(&piece, Shown::Told),
            json!({
                "id": "1764230400000",
                "type": "MovingPoint",
                "datetimes": ["2025-11-27T08:00:00Z", "2025-11-27T08:00:01.5Z"],
                "coordinates": [[105.123_456_8, 36.5], [105.2, 36.6]],
                "interpolation": "Linear",
                "crs": {"type": "Name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
                "trs": {"type": "Name", "properties": {"name": "urn:ogc:data:time:iso8601"}},
            })
        );
        assert_eq!(moving_point(&piece, Shown::Leaves)["interpolation"], "Discrete");
    }

    #[test]
    fn a_property_has_its_values_and_what_lies_between_them() {
        fn piece<V>(values: Vec<V>) -> Piece<V> {
            Piece { id: 0, times: vec![0, 1_000], values }
        }
        let speed = property(&[piece(vec![40.1_f64 + 0.2, 41.0])], Shown::Told);
        assert_eq!(speed[0]["values"], json!([40.3, 41.0]));
        assert_eq!(speed[0]["interpolation"], "Linear");
        let held = property(&[piece(vec![Held(true), Held(false)])], Shown::Told);
        assert_eq!(
            (&held[0]["values"], &held[0]["interpolation"]),
            (&json!([true, false]), &json!("Step"))
        );
        let lone = property(&[Piece { id: 0, times: vec![0], values: vec![1.0] }], Shown::Told);
        assert_eq!(lone[0]["interpolation"], "Discrete");
        assert_eq!(
            bare_property("fuel", "TReal", Some("LTR"), "油量"),
            json!({"name": "fuel", "type": "TReal", "form": "LTR", "description": "油量"})
        );
        assert_eq!(bare_property("ignition", "TBoolean", None, "点火").get("form"), None);
    }
}
