//! Titled values of a place, in the order people read them.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::Text2;

/// The unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// Metres.
    #[serde(rename = "m")]
    Metre,
}

/// One line of the panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Property {
    /// Stable name.
    pub name: &'static str,
    /// What people call it.
    pub title: Text2,
    /// A string or a number.
    pub value: Json,
    /// The unit of a number that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
}

const TITLES: &[(&str, &str, &str, Option<Unit>)] = &[
    ("use_kind", "用途", "Use", None),
    ("status", "状态", "Status", None),
    ("land_use", "土地用途", "Land use", None),
    ("class", "类别", "Class", None),
    ("vehicle_type", "车型", "Vehicle type", None),
    ("model", "车辆名称", "Vehicle name", None),
    ("address", "地址", "Address", None),
    ("certificate_no", "权证号", "Certificate number", None),
    ("floors_above", "地上层数", "Floors above ground", None),
    ("floors_below", "地下层数", "Floors below ground", None),
    ("height_m", "高度", "Height", Some(Unit::Metre)),
    ("built_year", "建成年份", "Year built", None),
];

/// The known, non-empty values in reading order.
pub(super) fn titled(values: &Map<String, Json>) -> Vec<Property> {
    TITLES
        .iter()
        .filter_map(|&(name, zh, en, unit)| {
            let value = values.get(name).filter(|v| !v.is_null() && *v != "")?.clone();
            Some(Property { name, title: Text2::new(zh, en), value, unit })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn absent_values_are_left_out_and_the_rest_are_titled() {
        let values = json!({"height_m": 36.5, "use_kind": "办公", "address": null, "secret": 1});
        let lines = titled(values.as_object().unwrap());
        assert_eq!(lines.iter().map(|l| l.title.zh.as_str()).collect::<Vec<_>>(), ["用途", "高度"]);
    }
}
