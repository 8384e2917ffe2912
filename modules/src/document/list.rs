//! Lists of one kind or of all: filtered and sorted by typed columns, cut to what the viewer may see.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gis_data::{FeatureId, Viewer};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use time::format_description::well_known::Rfc3339;

use super::queries::{self, Listed};
use super::{DocRow, Document, read};
use crate::dates::{day, moment};
use crate::definition::{CompiledKind, Field, FieldFault, FieldType, Phase, UPCAST_BODY, decimal};
use crate::engine::Engine;
use crate::{ModuleError, Result};

const DEFAULT_LIMIT: u32 = 50;
const MOST: u32 = 200;
/// How far a list can be turned over; beyond it one filters.
const DEEPEST: u32 = 100_000;

/// Which documents to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// In a state of this phase.
    pub phase: Option<Phase>,
    /// That hang off this place or off something in it.
    pub feature_id: Option<FeatureId>,
    /// With this in the number or the title.
    pub q: Option<String>,
    /// By columns of the kind.
    pub conditions: Vec<Condition>,
    /// A column, with `-` before it for the largest first; the newest first by default.
    pub sort: Option<String>,
    /// At most so many; default 50, never more than 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub after: Option<u32>,
}

/// A condition on a column.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// A listed field, or `number`, `title`, `state`, `created_at`, `updated_at`.
    pub field: String,
    /// How.
    pub op: Op,
    /// With what.
    pub value: Json,
}

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal, or empty.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// One of several.
    In,
    /// A text with this in it.
    Contains,
}

/// Documents of a filter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// How many there are on all pages.
    pub total: i64,
    /// Those of this page.
    pub items: Vec<Document>,
    /// What to ask for the next page with.
    pub next: Option<String>,
}

impl Engine {
    /// The documents of a filter.
    pub async fn list(&self, viewer: &Viewer, filter: &Filter) -> Result<Page> {
        let kind = filter.kind.as_deref().map(|k| self.registry().kind(k)).transpose()?;
        if let (Some(kind), Some(state)) = (kind, &filter.state)
            && kind.state(state).is_none()
        {
            return Err(ModuleError::UnknownState {
                kind: kind.kind.clone(),
                state: state.clone(),
            });
        }
        let limit = filter.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST);
        let offset = filter.after.unwrap_or(0).min(DEEPEST);
        let listed = wanted(self, kind, filter, limit, offset)?;
        let mut tx = self.begin(viewer).await?;
        let (total, ids) = queries::list(&mut tx, viewer, &listed).await?;
        let items = documents(self, &mut tx, viewer, &ids).await?;
        let reached = offset + u32::try_from(ids.len()).unwrap_or(0);
        let next = (i64::from(reached) < total && !ids.is_empty() && reached < DEEPEST)
            .then(|| reached.to_string());
        Ok(Page { total, items, next })
    }

    /// How many documents of a kind still wait for somebody.
    pub async fn open_count(&self, viewer: &Viewer, kind: &str) -> Result<i64> {
        let filter = Filter {
            kind: Some(kind.to_owned()),
            phase: Some(Phase::Open),
            limit: Some(1),
            ..Filter::default()
        };
        Ok(self.list(viewer, &filter).await?.total)
    }
}

/// Documents in the order of their keys given, with the places and names of all in a statement each.
pub(super) async fn documents(
    engine: &Engine,
    tx: &mut gis_data::Tx,
    viewer: &Viewer,
    ids: &[i64],
) -> Result<Vec<Document>> {
    let mut rows: BTreeMap<i64, DocRow> = queries::by_ids(tx, viewer, ids)
        .await?
        .into_iter()
        .map(|row| (row.doc_id.0, row))
        .collect();
    let ordered: Vec<DocRow> = ids.iter().filter_map(|id| rows.remove(id)).collect();
    read::dressed_all(engine, tx, viewer, ordered).await
}

