//! Judged rows -> the transaction: what is new, what has changed, what is as before.

use std::collections::BTreeSet;
use std::mem;

use geo_types::Geometry;

use crate::problem::{Fault, Problem};
use crate::{Result, Tx};

use super::queries::{self, Columns, ProblemColumns};
use super::report::{FIRST_PROBLEMS, RowProblem};
use super::shape::{GoodRow, Row};
use super::{ImportLayer, ImportReport};

/// Writes one import and counts.
pub(super) struct Writer<'a> {
    tx: &'a mut Tx,
    source: &'a str,
    layer: ImportLayer,
    report: &'a mut ImportReport,
    problems: Vec<RowProblem>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(tx: &'a mut Tx, source: &'a str, report: &'a mut ImportReport) -> Self {
        Self { tx, source, layer: report.layer, report, problems: Vec::new() }
    }

    /// Writes the good rows of a batch and keeps the faults of the others for the end.
    pub(super) async fn write(&mut self, batch: Vec<Row>) -> Result<()> {
        let mut good = Vec::with_capacity(batch.len());
        self.report.read += batch.len() as u64;
        for row in batch {
            match row.verdict {
                Ok(content) => good.push((row.number, row.source_ref, content)),
                Err(faults) => self.reject(row.number, &row.source_ref, faults),
            }
        }
        let good = self.without_refused(good).await?;
        let refs: Vec<String> = good.iter().map(|(name, _)| name.clone()).collect();
        let known = queries::known(self.tx, self.source, &refs).await?;
        let (mut new, mut changed) = (Batch::default(), Batch::default());
        for (name, content) in good {
            match known.get(&name) {
                Some((_, hash)) if *hash == content.content_hash => self.report.unchanged += 1,
                Some((id, _)) => changed.push(*id, name, content),
                None => new.push(0, name, content),
            }
        }
        self.insert(new).await?;
        self.update(changed).await
    }

    /// Hands the faults over; the report keeps the first of them.
    pub(super) fn finish(mut self) -> Vec<RowProblem> {
        self.problems.sort_by_key(|p| p.row_no);
        self.report.fault_count = self.problems.len() as u64;
        self.report.first_problems = self.problems.iter().take(FIRST_PROBLEMS).cloned().collect();
        mem::take(&mut self.problems)
    }

    fn reject(&mut self, row_no: u64, name: &str, faults: Vec<Problem>) {
        self.report.rejected += 1;
        self.problems.extend(faults.into_iter().map(|problem| RowProblem {
            row_no,
            source_ref: name.to_owned(),
            problem,
        }));
    }

    /// GEOS has the last word, because the tables ask it; it seldom sees what the judge did not.
    async fn without_refused(
        &mut self,
        rows: Vec<(u64, String, GoodRow)>,
    ) -> Result<Vec<(String, GoodRow)>> {
        let areas: Vec<Vec<u8>> = rows
            .iter()
            .map(|(_, _, row)| match row.geometry {
                Geometry::MultiPolygon(_) => row.wkb.clone(),
                _ => Vec::new(),
            })
            .collect();
        if areas.iter().all(Vec::is_empty) {
            return Ok(rows.into_iter().map(|(_, name, row)| (name, row)).collect());
        }
        let refusals = queries::refusals(self.tx, &areas).await?;
        let mut refused = BTreeSet::new();
        for refusal in refusals {
            if let Some((row_no, name, _)) = rows.get(refusal.index) {
                let mut problem = Problem::new(Fault::Refused(refusal.reason));
                problem.place = refusal.place;
                self.reject(*row_no, name, vec![problem]);
                refused.insert(refusal.index);
            }
        }
        let rows = rows.into_iter().enumerate().filter(|(i, _)| !refused.contains(i));
        Ok(rows.map(|(_, (_, name, row))| (name, row)).collect())
    }

    async fn insert(&mut self, mut new: Batch) -> Result<()> {
        if new.refs.is_empty() {
            return Ok(());
        }
        new.columns.feature_id =
            queries::new_features(self.tx, self.layer.kind(), new.refs.len()).await?;
        queries::insert(self.tx, self.layer, &new.columns).await?;
        self.report.inserted += new.refs.len() as u64;
        self.remember(&new).await
    }

    /// What was deleted here and has changed there since comes back; deleted and unchanged stays away.
    async fn update(&mut self, mut changed: Batch) -> Result<()> {
        if changed.refs.is_empty() {
            return Ok(());
        }
        let there: BTreeSet<i64> =
            queries::update(self.tx, self.layer, &changed.columns).await?.into_iter().collect();
        self.report.updated += changed.refs.len() as u64;
        self.remember(&changed).await?;
        let gone = changed.columns.take_without(&there);
        if gone.feature_id.is_empty() {
            return Ok(());
        }
        queries::insert(self.tx, self.layer, &gone).await
    }

    async fn remember(&mut self, batch: &Batch) -> Result<()> {
        let ids = &batch.columns.feature_id;
        queries::remember(self.tx, self.source, &batch.refs, ids, &batch.hashes).await
    }
}

