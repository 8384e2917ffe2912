//! `onemap explain`: frames of JT/T 808, byte by byte.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, bail};
use vehicle_tracker::jt808::{Words, explain, frames};

use crate::args::{ExplainArgs, Language};

pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<()> {
    let mut text = args.hex.concat();
    if text.is_empty() {
        std::io::stdin().read_to_string(&mut text).context("read standard input")?;
    }
    let bytes = vehicle_tracker::jt808::from_hex(&text).context(
        "the frames are hexadecimal: two digits for each byte, blanks between them at will",
    )?;
    let found = frames(&bytes);
    if found.is_empty() {
        bail!("no frame: a frame begins and ends with 7e");
    }
    let said = |words: &Words| match args.lang {
        Language::Zh => words.zh.to_string(),
        Language::En => words.en.to_string(),
    };
    let mut out = std::io::stdout().lock();
    for frame in found {
        let head = match args.lang {
            Language::Zh => "偏移  十六进制                  字段",
            Language::En => "byte  hex                       field",
        };
        writeln!(out, "{head}")?;
        for part in explain(frame) {
            let location = part.location.map(|n| format!("[{n}] ")).unwrap_or_default();
            let (name, meaning) = (said(&part.name), said(&part.meaning));
            let is = if meaning.is_empty() { String::new() } else { format!(": {meaning}") };
            let fault =
                part.fault.as_ref().map(|f| format!("  !! {}", said(f))).unwrap_or_default();
            writeln!(
                out,
                "{:>4}  {:<24}  {location}{name}{is}{fault}",
                part.range.start, part.hex
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}
