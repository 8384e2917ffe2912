//! What fields refer to: organisations, accounts, places, other documents. Each must be there for the viewer; each becomes a
//! link with a foreign key, and a name where it is shown.

use std::collections::{BTreeMap, BTreeSet};

use gis_data::{FeatureId, Personal, Tx, Viewer};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::{DocId, queries};
use crate::Result;
use crate::definition::{CompiledKind, Field, FieldFault, FieldType};

/// Names for the numbers in a document, by key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Names {
    /// Organisations.
    pub orgs: BTreeMap<i64, String>,
    /// Accounts.
    pub people: BTreeMap<i64, String>,
    /// Places.
    pub features: BTreeMap<i64, String>,
    /// Documents.
    pub documents: BTreeMap<i64, String>,
    /// Accounts by login: who made it, did something to it, said or added something.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<String, String>,
}

/// One reference: where it stands, its field, and the key.
struct Reference<'a> {
    at: String,
    field: &'a Field,
    key: i64,
}

/// Faults for every reference to something that is not there, or not for this viewer.
pub(super) async fn judge(
    tx: &mut Tx,
    kind: &CompiledKind,
    body: &Map<String, Json>,
    lines: &[Json],
    faults: &mut Vec<FieldFault>,
) -> Result<()> {
    let found = references(kind, body, lines);
    if found.is_empty() {
        return Ok(());
    }
    let names = names_of(tx, &Viewer::program(), &found).await?;
    for reference in found {
        let Reference { at, field, key } = reference;
        let (names, what) = match field.kind {
            FieldType::Org => (&names.orgs, ("机构", "organisation")),
            FieldType::Person => (&names.people, ("人员", "person")),
            FieldType::Feature => (&names.features, ("地点", "place")),
            _ => (&names.documents, ("单据", "document")),
        };
        if !names.contains_key(&key) {
            faults.push(FieldFault::new(
                &at,
                None,
                &format!("{}：没有这个{}", field.title.zh, what.0),
                &format!("{}: there is no such {}", field.title.en, what.1),
            ));
        }
    }
    Ok(())
}

/// Links a document to what its fields point to; lines keep theirs in columns of their own.
pub(super) async fn link(
    tx: &mut Tx,
    kind: &CompiledKind,
    doc_id: DocId,
    body: &Map<String, Json>,
    had_some: bool,
) -> Result<()> {
    let points =
        |t: FieldType| matches!(t, FieldType::Feature | FieldType::Document | FieldType::Person);
    if !kind.fields.iter().any(|f| points(f.kind)) {
        return Ok(());
    }
    let links: Vec<(String, FieldType, i64)> = references(kind, body, &[])
        .into_iter()
        .filter(|r| points(r.field.kind))
        .map(|r| (r.field.name.clone(), r.field.kind, r.key))
        .collect();
    queries::replace_references(tx, doc_id, &links, had_some).await
}

/// Names for everything in some documents, as the viewer may read them.
pub(super) async fn names<'a>(
    tx: &mut Tx,
    viewer: &Viewer,
    documents: impl Iterator<Item = (&'a CompiledKind, &'a Map<String, Json>, &'a [Json])>,
) -> Result<Names> {
    let found: Vec<Reference<'a>> =
        documents.flat_map(|(kind, body, lines)| references(kind, body, lines)).collect();
    names_of(tx, viewer, &found).await
}

async fn names_of(tx: &mut Tx, viewer: &Viewer, found: &[Reference<'_>]) -> Result<Names> {
    let keys = |kind: FieldType| -> Vec<i64> {
        let unique: BTreeSet<i64> =
            found.iter().filter(|r| r.field.kind == kind).map(|r| r.key).collect();
        unique.into_iter().collect()
    };
    let features = queries::place_names(tx, viewer, &keys(FieldType::Feature)).await?;
    Ok(Names {
        orgs: queries::org_names(tx, &keys(FieldType::Org)).await?.into_iter().collect(),
        people: queries::person_names(tx, &keys(FieldType::Person)).await?.into_iter().collect(),
        features: features.into_iter().map(|(id, (_, name))| (id.0, name)).collect(),
        documents: queries::document_names(tx, &keys(FieldType::Document))
            .await?
            .into_iter()
            .collect(),
        accounts: BTreeMap::new(),
    })
}

fn references<'a>(
    kind: &'a CompiledKind,
    body: &Map<String, Json>,
    lines: &[Json],
) -> Vec<Reference<'a>> {
    let in_body = kind.fields.iter().filter(|f| f.kind.is_reference()).filter_map(|field| {
        let key = body.get(&field.name)?.as_i64()?;
        Some(Reference { at: format!("body.{}", field.name), field, key })
    });
    let columns = || kind.lines.iter().flat_map(|l| &l.fields).filter(|f| f.kind.is_reference());
    let in_lines = lines.iter().enumerate().flat_map(|(n, line)| {
        columns().filter_map(move |field| {
            let key = line.get(&field.name)?.as_i64()?;
            Some(Reference { at: format!("lines.{n}.{}", field.name), field, key })
        })
    });
    in_body.chain(in_lines).collect()
}

/// A title for a document that nobody gave one: its kind and its first place.
pub(super) async fn title_of(
    tx: &mut Tx,
    viewer: &Viewer,
    kind: &CompiledKind,
    places: &[FeatureId],
) -> Result<String> {
    let first: Vec<i64> = places.iter().take(1).map(|f| f.0).collect();
    let named = queries::place_names(tx, viewer, &first).await?;
    // A title is read by everybody who sees the document, whoever gave it.
    let place = named.into_values().next().map(|(kind, name)| match kind.as_str() {
        "vehicle" => Personal::Plate.masked(&name),
        _ => name,
    });
    let place = place.unwrap_or_default();
    let more = if places.len() > 1 { format!("等 {} 处", places.len()) } else { String::new() };
    let title = format!("{} · {place}{more}", kind.title.zh);
    Ok(title.chars().take(200).collect())
}

impl Names {
    /// Those that one document needs.
    pub(super) fn of(&self, kind: &CompiledKind, body: &Map<String, Json>) -> Self {
        let mut own = Self::default();
        for reference in references(kind, body, &[]) {
            let (from, to) = match reference.field.kind {
                FieldType::Org => (&self.orgs, &mut own.orgs),
                FieldType::Person => (&self.people, &mut own.people),
                FieldType::Feature => (&self.features, &mut own.features),
                _ => (&self.documents, &mut own.documents),
            };
            if let Some(name) = from.get(&reference.key) {
                to.insert(reference.key, name.clone());
            }
        }
        own
    }
}
