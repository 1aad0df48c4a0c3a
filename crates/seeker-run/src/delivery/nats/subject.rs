//! The subject of messages: literal text with the placeholders `{type}` and `{seeker}`.
//!
//! Invariant: every subject of a template is a valid NATS subject without wildcards.

use seeker_model::SeekerEvent;

/// The number of values of `{seeker}`, so that the number of subjects is bounded.
pub(super) const SEEKER_VALUES: u64 = 64;

/// The maximum length. A server closes the connection for a line above 4,096 bytes.
const LENGTH_MAX: usize = 1_000;

/// A subject with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// The name of the event type.
    Type,
    /// A number below [`SEEKER_VALUES`] that is the same for all events of a seeker.
    Seeker,
}

impl Subject {
    /// Reads a subject. An error states what was expected.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let expected =
            |problem: &str| Err(format!("{problem}; expected a subject such as nats://127.0.0.1:4222/events.{{type}}"));
        if text.is_empty() {
            return expected("the subject is missing");
        }
        if text.len() > LENGTH_MAX {
            return expected("the subject is longer than 1000 bytes");
        }
        if text.split('.').any(str::is_empty) {
            return expected("the subject has an empty token");
        }
        if text.starts_with('$') {
            return expected("subjects that begin with $ belong to the server");
        }
        if text.contains(|character: char| character.is_whitespace() || character.is_control()) {
            return expected("the subject contains white space");
        }
        if text.contains(['*', '>']) {
            return expected("a message cannot be sent to a wildcard (* or >)");
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(begin) = rest.find(['{', '}']) {
            let (literal, placeholder) = rest.split_at(begin);
            let (part, length) = if placeholder.starts_with("{type}") {
                (Part::Type, "{type}".len())
            } else if placeholder.starts_with("{seeker}") {
                (Part::Seeker, "{seeker}".len())
            } else {
                return expected("the placeholders of a subject are {type} and {seeker}");
            };
            parts.extend((!literal.is_empty()).then(|| Part::Literal(literal.to_owned())));
            parts.push(part);
            rest = &placeholder[length..];
        }
        parts.extend((!rest.is_empty()).then(|| Part::Literal(rest.to_owned())));
        Ok(Self(parts))
    }

    /// Replaces the content of `out` by the subject of an event.
    pub(super) fn write(&self, event: &SeekerEvent, out: &mut String) {
        use std::fmt::Write;

        out.clear();
        for part in &self.0 {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Type => out.push_str(event.event_type.name()),
                Part::Seeker => write!(out, "{}", event.seeker % SEEKER_VALUES).expect("a string accepts all text"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_split_at_its_placeholders() {
        let literal = |text: &str| Part::Literal(text.to_owned());
        for (text, expected) in [
            ("events", vec![literal("events")]),
            ("events.{type}", vec![literal("events."), Part::Type]),
            ("{seeker}.a.{type}.b", vec![Part::Seeker, literal(".a."), Part::Type, literal(".b")]),
        ] {
            assert_eq!(Subject::read(text).unwrap().0, expected);
        }
    }

    #[test]
    fn what_is_no_subject_is_refused() {
        for text in ["", "a..b", ".a", "a.", "a b", "a\nb", "a.*", "a.>", "a.{id}", "a}", "{", "$JS.API.x", &"a".repeat(1_001)] {
            assert!(Subject::read(text).is_err(), "{text}");
        }
    }
}
