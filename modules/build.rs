//! Finds the modules: every folder `src/<system>/<module>/` with a `module.toml`. What is in it is compiled in, and nothing
//! else in the program has to name it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("src");
    println!("cargo:rerun-if-changed={}", root.display());
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("shipped.rs");
    fs::write(out, shipped(&root)?)
}

/// The text of the list of the modules in a folder of systems.
pub(crate) fn shipped(root: &Path) -> io::Result<String> {
    let (mut mods, mut list) = (String::new(), String::new());
    for system in folders(root)? {
        for module in folders(&system)? {
            if module.join("module.toml").is_file() {
                describe(&module, &mut mods, &mut list)?;
            }
        }
    }
    Ok(format!(
        "{mods}\n/// Every module folder.\npub(crate) static SHIPPED: &[Shipped] = &[\n{list}];\n"
    ))
}

fn describe(module: &Path, mods: &mut String, list: &mut String) -> io::Result<()> {
    let name = file_name(module);
    let mut files = String::new();
    for file in entries(module)? {
        let is_data = file.extension().is_some_and(|e| e == "toml" || e == "sql");
        if is_data {
            let _ = write!(files, "({:?}, include_str!({:?})), ", file_name(&file), file.display());
        }
    }
    let code = module.join("mod.rs");
    let logic = if code.is_file() {
        let _ = writeln!(mods, "#[path = {:?}]\npub(crate) mod {name};", code.display());
        format!("Some(&{name}::LOGIC)")
    } else {
        "None".to_owned()
    };
    let _ = writeln!(list, "    Shipped {{ files: &[{files}], logic: {logic} }},");
    Ok(())
}

fn folders(path: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(entries(path)?.into_iter().filter(|p| p.is_dir()).collect())
}

fn entries(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    found.sort();
    Ok(found)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
