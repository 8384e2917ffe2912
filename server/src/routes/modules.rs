//! The business modules: what there is, how each kind of document is filled in, and what it counts.

use std::collections::BTreeMap;

use axum::Json;
use gis_data::Permission;
use modules::{Action, CompiledKind, KindCount, PlanDefinition, Who, systems};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::ApiResult;
use crate::extract::{ApiPath, Asker, Loaded};

pub(crate) async fn list_modules(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
) -> ApiResult<Json<Value>> {
    let engine = &city.modules;
    let mut counts: BTreeMap<String, KindCount> =
        engine.kind_counts(&viewer).await?.into_iter().map(|c| (c.kind.clone(), c)).collect();
    let as_of = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    let may_record = viewer.scopes_for(Permission::Record).is_none_or(|scopes| !scopes.is_empty());
    let mut listed = Vec::new();
    for (system, title) in systems() {
        let mut modules = Vec::new();
        for module in engine.registry().modules().iter().filter(|m| m.about.system == system) {
            let kinds: Vec<Value> = module
                .kinds
                .iter()
                .filter_map(|kind| counts.remove(&kind.kind).map(|count| (kind, count)))
                .map(|(kind, count)| {
                    json!({"kind": count.kind, "title": count.title, "total": count.total, "open": count.open,
                        "may_create": may_record, "links": {"kinds": kind.links.kinds}})
                })
                .collect();
            let figures: Vec<Value> = engine
                .figures(&viewer, &module.about.id)
                .await?
                .into_iter()
                .map(|f| {
                    json!({"id": f.id, "title": f.title, "value": f.value, "unit": f.unit, "as_of": as_of, "href": f.href})
                })
                .collect();
            let themes: Vec<&str> = module.about.themes.iter().map(|t| t.id.as_str()).collect();
            modules
                .push(json!({"id": module.about.id, "title": module.about.title, "kinds": kinds,
                "themes": themes, "figures": figures}));
        }
        if !modules.is_empty() {
            listed.push(json!({"id": system, "title": title, "modules": modules}));
        }
    }
    Ok(Json(json!({"systems": listed})))
}

pub(crate) async fn get_kind(
    Loaded(city): Loaded,
    Asker(_viewer): Asker,
    ApiPath(name): ApiPath<String>,
) -> ApiResult<Json<Value>> {
    Ok(Json(described(city.modules.registry().kind(&name)?)))
}

/// A kind as pages need it: without names of functions and of those who are asked.
fn described(kind: &CompiledKind) -> Value {
    json!({
        "kind": kind.kind,
        "module": kind.module,
        "version": kind.version,
        "title": kind.title,
        "number": kind.number,
        "links": kind.links,
        "fields": kind.fields,
        "lines": kind.lines,
        "states": kind.states,
        "actions": kind.actions.iter().map(action).collect::<Vec<_>>(),
        "plans": kind.plans.iter().map(plan).collect::<Vec<_>>(),
        "views": kind.views,
        "schema": kind.schema(),
    })
}

fn action(action: &Action) -> Value {
    json!(action)
}

fn plan(plan: &PlanDefinition) -> Value {
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|s| json!({"name": s.name, "title": s.title, "mode": s.mode, "chosen": s.who == Who::Chosen(true)}))
        .collect();
    json!({"name": plan.name, "title": plan.title, "steps": steps})
}
