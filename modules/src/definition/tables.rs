//! The relations of a definition, as text: the projection that lists filter and sort, the view that any other tool reads,
//! and the views that themes are drawn from. Names come from definitions, which accept only plain ones; fields are quoted,
//! because people call them `from` and `on`.

use std::fmt::Write as _;

use super::field::{Field, FieldType};
use super::kind::Kind;
use super::module::Theme;

/// The column with the body of a document of an earlier version as the present one reads it; empty for all others.
pub(crate) const UPCAST_BODY: &str = "upcast_body";
/// What the relations of a kind look like beside its definition: it goes up when this file makes them otherwise.
pub(super) const LAYOUT: u32 = 1;

/// The statements that make a kind's projection anew.
pub(super) fn projection(kind: &Kind) -> Vec<String> {
    let x = kind.projection();
    let mut columns = String::new();
    for field in kind.listed() {
        let _ = write!(columns, ", \"{}\" {}", field.name, field.kind.sql());
    }
    let mut statements = vec![
        format!("drop view if exists v_{}", kind.kind),
        format!("drop table if exists {x} cascade"),
        format!(
            "create table {x} (doc_id bigint primary key, scope_id integer not null, state text not null, phase text not null, \
             number text, title text not null, created_at timestamptz not null, updated_at timestamptz not null, \
             {UPCAST_BODY} jsonb{columns}, \
             foreign key (doc_id, scope_id) references doc (doc_id, scope_id) on update cascade)"
        ),
        format!("alter table {x} enable row level security"),
        format!(
            "create policy in_scope on {x} to onemap_app using ((select viewer_is_program()) \
             or (scope_id < (select 8 * length(viewer_bits())) and get_bit((select viewer_bits()), scope_id) = 1))"
        ),
        format!("create policy mirrored on {x} for select to onemap_mirror using (true)"),
        format!("grant select, insert, update, delete on {x} to onemap_app"),
        format!("create index on {x} (scope_id)"),
        format!("create index on {x} (state, doc_id desc)"),
        format!("create index on {x} (updated_at desc, doc_id desc)"),
    ];
    statements.extend(
        kind.listed().map(|f| format!("create index on {x} (\"{}\", doc_id desc)", f.name)),
    );
    statements
}

/// The view of a kind with a column a field, in the units that people use.
pub(super) fn view(kind: &Kind) -> Vec<String> {
    let v = format!("v_{}", kind.kind);
    let mut columns =
        "x.doc_id, x.number, x.title, x.state, x.phase, x.created_at, x.updated_at".to_owned();
    for field in &kind.fields {
        let _ = write!(columns, ", {} as \"{}\"", selected(field), field.name);
    }
    let mut statements = vec![
        format!("drop view if exists {v}"),
        format!(
            "create view {v} with (security_invoker = true) as select {columns} from {} x join doc d using (doc_id)",
            kind.projection()
        ),
        format!("comment on view {v} is {}", quoted(&kind.title.zh)),
        format!("grant select on {v} to onemap_app, onemap_mirror"),
    ];
    statements.extend(
        kind.fields
            .iter()
            .map(|f| format!("comment on column {v}.\"{}\" is {}", f.name, quoted(&f.title.zh))),
    );
    statements
}

fn selected(field: &Field) -> String {
    let name = &field.name;
    if field.listed && field.kind.is_decimal() {
        return format!(
            "(x.\"{name}\"::numeric / {})::numeric(20,{})",
            field.multiplier(),
            field.places()
        );
    }
    if field.listed {
        return format!("x.\"{name}\"");
    }
    let text = format!("(coalesce(x.{UPCAST_BODY}, d.body) ->> '{name}')");
    match field.kind {
        FieldType::Text | FieldType::LongText | FieldType::Choice => text,
        kind if kind.is_decimal() => format!("{text}::numeric"),
        kind => format!("{text}::{}", kind.sql()),
    }
}

/// The view that a theme's layer is drawn from.
pub(super) fn theme(theme: &Theme, selection: &str) -> Vec<String> {
    let (relation, inside) = match theme.place.as_str() {
        "room" => ("layer_rooms", "r.number, r.building_id, r.floor_id, r.ordinal, "),
        "parcel" => ("layer_parcels", ""),
        _ => ("layer_buildings", ""),
    };
    let view = format!("theme_{}", theme.id);
    let mut statements = vec![
        format!("drop view if exists {view}"),
        format!(
            "create view {view} with (security_invoker = true) as select r.feature_id, r.scope_id, r.geom, r.name, {inside}\
             t.class, t.color, t.label, t.value from {relation} r join ({}) t using (feature_id)",
            selection.trim().trim_end_matches(';')
        ),
        format!("grant select on {view} to onemap_app, onemap_mirror"),
    ];
    statements.extend(
        theme.follows.iter().map(|table| format!("call follow_theme('{table}', '{}')", theme.id)),
    );
    statements
}

/// A text in SQL.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
