//! Base maps 底图: archives that the administrator names, opened at the start and seen by everybody who has signed in.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Instant;

use anyhow::{anyhow, bail};
use serde::Deserialize;
use tiles::Base;

/// Of a name in URLs.
const NAME_CHARS: usize = 40;

/// A base map as it is configured: `NAME=FILE`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct BaseFile {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
}

impl FromStr for BaseFile {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let (name, file) = typed.split_once('=').unwrap_or((typed, ""));
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        let begins = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !begins || name.len() > NAME_CHARS || !name.chars().all(is_plain) || file.is_empty() {
            return Err(format!(
                "a base map is NAME=FILE, its name of at most {NAME_CHARS} small letters, digits, dashes \
                 and underscores (底图写作 名称=文件，名称只用小写字母、数字、- 和 _)"
            ));
        }
        Ok(Self { name: name.to_owned(), file: PathBuf::from(file) })
    }
}

impl TryFrom<String> for BaseFile {
    type Error = String;

    fn try_from(typed: String) -> Result<Self, String> {
        typed.parse()
    }
}

/// Opens all of them, in the order in which people choose among them. One that cannot be opened ends the start: a map
/// without its ground would look as if all were well.
pub(crate) fn open(files: &[BaseFile]) -> anyhow::Result<Vec<Base>> {
    let mut bases: Vec<Base> = Vec::with_capacity(files.len());
    for BaseFile { name, file } in files {
        if bases.iter().any(|b| b.name() == name) {
            bail!("two base maps are named {name} (底图名称重复)");
        }
        let started = Instant::now();
        let base = Base::open(name, file).map_err(|error| {
            let zh = error.message_zh();
            anyhow!(error).context(format!("open the base map {name} ({zh})"))
        })?;
        let (first, last) = base.zooms();
        let kind = base.format().content_type();
        tracing::info!(
            "base map {name}: {kind}, zooms {first} to {last}, opened in {} ms",
            started.elapsed().as_millis()
        );
        bases.push(base);
    }
    Ok(bases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_map_is_a_name_and_a_file() {
        let base: BaseFile = "img-2026=/srv/a=b.mbtiles".parse().unwrap();
        assert_eq!(
            (base.name.as_str(), base.file),
            ("img-2026", PathBuf::from("/srv/a=b.mbtiles"))
        );
        for wrong in ["", "img", "img=", "=a", "Img=a", "-a=b", "影像=a", "a.b=c", "a/b=c"] {
            assert!(wrong.parse::<BaseFile>().is_err(), "{wrong}");
        }
    }
}
