//! What a terminal says to a command by MQTT, on `onemap/v1/{terminal}/command/ack`.

use serde::Deserialize;

use super::Outcome;

/// The longest remark that is kept, in characters.
const MOST_NOTE: usize = 200;

/// An answer to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) command_id: i64,
    pub(crate) outcome: Outcome,
    pub(crate) note: String,
}

#[derive(Deserialize)]
struct Said {
    id: i64,
    result: Outcome,
    #[serde(default)]
    note: String,
}

/// `{"id": 12, "result": "done" | "failed" | "unsupported", "note": "…"}`; `None` for anything else.
pub(crate) fn read_answer(payload: &[u8]) -> Option<Answer> {
    let said: Said = serde_json::from_slice(payload).ok()?;
    let note = said.note.chars().filter(|c| !c.is_control()).take(MOST_NOTE).collect();
    Some(Answer { command_id: said.id, outcome: said.result, note })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_names_its_command_and_what_came_of_it() {
        let answer = read_answer(br#"{"id": 7, "result": "failed", "note": "busy\u0000"}"#);
        let expected = Answer { command_id: 7, outcome: Outcome::Failed, note: "busy".to_owned() };
        assert_eq!(answer, Some(expected));
        assert_eq!(read_answer(br#"{"id": 7, "result": "maybe"}"#), None);
    }

    proptest! {
        #[test]
        fn random_answers_are_read_or_passed_over(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(answer) = read_answer(&bytes) {
                prop_assert!(answer.note.chars().count() <= MOST_NOTE);
            }
        }
    }
}
