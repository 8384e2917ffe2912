//! The layers this crate itself publishes: buildings, floors, rooms, land and the ground beneath.

use serde_json::Value as Json;
use time::OffsetDateTime;

use super::{Attribute, AttributeType, GeometryType, Layer, Text2};

/// In drawing order, lowest first.
#[expect(clippy::too_many_lines, reason = "a table: one entry a layer")]
pub fn standard_layers() -> Vec<Layer> {
    use AttributeType::{Float, Int, Text};
    use GeometryType::{Line, Point, Polygon};
    let name = || attribute("name", Text, "名称", "Name");
    let class = || attribute("class", Text, "类别", "Class");
    let org = || attribute("org_id", Int, "所属机构", "Organisation");
    let area = || attribute("area_m2", Float, "面积", "Area");
    let code = || attribute("code", Text, "编号", "Code");
    vec![
        layer("water", Polygon, ("水系", "Water"), "base", (6, 15), 10, vec![name(), class()]),
        layer(
            "green",
            Polygon,
            ("绿地", "Green space"),
            "base",
            (6, 15),
            20,
            vec![name(), class()],
        ),
        layer("roads", Line, ("道路", "Roads"), "base", (6, 16), 30, vec![name(), class()]),
        layer(
            "parcels",
            Polygon,
            ("宗地", "Land parcels"),
            "land",
            (9, 16),
            40,
            vec![
                name(),
                code(),
                attribute("land_use", Text, "土地用途", "Land use"),
                org(),
                area(),
            ],
        ),
        layer(
            "buildings",
            Polygon,
            ("房屋", "Buildings"),
            "building",
            (12, 16),
            50,
            vec![
                name(),
                code(),
                attribute("use_kind", Text, "用途", "Use"),
                org(),
                attribute("height_m", Float, "高度", "Height"),
                attribute("floors_above", Int, "地上层数", "Floors above ground"),
                attribute("has_floors", Int, "有楼层图", "Floors on file"),
                area(),
            ],
        ),
        layer(
            "floors",
            Polygon,
            ("楼层", "Floors"),
            "building",
            (15, 18),
            60,
            vec![
                name(),
                attribute("building_id", Int, "房屋", "Building"),
                attribute("ordinal", Int, "层序", "Level"),
            ],
        ),
        layer(
            "rooms",
            Polygon,
            ("房间", "Rooms"),
            "building",
            (16, 18),
            70,
            vec![
                attribute("number", Text, "房号", "Room number"),
                name(),
                attribute("building_id", Int, "房屋", "Building"),
                attribute("floor_id", Int, "楼层", "Floor"),
                attribute("ordinal", Int, "层序", "Level"),
                attribute("use_kind", Text, "用途", "Use"),
                org(),
                attribute("org_color", Text, "机构颜色", "Organisation colour"),
                area(),
                attribute("status", Text, "状态", "Status"),
            ],
        ),
        Layer {
            style: serde_json::json!({ "cluster_below": 15 }),
            ..layer(
                "facilities",
                Point,
                ("设施", "Facilities"),
                "building",
                (9, 16),
                80,
                vec![name(), class()],
            )
        },
    ]
}

fn attribute(name: &str, kind: AttributeType, zh: &str, en: &str) -> Attribute {
    Attribute { name: name.to_owned(), kind, title: Text2::new(zh, en) }
}

fn layer(
    id: &str,
    geometry: GeometryType,
    (zh, en): (&str, &str),
    group: &str,
    (min_zoom, max_zoom): (u8, u8),
    ordinal: i16,
    attributes: Vec<Attribute>,
) -> Layer {
    Layer {
        layer_id: id.to_owned(),
        relation: format!("layer_{id}"),
        geometry_column: "geom".to_owned(),
        geometry,
        title: Text2::new(zh, en),
        group_id: group.to_owned(),
        attributes,
        min_zoom,
        max_zoom,
        ordinal,
        style: Json::Object(serde_json::Map::new()),
        version: 1,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    }
}

/// The heading of a group in the layer tree; an unknown group is its own heading.
pub fn group_title(group_id: &str) -> Text2 {
    match group_id {
        "fleet" => Text2::new("公务用车", "Official vehicles"),
        "building" => Text2::new("房屋", "Buildings"),
        "land" => Text2::new("土地", "Land"),
        "theme" => Text2::new("专题图", "Themes"),
        "base" => Text2::new("底图", "Base map"),
        other => Text2::new(other, other),
    }
}
