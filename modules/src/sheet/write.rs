//! Workbooks: what a list shows, a form to fill in, and rows with the reasons for which they were refused.

use gis_data::{Text2, Viewer};
use rust_xlsxwriter::{Format, FormatBorder, Workbook, Worksheet, XlsxError};
use serde_json::Value as Json;

use super::{Column, Lang, MOST_EXPORTED, columns};
use crate::dates::{minute_text, moment};
use crate::definition::{CompiledKind, Field, FieldType, Need};
use crate::document::{Document, Filter};
use crate::engine::Engine;
use crate::{ModuleError, Result};

/// How many documents are read at a time.
const PAGE: u32 = 200;

impl Engine {
    /// The documents of a filter, as a workbook.
    pub async fn export(&self, viewer: &Viewer, filter: &Filter, lang: Lang) -> Result<Vec<u8>> {
        let name = filter.kind.clone().unwrap_or_default();
        let kind = self.registry().kind(&name)?;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory().map_err(|e| unwritable(&e))?;
        let zh_en =
            |zh: &str, en: &str| if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() };
        let mut headings = vec![
            zh_en("编号", "Number"),
            zh_en("标题", "Title"),
            zh_en("状态", "State"),
            zh_en("地点", "Places"),
        ];
        headings.extend(kind.fields.iter().map(|f| lang.of(&f.title).to_owned()));
        headings.extend([zh_en("登记时间", "Created"), zh_en("更新时间", "Updated")]);
        head(sheet, &headings)?;
        let mut row = 1;
        let mut after = 0;
        while row <= u32::try_from(MOST_EXPORTED).unwrap_or(u32::MAX) {
            let page = self
                .list(viewer, &Filter { limit: Some(PAGE), after: Some(after), ..filter.clone() })
                .await?;
            for document in &page.items {
                write_document(sheet, row, kind, document, lang).map_err(|e| unwritable(&e))?;
                row += 1;
            }
            let Some(next) = page.next.and_then(|n| n.parse().ok()) else { break };
            after = next;
        }
        book.save_to_buffer().map_err(|e| unwritable(&e))
    }

    /// A workbook to fill in, with a second sheet that says what belongs where.
    pub fn template(&self, kind: &str, lang: Lang) -> Result<Vec<u8>> {
        let kind = self.registry().kind(kind)?;
        let columns = columns(kind);
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(lang.of(&kind.title)).map_err(|e| unwritable(&e))?;
        let headings: Vec<String> = columns
            .iter()
            .map(|c| format!("{}{}", lang.of(&c.title()), if is_needed(c) { " *" } else { "" }))
            .collect();
        head(sheet, &headings)?;
        let notes = book.add_worksheet();
        notes
            .set_name(if lang == Lang::Zh { "填写说明" } else { "How to" })
            .map_err(|e| unwritable(&e))?;
        let titles = if lang == Lang::Zh {
            ["列", "必填", "填什么"]
        } else {
            ["Column", "Required", "What"]
        };
        head(notes, &titles.map(str::to_owned))?;
        for (row, column) in (1..).zip(&columns) {
            let needed = match (is_needed(column), lang) {
                (true, Lang::Zh) => "是",
                (true, Lang::En) => "yes",
                (false, _) => "",
            };
            let cells =
                [lang.of(&column.title()).to_owned(), needed.to_owned(), explained(column, lang)];
            for (n, cell) in (0..).zip(&cells) {
                notes.write_string(row, n, cell).map_err(|e| unwritable(&e))?;
            }
        }
        book.save_to_buffer().map_err(|e| unwritable(&e))
    }
}

/// Rows as they came, each with its reasons in a column of its own.
pub(super) fn report(
    headings: &[String],
    rows: &[(&[String], String)],
    lang: Lang,
) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().map_err(|e| unwritable(&e))?;
    let reason = if lang == Lang::Zh { "原因" } else { "Reason" };
    let kept: Vec<(usize, &String)> = headings
        .iter()
        .enumerate()
        .filter(|(_, h)| h.as_str() != "原因" && h.as_str() != "Reason")
        .collect();
    let mut titles: Vec<String> = kept.iter().map(|(_, h)| (*h).clone()).collect();
    titles.push(reason.to_owned());
    head(sheet, &titles)?;
    for (row, (cells, why)) in (1..).zip(rows) {
        for (n, (at, _)) in (0..).zip(&kept) {
            if let Some(text) = cells.get(*at).filter(|t| !t.is_empty()) {
                sheet.write_string(row, n, text).map_err(|e| unwritable(&e))?;
            }
        }
        let last = u16::try_from(kept.len()).unwrap_or(u16::MAX);
        sheet.write_string(row, last, why).map_err(|e| unwritable(&e))?;
    }
    book.save_to_buffer().map_err(|e| unwritable(&e))
}

fn head(sheet: &mut Worksheet, headings: &[String]) -> Result<()> {
    let bold = Format::new()
        .set_bold()
        .set_background_color("#E8EEF5")
        .set_border_bottom(FormatBorder::Thin);
    for (n, heading) in (0..).zip(headings) {
        #[expect(clippy::cast_precision_loss, reason = "a heading has few characters")]
        let width = (heading.chars().count() as f64 * 2.2 + 4.0).clamp(10.0, 40.0);
        sheet.set_column_width(n, width).map_err(|e| unwritable(&e))?;
        sheet.write_string_with_format(0, n, heading, &bold).map_err(|e| unwritable(&e))?;
    }
    sheet.set_freeze_panes(1, 0).map_err(|e| unwritable(&e))?;
    Ok(())
}

