//! What an import did.

use std::fmt;
use std::time::Duration;

use crate::problem::Problem;

use super::ImportLayer;

/// How many problems a report carries; all of them are in `import_problem`.
pub(super) const FIRST_PROBLEMS: usize = 20;

/// The result of a run that was not refused.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The file, without its folder.
    pub file_name: String,
    /// Where its rows went.
    pub layer: ImportLayer,
    /// The system its coordinates were in.
    pub crs: String,
    /// Rows of the layer in the file.
    pub read: u64,
    /// Of these, new features.
    pub inserted: u64,
    /// Known features whose row has changed.
    pub updated: u64,
    /// Known features whose row is as before.
    pub unchanged: u64,
    /// Rows with faults.
    pub rejected: u64,
    /// How many faults these have together.
    pub fault_count: u64,
    /// The first faults.
    pub first_problems: Vec<RowProblem>,
    /// How long it took.
    pub elapsed: Duration,
    /// What became of it.
    pub outcome: ImportOutcome,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// Committed under this number in `import_batch`.
    Committed(i64),
    /// The same file had been imported before and nothing has changed; nothing was written.
    NothingNew,
    /// A trial; nothing was written.
    DryRun,
}

/// A fault and the row it is in.
#[derive(Debug, Clone, PartialEq)]
pub struct RowProblem {
    /// The row, counted from 1 in the order of the file.
    pub row_no: u64,
    /// The row's name in its source.
    pub source_ref: String,
    /// The fault.
    pub problem: Problem,
}

impl RowProblem {
    pub(super) fn name(&self) -> String {
        format!("#{} {}", self.row_no, self.source_ref)
    }
}

impl ImportReport {
    /// The report in Chinese.
    pub fn in_chinese(&self) -> String {
        let end = match self.outcome {
            ImportOutcome::Committed(id) => format!("已入库（批次 {id}）"),
            ImportOutcome::NothingNew => "该文件此前已导入，无任何变化".to_owned(),
            ImportOutcome::DryRun => "试运行，未写入数据库".to_owned(),
        };
        let head = format!(
            "{} → {}（{}）：读取 {} 行，新增 {}，更新 {}，未变 {}，拒绝 {}（{} 处问题），用时 {} 毫秒；{end}",
            self.file_name,
            self.layer.title_zh(),
            self.crs,
            self.read,
            self.inserted,
            self.updated,
            self.unchanged,
            self.rejected,
            self.fault_count,
            self.elapsed.as_millis(),
        );
        self.with_problems(head, Problem::message_zh)
    }

    /// The report in English.
    pub fn in_english(&self) -> String {
        let end = match self.outcome {
            ImportOutcome::Committed(id) => format!("committed as import {id}"),
            ImportOutcome::NothingNew => "imported before, nothing has changed".to_owned(),
            ImportOutcome::DryRun => "dry run, nothing was written".to_owned(),
        };
        let head = format!(
            "{} -> {} ({}): {} rows read, {} inserted, {} updated, {} unchanged, {} rejected ({} faults) in {} ms; {end}",
            self.file_name,
            self.layer,
            self.crs,
            self.read,
            self.inserted,
            self.updated,
            self.unchanged,
            self.rejected,
            self.fault_count,
            self.elapsed.as_millis(),
        );
        self.with_problems(head, Problem::message)
    }

    fn with_problems(&self, head: String, message: fn(&Problem) -> String) -> String {
        let lines =
            self.first_problems.iter().map(|p| format!("  {}: {}", p.name(), message(&p.problem)));
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
    }
}

/// Chinese, then English.
impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.in_chinese(), self.in_english())
    }
}
