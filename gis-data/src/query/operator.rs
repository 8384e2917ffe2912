//! Names of CQL2 that both of its forms share.

use super::error::Unsupported;

/// Whether a word has a meaning of its own, so that an attribute of this name needs double quotes.
pub(super) fn is_reserved(word: &str) -> bool {
    let reserved = ["and", "or", "not", "between", "in", "like", "is", "null", "true", "false"];
    reserved.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether it calculates.
pub(super) fn is_arithmetic(symbol: &str) -> bool {
    matches!(symbol, "+" | "-" | "*" | "/" | "%" | "^")
}

/// Whether a geometry begins with it.
pub(super) fn is_geometry(word: &str) -> bool {
    let names = [
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
        "bbox",
    ];
    names.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// What a function or operator that is not here would have done.
pub(super) fn missing_function(name: &str) -> Unsupported {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "accenti" => Unsupported::Accents,
        "date" | "timestamp" | "interval" => Unsupported::Temporal,
        "div" => Unsupported::Arithmetic,
        _ if is_arithmetic(&name) => Unsupported::Arithmetic,
        _ if is_geometry(&name) || name.starts_with("s_") => Unsupported::Spatial,
        _ if name.starts_with("t_") => Unsupported::Temporal,
        _ if name.starts_with("a_") => Unsupported::Array,
        _ => Unsupported::Function,
    }
}
