//! Rows become documents: each is judged as a form is, all faults of all rows come back at once, and the good ones are filed
//! together or, in a dry run, not at all.

use std::sync::atomic::{AtomicUsize, Ordering};

use gis_data::{FeatureId, Text2, Tx, Viewer};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::lookup::Lookup;
use super::{Column, Lang, Sheet, columns, queries, write};
use crate::definition::CompiledKind;
use crate::document::{NewDocument, Numbered, number_all};
use crate::engine::Engine;
use crate::{ModuleError, Result};

/// Problems that are told in the answer; the report has all.
const MOST_TOLD: usize = 200;

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportOutcome {
    /// Rows of the sheet.
    pub rows: usize,
    /// Rows without a fault.
    pub good: usize,
    /// Rows with one.
    pub bad: usize,
    /// Documents put on file.
    pub created: usize,
    /// What is wrong, in the order of the rows; the first two hundred.
    pub problems: Vec<ImportProblem>,
    /// The number of the report with the bad rows and their reasons.
    pub report_id: Option<i64>,
}

/// Something wrong in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportProblem {
    /// The row in the workbook.
    pub row: u32,
    /// The heading of the column; empty if it is the row as a whole.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong with it.
    pub message: Text2,
}

/// One document of a sheet: its rows, and what they say.
struct Entry {
    rows: Vec<usize>,
    new: NewDocument,
    problems: Vec<ImportProblem>,
}

impl Engine {
    /// Files the rows of a sheet as documents of a kind, all of the good ones or, if the future is dropped, none; a dry run
    /// says what would become of them. `done` counts rows as they are dealt with.
    pub async fn import(
        &self,
        viewer: &Viewer,
        kind: &str,
        sheet: &Sheet,
        (is_dry, lang): (bool, Lang),
        done: &AtomicUsize,
    ) -> Result<ImportOutcome> {
        let kind = self.registry().kind(kind)?;
        let columns = matched(kind, sheet)?;
        let mut tx = self.begin(viewer).await?;
        let lookup = Lookup::load(&mut tx, viewer).await?;
        let mut entries = entries(kind, sheet, &columns, &lookup);
        // A form is judged before anything of it is written; only what a posting refuses has to be taken back.
        let posts = !kind.at_create().is_empty();
        let mut made = Vec::new();
        for entry in &mut entries {
            if entry.problems.is_empty() {
                if posts {
                    queries::mark(&mut tx).await?;
                }
                let new = entry.new.clone();
                match self.create_in(&mut tx, viewer, new, Numbered::Later).await {
                    Ok(doc_id) => {
                        if posts {
                            queries::keep(&mut tx).await?;
                        }
                        made.push(doc_id);
                    }
                    // What is wrong with the database is wrong with every row.
                    Err(error @ (ModuleError::Ground(_) | ModuleError::Query { .. })) => {
                        return Err(error);
                    }
                    Err(error) => {
                        if posts {
                            queries::undo(&mut tx).await?;
                        }
                        let first = entry.rows.first().copied().unwrap_or(0);
                        entry.problems = told(&error, sheet, &columns, first);
                    }
                }
            }
            done.fetch_add(entry.rows.len(), Ordering::Relaxed);
        }
        let bad: Vec<&Entry> = entries.iter().filter(|e| !e.problems.is_empty()).collect();
        let bad_rows: usize = bad.iter().map(|e| e.rows.len()).sum();
        let report = if bad.is_empty() {
            None
        } else {
            let rows: Vec<(&[String], String)> = bad
                .iter()
                .flat_map(|e| e.rows.iter().map(move |n| (e, n)))
                .filter_map(|(e, n)| Some((sheet.rows.get(*n)?.1.as_slice(), reasons(e, lang))))
                .collect();
            Some(write::report(&sheet.headings, &rows, lang)?)
        };
        let problems = bad.iter().flat_map(|e| e.problems.clone()).take(MOST_TOLD).collect();
        let rows = sheet.rows.len();
        if is_dry {
            drop(tx);
            tx = self.begin(viewer).await?;
        } else {
            number_all(&mut tx, kind, &made).await?;
        }
        let report_id = self.file(&mut tx, viewer, &kind.kind, report).await?;
        tx.commit().await.map_err(ModuleError::query("commit an import"))?;
        let created = if is_dry { 0 } else { made.len() };
        Ok(ImportOutcome {
            rows,
            good: rows - bad_rows,
            bad: bad_rows,
            created,
            problems,
            report_id,
        })
    }

    async fn file(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        kind: &str,
        report: Option<Vec<u8>>,
    ) -> Result<Option<i64>> {
        let Some(report) = report else { return Ok(None) };
        let me = self.me(tx, viewer).await?;
        Ok(Some(queries::file_report(tx, me, kind, &report).await?))
    }

    /// The report of an import of the viewer's own.
    pub async fn import_report(&self, viewer: &Viewer, id: i64) -> Result<Vec<u8>> {
        let mut tx = self.begin(viewer).await?;
        let me = self.me(&mut tx, viewer).await?.unwrap_or(0);
        queries::report(&mut tx, me, id)
            .await?
            .ok_or_else(|| ModuleError::Nothing(format!("report {id}")))
    }
}