/// A filter as a statement's parts; every fault of it at once.
fn wanted(
    engine: &Engine,
    kind: Option<&CompiledKind>,
    filter: &Filter,
    limit: u32,
    offset: u32,
) -> Result<Listed> {
    let mut faults = Vec::new();
    let mut listed = Listed::default();
    (listed.limit, listed.offset) = (limit, offset);
    if let Some(kind) = kind {
        listed.relation = kind.projection();
    } else {
        "doc".clone_into(&mut listed.relation);
        if let Some(phase) = filter.phase {
            let states_of = |k: &CompiledKind| -> Vec<String> {
                let former = k.former_states();
                let read_as = |new: &String| k.state(new).is_some_and(|s| s.phase == phase);
                let old = former.iter().filter(|(_, new)| read_as(new)).map(|(old, _)| *old);
                let all = k.states_of(phase).into_iter().chain(old);
                all.map(|s| format!("{}/{s}", k.kind)).collect()
            };
            let states: Vec<String> = engine.registry().kinds().flat_map(states_of).collect();
            listed.push(
                "x.kind || '/' || x.state = any(",
                json!(states),
                "array(select jsonb_array_elements_text(@)))",
            );
        }
    }
    if let Some(state) = &filter.state {
        listed.push("x.state = ", json!(state), "(@ #>> '{}')");
    }
    if let (Some(phase), Some(_)) = (filter.phase, kind) {
        listed.push("x.phase = ", json!(phase), "(@ #>> '{}')");
    }
    listed.feature = filter.feature_id;
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        listed.q = Some(format!(
            "%{}%",
            q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_").replace('\0', "")
        ));
    }
    for (n, condition) in filter.conditions.iter().enumerate() {
        match kind.ok_or(()).and_then(|k| column(k, &condition.field).ok_or(())) {
            Ok(column) => compare(&mut listed, &column, condition, n, &mut faults),
            Err(()) => faults.push(unknown(&format!("filter.{n}.field"), kind, &condition.field)),
        }
    }
    let sort = filter.sort.as_deref().unwrap_or("-doc_id");
    let (name, direction) = sort.strip_prefix('-').map_or((sort, "asc"), |name| (name, "desc"));
    let is_own =
        matches!(name, "doc_id" | "number" | "title" | "state" | "created_at" | "updated_at");
    if is_own || kind.is_some_and(|k| column(k, name).is_some()) {
        listed.order = format!("x.\"{name}\" {direction} nulls last, x.doc_id {direction}");
        if name == "doc_id" {
            listed.order = format!("x.doc_id {direction}");
        }
    } else {
        faults.push(unknown("sort", kind, name));
    }
    if faults.is_empty() { Ok(listed) } else { Err(ModuleError::Invalid(faults)) }
}

/// A column of a projection and how values for it are read.
struct Column {
    name: String,
    kind: FieldType,
    multiplier: i64,
    places: u32,
}

fn column(kind: &CompiledKind, name: &str) -> Option<Column> {
    let own = |kind| Some(Column { name: name.to_owned(), kind, multiplier: 1, places: 0 });
    match name {
        "number" | "title" | "state" => own(FieldType::Text),
        "created_at" | "updated_at" => own(FieldType::Date),
        _ => kind.listed().find(|f| f.name == name).map(|f: &Field| Column {
            name: f.name.clone(),
            kind: f.kind,
            multiplier: f.multiplier(),
            places: f.places(),
        }),
    }
}

fn compare(
    listed: &mut Listed,
    column: &Column,
    condition: &Condition,
    n: usize,
    faults: &mut Vec<FieldFault>,
) {
    let name = &column.name;
    let sql_type = column.kind.sql();
    let is_text = sql_type == "text";
    if condition.op == Op::Contains {
        return match condition.value.as_str().filter(|t| is_text && !t.contains('\0')) {
            Some(text) => {
                let pattern = format!(
                    "%{}%",
                    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
                );
                listed.push(&format!("x.\"{name}\" ilike "), json!(pattern), "(@ #>> '{}')");
            }
            None => faults.push(bad_value(n, &condition.field)),
        };
    }
    if condition.op == Op::In {
        let values = condition
            .value
            .as_array()
            .map(|all| all.iter().map(|v| read(column, v)).collect::<Option<Vec<_>>>());
        return match values {
            Some(Some(values)) => listed.push(
                &format!("x.\"{name}\" = any("),
                json!(values),
                &format!("array(select jsonb_array_elements_text(@)::{sql_type}))"),
            ),
            _ => faults.push(bad_value(n, &condition.field)),
        };
    }
    // Of a moment people ask for days.
    let is_day = condition.value.as_str().is_some_and(|text| day(text).is_some());
    let by_day = matches!(column.name.as_str(), "created_at" | "updated_at")
        || (column.kind == FieldType::Moment && is_day);
    let asked = if by_day && is_day {
        Some(condition.value.clone())
    } else {
        read(column, &condition.value)
    };
    let Some(value) = asked else {
        faults.push(bad_value(n, &condition.field));
        return;
    };
    let sql_type = if by_day { "date" } else { sql_type };
    let bound = format!("(@ #>> '{{}}')::{sql_type}");
    let op = match condition.op {
        Op::Ne => " is distinct from ",
        Op::Lt => " < ",
        Op::Le => " <= ",
        Op::Gt => " > ",
        Op::Ge => " >= ",
        _ => " = ",
    };
    let name = if by_day {
        format!("(x.\"{name}\" at time zone 'Asia/Shanghai')::date")
    } else {
        format!("x.\"{name}\"")
    };
    listed.push(&format!("{name}{op}"), value, &bound);
}

