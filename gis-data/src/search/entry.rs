//! One searchable thing, and how well a question matches it.

use pinyin::ToPinyin as _;
use serde::Serialize;

use crate::ScopeId;

/// Which of its texts matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Matched {
    /// A business code.
    Code,
    /// A number plate.
    Plate,
    /// A room number.
    Number,
    /// The name as written.
    Name,
    /// The first letters of the name's syllables: `jgbgl`.
    Initials,
    /// The name in pinyin: `jiguanbangonglou`.
    Pinyin,
}

impl Matched {
    const ALL: [Self; 6] =
        [Self::Code, Self::Plate, Self::Number, Self::Name, Self::Initials, Self::Pinyin];

    fn letter(self) -> char {
        match self {
            Self::Code => 'c',
            Self::Plate => 'p',
            Self::Number => 'n',
            Self::Name => 'w',
            Self::Initials => 'i',
            Self::Pinyin => 'y',
        }
    }

    fn of(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|matched| matched.letter() == letter)
    }
}

/// A searchable thing.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) scope: ScopeId,
    /// Lower is preferred among equal matches: buildings before rooms before roads.
    pub(super) weight: u8,
    /// Each behind the letter of what it is and before a [`END`], in one piece: there are many entries.
    texts: Box<str>,
}

/// No text of a database holds it.
const END: char = '\0';

impl Entry {
    pub(super) fn new(scope: ScopeId, weight: u8, texts: &[(Matched, &str)]) -> Self {
        let mut all = String::new();
        let mut add = |matched: Matched, text: &str| {
            all.push(matched.letter());
            all.push_str(text);
            all.push(END);
        };
        for &(matched, text) in texts {
            if matched == Matched::Name && text.chars().any(|c| c.to_pinyin().is_some()) {
                add(Matched::Pinyin, &syllables(text, |s| s.plain().to_owned()));
                add(Matched::Initials, &syllables(text, |s| s.first_letter().to_owned()));
            }
            add(matched, &folded(text));
        }
        Self { scope, weight, texts: all.into_boxed_str() }
    }

    fn texts(&self) -> impl Iterator<Item = (Matched, &str)> {
        self.texts.split_terminator(END).filter_map(|text| {
            let mut rest = text.chars();
            Some((Matched::of(rest.next()?)?, rest.as_str()))
        })
    }

    /// The best match of a folded question: (rank, which text), a lower rank is better. Who does not read plates
    /// finds a vehicle by its whole plate, which they know already, and cannot feel their way along it.
    pub(super) fn rank(&self, question: &str, reads_plates: bool) -> Option<(u8, Matched)> {
        self.texts()
            .filter_map(|(matched, text)| {
                if matched == Matched::Plate && !reads_plates && text != question {
                    return None;
                }
                let place = text.find(question)?;
                let spelled = matches!(matched, Matched::Pinyin | Matched::Initials);
                let rank = match (place, text.len() == question.len()) {
                    (0, true) => 0,
                    (0, false) => 1,
                    _ => 2,
                };
                // Letters inside a spelling match almost anything: only from two letters on.
                if spelled
                    && (question.len() < 2
                        || (rank == 2 && matched == Matched::Pinyin && question.len() < 4))
                {
                    return None;
                }
                Some((rank + if spelled { 3 } else { 0 }, matched))
            })
            .min()
    }
}

/// Lower case, full-width forms as half-width, without blanks and the plate's middle dot.
pub(super) fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(*c, '·' | '•' | '・' | END))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

fn syllables(text: &str, spell: impl Fn(pinyin::Pinyin) -> String) -> String {
    let spelled: String =
        text.chars().map(|c| c.to_pinyin().map_or_else(|| c.to_string(), &spell)).collect();
    folded(&spelled)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::noise;

    fn best(name: &str, question: &str) -> Option<Matched> {
        Entry::new(ScopeId(1), 0, &[(Matched::Name, name)])
            .rank(&folded(question), true)
            .map(|(_, m)| m)
    }

    #[test]
    fn a_name_is_found_as_written_by_pinyin_and_by_initials() {
        assert_eq!(best("机关办公大楼", "办公"), Some(Matched::Name));
        assert_eq!(best("机关办公大楼", "jiguan"), Some(Matched::Pinyin));
        assert_eq!(best("机关办公大楼", "JGBGDL"), Some(Matched::Initials));
        assert_eq!(best("机关办公大楼", "学校"), None);
    }

    #[test]
    fn a_plate_is_found_without_its_dot_and_in_full_width() {
        let plate = Entry::new(ScopeId(1), 0, &[(Matched::Plate, "溪A·00012")]);
        assert!(plate.rank(&folded("溪a00012"), true).is_some());
        assert!(plate.rank(&folded("Ａ０００１２"), true).is_some());
    }

    #[test]
    fn a_masked_plate_is_found_whole_or_not_at_all() {
        let plate = Entry::new(ScopeId(1), 0, &[(Matched::Plate, "溪A·00012")]);
        assert_eq!(plate.rank(&folded("溪a0001"), false), None);
        assert_eq!(plate.rank(&folded("00012"), false), None);
        assert_eq!(plate.rank(&folded("溪A00012"), false), Some((0, Matched::Plate)));
    }

    #[test]
    fn a_single_letter_does_not_match_spellings() {
        assert_eq!(best("机关办公大楼", "j"), None);
    }

    fn words() -> impl Strategy<Value = String> {
        prop_oneof![noise::text(12), "[\u{4e00}-\u{9fff}a-zA-ZＡ-Ｚ０-９· ]{1,10}"]
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_words_fold_once_and_for_all(text in words()) {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once.clone());
            prop_assert!(!once.contains(char::is_whitespace), "{once:?}");
        }

        #[test]
        fn random_names_are_found_by_themselves(name in words(), question in words()) {
            let entry = Entry::new(ScopeId(1), 0, &[(Matched::Name, &name)]);
            if folded(&name).is_empty() {
                return Ok(());
            }
            prop_assert_eq!(entry.rank(&folded(&name), false).map(|(rank, _)| rank), Some(0));
            if let Some((rank, _)) = entry.rank(&folded(&question), true) {
                prop_assert!(rank <= 5);
            }
        }

        #[test]
        fn random_questions_find_a_masked_plate_only_whole(question in words(), plate in "溪[A-F]·[0-9]{5}") {
            let entry = Entry::new(ScopeId(1), 0, &[(Matched::Plate, &plate)]);
            let part: String = plate.chars().skip(1).collect();
            for question in [folded(&question), folded(&part)] {
                let found = entry.rank(&question, false).is_some();
                prop_assert_eq!(found, question == folded(&plate));
            }
        }
    }
}
