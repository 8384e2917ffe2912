//! Every module there is, compiled: those that come with the program, and those of a folder that an administrator names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use gis_data::Text2;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::field::FieldFault;
use super::judge::{Judge, Stage, judge_title};
use super::kind::{Kind, Phase, State, Tone};
use super::logic::{Derive, Form, Logic, Rule, Step};
use super::module::{Module, ModuleFile, systems};
use super::sound;
use super::tables::LAYOUT;
use crate::document::{DISCARDED, has_drafts};
use crate::ledger::shared;
use crate::shipped::SHIPPED;
use crate::{ModuleError, Result};

/// A module folder, as the build found it.
pub(crate) struct Shipped {
    /// Its `.toml` and `.sql` files.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// Its functions.
    pub(crate) logic: Option<&'static Logic>,
}

/// A kind, ready to judge and to act.
#[derive(Debug)]
pub struct CompiledKind {
    inner: Kind,
    /// The module it belongs to.
    pub module: String,
    /// Its file as written: what an upgrade is compared with.
    pub source: String,
    /// SHA-256 of it and of how relations are made of it.
    pub hash: String,
    body: Judge,
    line: Option<Judge>,
    patches: BTreeMap<String, Judge>,
    rules: Vec<Rule>,
    derives: Vec<Derive>,
    guards: BTreeMap<String, Vec<Step>>,
    posts: BTreeMap<String, Vec<Step>>,
    at_create: Vec<Step>,
}

impl Deref for CompiledKind {
    type Target = Kind;

    fn deref(&self) -> &Kind {
        &self.inner
    }
}

/// Every module and kind.
#[derive(Debug, Default)]
pub struct Registry {
    modules: Vec<Module>,
    kinds: BTreeMap<String, CompiledKind>,
    demos: Vec<super::logic::Demo>,
}

impl Registry {
    /// The modules that come with the program.
    pub fn shipped() -> Arc<Self> {
        static REGISTRY: OnceLock<Arc<Registry>> = OnceLock::new();
        Arc::clone(REGISTRY.get_or_init(|| {
            Arc::new(Self::build(None).unwrap_or_else(|error| {
                // Definitions are compiled in and tested; a program with broken ones must not serve.
                tracing::error!(%error, "the modules that come with the program are faulty");
                Self::default()
            }))
        }))
    }

    /// Those, and the module folders in a folder of the administrator's. [`ModuleError::BadDefinition`] with every fault.
    pub fn with_folder(folder: &Path) -> Result<Arc<Self>> {
        Ok(Arc::new(Self::build(Some(folder))?))
    }

    fn build(folder: Option<&Path>) -> Result<Self> {
        let mut registry = Self::default();
        let mut faults = Vec::new();
        for shipped in SHIPPED {
            registry.add(shipped.files, shipped.logic, &mut faults);
        }
        for files in folder.map(read_folders).transpose()?.unwrap_or_default() {
            let named: Vec<(&str, &str)> =
                files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
            registry.add(&named, None, &mut faults);
        }
        registry.check_names(&mut faults);
        if !faults.is_empty() {
            return Err(ModuleError::BadDefinition(faults));
        }
        let order = |system: &str| systems().iter().position(|s| s.0 == system);
        registry
            .modules
            .sort_by_key(|m| (order(&m.about.system), m.about.ordinal, m.about.id.clone()));
        Ok(registry)
    }

    fn add(
        &mut self,
        files: &[(&str, &str)],
        logic: Option<&'static Logic>,
        faults: &mut Vec<String>,
    ) {
        let text = |name: &str| files.iter().find(|f| f.0 == name).map_or("", |f| f.1);
        let about: ModuleFile = match toml::from_str(text("module.toml")) {
            Ok(about) => about,
            Err(error) => {
                faults.push(format!("module.toml: {error}"));
                return;
            }
        };
        let mut module = Module { kinds: Vec::new(), sql: BTreeMap::new(), about };
        for (name, text) in files.iter().filter(|f| f.0 != "module.toml") {
            if Path::new(name).extension().is_some_and(|e| e == "sql") {
                module.sql.insert((*name).to_owned(), (*text).to_owned());
            } else {
                self.add_kind(&mut module, name, text, logic, faults);
            }
        }
        let selections = module
            .about
            .themes
            .iter()
            .map(|t| &t.sql)
            .chain(module.about.figures.iter().map(|f| &f.sql));
        for sql in selections.filter(|sql| !module.sql.contains_key(*sql)) {
            faults.push(format!("{}: there is no file {sql:?}", module.about.id));
        }
        self.demos.extend(logic.and_then(|l| l.demo));
        self.modules.push(module);
    }

