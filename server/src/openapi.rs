//! The OpenAPI 3.1 document, made from the table of routes.

use axum::Json;
use axum::http::Method;
use modules::CompiledKind;
use serde_json::{Map, Value, json};

use crate::extract::Loaded;
use crate::guard::Rule;
use crate::routes::table::{Route, table};

/// A query parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Query {
    Text(&'static str),
    Integer(&'static str),
    /// RFC 3339.
    Time(&'static str),
    /// True or false.
    Flag(&'static str),
    /// `bbox` of OGC API.
    Bbox,
    /// `datetime` of OGC API: a moment or an interval.
    Interval,
    /// `leaf` of OGC API: moments.
    Leaves,
    /// `limit` of OGC API; more than the most asks for the most.
    Limit {
        default: usize,
        most: usize,
    },
}

impl Query {
    /// As it stands in the document.
    fn to_parameter(self) -> Value {
        let (name, schema) = match self {
            Self::Text(name) => (name, json!({"type": "string", "maxLength": 200})),
            Self::Integer(name) => (name, json!({"type": "integer"})),
            Self::Time(name) => (name, json!({"type": "string", "format": "date-time"})),
            Self::Flag(name) => (name, json!({"type": "boolean"})),
            Self::Interval => ("datetime", json!({"type": "string"})),
            Self::Limit { default, most } => (
                "limit",
                json!({"type": "integer", "minimum": 1, "maximum": most, "default": default}),
            ),
            Self::Bbox => {
                let number = json!({"type": "number"});
                ("bbox", json!({"type": "array", "minItems": 4, "maxItems": 6, "items": number}))
            }
            Self::Leaves => {
                let moment = json!({"type": "string", "format": "date-time"});
                let schema =
                    json!({"type": "array", "minItems": 1, "uniqueItems": true, "items": moment});
                ("leaf", schema)
            }
        };
        let mut parameter =
            json!({"name": name, "in": "query", "required": false, "schema": schema});
        if !matches!(self, Self::Text(_) | Self::Integer(_) | Self::Time(_)) {
            parameter["style"] = json!("form");
            parameter["explode"] = json!(false);
        }
        parameter
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Body {
    SignIn,
    Password,
    Code,
    Confirm,
    Token,
    User,
    Grant,
    Document,
    Act,
    Reason,
    Bulk,
    Comment,
    Deed,
    AlarmAct,
    Fence,
    Seal,
    Area,
    Road,
    Command,
    Decision,
    Threshold,
    BulkDeed,
    View,
    Standard,
    Note,
    Closing,
    /// Bytes, as they are.
    File,
    /// A picture.
    Svg,
}

pub(crate) async fn get_openapi(Loaded(city): Loaded) -> Json<Value> {
    let kinds = city.modules.registry().kinds();
    Json(document(&table(), kinds.flat_map(CompiledKind::schemas)))
}

/// `parts` are the schemas of the kinds of documents by name.
fn document<'s>(routes: &[Route], parts: impl Iterator<Item = (String, &'s Value)>) -> Value {
    let mut schemas: Map<String, Value> =
        parts.map(|(name, schema)| (name, schema.clone())).collect();
    schemas.insert("Problem".to_owned(), problem());
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "OneMap 机关事务一张图",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "onemap_session"},
                "token": {"type": "http", "scheme": "bearer"},
            },
            "schemas": schemas,
        },
    })
}

fn operation(route: &Route) -> Value {
    let problem = |description: &str| {
        json!({"description": description, "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"}}}})
    };
    let mut parameters: Vec<Value> = Vec::new();
    for name in route.path.split('/').filter_map(|p| p.strip_prefix('{')?.strip_suffix('}')) {
        let is_number = matches!(name, "z" | "x" | "y")
            || (name == "id" && !route.path.contains("/terminals/"));
        let schema = if is_number { json!({"type": "integer"}) } else { json!({"type": "string"}) };
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
    }
    parameters.extend(route.query.iter().map(|query| query.to_parameter()));
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "parameters": parameters,
        "responses": {
            "2XX": {"description": "done"},
            "3XX": {"description": "not modified"},
            "4XX": problem("what is wrong with the request, in both languages"),
            "503": problem("starting, or without its database"),
        },
        "x-onemap-rule": rule(route.rule),
    });
    if route.rule == Rule::Public {
        operation["security"] = json!([]);
    } else {
        operation["security"] = json!([{"session": []}, {"token": []}]);
    }
    if route.path == "/api/v1/live" {
        operation["responses"]["101"] = json!({"description": "a WebSocket"});
    }
    if let Some(body @ (Body::File | Body::Svg)) = route.body {
        let kind =
            if matches!(body, Body::Svg) { "image/svg+xml" } else { "application/octet-stream" };
        operation["requestBody"] = json!({"required": true, "content": {kind: {
            "schema": {"type": "string", "format": "binary"}}}});
    } else if let Some(body) = route.body {
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schema(body)}}});
    }
    operation
}

