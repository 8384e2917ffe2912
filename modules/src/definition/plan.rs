//! What a changed definition would do before it does it, and doing it: as the owner of the database, in one transaction that
//! keeps writers out.

use std::collections::BTreeMap;

use gis_data::layer::{self, Attribute, AttributeType, GeometryType, Layer};
use gis_data::{Store, Text2, Tx, Viewer};
use serde::Serialize;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::field::Need;
use super::kind::Kind;
use super::module::{Module, Theme};
use super::queries;
use super::registry::{CompiledKind, Registry};
use super::tables;
use crate::document::projected;
use crate::{ModuleError, Result};

/// Documents that are brought to a new projection at a time.
const BATCH: i64 = 2_000;

/// One thing that would happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The kind or module.
    pub subject: String,
    /// What.
    pub what: Text2,
    /// How many documents it touches.
    pub documents: i64,
    /// Whether it cannot happen, and the definition has to be changed.
    pub is_fault: bool,
}

/// What `apply` would do now; empty if the database is as the definitions say.
pub async fn pending(store: &Store, registry: &Registry) -> Result<Vec<Change>> {
    let mut tx = store.as_viewer(&Viewer::program()).await.map_err(ModuleError::Ground)?;
    planned(&mut tx, registry).await
}

/// Brings the relations to the definitions, and publishes the layers of themes. [`ModuleError::BadDefinition`] if a change
/// cannot happen: then nothing has.
pub async fn apply(database_url: &str, store: &Store, registry: &Registry) -> Result<Vec<Change>> {
    let mut owner = gis_data::connect_as_owner(database_url).await.map_err(ModuleError::Ground)?;
    queries::begin(&mut owner).await?;
    let changes = planned(&mut owner, registry).await?;
    let faults: Vec<String> = changes
        .iter()
        .filter(|c| c.is_fault)
        .map(|c| format!("{}: {}", c.subject, c.what.en))
        .collect();
    if !faults.is_empty() {
        return Err(ModuleError::BadDefinition(faults));
    }
    if !changes.is_empty() {
        queries::keep_writers_out(&mut owner).await?;
        let applied = queries::applied(&mut owner).await?;
        for kind in registry.kinds() {
            let before = applied.get(&kind.kind);
            if before.is_none_or(|b| b.hash != kind.hash) {
                rebuild(&mut owner, kind).await?;
            }
        }
        // A projection made anew takes the themes over it away, so all of them are made anew.
        for module in registry.modules() {
            let (name, hash) = module_row(module);
            for theme in &module.about.themes {
                queries::run(&mut owner, &tables::theme(theme, selection(module, &theme.sql)))
                    .await?;
            }
            if applied.get(&name).is_none_or(|b| b.hash != hash) {
                queries::record(&mut owner, &name, 1, &module.about.id, &hash, "").await?;
            }
        }
    }
    queries::commit(&mut owner).await?;
    publish_themes(store, registry).await?;
    Ok(changes)
}

async fn planned(connection: &mut PgConnection, registry: &Registry) -> Result<Vec<Change>> {
    let applied = queries::applied(connection).await?;
    let states = queries::documents(connection).await?;
    let mut changes = Vec::new();
    for kind in registry.kinds() {
        let documents = states.iter().filter(|s| s.kind == kind.kind).map(|s| s.count).sum();
        let mut say = |is_fault: bool, zh: &str, en: &str| {
            let what = Text2::new(zh, en);
            changes.push(Change { subject: kind.kind.clone(), what, documents, is_fault });
        };
        match applied.get(&kind.kind) {
            None => say(
                false,
                &format!("新单据，建立列表 {}", kind.projection()),
                &format!("a new kind: makes {}", kind.projection()),
            ),
            Some(before) if before.hash == kind.hash => continue,
            Some(before) => compare(before, kind, &mut say),
        }
        for (version, state, count) in
            states.iter().filter(|s| s.kind == kind.kind).map(|s| (s.version, &s.state, s.count))
        {
            let (mut state_now, mut body) = (state.clone(), serde_json::Map::new());
            kind.upcast(version, &mut state_now, &mut body);
            if kind.state(&state_now).is_none() {
                say(
                    true,
                    &format!(
                        "第 {version} 版有 {count} 份单据处于“{state}”状态，新定义没有这个状态，请在 upcast 中说明"
                    ),
                    &format!(
                        "{count} documents of version {version} are in state {state:?}, which is not there any more: add an upcast"
                    ),
                );
            }
        }
    }
    for module in registry.modules().iter().filter(|m| !m.about.themes.is_empty()) {
        let (name, hash) = module_row(module);
        if applied.get(&name).is_none_or(|b| b.hash != hash) {
            let themes: Vec<&str> = module.about.themes.iter().map(|t| t.id.as_str()).collect();
            changes.push(Change {
                subject: module.about.id.clone(),
                what: Text2::new(
                    &format!("重建专题图 {}", themes.join("、")),
                    &format!("makes the themes {}", themes.join(", ")),
                ),
                documents: 0,
                is_fault: false,
            });
        }
    }
    Ok(changes)
}

