//! CQL2 JSON. Read by `serde_json` as it comes, then brought into the same tree as text; what is wrong in the tree has
//! no place, because JSON values do not know theirs.

use serde_json::{Map, Value as Json};

use super::error::{FilterError, FilterFault, Place, Unsupported};
use super::limit::{Budget, MAX_JSON_BYTES, check_list};
use super::operator;
use super::tree::{Kind, Node, Relation};

/// Reads all of it.
pub(super) fn parse(text: &str) -> Result<Node, FilterError> {
    if text.len() > MAX_JSON_BYTES {
        return Err(FilterFault::JsonTooLong(text.len()).unplaced());
    }
    if text.trim().is_empty() {
        return Err(FilterFault::Empty.unplaced());
    }
    // Nesting is bounded here as well: serde_json stops at 128 levels.
    let json: Json = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    Reader::default().node(&json).map_err(FilterFault::unplaced)
}

fn not_json(error: &serde_json::Error) -> FilterError {
    let (line, column) = (error.line(), error.column());
    // Its message ends with the place, which the error has of its own.
    let whole = error.to_string();
    let reason = whole.split(" at line ").next().unwrap_or(&whole);
    FilterFault::Json(reason.to_owned()).at(Place::Line(line, column))
}

#[derive(Default)]
struct Reader {
    budget: Budget,
}

impl Reader {
    fn node(&mut self, json: &Json) -> Result<Node, FilterFault> {
        self.budget.node()?;
        if let Some(literal) = literal(json)? {
            return Ok(literal);
        }
        match json {
            Json::Object(object) => self.object(object),
            other => Err(not_cql2(other)),
        }
    }

    fn object(&mut self, object: &Map<String, Json>) -> Result<Node, FilterFault> {
        if let (Some(Json::String(name)), 1) = (object.get("property"), object.len()) {
            return Ok(plain(Kind::Attribute(name.clone())));
        }
        if let (Some(Json::String(name)), Some(Json::Array(arguments)), 2) =
            (object.get("op"), object.get("args"), object.len())
        {
            self.budget.enter()?;
            let kind = self.operation(name, arguments)?;
            self.budget.leave();
            return Ok(plain(kind));
        }
        for key in ["date", "timestamp", "interval"] {
            if object.contains_key(key) {
                return Err(FilterFault::Unsupported(Unsupported::Temporal, key.to_owned()));
            }
        }
        let geometry = ["coordinates", "geometries", "bbox"];
        if geometry.iter().any(|key| object.contains_key(*key)) {
            let name = object.get("type").and_then(Json::as_str).unwrap_or("bbox").to_owned();
            return Err(FilterFault::Unsupported(Unsupported::Spatial, name));
        }
        Err(not_cql2(&Json::Object(object.clone())))
    }

    fn operation(&mut self, name: &str, arguments: &[Json]) -> Result<Kind, FilterFault> {
        if let Some(relation) = Relation::of(name) {
            let [left, right] = exactly(relation.symbol(), arguments)?;
            return Ok(Kind::Compare(relation, Box::new([self.node(left)?, self.node(right)?])));
        }
        Ok(match name.to_ascii_lowercase().as_str() {
            "and" => Kind::And(self.several("AND", arguments)?),
            "or" => Kind::Or(self.several("OR", arguments)?),
            "not" => {
                let [inner] = exactly("NOT", arguments)?;
                Kind::Not(Box::new(self.node(inner)?))
            }
            "between" => {
                let [value, low, high] = exactly("BETWEEN", arguments)?;
                Kind::Between(Box::new([self.node(value)?, self.node(low)?, self.node(high)?]))
            }
            "in" => {
                let [value, list] = exactly("IN", arguments)?;
                let value = self.node(value)?;
                Kind::In(Box::new(value), self.list(list)?)
            }
            "like" => {
                let [value, pattern] = exactly("LIKE", arguments)?;
                Kind::Like(Box::new([self.node(value)?, self.node(pattern)?]))
            }
            "isnull" => {
                let [value] = exactly("IS NULL", arguments)?;
                Kind::IsNull(Box::new(self.node(value)?))
            }
            "casei" => {
                let [value] = exactly("CASEI", arguments)?;
                Kind::Folded(Box::new(self.node(value)?))
            }
            _ => {
                let what = operator::missing_function(name);
                return Err(FilterFault::Unsupported(what, name.to_owned()));
            }
        })
    }

    fn several(
        &mut self,
        operator: &'static str,
        arguments: &[Json],
    ) -> Result<Vec<Node>, FilterFault> {
        if let [] | [_] = arguments {
            return Err(FilterFault::TooFewArguments(operator));
        }
        arguments.iter().map(|argument| self.node(argument)).collect()
    }

    /// Values of a list are no nodes; what is more than a value is.
    fn list(&mut self, json: &Json) -> Result<Vec<Node>, FilterFault> {
        let Json::Array(items) = json else { return Err(FilterFault::NeedsList) };
        check_list(items.len())?;
        let item = |item: &Json| match literal(item)? {
            Some(literal) => Ok(literal),
            None => self.node(item),
        };
        items.iter().map(item).collect()
    }
}

fn literal(json: &Json) -> Result<Option<Node>, FilterFault> {
    Ok(Some(plain(match json {
        Json::Null => return Err(FilterFault::Null),
        Json::Bool(is_true) => Kind::Boolean(*is_true),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Kind::Int(whole),
            (None, Some(float)) if float.is_finite() => Kind::Float(float),
            _ => return Err(FilterFault::NumberTooLarge(number.to_string())),
        },
        Json::String(text) if text.contains('\0') => return Err(FilterFault::Nul),
        Json::String(text) => Kind::Text(text.clone()),
        Json::Array(_) | Json::Object(_) => return Ok(None),
    })))
}

fn exactly<'a, const N: usize>(
    operator: &'static str,
    arguments: &'a [Json],
) -> Result<&'a [Json; N], FilterFault> {
    let wrong = FilterFault::Arguments { operator, expected: N, found: arguments.len() };
    arguments.try_into().map_err(|_wrong_length| wrong)
}

fn plain(kind: Kind) -> Node {
    Node { at: None, kind }
}

fn not_cql2(json: &Json) -> FilterFault {
    FilterFault::NotCql2(json.to_string())
}
