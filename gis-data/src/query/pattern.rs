//! Patterns of `LIKE`: `%` is any text, `_` any character, and a backslash takes the next character as it is.

use super::error::FilterFault;

/// A pattern taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Same(char),
    One,
    Any,
}

impl Pattern {
    /// Takes it apart; PostgreSQL too refuses a backslash at the end.
    pub(super) fn new(text: &str) -> Result<Self, FilterFault> {
        let mut parts = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            parts.push(match letter {
                '%' if parts.last() == Some(&Part::Any) => continue,
                '%' => Part::Any,
                '_' => Part::One,
                '\\' => Part::Same(letters.next().ok_or(FilterFault::PatternEnd)?),
                other => Part::Same(other),
            });
        }
        Ok(Self(parts))
    }

    /// The text that it is, if it has neither `%` nor `_`.
    pub(super) fn as_text(&self) -> Option<String> {
        let letter = |part: &Part| match part {
            Part::Same(letter) => Some(*letter),
            Part::One | Part::Any => None,
        };
        self.0.iter().map(letter).collect()
    }

    /// Whether the text, letter by letter, is of this pattern. Going back to the last `%` alone is enough:
    /// whatever an earlier one could take, the last can take too.
    pub(super) fn matches(&self, mut text: impl Iterator<Item = char> + Clone) -> bool {
        let mut at = 0;
        let mut last_any = None;
        loop {
            let part = self.0.get(at);
            if part == Some(&Part::Any) {
                at += 1;
                last_any = Some((at, text.clone()));
                continue;
            }
            let letter = text.next();
            match (part, letter) {
                (None, None) => return true,
                (Some(Part::One), Some(_)) => at += 1,
                (Some(Part::Same(same)), Some(letter)) if *same == letter => at += 1,
                (_, None) => return false,
                _ => {
                    let Some((after, from)) = &mut last_any else { return false };
                    from.next();
                    (at, text) = (*after, from.clone());
                }
            }
        }
    }
}

impl std::fmt::Display for Pattern {
    /// The shortest way to write it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use std::fmt::Write as _;
        self.0.iter().try_for_each(|part| match part {
            Part::Any => f.write_char('%'),
            Part::One => f.write_char('_'),
            Part::Same(letter @ ('%' | '_' | '\\')) => write!(f, "\\{letter}"),
            Part::Same(letter) => f.write_char(*letter),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(text.chars())
    }

    #[test]
    fn wildcards_take_characters_not_bytes() {
        for (text, pattern, is_like) in [
            ("", "", true),
            ("", "%", true),
            ("", "_", false),
            ("办公楼", "办_楼", true),
            ("办公楼", "办_", false),
            ("办公楼", "%楼", true),
            ("aab", "%ab", true),
            ("abcabd", "%ab_", true),
            ("abcabdx", "%ab_", false),
            ("100%", "100\\%", true),
            ("1000", "100\\%", false),
            ("a\\b", "a\\\\b", true),
            ("ab", "\\a\\b", true),
            ("abc", "a%%c", true),
            ("abc", "abc%_", false),
        ] {
            assert_eq!(like(text, pattern), is_like, "{text:?} like {pattern:?}");
        }
        assert_eq!(Pattern::new("a\\"), Err(FilterFault::PatternEnd));
    }

    #[test]
    fn a_pattern_that_goes_back_often_still_ends() {
        let text = "a".repeat(4_000);
        assert!(!like(&text, &format!("{}b", "%a".repeat(500))));
    }

    #[test]
    fn a_pattern_is_written_in_its_shortest_way() {
        let shortest = |pattern| Pattern::new(pattern).unwrap().to_string();
        assert_eq!(shortest("\\a%%_\\%\\\\"), "a%_\\%\\\\");
        assert_eq!(Pattern::new("\\%a").unwrap().as_text().as_deref(), Some("%a"));
        assert_eq!(Pattern::new("a_").unwrap().as_text(), None);
    }
}
