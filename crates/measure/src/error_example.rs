//! One of the events that an error happened to, and what the target said: what someone needs who looks for the cause.

use client_event::EventType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use terminal_escape::is_control;

/// The first event that an error was seen with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorExample {
    /// Its id.
    pub event_id: String,
    /// Its type.
    pub event_type: EventType,
    /// What the target answered, if it did: the beginning, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

impl ErrorExample {
    /// The most characters of an answer.
    const ANSWER_MAX: usize = 300;

    /// The example of an event, with the answer to it.
    pub fn new(event_id: String, event_type: EventType, answer: Option<&str>) -> Self {
        Self { event_id, event_type, answer: answer.map(beginning).filter(|answer| !answer.is_empty()) }
    }
}

/// The beginning of a text as one line: what is no word, white space and control characters, is one space each time.
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
        /// For all texts, the beginning is a short line that a terminal shows as it is.
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