/// A value as the projection keeps it.
fn read(column: &Column, value: &Json) -> Option<Json> {
    match column.kind {
        FieldType::Text | FieldType::LongText | FieldType::Choice => {
            value.as_str().filter(|t| !t.contains('\0')).map(|t| json!(t))
        }
        FieldType::Date => value.as_str().filter(|t| day(t).is_some()).map(|t| json!(t)),
        FieldType::Moment => value.as_str().filter(|t| moment(t).is_some()).map(|t| json!(t)),
        FieldType::Boolean => value.as_bool().map(|b| json!(b)),
        kind if kind.is_decimal() => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let scaled = decimal(&text, column.places)? * Decimal::from(column.multiplier);
            scaled.to_i64().map(|n| json!(n))
        }
        _ => value.as_i64().map(|n| json!(n)),
    }
}

fn unknown(at: &str, kind: Option<&CompiledKind>, name: &str) -> FieldFault {
    let mut known = vec!["number", "title", "state", "created_at", "updated_at"];
    known.extend(kind.iter().flat_map(|k| k.listed().map(|f| f.name.as_str())));
    FieldFault::new(
        at,
        Some(json!(known)),
        &format!("“{name}”不能用于筛选或排序，可用：{}", known.join("、")),
        &format!("lists neither filter nor sort by {name:?}; by {}", known.join(", ")),
    )
}

fn bad_value(n: usize, field: &str) -> FieldFault {
    FieldFault::new(
        &format!("filter.{n}.value"),
        None,
        &format!("“{field}”不能与这个值比较"),
        &format!("{field} cannot be compared with this value"),
    )
}

/// A document as its row in lists: upcast, and with what lists filter and sort by in columns.
pub(crate) fn projected(kind: &CompiledKind, row: &DocRow) -> Json {
    let version = row.definition_version;
    let mut content = row.clone().into_content(Vec::new());
    kind.upcast(version, &mut content.state, &mut content.body);
    let at = |t: time::OffsetDateTime| t.format(&Rfc3339).unwrap_or_default();
    let mut out = Map::new();
    out.insert("doc_id".to_owned(), json!(row.doc_id));
    out.insert("scope_id".to_owned(), json!(row.scope_id));
    out.insert(
        "phase".to_owned(),
        json!(kind.state(&content.state).map_or(Phase::Open, |s| s.phase)),
    );
    out.insert("state".to_owned(), json!(content.state));
    out.insert("number".to_owned(), json!(row.number));
    out.insert("title".to_owned(), json!(row.title));
    out.insert("created_at".to_owned(), json!(at(row.created_at)));
    out.insert("updated_at".to_owned(), json!(at(row.updated_at)));
    let is_upcast = version < kind.version;
    out.insert(UPCAST_BODY.to_owned(), if is_upcast { json!(content.body) } else { Json::Null });
    for field in kind.listed() {
        let value = content.body.get(&field.name).and_then(|v| {
            let column = Column {
                name: String::new(),
                kind: field.kind,
                multiplier: field.multiplier(),
                places: field.places(),
            };
            read(&column, v)
        });
        out.insert(field.name.clone(), value.unwrap_or(Json::Null));
    }
    Json::Object(out)
}

/// What an upsert of a projection assigns.
pub(super) fn assignments(kind: &CompiledKind) -> String {
    let mut columns = String::from(
        "scope_id = excluded.scope_id, state = excluded.state, phase = excluded.phase, number = excluded.number, \
         title = excluded.title, updated_at = excluded.updated_at, created_at = excluded.created_at, \
         upcast_body = excluded.upcast_body",
    );
    for field in kind.listed() {
        let _ = write!(columns, ", \"{0}\" = excluded.\"{0}\"", field.name);
    }
    columns
}
