//! Fields, states and actions of a repair ticket.

use gis_data::Personal;

use super::logic;
use crate::definition::{
    Action, Choice, Field, FieldType, KindDefinition, LinkRule, Need, Phase, StateDefinition, Title,
};

pub(crate) static DEFINITION: KindDefinition = KindDefinition {
    kind: "repair",
    version: 1,
    title: Title::new("报修", "Repair"),
    prefix: "BX",
    links: LinkRule { least: 1, most: 20 },
    fields: &[
        Field {
            name: "category",
            title: Title::new("类别", "Category"),
            need: Need::Required,
            personal: None,
            kind: FieldType::Choice {
                options: &[
                    choice("水", "水", "Water"),
                    choice("电", "电", "Electricity"),
                    choice("空调", "空调", "Air conditioning"),
                    choice("门窗", "门窗", "Doors and windows"),
                    choice("网络", "网络", "Network"),
                    choice(logic::OTHER, "其他", "Other"),
                ],
            },
        },
        Field {
            name: "description",
            title: Title::new("描述", "Description"),
            need: Need::Required,
            personal: None,
            kind: FieldType::Text { max_chars: 2000 },
        },
        Field {
            name: "urgency",
            title: Title::new("紧急程度", "Urgency"),
            need: Need::Required,
            personal: None,
            kind: FieldType::Choice {
                options: &[choice("normal", "一般", "Normal"), choice("urgent", "紧急", "Urgent")],
            },
        },
        Field {
            name: "contact",
            title: Title::new("联系方式", "Contact"),
            need: Need::Optional,
            personal: Some(Personal::Phone),
            kind: FieldType::Text { max_chars: 100 },
        },
    ],
    states: &[
        StateDefinition {
            name: "open", title: Title::new("待派单", "Open"), phase: Phase::Open
        },
        StateDefinition {
            name: "assigned",
            title: Title::new("维修中", "Assigned"),
            phase: Phase::Open,
        },
        StateDefinition {
            name: "closed",
            title: Title::new("已办结", "Closed"),
            phase: Phase::Done,
        },
    ],
    actions: &[
        Action {
            name: "assign",
            title: Title::new("派单", "Assign"),
            from: &["open"],
            to: "assigned",
            patch: &[Field {
                name: "assignee",
                title: Title::new("维修人员", "Assignee"),
                need: Need::Required,
                personal: Some(Personal::Name),
                kind: FieldType::Text { max_chars: 100 },
            }],
            keeps: &["assignee"],
            clears: &[],
            note: "assignee",
        },
        Action {
            name: "close",
            title: Title::new("办结", "Close"),
            from: &["assigned"],
            to: "closed",
            patch: NOTE,
            keeps: &[],
            clears: &[],
            note: "note",
        },
        Action {
            name: "reopen",
            title: Title::new("重新打开", "Reopen"),
            from: &["closed"],
            to: "open",
            patch: NOTE,
            keeps: &[],
            clears: &["assignee"],
            note: "note",
        },
    ],
    rules: &[logic::other_needs_a_sentence],
};

const NOTE: &[Field] = &[Field {
    name: "note",
    title: Title::new("说明", "Note"),
    need: Need::Required,
    personal: None,
    kind: FieldType::Text { max_chars: 1000 },
}];

const fn choice(value: &'static str, zh: &'static str, en: &'static str) -> Choice {
    Choice { value, title: Title::new(zh, en) }
}