fn write_document(
    sheet: &mut Worksheet,
    row: u32,
    kind: &CompiledKind,
    document: &Document,
    lang: Lang,
) -> std::result::Result<(), XlsxError> {
    let places: Vec<&str> = document.links.iter().map(|l| l.name.as_str()).collect();
    sheet.write_string(row, 0, document.number.as_deref().unwrap_or_default())?;
    sheet.write_string(row, 1, &document.title)?;
    sheet.write_string(row, 2, lang.of(&document.state_title))?;
    sheet.write_string(row, 3, places.join("；"))?;
    let mut column = 4;
    for field in &kind.fields {
        if let Some(value) = document.body.get(&field.name).filter(|v| !v.is_null()) {
            write_value(sheet, row, column, field, value, document, lang)?;
        }
        column += 1;
    }
    for at in [document.created_at, document.updated_at] {
        sheet.write_string(row, column, minute_text(at))?;
        column += 1;
    }
    Ok(())
}

fn write_value(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    field: &Field,
    value: &Json,
    document: &Document,
    lang: Lang,
) -> std::result::Result<(), XlsxError> {
    let text = value.as_str().unwrap_or_default();
    let key = value.as_i64().unwrap_or_default();
    let names = &document.refs;
    let name = match field.kind {
        FieldType::Org => names.orgs.get(&key),
        FieldType::Person => names.people.get(&key),
        FieldType::Feature => names.features.get(&key),
        FieldType::Document => names.documents.get(&key),
        _ => None,
    };
    if let (FieldType::Integer, Some(number)) = (field.kind, value.as_f64()) {
        sheet.write_number(row, column, number)?;
        return Ok(());
    }
    if let (true, Ok(number)) = (field.kind.is_decimal(), text.parse::<f64>()) {
        sheet.write_number(row, column, number)?;
        return Ok(());
    }
    if let (FieldType::Moment, Some(at)) = (field.kind, moment(text)) {
        sheet.write_string(row, column, minute_text(at))?;
        return Ok(());
    }
    let option = field.options.iter().find(|o| o.value == text);
    let word = match (field.kind, value.as_bool(), lang) {
        (FieldType::Choice, ..) => option.map_or(text, |o| lang.of(&o.title)),
        (FieldType::Boolean, Some(true), Lang::Zh) => "是",
        (FieldType::Boolean, _, Lang::Zh) => "否",
        (FieldType::Boolean, Some(true), Lang::En) => "yes",
        (FieldType::Boolean, _, Lang::En) => "no",
        (kind, ..) if kind.is_reference() => name.map_or("", String::as_str),
        _ => text,
    };
    sheet.write_string(row, column, word)?;
    Ok(())
}

fn is_needed(column: &Column) -> bool {
    match column {
        Column::Title => false,
        Column::Places => true,
        Column::Field(field) | Column::Line(field) => field.need == Need::Required,
    }
}

fn explained(column: &Column, lang: Lang) -> String {
    let zh_en = |zh: &str, en: &str| if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() };
    let field = match column {
        Column::Title => return zh_en("不填则自动生成", "made by itself if left empty"),
        Column::Places => {
            return zh_en(
                "房间写“楼名 房号”或编号，多个用“；”分开",
                "a room as \"building number\" or its code; several apart by ;",
            );
        }
        Column::Field(field) | Column::Line(field) => field,
    };
    match field.kind {
        FieldType::Choice => {
            let options: Vec<&str> = field.options.iter().map(|o| lang.of(&o.title)).collect();
            options.join(if lang == Lang::Zh { "、" } else { ", " })
        }
        FieldType::Integer => zh_en("整数", "a whole number"),
        FieldType::Decimal => zh_en("数", "a number"),
        FieldType::Money => zh_en("金额（元）", "yuan"),
        FieldType::Area => zh_en("面积（平方米）", "square metres"),
        FieldType::Date => zh_en("日期，如 2026-11-25", "a day like 2026-11-25"),
        FieldType::Moment => {
            zh_en("日期和时间，如 2026-11-25 09:30", "a time like 2026-11-25 09:30")
        }
        FieldType::Boolean => zh_en("是 或 否", "yes or no"),
        FieldType::Org => zh_en("机构名称或编号", "name or code of an organisation"),
        FieldType::Person => zh_en("人员姓名或账号", "name or login of a person"),
        FieldType::Feature => {
            zh_en("房间写“楼名 房号”或编号", "a room as \"building number\" or its code")
        }
        FieldType::Document => zh_en("单据编号", "the number of a document"),
        FieldType::Text | FieldType::LongText => {
            field.help.as_ref().map_or_else(String::new, |h| lang.of(h).to_owned())
        }
    }
}

fn unwritable(error: &XlsxError) -> ModuleError {
    ModuleError::BadSheet(Text2::new(
        "内容无法写入工作簿",
        &format!("the workbook cannot be written: {error}"),
    ))
}