fn rule(rule: Rule) -> Value {
    match rule {
        Rule::Public => json!("public"),
        Rule::Newcomer => json!("newcomer"),
        Rule::SignedIn => json!("signed-in"),
        Rule::Any(permissions) => json!(permissions),
    }
}

/// `<verb>_<path>`: each is said once.
fn operation_id(route: &Route) -> String {
    let verb = match route.method {
        Method::POST => "post",
        Method::PUT => "put",
        Method::DELETE => "delete",
        _ => "get",
    };
    let words: Vec<&str> = route
        .path
        .trim_start_matches("/api/v1")
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    format!("{verb}_{}", words.join("_"))
}

fn schema(body: Body) -> Value {
    let text = json!({"type": "string", "maxLength": 1_000});
    let id = json!({"type": ["integer", "null"]});
    let (properties, required) = match body {
        Body::SignIn => (
            json!({"login": text, "password": text, "code": {"type": ["string", "null"]}}),
            json!(["login", "password"]),
        ),
        Body::Password => (json!({"current": text, "new": text}), json!(["current", "new"])),
        Body::Code => (json!({"code": text}), json!(["code"])),
        Body::Confirm => (json!({"password": text}), json!(["password"])),
        Body::Token => (
            json!({"name": text, "permissions": {"type": "array", "items": {"type": "string",
                "enum": gis_data::Permission::ALL}}, "days": {"type": "integer", "minimum": 1, "maximum": 365}}),
            json!(["name", "permissions", "days"]),
        ),
        Body::User => {
            (json!({"login": text, "name": text, "org_id": id}), json!(["login", "name"]))
        }
        Body::Grant => (
            json!({"role_id": text, "org_id": id,
                "clearance": {"type": "integer", "minimum": 0, "maximum": 3}}),
            json!(["role_id", "clearance"]),
        ),
        Body::Reason => (
            json!({"reason": {"type": "string", "minLength": 2, "maxLength": 200}}),
            json!(["reason"]),
        ),
        Body::AlarmAct
        | Body::Fence
        | Body::Area
        | Body::Road
        | Body::Threshold
        | Body::Command
        | Body::Seal
        | Body::Decision => fields_of_fleet(body, &text, &id),
        _ => fields_of_record(body, &text, &id),
    };
    json!({"type": "object", "properties": properties, "required": required,
        "additionalProperties": false})
}

/// The fields of what documents, approvals, saved views and standards are made of, and which of them are needed.
fn fields_of_record(body: Body, text: &Value, id: &Value) -> (Value, Value) {
    match body {
        Body::Document => (
            json!({"kind": text, "title": {"type": ["string", "null"], "maxLength": 1_000}, "body": {"type": "object"},
                "lines": {"type": "array", "items": {"type": "object"}}, "amends": id,
                "feature_ids": {"type": "array", "items": {"type": "integer"}}}),
            json!(["kind", "body", "feature_ids"]),
        ),
        Body::Bulk => (
            json!({"patch": {"type": ["object", "null"]}, "items": {"type": "array", "items": {"type": "object",
                "properties": {"doc_id": {"type": "integer"}, "revision": {"type": "integer"}},
                "required": ["doc_id", "revision"], "additionalProperties": false}}}),
            json!(["items"]),
        ),
        Body::Comment => (json!({"text": text}), json!(["text"])),
        Body::Deed => (
            json!({"deed": text, "task": id, "to": id, "removed": id, "comment": {"type": ["string", "null"]},
                "people": {"type": "array", "items": {"type": "integer"}}, "patch": {"type": ["object", "null"]}}),
            json!(["deed"]),
        ),
        Body::BulkDeed => (
            json!({"deed": text, "comment": {"type": ["string", "null"]}, "items": {"type": "array", "items":
                {"type": "object", "properties": {"approval_id": {"type": "integer"}, "task_id": {"type": "integer"}},
                "required": ["approval_id", "task_id"], "additionalProperties": true}}}),
            json!(["items", "deed"]),
        ),
        Body::View => (
            json!({"kind": text, "name": text, "query": {"type": "object"}, "shared": {"type": "boolean"}}),
            json!(["kind", "name", "query"]),
        ),
        Body::Standard => (
            json!({"code": text, "jurisdiction": text, "level": text, "rank": text, "value": {"type": "object"},
                "valid_from": {"type": "string", "format": "date"}, "document": text, "clause": text,
                "evidence": {"enum": ["checked", "recalled", "doubtful"]}, "loosens": {"type": "boolean"},
                "note": {"type": ["string", "null"]}}),
            json!([
                "code",
                "jurisdiction",
                "level",
                "rank",
                "value",
                "valid_from",
                "document",
                "clause",
                "evidence"
            ]),
        ),
        Body::Note => (json!({"note": text}), json!(["note"])),
        Body::Closing => (
            json!({"ledger": {"enum": ["space"]}, "through": {"type": "string", "format": "date"}, "note": text}),
            json!(["ledger", "through", "note"]),
        ),
        Body::Act => (
            json!({"revision": {"type": "integer"}, "patch": {"type": ["object", "null"]},
                "comment": {"type": ["string", "null"]}, "choose": {"type": "object"}}),
            json!(["revision"]),
        ),
        _ => (json!({}), json!([])),
    }
}

