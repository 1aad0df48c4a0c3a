//! An example event for an error, with the target's answer, to find the cause of the error.

use client_event::EventType;
use serde::{Deserialize, Serialize};

use terminal_escape::is_control;

/// The first event with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorExample {
    /// The id of the event.
    pub event_id: String,
    /// The type of the event.
    pub event_type: EventType,
    /// The beginning of the target's answer, in one line. Missing without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

impl ErrorExample {
    /// Maximum length of an answer, in characters.
    const ANSWER_MAX: usize = 300;

    /// Creates the example of an event and the answer to it.
    pub fn new(event_id: String, event_type: EventType, answer: Option<&str>) -> Self {
        Self { event_id, event_type, answer: answer.map(beginning).filter(|answer| !answer.is_empty()) }
    }
}

/// Returns the beginning of a text as one line. Each run of white space and control characters becomes one space.
pub fn beginning(text: &str) -> String {
    let is_between = |char: char| char.is_whitespace() || is_control(char);
    let words: Vec<_> = text.split(is_between).filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(ErrorExample::ANSWER_MAX) {
        None => line,
        Some((end, _)) => format!("{}...", &line[..end]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all texts, the beginning is a short line without control characters.
        #[test]
        fn a_beginning_is_a_line(text in any::<String>(), times in 1_usize..100) {
            let line = beginning(&text.repeat(times));
            prop_assert!(line.chars().count() <= ErrorExample::ANSWER_MAX + 3 && !line.chars().any(is_control));
        }
    }

    #[test]
    fn words_stay() {
        assert_eq!(beginning("{\r\n  \"error\": {\u{1b}[31m\n}"), "{ \"error\": { [31m }");
        assert_eq!(beginning(&"é".repeat(301)), format!("{}...", "é".repeat(300)));
    }
}
