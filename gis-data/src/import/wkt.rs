//! Well-known text of a cell becomes a shape: `POLYGON Z ((…))`, `SRID=4490;POINT (…)`. Heights and measures are left
//! out.

use crate::problem::Problem;

use super::shape::{Position, Ring, Shape, empty, wrong_type};

const NAME: &str = "WKT";

/// The shape of a cell. `system` is what the file is read in, such as `EPSG:4490`; a cell that names another is a fault.
pub(super) fn shape(text: &str, system: &str) -> Shape {
    let text = text.trim();
    if text.is_empty() {
        return empty();
    }
    let geometry = match text.split_once(';') {
        Some((srid, geometry)) if srid.to_uppercase().starts_with("SRID") => {
            let code = srid.split('=').nth(1).unwrap_or_default().trim();
            if format!("EPSG:{code}") != system {
                return unreadable(
                    &format!(
                        "it is in SRID {code}, the file is read as {system}; name the system with --crs"
                    ),
                    &format!("其 SRID 为 {code}，而文件按 {system} 读取，请用 --crs 指定坐标系"),
                );
            }
            geometry
        }
        _ => text,
    };
    let mut reading = Reading { rest: geometry };
    match reading.geometry() {
        Ok(_) if !reading.rest.trim().is_empty() => {
            at(geometry, reading.rest, "something follows it", "后面还有其他内容")
        }
        Ok(shape) => shape,
        Err((en, zh)) => at(geometry, reading.rest, en, zh),
    }
}

/// A fault with the place in the text.
fn at(text: &str, rest: &str, en: &str, zh: &str) -> Shape {
    let place = text.chars().count() - rest.chars().count() + 1;
    unreadable(&format!("{en}, at character {place}"), &format!("{zh}（第 {place} 个字符）"))
}

fn unreadable(en: &str, zh: &str) -> Shape {
    Shape::Broken(vec![Problem::unreadable(NAME, en, zh)])
}

type Read<T> = Result<T, (&'static str, &'static str)>;

struct Reading<'a> {
    rest: &'a str,
}

impl Reading<'_> {
    fn geometry(&mut self) -> Read<Shape> {
        let mut kind = self.word().to_uppercase();
        // `POLYGONZ` and `POLYGON Z` are the same.
        for end in ["ZM", "Z", "M"] {
            if let Some(plain) = kind.strip_suffix(end)
                && matches!(plain, "POINT" | "POLYGON" | "MULTIPOLYGON")
            {
                kind = plain.to_owned();
            }
        }
        let before = self.rest;
        let word = self.word().to_uppercase();
        if !matches!(word.as_str(), "Z" | "M" | "ZM") {
            self.rest = before;
        }
        if self.is_empty() {
            return Ok(empty());
        }
        match kind.as_str() {
            "POINT" => {
                self.need('(')?;
                let place = self.position()?;
                self.need(')')?;
                Ok(Shape::Point(place))
            }
            "POLYGON" => Ok(Shape::Polygons(vec![self.list(Self::ring)?])),
            "MULTIPOLYGON" => Ok(Shape::Polygons(self.list(|reading| {
                if reading.is_empty() { Ok(Vec::new()) } else { reading.list(Self::ring) }
            })?)),
            "LINESTRING" => Ok(self.other("LineString")),
            "MULTILINESTRING" => Ok(self.other("MultiLineString")),
            "MULTIPOINT" => Ok(self.other("MultiPoint")),
            "GEOMETRYCOLLECTION" => Ok(self.other("GeometryCollection")),
            _ => {
                self.rest = before;
                Err(("it begins with no kind of geometry", "开头不是图形类型"))
            }
        }
    }

    fn other(&mut self, kind: &str) -> Shape {
        self.rest = "";
        wrong_type(kind)
    }

    fn ring(&mut self) -> Read<Ring> {
        if self.is_empty() { Ok(Ring::new()) } else { self.list(Self::position) }
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        self.need('(')?;
        let mut all = Vec::new();
        loop {
            all.push(one(self)?);
            if !self.take(',') {
                self.need(')')?;
                return Ok(all);
            }
        }
    }

    fn position(&mut self) -> Read<Position> {
        let mut numbers = Vec::with_capacity(4);
        while numbers.len() < 4 {
            let before = self.rest;
            let word = self.word();
            if word.is_empty() {
                break;
            }
            let Ok(number) = word.parse() else {
                self.rest = before;
                return Err(("a coordinate is no number", "坐标不是数字"));
            };
            numbers.push(number);
        }
        match *numbers.as_slice() {
            [east, north, ..] => Ok([east, north]),
            _ => Err(("a coordinate has fewer than two numbers", "坐标不足两个数字")),
        }
    }

    fn is_empty(&mut self) -> bool {
        let before = self.rest;
        let is_empty = self.word().eq_ignore_ascii_case("EMPTY");
        if !is_empty {
            self.rest = before;
        }
        is_empty
    }

    fn word(&mut self) -> String {
        self.rest = self.rest.trim_start();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn need(&mut self, bracket: char) -> Read<()> {
        match (self.take(bracket), bracket) {
            (true, _) => Ok(()),
            (false, '(') => Err(("an opening bracket is missing", "缺少左括号")),
            (false, _) => Err(("a closing bracket is missing", "缺少右括号")),
        }
    }

    fn take(&mut self, sign: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(sign) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::noise;

    const HOLED: &str = "MULTIPOLYGON Z (((0 0 1, 4 0 1, 4 4 1, 0 0 1), (1 1 1, 2 1 1, 2 2 1, 1 1 1)), ((9 9 1,8 9 1,8 8 1,9 9 1)))";

    fn told(text: &str) -> String {
        match shape(text, "EPSG:4490") {
            Shape::Broken(faults) => faults.iter().map(Problem::message).collect(),
            good => format!("{good:?}"),
        }
    }

    #[test]
    fn text_is_read_with_and_without_heights() {
        assert_eq!(shape("point(121.5 31.2)", ""), Shape::Point([121.5, 31.2]));
        assert_eq!(shape("SRID=4490;POINT Z (1 2 3)", "EPSG:4490"), Shape::Point([1.0, 2.0]));
        assert_eq!(shape("POINTZM(1 2 3 4)", ""), Shape::Point([1.0, 2.0]));
        let Shape::Polygons(parts) = shape(HOLED, "") else { panic!() };
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(format!("{:?}", parts[1][0][1]), "[8.0, 9.0]");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert!(told("POLYGON EMPTY").contains("empty"));
        assert!(told("").contains("empty"));
        assert!(told("LINESTRING (0 0, 1 1)").contains("LineString"));
        assert!(told("POLYGON ((0 0, 1 x))").contains("no number, at character 17"));
        assert!(
            told("POLYGON ((0 0, 1 1)").contains("closing bracket is missing, at character 20")
        );
        assert!(told("SRID=4326;POINT (1 2)").contains("SRID 4326"));
        assert!(told("办公楼").contains("no kind of geometry"));
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_texts_are_a_shape_or_faults(
            text in prop_oneof![
                noise::text(80),
                noise::damaged(Just(HOLED.as_bytes().to_vec()))
                    .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            ]
        ) {
            if let Shape::Broken(faults) = shape(&text, "EPSG:4326") {
                prop_assert!(!faults.is_empty());
            }
        }
    }
}