/// The fields of what people say of vehicles.
fn fields_of_fleet(body: Body, text: &Value, id: &Value) -> (Value, Value) {
    match body {
        Body::AlarmAct => (
            json!({"act": {"enum": ["acknowledge", "assign", "appeal", "close", "reopen"]},
                "assignee": {"type": ["string", "null"]}, "note": text}),
            json!(["act"]),
        ),
        Body::Fence => (
            json!({"name": text, "org_id": id, "area": {"type": "object", "oneOf": [
                    {"properties": {"drawn": {"type": "object", "properties": {"geometry": {"type": "object"},
                        "metres": {"type": ["number", "null"]}}, "required": ["geometry"]}}, "required": ["drawn"]},
                    {"properties": {"place": {"type": "integer"}}, "required": ["place"]}]},
                "asks": {"type": "array", "items": {"enum": ["enter", "leave", "dwell", "inside", "outside"]}},
                "dwell_limit_s": {"type": ["integer", "null"]}, "limit_kmh": {"type": ["number", "null"]},
                "is_parking": {"type": "boolean"}, "vehicles": {"type": "array", "items": {"type": "integer"}}}),
            json!(["name", "org_id", "area"]),
        ),
        Body::Area => (
            json!({"geometry": {"type": "object"}, "metres": {"type": ["number", "null"]}, "status": status()}),
            json!(["geometry"]),
        ),
        Body::Command => (
            json!({"vehicle_id": {"type": "integer"}, "reason": text, "valid_min": id, "command": {"type": "object",
                "properties": {"kind": {"enum": ["locate", "text", "interval", "speed_limit"]}, "text": text,
                    "seconds": {"type": "integer"}, "kmh": {"type": "integer"}}, "required": ["kind"]}}),
            json!(["vehicle_id", "command", "reason"]),
        ),
        Body::Seal => (
            json!({"org_id": {"type": "integer"}, "vehicles": {"type": "array", "items": {"type": "integer"},
                "maxItems": 1_000}, "starts_at": {"type": "string", "format": "date-time"},
                "ends_at": {"type": "string", "format": "date-time"}, "spares_orders": {"type": "boolean"},
                "reason": text}),
            json!(["org_id", "starts_at", "ends_at", "spares_orders", "reason"]),
        ),
        Body::Decision => (
            json!({"decision": {"enum": ["approve", "refuse", "withdraw"]}, "note": text}),
            json!(["decision"]),
        ),
        Body::Road => (
            json!({"line": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                "within_m": {"type": "number"}, "status": status()}),
            json!(["line", "within_m"]),
        ),
        Body::Threshold => (
            json!({"name": text, "value": {"type": ["number", "null"]}, "org_id": id, "vehicle_id": id}),
            json!(["name"]),
        ),
        _ => (json!({}), json!([])),
    }
}

fn status() -> Value {
    json!({"type": "array", "items": {"enum": vehicle_tracker::Status::ALL}})
}

fn problem() -> Value {
    let both = json!({"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
        "required": ["zh", "en"]});
    json!({"type": "object", "description": "RFC 9457, in both languages", "properties": {
        "type": {"type": "string"}, "title": both, "status": {"type": "integer"},
        "code": {"type": "string"}, "detail": both, "errors": {"type": "array"},
        "retry_after_s": {"type": "integer"},
    }, "required": ["type", "title", "status", "code", "detail"]})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_has_a_name_of_its_own() {
        let routes = table();
        let ids: BTreeSet<String> = routes.iter().map(operation_id).collect();
        assert_eq!(ids.len(), routes.len());
    }

    #[test]
    fn the_document_names_every_route_with_its_rule() {
        let (routes, whole) = (table(), document(&table(), std::iter::empty()));
        for route in &routes {
            let found = &whole["paths"][route.path][route.method.as_str().to_lowercase()];
            assert_eq!(found["x-onemap-rule"], rule(route.rule), "{} {}", route.method, route.path);
        }
    }
}