/// Faults as columns, so many at a time.
pub(super) fn problem_batches(
    problems: &[RowProblem],
) -> impl Iterator<Item = ProblemColumns> + '_ {
    let mut last_row = 0;
    let mut fault_no = 0;
    problems.chunks(2_000).map(move |chunk| {
        let mut columns = ProblemColumns::default();
        let small = |n: usize| i32::try_from(n).ok();
        for RowProblem { row_no, source_ref, problem } in chunk {
            fault_no = if *row_no == last_row { fault_no + 1 } else { 1 };
            last_row = *row_no;
            columns.row_no.push(i64::try_from(*row_no).unwrap_or(i64::MAX));
            columns.fault_no.push(fault_no);
            columns.source_ref.push(source_ref.clone());
            columns.code.push(problem.code());
            columns.message.push(problem.message_zh());
            columns.ring.push(problem.ring.and_then(small));
            columns.vertex.push(problem.vertex.and_then(small));
            columns.lon.push(problem.place.map(|p| p.0));
            columns.lat.push(problem.place.map(|p| p.1));
        }
        columns
    })
}

#[derive(Default)]
struct Batch {
    columns: Columns,
    refs: Vec<String>,
    hashes: Vec<i64>,
}

impl Batch {
    fn push(&mut self, feature_id: i64, name: String, row: GoodRow) {
        let columns = &mut self.columns;
        columns.feature_id.push(feature_id);
        columns.wkb.push(row.wkb);
        columns.code.push(row.attributes.code);
        columns.name.push(row.attributes.name);
        columns.term.push(row.attributes.term);
        columns.address.push(row.attributes.address);
        columns.height_m.push(row.attributes.height_m);
        columns.floors_above.push(row.attributes.floors_above);
        columns.floors_below.push(row.attributes.floors_below);
        columns.built_year.push(row.attributes.built_year);
        columns.certificate_no.push(row.attributes.certificate_no);
        self.refs.push(name);
        self.hashes.push(row.content_hash);
    }
}

impl Columns {
    /// The rows whose feature is not among these.
    fn take_without(&mut self, there: &BTreeSet<i64>) -> Self {
        let keep: Vec<bool> = self.feature_id.iter().map(|id| !there.contains(id)).collect();
        Self {
            feature_id: only(&mut self.feature_id, &keep),
            wkb: only(&mut self.wkb, &keep),
            code: only(&mut self.code, &keep),
            name: only(&mut self.name, &keep),
            term: only(&mut self.term, &keep),
            address: only(&mut self.address, &keep),
            height_m: only(&mut self.height_m, &keep),
            floors_above: only(&mut self.floors_above, &keep),
            floors_below: only(&mut self.floors_below, &keep),
            built_year: only(&mut self.built_year, &keep),
            certificate_no: only(&mut self.certificate_no, &keep),
        }
    }
}

fn only<T>(column: &mut Vec<T>, keep: &[bool]) -> Vec<T> {
    mem::take(column).into_iter().zip(keep).filter(|(_, keep)| **keep).map(|(v, _)| v).collect()
}