/// The column of each heading. [`ModuleError::BadSheet`] with every heading that is none.
fn matched(kind: &CompiledKind, sheet: &Sheet) -> Result<Vec<Option<Column>>> {
    let known = columns(kind);
    let mut unknown = Vec::new();
    let matched = sheet
        .headings
        .iter()
        .map(|heading| {
            let plain = heading.trim_end_matches('*').trim();
            let found = known.iter().find(|c| {
                let title = c.title();
                title.zh == plain || title.en == plain
            });
            let is_reason = plain.is_empty()
                || plain == "原因"
                || plain == "Reason"
                || plain == "行号"
                || plain == "Row";
            if found.is_none() && !is_reason {
                unknown.push(plain.to_owned());
            }
            found.cloned()
        })
        .collect();
    if unknown.is_empty() {
        Ok(matched)
    } else {
        let of = |title: fn(Text2) -> String| -> Vec<String> {
            known.iter().map(|c| title(c.title())).collect()
        };
        let unknown = unknown.join("、");
        Err(ModuleError::BadSheet(Text2::new(
            &format!("不认识的列：{unknown}；可用的列：{}", of(|t| t.zh).join("、")),
            &format!("unknown columns {unknown}; the columns are {}", of(|t| t.en).join(", ")),
        )))
    }
}

/// Rows as documents: a row in which only lines stand belongs to the document above it.
fn entries(
    kind: &CompiledKind,
    sheet: &Sheet,
    columns: &[Option<Column>],
    lookup: &Lookup,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (n, (row, cells)) in sheet.rows.iter().enumerate() {
        let mut entry = Entry {
            rows: vec![n],
            new: NewDocument { kind: kind.kind.clone(), ..NewDocument::default() },
            problems: Vec::new(),
        };
        let (mut body, mut line) = (Map::new(), Map::new());
        for (column, text) in columns.iter().zip(cells) {
            let (Some(column), false) = (column, text.is_empty()) else { continue };
            let read = match column {
                Column::Title => {
                    entry.new.title = Some(text.clone());
                    Ok(())
                }
                Column::Places => text
                    .split(['；', ';', '\n'])
                    .map(str::trim)
                    .filter(|t| !t.is_empty())
                    .try_for_each(|name| {
                        lookup.place(name).map(|id| entry.new.feature_ids.push(FeatureId(id)))
                    }),
                Column::Field(field) => {
                    lookup.value(field, text).map(|v| drop(body.insert(field.name.clone(), v)))
                }
                Column::Line(field) => {
                    lookup.value(field, text).map(|v| drop(line.insert(field.name.clone(), v)))
                }
            };
            if let Err(message) = read {
                entry.problems.push(ImportProblem {
                    row: *row,
                    column: column.title().zh,
                    value: text.clone(),
                    message,
                });
            }
        }
        let continues = body.is_empty()
            && entry.new.feature_ids.is_empty()
            && entry.new.title.is_none()
            && !line.is_empty();
        if let Some(last) = entries.last_mut().filter(|_| continues) {
            last.rows.push(n);
            last.new.lines.push(Json::Object(line));
            last.problems.append(&mut entry.problems);
        } else {
            entry.new.body = Json::Object(body);
            if !line.is_empty() {
                entry.new.lines.push(Json::Object(line));
            }
            entries.push(entry);
        }
    }
    entries
}

/// An error of a form as problems of a row.
fn told(
    error: &ModuleError,
    sheet: &Sheet,
    columns: &[Option<Column>],
    n: usize,
) -> Vec<ImportProblem> {
    let (row, cells) = sheet.rows.get(n).map_or((0, [].as_slice()), |r| (r.0, r.1.as_slice()));
    let ModuleError::Invalid(faults) = error else {
        return vec![ImportProblem {
            row,
            column: String::new(),
            value: String::new(),
            message: error.told(),
        }];
    };
    faults
        .iter()
        .map(|fault| {
            let at = columns.iter().position(|c| c.as_ref().is_some_and(|c| c.holds(&fault.field)));
            let column =
                at.and_then(|i| columns.get(i)?.as_ref()).map(|c| c.title().zh).unwrap_or_default();
            let value = at.and_then(|i| cells.get(i)).cloned().unwrap_or_default();
            ImportProblem { row, column, value, message: fault.message.clone() }
        })
        .collect()
}

fn reasons(entry: &Entry, lang: Lang) -> String {
    let all: Vec<String> = entry
        .problems
        .iter()
        .map(|p| match (p.column.is_empty(), lang) {
            (true, _) => lang.of(&p.message).to_owned(),
            (false, Lang::Zh) => format!("{}：{}", p.column, p.message.zh),
            (false, Lang::En) => format!("{}: {}", p.column, p.message.en),
        })
        .collect();
    all.join(if lang == Lang::Zh { "；" } else { "; " })
}
