//! The first sheet of a workbook, cell by cell: bounded in rows and in what a cell holds.

use std::io::Cursor;

use calamine::{DataRef, Reader as _, Xlsx};
use gis_data::Text2;

use super::MOST_ROWS;
use crate::{ModuleError, Result};

const MOST_COLUMNS: u32 = 200;
const MOST_CHARS: usize = 4_000;

/// A sheet: headings and the rows below them, as texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The headings.
    pub(crate) headings: Vec<String>,
    /// The number of a row in the workbook, and its cells.
    pub(crate) rows: Vec<(u32, Vec<String>)>,
}

impl Sheet {
    /// Reads a workbook (xlsx). [`ModuleError::BadSheet`] if it is none, or too large. Takes a while: not for async code.
    pub fn read(bytes: Vec<u8>) -> Result<Self> {
        let bad = |zh: &str, en: &str| ModuleError::BadSheet(Text2::new(zh, en));
        let unread = |error: &dyn std::fmt::Display| {
            bad(
                "不是 Excel 工作簿（xlsx），或文件已损坏",
                &format!("it is no workbook (xlsx), or broken: {error}"),
            )
        };
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| unread(&e))?;
        let name = book
            .sheet_names()
            .first()
            .cloned()
            .ok_or_else(|| bad("没有工作表", "it has no sheet"))?;
        let mut cells = book.worksheet_cells_reader(&name).map_err(|e| unread(&e))?;
        let mut sheet = Self { headings: Vec::new(), rows: Vec::new() };
        let mut heading_row = None;
        while let Some(cell) = cells.next_cell().map_err(|e| unread(&e))? {
            let (row, column) = cell.get_position();
            let text = text_of(cell.get_value());
            if text.is_empty() {
                continue;
            }
            if column >= MOST_COLUMNS {
                return Err(bad(
                    &format!("超过 {MOST_COLUMNS} 列"),
                    &format!("it has more than {MOST_COLUMNS} columns"),
                ));
            }
            let column = column as usize;
            let cells = if row == *heading_row.get_or_insert(row) {
                &mut sheet.headings
            } else {
                if sheet.rows.last().is_none_or(|last| last.0 != row + 1) {
                    if sheet.rows.len() == MOST_ROWS {
                        return Err(bad(
                            &format!("超过 {MOST_ROWS} 行，请拆分后分次导入"),
                            &format!("it has more than {MOST_ROWS} rows: split it"),
                        ));
                    }
                    sheet.rows.push((row + 1, Vec::new()));
                }
                match sheet.rows.last_mut() {
                    Some(last) => &mut last.1,
                    None => continue,
                }
            };
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            if let Some(cell) = cells.get_mut(column) {
                *cell = text;
            }
        }
        if sheet.headings.is_empty() {
            return Err(bad("工作表是空的", "it is empty"));
        }
        Ok(sheet)
    }

    /// How many rows it has below its headings.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }
}

/// A cell as somebody reads it: days as `2026-11-25`, numbers as they were typed.
fn text_of(value: &DataRef<'_>) -> String {
    let text = match value {
        DataRef::Empty => return String::new(),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
            let day = format!("{year:04}-{month:02}-{day:02}");
            return if (hour, minute) == (0, 0) {
                day
            } else {
                format!("{day} {hour:02}:{minute:02}")
            };
        }
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => (if *yes { "是" } else { "否" }).to_owned(),
        DataRef::Error(error) => format!("{error:?}"),
    };
    text.trim().chars().take(MOST_CHARS).collect()
}
