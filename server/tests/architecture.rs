//! The house's rules that a compiler does not know: who may know whom, how long a file may be, that
//! each says what it is, and where SQL may stand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;

const CRATES: [&str; 5] = ["gis-data", "tiles", "vehicle-tracker", "modules", "server"];
const LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(dir: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "node_modules" | "dist" | "target") {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

fn rust_files(part: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in CRATES {
        files(&root().join(name).join(part), "rs", &mut found);
    }
    assert!(!found.is_empty(), "no Rust file in any {part}");
    found
}

/// Lines before the unit tests of a file.
fn code_lines(text: &str) -> usize {
    text.lines().take_while(|l| l.trim() != "#[cfg(test)]").count()
}

#[test]
fn siblings_do_not_know_each_other() {
    let metadata =
        MetadataCommand::new().no_deps().manifest_path(root().join("Cargo.toml")).exec().unwrap();
    for package in &metadata.packages {
        let allowed: &[&str] = match package.name.as_str() {
            "gis-data" => &[],
            "tiles" | "vehicle-tracker" | "modules" => &["gis-data"],
            "server" => &["gis-data", "tiles", "vehicle-tracker", "modules"],
            other => panic!("{other} is no room of this house"),
        };
        for dependency in package.dependencies.iter().filter(|d| d.path.is_some()) {
            assert!(
                allowed.contains(&dependency.name.as_str()),
                "{} must not know {}",
                package.name,
                dependency.name
            );
        }
    }
}

#[test]
fn no_file_is_longer_than_600_lines() {
    let mut all = rust_files("src");
    files(&root().join("web-map/src"), "ts", &mut all);
    files(&root().join("web-map/src"), "vue", &mut all);
    let long: Vec<String> = all
        .iter()
        .map(|path| (path, code_lines(&fs::read_to_string(path).unwrap())))
        .filter(|(_, lines)| *lines > LINES)
        .map(|(path, lines)| format!("{} has {lines}", path.display()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_rust_file_says_what_it_is() {
    let silent: Vec<PathBuf> = rust_files("src")
        .into_iter()
        .chain(rust_files("tests"))
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            !text.starts_with("//!") && !text.starts_with("#![doc")
        })
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn sql_stands_in_queries_alone() {
    // Where a transaction's own settings are made, and where the catalogue's SQL is run.
    let allowed = ["gis-data/src/store.rs", "gis-data/src/mirror/load.rs"];
    let astray: Vec<PathBuf> = rust_files("src")
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|n| n != "queries.rs"))
        .filter(|path| !path.components().any(|c| c.as_os_str() == "queries"))
        .filter(|path| !allowed.iter().any(|a| path.ends_with(a)))
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            let code: Vec<&str> = text.lines().take_while(|l| l.trim() != "#[cfg(test)]").collect();
            code.join("\n").contains("sqlx::query")
        })
        .collect();
    assert!(astray.is_empty(), "{astray:#?}");
}

#[test]
fn folders_have_a_mod_file_and_no_vague_names() {
    let vague: Vec<PathBuf> = rust_files("src")
        .into_iter()
        .filter(|path| {
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            matches!(stem.as_str(), "utils" | "util" | "helpers" | "common" | "misc")
                || stem.ends_with("_new")
        })
        .collect();
    assert!(vague.is_empty(), "{vague:#?}");
}

#[test]
fn the_root_holds_only_what_was_agreed() {
    let agreed = [
        "Cargo.toml",
        "Cargo.lock",
        "server",
        "tiles",
        "gis-data",
        "vehicle-tracker",
        "web-map",
        "modules",
        "migrations",
        "README.md",
        "Makefile",
        "LICENSE",
        "CHANGELOG.md",
        "target",
    ];
    let extra: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !agreed.contains(&name.as_str()))
        .collect();
    assert!(extra.is_empty(), "{extra:?}");
}
