//! A module: kinds of documents that belong together, with what they show on the map and on cards.

use std::collections::BTreeMap;

use gis_data::Text2;
use serde::{Deserialize, Serialize};

use super::kind::Kind;

/// A module as its `module.toml` writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleFile {
    /// The name in URLs.
    pub id: String,
    /// One of the six systems.
    pub system: String,
    /// What people call it.
    pub title: Text2,
    /// Where it stands among the modules of its system.
    #[serde(default)]
    pub ordinal: i32,
    /// What it shows on the map.
    #[serde(default, rename(deserialize = "theme"))]
    pub themes: Vec<Theme>,
    /// What it counts.
    #[serde(default, rename(deserialize = "figure"))]
    pub figures: Vec<FigureDefinition>,
}

/// A thematic layer 专题图: places coloured by what a ledger says of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// The layer: `office_space_use`.
    pub id: String,
    /// What people call it.
    pub title: Text2,
    /// The kind of place it colours: `room`, `building` or `parcel`.
    pub place: String,
    /// The file with its selection: `feature_id, class text, color text, label text, value double precision`.
    pub sql: String,
    /// The tables with a `feature_id` whose changes move it.
    pub follows: Vec<String>,
    /// The columns of those tables that say from when to when a row holds: at midnight such rows move it too.
    #[serde(default)]
    pub during: Option<String>,
    /// The classes, in the order of the legend.
    #[serde(rename(deserialize = "class"))]
    pub classes: Vec<ThemeClass>,
}

/// A class of a theme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeClass {
    /// The value in the selection.
    pub value: String,
    /// What it means.
    pub title: Text2,
    /// By day.
    pub light: String,
    /// In the dark and on the wall.
    pub dark: String,
    /// Whether the places have colours of their own, and these are only what the legend shows.
    #[serde(default)]
    pub own_color: bool,
    /// The icon 图标 of its places, by name; one that is not there is not drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
}

/// A figure 指标 on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureDefinition {
    /// The name.
    pub id: String,
    /// What people call it.
    pub title: Text2,
    /// What it counts.
    #[serde(default)]
    pub unit: Option<String>,
    /// The file that selects it: one number, as the viewer sees it.
    pub sql: String,
    /// Where its records are.
    pub href: String,
}

/// A module with its kinds and its SQL.
#[derive(Debug, Clone)]
pub struct Module {
    /// What it says of itself.
    pub about: ModuleFile,
    /// Its kinds, by file name.
    pub kinds: Vec<Kind>,
    /// Its `.sql` files by name.
    pub sql: BTreeMap<String, String>,
}

/// The six systems 业务系统, in the order of the menu.
pub fn systems() -> [(&'static str, Text2); 6] {
    [
        ("assets", Text2::new("资产管理", "Assets")),
        ("finance", Text2::new("财务管理", "Finance")),
        ("energy", Text2::new("节能管理", "Energy")),
        ("reception", Text2::new("接待保障", "Reception")),
        ("logistics", Text2::new("后勤服务", "Logistics")),
        ("affairs", Text2::new("综合事务", "General affairs")),
    ]
}
