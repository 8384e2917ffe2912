//! Personal fields 个人信息 (GB/T 22239-2019 8.1.4.11): who reads them in clear, and what everybody else reads instead.

use serde::{Deserialize, Serialize};

use super::Permission;

/// A field that says who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// Number plate 车牌.
    Plate,
    /// How to reach somebody 手机; also identity card numbers 身份证, which stand in the same texts.
    Phone,
    /// Name 姓名.
    Name,
}

/// Of fewer digits too little would stay hidden behind the first three and the last four.
const LEAST_DIGITS_OF_A_PHONE: usize = 11;

impl Personal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Plate, Self::Phone, Self::Name];

    /// Whose work needs it, without asking: who follows, sends or equips vehicles reads plates; who sends
    /// somebody to a place reads whom to call there.
    pub fn clear_with(self) -> &'static [Permission] {
        match self {
            Self::Plate => &[Permission::Track, Permission::Command, Permission::ManageTerminals],
            Self::Phone | Self::Name => &[Permission::Command],
        }
    }

    /// What everybody else reads: `京A·**123`, `138****5678`, `张*三`.
    #[must_use]
    pub fn masked(self, text: &str) -> String {
        match self {
            Self::Plate => masked_plate(text),
            Self::Phone => {
                by_runs(
                    text,
                    |run, is_number| {
                        if is_number { masked_number(run) } else { masked_name(run) }
                    },
                )
            }
            Self::Name => by_runs(text, |run, _is_number| masked_name(run)),
        }
    }
}

/// Free text with the telephone and identity card numbers in it masked.
pub fn without_numbers(text: &str) -> String {
    by_runs(text, |run, is_number| {
        if is_number && is_of_a_person(run) { masked_number(run) } else { run.iter().collect() }
    })
}

/// A mobile number (11 digits from 13 to 19), also behind 86; a landline with its area code; an identity card
/// (18 marks by GB 11643-1999, 15 digits before). Other long numbers are of contracts, orders and moments.
fn is_of_a_person(run: &[char]) -> bool {
    let digits: String = run
        .iter()
        .filter(|c| is_digit(**c))
        .filter_map(|c| char::from_digit(u32::from(*c) & 0xf, 10))
        .collect();
    let is_mobile = |digits: &str| {
        digits.len() == 11
            && digits.starts_with('1')
            && matches!(digits.as_bytes().get(1), Some(b'3'..=b'9'))
    };
    let ends_in_x = matches!(run.last(), Some('x' | 'X'));
    is_mobile(&digits)
        || digits.strip_prefix("86").is_some_and(is_mobile)
        || (digits.starts_with('0') && (10..=12).contains(&digits.len()))
        || matches!(digits.len(), 15 | 18)
        || (digits.len() == 17 && ends_in_x)
}

fn masked_plate(text: &str) -> String {
    let marks: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let (place, number) = marks.split_at(marks.len().min(2));
    let hidden = if number.len() > 3 { number.len() - 3 } else { number.len() };
    let shown = number.iter().skip(hidden);
    place.iter().chain(&['·']).chain(&vec!['*'; hidden]).chain(shown).collect()
}

fn masked_number(run: &[char]) -> String {
    let (head, tail) = if run.len() >= LEAST_DIGITS_OF_A_PHONE { (3, 4) } else { (0, 2) };
    keeping(run, head, tail)
}

/// `张*`, `张*三`, `欧阳**`.
fn masked_name(run: &[char]) -> String {
    match run.len() {
        3 => keeping(run, 1, 1),
        4 => keeping(run, 2, 0),
        _ => keeping(run, 1, 0),
    }
}

fn keeping(run: &[char], head: usize, tail: usize) -> String {
    let last = run.len().saturating_sub(tail);
    run.iter()
        .enumerate()
        .map(|(at, c)| if at < head || (at >= last && last >= head) { *c } else { '*' })
        .collect()
}

/// The text with each word and each number put through `mask`; a dash inside a number belongs to it.
fn by_runs(text: &str, mask: impl Fn(&[char], bool) -> String) -> String {
    let (mut masked, mut run, mut is_number) = (String::new(), Vec::new(), false);
    let chars: Vec<char> = text.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let next_is_digit = chars.get(at + 1).is_some_and(|c| is_digit(*c));
        let belongs = if is_digit(c) {
            is_number || run.is_empty()
        } else if matches!(c, '-' | '－') {
            is_number && next_is_digit
        } else if matches!(c, 'x' | 'X') && is_number {
            run.len() == 17
        } else {
            c.is_alphanumeric() && !is_number
        };
        if !belongs {
            masked.push_str(&mask(&run, is_number));
            run.clear();
        }
        if run.is_empty() {
            is_number = is_digit(c);
        }
        if c.is_alphanumeric() || belongs {
            run.push(c);
        } else {
            masked.push(c);
        }
    }
    masked.push_str(&mask(&run, is_number));
    masked
}

fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | '０'..='９')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_keeps_its_place_and_its_last_three_marks() {
        for (plate, masked) in [
            ("京A·12345", "京A·**345"),
            ("示AD12345", "示A·***345"),
            ("澜B·0001学", "澜B·**01学"),
            ("示A·12", "示A·**"),
            ("", "·"),
        ] {
            assert_eq!(Personal::Plate.masked(plate), masked);
        }
    }

    #[test]
    fn a_contact_keeps_too_little_to_call() {
        for (contact, masked) in [
            ("13812345678", "138****5678"),
            ("张三 138-1234-5678", "张* 138******5678"),
            ("８６２３５", "***３５"),
            ("后勤处李四，内线 62110", "后**** ，内* ***10"),
        ] {
            let shown = Personal::Phone.masked(contact);
            assert_eq!(shown.replace(' ', ""), masked.replace(' ', ""), "{contact}");
        }
    }

    #[test]
    fn names_are_masked_as_people_write_them() {
        let shown =
            ["张三", "张小三", "欧阳小三", "王师傅、李四"].map(|n| Personal::Name.masked(n));
        assert_eq!(shown, ["张*", "张*三", "欧阳**", "王*傅、李*"]);
    }

    #[test]
    fn free_text_loses_numbers_of_people_and_nothing_else() {
        let text = "3层301室空调漏水，请联系13812345678，2026-11-24前；身份证11010519491231002X；合同20261124001，单号1795517555665";
        let masked = "3层301室空调漏水，请联系138****5678，2026-11-24前；身份证110***********002X；合同20261124001，单号1795517555665";
        assert_eq!(without_numbers(text), masked);
    }

    mod random {
        use proptest::prelude::*;

        use super::*;

        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
            #[test]
            fn random_texts_lose_every_number_of_a_person(before in "\\PC{0,20}", number in "(86)?1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{8}|[0-9]{17}X", after in "\\PC{0,20}") {
                let text = format!("{before}：{number}，{after}");
                prop_assert!(!without_numbers(&text).contains(&number));
                prop_assert!(!Personal::Phone.masked(&text).contains(&number));
            }

            #[test]
            fn random_texts_keep_their_length_except_plates(text in "\\PC{0,60}") {
                let length = text.chars().count();
                prop_assert_eq!(Personal::Name.masked(&text).chars().count(), length);
                prop_assert_eq!(without_numbers(&text).chars().count(), length);
            }
        }
    }
}