/// What has changed between two versions of a kind.
fn compare(before: &queries::Applied, kind: &CompiledKind, say: &mut impl FnMut(bool, &str, &str)) {
    // Both as their files say, without what compiling adds.
    let (Ok(old), Ok(kind)) =
        (toml::from_str::<Kind>(&before.source), toml::from_str::<Kind>(&kind.source))
    else {
        say(true, "已应用的定义无法读取", "the definition that was applied cannot be read");
        return;
    };
    let kind = &kind;
    let shape = |k: &Kind| {
        let fields: Vec<_> =
            k.all_fields().map(|f| (f.name.clone(), f.kind, f.need, f.listed)).collect();
        let states: Vec<_> = k.states.iter().map(|s| s.name.clone()).collect();
        let actions: Vec<_> =
            k.actions.iter().map(|a| (a.name.clone(), a.from.clone(), a.to.clone())).collect();
        (fields, states, actions)
    };
    if old.version > kind.version {
        say(
            true,
            &format!("数据库中已是第 {} 版，程序中只有第 {} 版", old.version, kind.version),
            &format!("version {} is in force, and this is version {}", old.version, kind.version),
        );
        return;
    }
    if shape(&old) != shape(kind) && old.version == kind.version {
        say(
            true,
            "字段、状态或操作有变，版本号须加一",
            "fields, states or actions have changed: raise the version",
        );
        return;
    }
    if shape(&old) == shape(kind) {
        say(false, "文字或规则有变", "words or rules have changed");
        return;
    }
    let names =
        |k: &Kind| k.fields.iter().map(|f| (f.name.clone(), f.clone())).collect::<BTreeMap<_, _>>();
    let (was, is) = (names(&old), names(kind));
    let added: Vec<&str> =
        is.keys().filter(|n| !was.contains_key(*n)).map(String::as_str).collect();
    let gone: Vec<&str> = was.keys().filter(|n| !is.contains_key(*n)).map(String::as_str).collect();
    let typed: Vec<&str> = is
        .iter()
        .filter(|(n, f)| was.get(*n).is_some_and(|w| w.kind != f.kind))
        .map(|(n, _)| n.as_str())
        .collect();
    say(
        false,
        &format!(
            "第 {} 版 → 第 {} 版：新增字段 {}；取消字段 {}；改类型 {}；重建列表",
            old.version,
            kind.version,
            listed(&added, "无"),
            listed(&gone, "无"),
            listed(&typed, "无")
        ),
        &format!(
            "version {} to {}: fields added {}; gone {}; of another type {}; the list is made anew",
            old.version,
            kind.version,
            listed(&added, "none"),
            listed(&gone, "none"),
            listed(&typed, "none")
        ),
    );
    judge_upcasts(kind, &added, &gone, say);
}

