//! What `CASEI` makes equal. PostgreSQL folds letters by the locale it was made with, so the table is our own and both
//! ways of running a filter use it: one small letter for each capital of the alphabets below, letter by letter.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// Where capitals stand. Short, because PostgreSQL's `translate` looks through the table for each character.
const CAPITALS: [RangeInclusive<char>; 8] = [
    'A'..='Z',
    // Latin: of western Europe, of the rest of it, of pinyin with tones.
    '\u{c0}'..='\u{de}',
    '\u{100}'..='\u{17d}',
    '\u{1cd}'..='\u{1db}',
    // Greek, Cyrillic.
    '\u{386}'..='\u{3ab}',
    '\u{400}'..='\u{42f}',
    // Ⅰ to Ⅿ, Ａ to Ｚ.
    '\u{2160}'..='\u{216f}',
    '\u{ff21}'..='\u{ff3a}',
];
/// At the end of a word σ is written so, and Σ for both.
const FINAL_SIGMA: char = 'ς';
const SIGMA: char = 'σ';

/// A letter without its case.
pub(super) fn folded(letter: char) -> char {
    if letter.is_ascii() {
        letter.to_ascii_lowercase()
    } else if letter == FINAL_SIGMA {
        SIGMA
    } else if may_be_capital(letter) {
        small(letter)
    } else {
        letter
    }
}

/// A text without case.
pub(super) fn folded_text(text: &str) -> String {
    text.chars().map(folded).collect()
}

/// The letters that [`folded`] changes, and what they become: what `translate` takes.
pub(super) fn table() -> &'static (String, String) {
    static TABLE: LazyLock<(String, String)> = LazyLock::new(|| {
        let letters = CAPITALS.into_iter().flatten().chain([FINAL_SIGMA]);
        letters.map(|letter| (letter, folded(letter))).filter(|(from, to)| from != to).unzip()
    });
    &TABLE
}

/// Quickly no of Chinese, which most texts here are.
fn may_be_capital(letter: char) -> bool {
    !('\u{2170}'..='\u{ff20}').contains(&letter)
        && CAPITALS.iter().any(|range| range.contains(&letter))
}

/// Its small letter, where that is one letter.
fn small(letter: char) -> char {
    let mut small = letter.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_of_several_alphabets_become_small() {
        assert_eq!(
            folded_text("Ａ-12 ÀÞ ΟΔΟΣ οδος УЛИЦА Ⅳ Ǎ 办公楼B"),
            "ａ-12 àþ οδοσ οδοσ улица ⅳ ǎ 办公楼b"
        );
    }

    #[test]
    fn folding_twice_is_folding_once_and_the_table_has_all_of_it() {
        let (from, to) = table();
        for letter in '\0'..=char::MAX {
            let once = folded(letter);
            assert_eq!(folded(once), once, "{letter:?}");
            let at = from.chars().position(|known| known == letter);
            let by_table = at.and_then(|at| to.chars().nth(at)).unwrap_or(letter);
            assert_eq!(by_table, once, "{letter:?}");
        }
        assert!(from.chars().count() < 300);
    }
}
