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
    /// What to know beside the figures.
    pub notes: Vec<Note>,
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

/// Something that was decided while reading, and that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The file names one coordinate system and the user another; the user's was used.
    OtherCrs {
        /// What the file says.
        file: String,
        /// What was used.
        used: String,
    },
    /// One of several tables was read.
    OneTable {
        /// The table.
        read: String,
        /// The others.
        others: Vec<String>,
    },
    /// Nothing says how the texts are encoded, and they are not UTF-8.
    TakenAsGb18030,
}

impl Note {
    /// In English.
    pub fn message(&self) -> String {
        match self {
            Self::OtherCrs { file, used } => {
                format!(
                    "the file says its coordinate system is {file}; it was read as {used}, as --crs says"
                )
            }
            Self::OneTable { read, others } => {
                format!("only {read} was read; --table names another: {}", others.join(", "))
            }
            Self::TakenAsGb18030 => {
                "the file does not say its encoding and is not UTF-8; it was read as GB18030"
                    .to_owned()
            }
        }
    }

    /// In Chinese.
    pub fn message_zh(&self) -> String {
        match self {
            Self::OtherCrs { file, used } => {
                format!("文件标注的坐标系是 {file}，已按 --crs 指定的 {used} 读取")
            }
            Self::OneTable { read, others } => {
                format!("只读取了 {read}；其他可用 --table 指定：{}", others.join("、"))
            }
            Self::TakenAsGb18030 => "文件未说明编码且不是 UTF-8，已按 GB18030 读取".to_owned(),
        }
    }
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
        self.with_details(head, Note::message_zh, Problem::message_zh)
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
        self.with_details(head, Note::message, Problem::message)
    }

    fn with_details(
        &self,
        head: String,
        note: fn(&Note) -> String,
        message: fn(&Problem) -> String,
    ) -> String {
        let notes = self.notes.iter().map(|n| format!("  {}", note(n)));
        let faults =
            self.first_problems.iter().map(|p| format!("  {}: {}", p.name(), message(&p.problem)));
        std::iter::once(head).chain(notes).chain(faults).collect::<Vec<_>>().join("\n")
    }
}

/// Chinese, then English.
impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.in_chinese(), self.in_english())
    }
}