/// Whether the upcasts say what becomes of each field that is gone, and what old documents have in each that is new.
fn judge_upcasts(
    kind: &Kind,
    added: &[&str],
    gone: &[&str],
    say: &mut impl FnMut(bool, &str, &str),
) {
    let mapped: Vec<&String> =
        kind.upcasts.iter().flat_map(|u| u.rename.keys().chain(&u.drop)).collect();
    for field in gone.iter().filter(|n| mapped.iter().all(|m| m != *n)) {
        say(
            true,
            &format!("字段“{field}”不再存在，请在 upcast 中写明改名（rename）或舍弃（drop）"),
            &format!(
                "field {field:?} is not there any more: say in an upcast what becomes of it (rename or drop)"
            ),
        );
    }
    let filled: Vec<&String> =
        kind.upcasts.iter().flat_map(|u| u.rename.values().chain(u.set.keys())).collect();
    let required = |n: &str| kind.field(n).is_some_and(|f| f.need == Need::Required);
    for field in added.iter().filter(|n| required(n) && filled.iter().all(|m| m != *n)) {
        say(
            true,
            &format!("新增必填字段“{field}”，请在 upcast 中写明旧单据取何值（set）"),
            &format!(
                "field {field:?} is new and required: say in an upcast what old documents have in it (set)"
            ),
        );
    }
}

fn listed(names: &[&str], none: &str) -> String {
    if names.is_empty() { none.to_owned() } else { names.join(", ") }
}

/// A projection made anew from every document of the kind.
async fn rebuild(owner: &mut PgConnection, kind: &CompiledKind) -> Result<()> {
    queries::run(owner, &tables::projection(kind)).await?;
    let mut after = 0;
    loop {
        let rows = queries::batch(owner, &kind.kind, after, BATCH).await?;
        let Some(last) = rows.last() else { break };
        after = last.doc_id.0;
        let projection: Vec<Json> = rows.iter().map(|row| projected(kind, row)).collect();
        queries::fill(owner, &kind.projection(), &projection).await?;
    }
    queries::run(owner, &tables::view(kind)).await?;
    queries::analyze(owner, &kind.projection()).await?;
    queries::record(owner, &kind.kind, kind.version, &kind.module, &kind.hash, &kind.source).await
}

fn selection<'a>(module: &'a Module, file: &str) -> &'a str {
    module.sql.get(file).map_or("", String::as_str)
}

/// A module's own row among the definitions: what its themes are drawn from.
fn module_row(module: &Module) -> (String, String) {
    let mut hasher = Sha256::new();
    hasher.update(serde_json::to_vec(&module.about.themes).unwrap_or_default());
    for theme in &module.about.themes {
        hasher.update(selection(module, &theme.sql));
    }
    (format!("@{}", module.about.id), hex::encode(hasher.finalize()))
}

async fn publish_themes(store: &Store, registry: &Registry) -> Result<()> {
    let mut tx: Tx = store.as_viewer(&Viewer::program()).await.map_err(ModuleError::Ground)?;
    let themes = registry.modules().iter().flat_map(|m| &m.about.themes);
    for (ordinal, theme) in (75..).zip(themes) {
        layer::publish(&mut tx, &theme_layer(theme, ordinal)).await.map_err(ModuleError::Ground)?;
    }
    tx.commit().await.map_err(ModuleError::query("publish themes"))
}

fn theme_layer(theme: &Theme, ordinal: i16) -> Layer {
    let is_inside = theme.place == "room";
    let attribute = |name: &str, kind, zh, en| Attribute {
        name: name.to_owned(),
        kind,
        title: Text2::new(zh, en),
    };
    let mut attributes = vec![
        attribute("name", AttributeType::Text, "名称", "Name"),
        attribute("class", AttributeType::Text, "类别", "Class"),
        attribute("color", AttributeType::Text, "颜色", "Colour"),
        attribute("label", AttributeType::Text, "说明", "Label"),
        attribute("value", AttributeType::Float, "数值", "Value"),
    ];
    if is_inside {
        attributes.push(attribute("number", AttributeType::Text, "房号", "Room number"));
        attributes.push(attribute("building_id", AttributeType::Int, "房屋", "Building"));
        attributes.push(attribute("ordinal", AttributeType::Int, "层序", "Level"));
    }
    Layer {
        layer_id: theme.id.clone(),
        relation: format!("theme_{}", theme.id),
        geometry_column: "geom".to_owned(),
        geometry: GeometryType::Polygon,
        title: theme.title.clone(),
        group_id: "theme".to_owned(),
        attributes,
        min_zoom: if is_inside { 16 } else { 12 },
        max_zoom: if is_inside { 18 } else { 16 },
        ordinal,
        style: json!({"hidden": true, "classes": theme.classes}),
        version: 1,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    }
}