    fn add_kind(
        &mut self,
        module: &mut Module,
        file: &str,
        text: &str,
        logic: Option<&'static Logic>,
        faults: &mut Vec<String>,
    ) {
        let kind: Kind = match toml::from_str(text) {
            Ok(kind) => kind,
            Err(error) => {
                faults.push(format!("{}/{file}: {error}", module.about.id));
                return;
            }
        };
        let unsound = sound::faults(&kind, logic);
        if !unsound.is_empty() {
            faults.extend(unsound);
            return;
        }
        match CompiledKind::new(&module.about.id, kind, text, logic) {
            Ok(compiled) => {
                module.kinds.push(compiled.inner.clone());
                let name = compiled.inner.kind.clone();
                if self.kinds.insert(name.clone(), compiled).is_some() {
                    faults.push(format!("{name} is defined twice"));
                }
            }
            Err(error) => faults.push(error.to_string()),
        }
    }

    fn check_names(&self, faults: &mut Vec<String>) {
        let (mut ids, mut prefixes) = (BTreeSet::new(), BTreeSet::new());
        for module in &self.modules {
            if !ids.insert(&module.about.id) {
                faults.push(format!("there are two modules {:?}", module.about.id));
            }
            if systems().iter().all(|s| s.0 != module.about.system) {
                faults.push(format!(
                    "{}: there is no system {:?}",
                    module.about.id, module.about.system
                ));
            }
        }
        for kind in self.kinds.values() {
            if !prefixes.insert(&kind.number.prefix) {
                faults.push(format!(
                    "{}: {:?} numbers two kinds",
                    kind.inner.kind, kind.number.prefix
                ));
            }
            let named = kind.all_fields().filter_map(|f| f.document_kind.as_ref());
            for other in named.filter(|name| !self.kinds.contains_key(*name)) {
                faults.push(format!("{}: there is no kind {other:?}", kind.inner.kind));
            }
        }
    }

    /// The modules in the order of the menu.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// A module.
    pub fn module(&self, id: &str) -> Option<&Module> {
        self.modules.iter().find(|m| m.about.id == id)
    }

    /// Every kind, by name.
    pub fn kinds(&self) -> impl Iterator<Item = &CompiledKind> {
        self.kinds.values()
    }

    /// A kind. [`ModuleError::UnknownKind`] if there is none of this name.
    pub fn kind(&self, name: &str) -> Result<&CompiledKind> {
        self.kinds.get(name).ok_or_else(|| ModuleError::UnknownKind(name.to_owned()))
    }

    /// What the demonstration runs.
    pub(crate) fn demos(&self) -> &[super::logic::Demo] {
        &self.demos
    }
}

impl CompiledKind {
    fn new(module: &str, kind: Kind, source: &str, logic: Option<&Logic>) -> Result<Self> {
        let named = |action: &super::kind::Action,
                     names: &[String],
                     of: fn(Option<&Logic>, &str) -> Option<Step>| {
            (action.name.clone(), names.iter().filter_map(|n| of(logic, n)).collect::<Vec<_>>())
        };
        let mut kind = kind;
        if has_drafts(&kind.states) {
            kind.states.push(discarded());
        }
        let fields = kind.fields.clone();
        Ok(Self {
            module: module.to_owned(),
            source: source.to_owned(),
            hash: hex::encode(Sha256::digest(format!("{LAYOUT}\n{source}"))),
            body: Judge::new(&kind.kind, fields)?,
            line: kind
                .lines
                .as_ref()
                .map(|l| Judge::new(&kind.kind, l.fields.clone()))
                .transpose()?,
            patches: kind
                .actions
                .iter()
                .map(|a| Ok((a.name.clone(), Judge::new(&kind.kind, a.patch.clone())?)))
                .collect::<Result<_>>()?,
            rules: kind.rules.iter().filter_map(|n| rule_of(logic, n)).collect(),
            derives: kind.derives.iter().filter_map(|n| derive_of(logic, n)).collect(),
            guards: kind.actions.iter().map(|a| named(a, &a.guards, guard_of)).collect(),
            posts: kind.actions.iter().map(|a| named(a, &a.posts, post_of)).collect(),
            at_create: kind.posts_at_create.iter().filter_map(|n| post_of(logic, n)).collect(),
            inner: kind,
        })
    }

    /// The JSON Schema of its body.
    pub fn schema(&self) -> &Json {
        self.body.schema()
    }

    /// The schemas of its parts by name: `repair.body`, `repair.line`, and `repair.assign` for what an action asks for.
    pub fn schemas(&self) -> impl Iterator<Item = (String, &Json)> {
        let of = |part: &str| format!("{}.{part}", self.inner.kind);
        let line = self.line.iter().map(move |line| (of("line"), line.schema()));
        let patches = self.patches.iter().map(move |(action, patch)| (of(action), patch.schema()));
        std::iter::once((of("body"), self.body.schema())).chain(line).chain(patches)
    }

    /// Every fault of a document: title, body field by field, lines, the kind's own rules, places.
    pub fn judge(
        &self,
        title: &str,
        body: &Json,
        lines: &[Json],
        place_count: usize,
    ) -> Vec<FieldFault> {
        self.judge_at(Stage::Whole, title, body, lines, place_count)
    }

