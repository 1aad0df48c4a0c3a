//! The meaning of the reply to a published message.

use std::borrow::Cow;

use load_plan::EventOutcome;
use serde::Deserialize;

use super::protocol::Message;

/// The outcome that a reply states.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meaning<'a> {
    pub(super) outcome: EventOutcome,
    pub(super) error: Option<String>,
    /// Whether a retry may succeed.
    pub(super) is_worth_a_retry: bool,
    /// The explanation of the server.
    pub(super) explanation: Option<Cow<'a, str>>,
}

/// The reply of `JetStream` to a message.
#[derive(Deserialize)]
struct PublishAck<'a> {
    #[serde(borrow, default)]
    error: Option<AckError<'a>>,
    #[serde(borrow, default)]
    stream: Cow<'a, str>,
    #[serde(default)]
    seq: u64,
}

#[derive(Deserialize)]
struct AckError<'a> {
    code: u16,
    #[serde(default)]
    err_code: u32,
    #[serde(borrow, default)]
    description: Cow<'a, str>,
}

impl<'a> Meaning<'a> {
    /// Reads a reply.
    pub(super) fn of(message: &Message<'a>) -> Self {
        match message.status() {
            Some(503) => {
                let error = "no stream takes messages of this subject (503, no responders); create a JetStream stream for it";
                return Self::failure(EventOutcome::Failed, error.to_owned(), true);
            }
            Some(status) => return Self::failure(EventOutcome::Unknown, format!("answered with the NATS status {status}"), true),
            None => {}
        }
        match serde_json::from_slice(message.payload) {
            Ok(PublishAck { error: Some(AckError { code, err_code, description }), .. }) => {
                let outcome = if code >= 500 { EventOutcome::Failed } else { EventOutcome::Refused };
                let is_worth_a_retry = code == 429 || code >= 500;
                let error = format!("answered {code} (JetStream error {err_code})");
                Self { explanation: Some(description), ..Self::failure(outcome, error, is_worth_a_retry) }
            }
            Ok(PublishAck { error: None, stream, seq: 1.. }) if !stream.is_empty() => {
                Self { outcome: EventOutcome::Acknowledged, error: None, is_worth_a_retry: false, explanation: None }
            }
            _ => {
                let error = "answered, but not as JetStream does; does another service subscribe to the subject?";
                let explanation = Some(String::from_utf8_lossy(message.payload));
                Self { explanation, ..Self::failure(EventOutcome::Unknown, error.to_owned(), false) }
            }
        }
    }

    fn failure(outcome: EventOutcome, error: String, is_worth_a_retry: bool) -> Self {
        Self { outcome, error: Some(error), is_worth_a_retry, explanation: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reply_has_its_outcome() {
        use EventOutcome::{Acknowledged, Failed, Refused, Unknown};

        for (headers, payload, outcome, is_worth_a_retry, error) in [
            ("", r#"{"stream":"S", "seq":7}"#, Acknowledged, false, ""),
            ("", r#"{"stream":"S","domain":"hub","seq":7,"duplicate": true}"#, Acknowledged, false, ""),
            (
                "",
                r#"{"error":{"code":400,"err_code":10054,"description":"\"a\""},"stream":"S","seq":0}"#,
                Refused,
                false,
                "answered 400 (JetStream error 10054)",
            ),
            (
                "",
                r#"{"error":{"code":503,"err_code":10077,"description":"full"}}"#,
                Failed,
                true,
                "answered 503 (JetStream error 10077)",
            ),
            ("", r#"{"error":{"code":429}}"#, Refused, true, "answered 429 (JetStream error 0)"),
            ("NATS/1.0 503\r\n\r\n", "", Failed, true, "no stream takes messages"),
            ("NATS/1.0 408 x\r\n\r\n", "", Unknown, true, "NATS status 408"),
            ("NATS/1.0\r\nA: b\r\n\r\n", r#"{"stream":"S","seq":1}"#, Acknowledged, false, ""),
            ("", "", Unknown, false, "not as JetStream does"),
            ("", "+OK", Unknown, false, "not as JetStream does"),
            ("", r#"{"seq":7}"#, Unknown, false, "not as JetStream does"),
            ("", r#"{"stream":"S","seq":0}"#, Unknown, false, "not as JetStream does"),
        ] {
            let message = Message { subject: b"i.0.1", headers: headers.as_bytes(), payload: payload.as_bytes() };
            let meaning = Meaning::of(&message);
            assert_eq!((meaning.outcome, meaning.is_worth_a_retry), (outcome, is_worth_a_retry), "{headers}{payload}");
            assert!(meaning.error.unwrap_or_default().contains(error), "{headers}{payload}");
        }
    }
}
