//! Definitions as TypeScript, for programs that talk to the API.

use std::fmt::Write as _;

use super::field::{Field, FieldType, Need};
use super::registry::{CompiledKind, Registry};

/// Declarations of every kind: bodies, lines, what actions ask for, states, and `Kinds`, which joins them by name.
pub fn typescript(registry: &Registry) -> String {
    let mut text =
        "// The kinds of documents of this OneMap. Decimals, money and areas are texts; days are \"2026-11-25\", times \"2026-11-25T09:30+08:00\".\n".to_owned();
    let mut joined = String::new();
    for kind in registry.kinds() {
        declare(kind, &mut text);
        let name = pascal(&kind.kind);
        let line = if kind.lines.is_some() { format!("{name}Line") } else { "never".to_owned() };
        let _ = writeln!(
            joined,
            "  {}: {{ body: {name}Body; line: {line}; state: {name}State; actions: {name}Actions }};",
            kind.kind
        );
    }
    let _ = write!(text, "\nexport interface Kinds {{\n{joined}}}\n");
    text
}

fn declare(kind: &CompiledKind, text: &mut String) {
    let name = pascal(&kind.kind);
    let _ = write!(text, "\n/** {} {} */\n", kind.title.zh, kind.title.en);
    let _ = writeln!(text, "export interface {name}Body {{\n{}}}", properties(&kind.fields, "  "));
    if let Some(lines) = &kind.lines {
        let _ =
            writeln!(text, "export interface {name}Line {{\n{}}}", properties(&lines.fields, "  "));
    }
    let states: Vec<String> = kind.states.iter().map(|s| quoted(&s.name)).collect();
    let _ = writeln!(text, "export type {name}State = {};", states.join(" | "));
    let _ = writeln!(text, "export interface {name}Actions {{");
    for action in kind.actions.iter().filter(|a| !a.by_plan) {
        let asked = properties(&action.patch, "    ");
        let asked = if asked.is_empty() {
            "Record<string, never>".to_owned()
        } else {
            format!("{{\n{asked}  }}")
        };
        let _ = writeln!(text, "  /** {} */\n  {}: {asked};", action.title.zh, action.name);
    }
    text.push_str("}\n");
}

fn properties(fields: &[Field], indent: &str) -> String {
    fields.iter().fold(String::new(), |mut text, field| {
        let mark = if field.need == Need::Optional || field.derived { "?" } else { "" };
        let reads = if field.derived { "readonly " } else { "" };
        let _ = write!(
            text,
            "{indent}/** {} */\n{indent}{reads}{}{mark}: {};\n",
            field.title.zh,
            field.name,
            typed(field)
        );
        text
    })
}

fn typed(field: &Field) -> String {
    match field.kind {
        FieldType::Choice => {
            field.options.iter().map(|o| quoted(&o.value)).collect::<Vec<_>>().join(" | ")
        }
        FieldType::Boolean => "boolean".to_owned(),
        FieldType::Integer => "number".to_owned(),
        kind if kind.is_reference() => "number".to_owned(),
        _ => "string".to_owned(),
    }
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// `office_space` as `OfficeSpace`.
fn pascal(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_declared_as_its_file_says() {
        let text = typescript(&Registry::shipped());
        for line in [
            "/** 报修 Repair */",
            "export interface RepairBody {",
            "  category: '水' | '电' | '空调' | '门窗' | '网络' | '其他';",
            "  contact?: string;",
            "  readonly assignee?: string;",
            "export type RepairState = 'open' | 'assigned' | 'closed';",
            "  assign: {\n    /** 维修人员 */\n    assignee: string;\n  };",
            "  repair: { body: RepairBody; line: never; state: RepairState; actions: RepairActions };",
            "  org: number;",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
}