    pub(crate) fn judge_at(
        &self,
        stage: Stage,
        title: &str,
        body: &Json,
        lines: &[Json],
        place_count: usize,
    ) -> Vec<FieldFault> {
        let mut faults = Vec::new();
        judge_title(title, &mut faults);
        self.body.judge("body", body, stage, &mut faults);
        self.judge_lines(stage, lines, &mut faults);
        if let (Json::Object(map), Stage::Whole) = (body, stage) {
            let body = super::judge::without_nulls(map);
            let form = Form { body: &body, lines };
            for rule in &self.rules {
                rule(&form, &mut faults);
            }
        }
        let (least, most) = (self.links.least, self.links.most);
        if place_count < least || place_count > most {
            faults.push(FieldFault::new(
                "feature_ids",
                Some(Json::from(if place_count < least { least } else { most })),
                &format!("应选择 {least} 至 {most} 个地点，现有 {place_count} 个"),
                &format!("choose {least} to {most} places, there are {place_count}"),
            ));
        }
        faults
    }

    fn judge_lines(&self, stage: Stage, lines: &[Json], faults: &mut Vec<FieldFault>) {
        let (least, most) = self.lines.as_ref().map_or((0, 0), |l| (l.least, l.most));
        let least = if stage == Stage::Draft { 0 } else { least };
        if lines.len() < least || lines.len() > most {
            faults.push(FieldFault::new(
                "lines",
                Some(Json::from(if lines.len() < least { least } else { most })),
                &format!("明细应有 {least} 至 {most} 行，现有 {} 行", lines.len()),
                &format!("there must be {least} to {most} lines, there are {}", lines.len()),
            ));
        }
        if let Some(judge) = &self.line {
            for (n, line) in lines.iter().enumerate().take(most) {
                judge.judge(&format!("lines.{n}"), line, stage, faults);
            }
        }
    }

    /// Every fault of what an action asks for.
    pub fn judge_patch(&self, action: &str, patch: &Json) -> Vec<FieldFault> {
        let mut faults = Vec::new();
        if let Some(judge) = self.patches.get(action) {
            judge.judge("patch", patch, Stage::Whole, &mut faults);
        }
        faults
    }

    /// Fills in what follows from the rest.
    pub(crate) fn derive(&self, body: &mut Map<String, Json>, lines: &[Json]) {
        for derive in &self.derives {
            derive(body, lines);
        }
    }

    pub(crate) fn at_create(&self) -> &[Step] {
        &self.at_create
    }

    pub(crate) fn guards(&self, action: &str) -> &[Step] {
        self.guards.get(action).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn posts(&self, action: &str) -> &[Step] {
        self.posts.get(action).map_or(&[], Vec::as_slice)
    }
}

pub(super) fn rule_of(logic: Option<&Logic>, name: &str) -> Option<Rule> {
    logic.and_then(|l| Logic::find(l.rules, name))
}

pub(super) fn derive_of(logic: Option<&Logic>, name: &str) -> Option<Derive> {
    logic.and_then(|l| Logic::find(l.derives, name))
}

pub(super) fn guard_of(logic: Option<&Logic>, name: &str) -> Option<Step> {
    logic
        .and_then(|l| Logic::find(l.guards, name))
        .or_else(|| Logic::find(shared::LOGIC.guards, name))
}

pub(super) fn post_of(logic: Option<&Logic>, name: &str) -> Option<Step> {
    logic
        .and_then(|l| Logic::find(l.posts, name))
        .or_else(|| Logic::find(shared::LOGIC.posts, name))
}

/// The files of every folder in a folder that has a `module.toml`.
fn read_folders(folder: &Path) -> Result<Vec<Vec<(String, String)>>> {
    let failed = |path: &Path, error: &std::io::Error| {
        ModuleError::BadDefinition(vec![format!("{}: {error}", path.display())])
    };
    let entries = |path: &Path| -> Result<Vec<std::path::PathBuf>> {
        let mut found: Vec<_> = fs::read_dir(path)
            .and_then(|dir| dir.map(|e| e.map(|e| e.path())).collect())
            .map_err(|e| failed(path, &e))?;
        found.sort();
        Ok(found)
    };
    let mut modules = Vec::new();
    for module in entries(folder)?.into_iter().filter(|p| p.join("module.toml").is_file()) {
        let mut files = Vec::new();
        for file in entries(&module)? {
            if file.extension().is_some_and(|e| e == "toml" || e == "sql") {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&file).map_err(|e| failed(&file, &e))?));
            }
        }
        modules.push(files);
    }
    Ok(modules)
}

/// Where drafts end that are not needed any more.
fn discarded() -> State {
    State {
        name: DISCARDED.to_owned(),
        title: Text2::new("已作废", "Discarded"),
        phase: Phase::Done,
        tone: Tone::Bad,
    }
}
