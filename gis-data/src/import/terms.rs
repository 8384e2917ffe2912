//! The words of files -> the terms of the map. A term has one identifier and one Chinese name, which
//! is what is stored and shown; on the right stand the values of OpenStreetMap that mean it. A file
//! that already says the Chinese name is understood as well.

/// A term of a vocabulary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    /// One word for programs; files may use it.
    pub(super) id: &'static str,
    /// The Chinese name.
    pub(super) zh: &'static str,
    values: &'static [&'static str],
}

const fn term(id: &'static str, zh: &'static str, values: &'static [&'static str]) -> Term {
    Term { id, zh, values }
}

/// The term that a value means.
pub(super) fn find(vocabulary: &'static [Term], value: &str) -> Option<&'static Term> {
    vocabulary.iter().find(|t| t.id == value || t.zh == value || t.values.contains(&value))
}

/// Uses of buildings 房屋用途.
pub(super) const BUILDING_USES: &[Term] = &[
    term(
        "office",
        "办公",
        &["government", "civic", "townhall", "public", "courthouse", "police", "fire_station"],
    ),
    term(
        "residential",
        "住宅",
        &[
            "house",
            "apartments",
            "detached",
            "semidetached_house",
            "terrace",
            "dormitory",
            "bungalow",
            "villa",
            "static_caravan",
        ],
    ),
    term(
        "commercial",
        "商业",
        &[
            "retail",
            "shop",
            "supermarket",
            "mall",
            "hotel",
            "bank",
            "restaurant",
            "cafe",
            "marketplace",
            "kiosk",
            "guest_house",
        ],
    ),
    term(
        "industrial",
        "工业",
        &["factory", "manufacture", "works", "power", "transformer_tower", "service", "substation"],
    ),
    term("education", "教育", &["school", "university", "college", "kindergarten", "library"]),
    term("medical", "医疗", &["hospital", "clinic", "doctors", "pharmacy"]),
    term(
        "culture",
        "文体",
        &[
            "museum",
            "theatre",
            "cinema",
            "sports_hall",
            "sports_centre",
            "stadium",
            "pavilion",
            "community_centre",
            "arts_centre",
            "grandstand",
        ],
    ),
    term(
        "farm",
        "农房",
        &["farmhouse", "farm_auxiliary", "barn", "stable", "greenhouse", "cowshed", "sty", "silo"],
    ),
    term("warehouse", "仓储", &["storage_tank", "hangar", "storage"]),
    term(
        "religious",
        "宗教",
        &[
            "church",
            "chapel",
            "cathedral",
            "temple",
            "mosque",
            "monastery",
            "shrine",
            "synagogue",
            "place_of_worship",
        ],
    ),
    term(
        "transport",
        "交通",
        &[
            "train_station",
            "transportation",
            "station",
            "bus_station",
            "parking",
            "terminal",
            "bridge",
        ],
    ),
    term(
        "ancillary",
        "附属",
        &[
            "garage",
            "garages",
            "carport",
            "shed",
            "hut",
            "cabin",
            "roof",
            "toilets",
            "ruins",
            "bunker",
            "conservatory",
        ],
    ),
    term("construction", "在建", &["under_construction"]),
];

/// Land uses 土地用途, the first level of GB/T 21010-2017.
pub(super) const LAND_USES: &[Term] = &[
    term("cropland", "耕地", &["farmland", "farm", "allotments", "greenhouse_horticulture"]),
    term("garden_land", "园地", &["orchard", "vineyard", "plant_nursery"]),
    term("forest", "林地", &["wood", "forestry"]),
    term("grassland", "草地", &["grass", "meadow", "village_green", "greenfield"]),
    term("commercial", "商服用地", &["retail", "hotel", "theme_park"]),
    term("industrial", "工矿仓储用地", &["quarry", "landfill", "depot", "port", "warehouse"]),
    term("residential", "住宅用地", &["farmyard", "garages"]),
    term(
        "public",
        "公共管理与公共服务用地",
        &[
            "institutional",
            "education",
            "school",
            "university",
            "college",
            "hospital",
            "park",
            "recreation_ground",
            "civic_admin",
            "garden",
            "playground",
            "pitch",
            "sports_centre",
            "stadium",
            "museum",
            "library",
            "theatre",
            "government",
        ],
    ),
    term(
        "special",
        "特殊用地",
        &["military", "cemetery", "religious", "prison", "grave_yard", "place_of_worship"],
    ),
    term(
        "transport",
        "交通运输用地",
        &["railway", "pedestrian", "parking", "highway", "footway", "aerodrome"],
    ),
    term(
        "water",
        "水域及水利设施用地",
        &["reservoir", "basin", "salt_pond", "riverbank", "wetland"],
    ),
    term(
        "other",
        "其他土地",
        &["brownfield", "construction", "bare_rock", "scree", "sand", "conservation"],
    ),
];

/// Kinds of facilities 设施类别.
pub(super) const FACILITY_CLASSES: &[Term] = &[
    term("canteen", "食堂", &[]),
    term("charging_station", "充电桩", &[]),
    term("parking", "停车场", &[]),
    term("gatehouse", "门岗", &[]),
    term("conference_centre", "会议中心", &[]),
    term("substation", "配电房", &["transformer"]),
    term("community_centre", "文体中心", &["sports_centre", "arts_centre"]),
    term("emergency_supply", "应急物资点", &["emergency_store"]),
    term("school", "学校", &["kindergarten", "college", "university"]),
    term("hospital", "医院", &["clinic", "doctors"]),
    term("pharmacy", "药店", &[]),
    term("townhall", "政务服务点", &["courthouse", "public_service"]),
    term("police", "派出所", &[]),
    term("fire_station", "消防站", &[]),
    term("fire_hydrant", "消火栓", &[]),
    term("toilets", "公共厕所", &[]),
    term("fuel", "加油站", &[]),
    term("post_office", "邮局", &[]),
    term("bank", "银行", &["atm"]),
    term("library", "图书馆", &[]),
    term("restaurant", "餐饮", &["cafe", "fast_food", "food_court"]),
    term("drinking_water", "饮水点", &[]),
    term("waste", "垃圾收集点", &["recycling", "waste_disposal", "waste_transfer_station"]),
    term("bus_stop", "公交站", &["bus_station"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_word_means_two_things() {
        for vocabulary in [BUILDING_USES, LAND_USES, FACILITY_CLASSES] {
            let mut seen = BTreeSet::new();
            for t in vocabulary {
                for word in [t.id, t.zh].iter().chain(t.values) {
                    assert!(seen.insert(*word), "{word} stands twice");
                }
            }
        }
    }

    #[test]
    fn a_file_may_say_the_chinese_name() {
        assert_eq!(find(BUILDING_USES, "办公").unwrap().id, "office");
        assert_eq!(find(BUILDING_USES, "apartments").unwrap().zh, "住宅");
        assert!(find(BUILDING_USES, "yes").is_none());
    }

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn random_words_mean_a_term_only_when_it_lists_them(
            word in prop_oneof![
                crate::noise::text(12),
                crate::noise::damaged(Just(b"government".to_vec()))
                    .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
                proptest::sample::select(vec!["bank".to_owned(), "办公".to_owned(), "farm".to_owned()]),
            ]
        ) {
            for vocabulary in [BUILDING_USES, LAND_USES, FACILITY_CLASSES] {
                if let Some(t) = find(vocabulary, &word) {
                    prop_assert!(t.id == word || t.zh == word || t.values.contains(&word.as_str()));
                }
            }
        }
    }
}
