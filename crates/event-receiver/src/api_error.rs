//! The errors of the HTTP API, in the form of Google's APIs: the code, the status and the text of each error. A response names a bounded number
//! of problems.

use std::fmt::Write as _;
use std::io;

use actix_http::StatusCode;
use actix_http::header::{ACCEPT_ENCODING, ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
use bytes::Bytes;
use client_event::{EventId, Problem};
use serde::Serialize;

use crate::answer::{self, Answer, AnswerBody};
use crate::batch::{BATCH_MESSAGES_MAX, BatchError};
use crate::early_answer::EarlyAnswer;
use crate::incoming_body::IncomingBody;
use crate::ingest::Refused;
use crate::limits::BODY_BYTES_MAX;

pub(crate) const APPLICATION_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An error response.
#[derive(Debug)]
pub(crate) struct ApiError {
    code: StatusCode,
    /// The name of a `google.rpc.Code`.
    status: &'static str,
    message: String,
    violations: Vec<FieldViolation>,
    /// A header with advice for the client.
    advice: Option<(HeaderName, &'static str)>,
}

impl ApiError {
    fn new(code: StatusCode, status: &'static str, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), violations: Vec::new(), advice: None }
    }

    /// The message has problems.
    pub(crate) fn refused(refused: &Refused) -> Self {
        let mut message = String::new();
        if let Some(hint) = &refused.hint {
            write!(message, "{hint} ").expect("writing to a String does not fail");
        }
        write!(message, "{}", refused.refusal).expect("writing to a String does not fail");
        let violations = refused.refusal.problems().iter().map(FieldViolation::from).collect();
        Self { violations, ..Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message) }
    }

    /// The event id was used for other content.
    pub(crate) fn conflicting(event_id: &EventId) -> Self {
        Self::new(StatusCode::CONFLICT, "ALREADY_EXISTS", conflict(event_id))
    }

    /// The body is too large. Google's APIs call that `INVALID_ARGUMENT`, in a response with 400.
    pub(crate) fn too_large() -> Self {
        let message = format!("Request payload size exceeds the limit: {BODY_BYTES_MAX} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_ARGUMENT", message)
    }

    /// The body is not a batch.
    pub(crate) fn no_batch(error: &BatchError) -> Self {
        let (code, message) = match error {
            BatchError::Empty => (
                StatusCode::BAD_REQUEST,
                "The body contains no message; expected one message per line, or a JSON array of messages.".to_owned(),
            ),
            BatchError::TooMany => {
                (StatusCode::PAYLOAD_TOO_LARGE, format!("The body contains more than {BATCH_MESSAGES_MAX} messages."))
            }
            BatchError::NotAnArray(error) => {
                (StatusCode::BAD_REQUEST, format!("The body is not a complete JSON array: {error}."))
            }
        };
        Self::new(code, "INVALID_ARGUMENT", message)
    }

    /// The body ended early. The client has most likely disconnected.
    pub(crate) fn broke_off() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", "The request body ended early or is not framed correctly.")
    }

    /// The body is declared as gzip, but cannot be decompressed.
    pub(crate) fn not_unpacked(error: &io::Error) -> Self {
        let message = format!("The request body cannot be decompressed: it is not gzip, or it ends early ({error}).");
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
    }

    /// The content encoding is unknown.
    pub(crate) fn unknown_encoding(name: &str) -> Self {
        let message = format!("The Content-Encoding of the request is {name:?}; expected gzip or identity.");
        let error = Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "INVALID_ARGUMENT", message);
        // RFC 9110, section 12.5.3.
        Self { advice: Some((ACCEPT_ENCODING, "gzip, identity")), ..error }
    }

    /// The body arrives too slowly.
    pub(crate) fn too_slow(bytes_per_s: u32) -> Self {
        let message = format!("The request body arrived at less than {bytes_per_s} bytes a second.");
        Self::new(StatusCode::REQUEST_TIMEOUT, "DEADLINE_EXCEEDED", message)
    }

    /// There is no memory for the body or the response.
    pub(crate) fn no_memory() -> Self {
        let message =
            "The receiver has no memory left for the body or the response; send smaller bodies, or fewer concurrent requests.";
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message);
        Self { advice: Some((RETRY_AFTER, "1")), ..error }
    }

    /// The header section is too large.
    pub(crate) fn header_too_large(limit: usize) -> Self {
        let message = format!("The request headers are larger than {limit} bytes.");
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "INVALID_ARGUMENT", message)
    }

    /// The receiver is configured to answer some requests with an error.
    pub(crate) fn injected() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "This error is injected: the receiver was started with an error ratio.",
        )
    }

    /// The path does not exist.
    pub(crate) fn not_found(path: &str) -> Self {
        let message =
            format!("The path {path:?} does not exist; expected /clientEvents, /clientEvents:batch, /summary or /healthz.");
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    /// The path does not support this method. `google.rpc.Code` has no name for 405; the closest is `UNIMPLEMENTED`, "not implemented or
    /// not supported".
    pub(crate) fn method_not_allowed(method: &str, path: &str, allow: &'static str) -> Self {
        let message = format!("{path} does not support the method {method}; expected {allow}.");
        Self { advice: Some((ALLOW, allow)), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNIMPLEMENTED", message) }
    }

    /// The response to a request whose body was read.
    pub(crate) fn answer(&self) -> Answer {
        self.answer_before_end(None)
    }

    /// The response to a request whose body has not arrived completely. `rest` is the missing part, if any.
    pub(crate) fn answer_before_end(&self, rest: Option<IncomingBody>) -> Answer {
        let json = Bytes::from(self.json());
        let body = match rest {
            None => AnswerBody::Whole(json),
            Some(rest) => AnswerBody::Early(EarlyAnswer::new(json, rest)),
        };
        let mut answer = answer::new(self.code, APPLICATION_JSON, body);
        if let Some((name, value)) = &self.advice {
            answer.headers_mut().insert(name.clone(), HeaderValue::from_static(value));
        }
        answer
    }

    fn json(&self) -> Vec<u8> {
        let details = [BadRequest { r#type: "type.googleapis.com/google.rpc.BadRequest", field_violations: &self.violations }];
        let error = ErrorJson {
            code: self.code.as_u16(),
            message: &self.message,
            status: self.status,
            details: if self.violations.is_empty() { &[] } else { &details },
        };
        serde_json::to_vec(&Envelope { error }).expect("strings and numbers serialize as JSON")
    }
}

/// The text for an event id that was used before with different content.
pub(crate) fn conflict(event_id: &EventId) -> String {
    format!("eventId: {:?} was used before for an event with other content", event_id.as_str())
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: ErrorJson<'a>,
}

/// `google.rpc.Status` in its JSON form.
#[derive(Serialize)]
struct ErrorJson<'a> {
    code: u16,
    message: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    details: &'a [BadRequest<'a>],
}

/// `google.rpc.BadRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BadRequest<'a> {
    #[serde(rename = "@type")]
    r#type: &'a str,
    field_violations: &'a [FieldViolation],
}

/// One problem of a message.
#[derive(Debug, Serialize)]
pub(crate) struct FieldViolation {
    field: String,
    description: String,
    reason: String,
}

impl From<&Problem> for FieldViolation {
    fn from(problem: &Problem) -> Self {
        Self {
            field: problem.path.clone(),
            description: problem.message.clone(),
            reason: problem.reason.code().replace('-', "_").to_ascii_uppercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use client_event::{ClientEvent, PROBLEMS_MAX};
    use serde_json::{Value, json};

    use super::*;

    fn written(error: &ApiError) -> Value {
        serde_json::from_slice(&error.json()).unwrap()
    }

    fn refused(json: &[u8]) -> Refused {
        Refused { refusal: ClientEvent::from_json(json).unwrap_err(), hint: None }
    }

    #[test]
    fn a_refusal_names_every_problem() {
        let refused = refused(br#"{"eventId":"","eventType":7}"#);
        let error = written(&ApiError::refused(&refused));
        assert_eq!(error["error"]["message"], refused.refusal.to_string());
        let detail = &error["error"]["details"][0];
        assert_eq!(detail["@type"], "type.googleapis.com/google.rpc.BadRequest");
        assert_eq!(
            detail["fieldViolations"][0],
            json!({"field": "eventId", "description": "is empty", "reason": "REQUIRED_FIELD"})
        );
        assert_eq!(detail["fieldViolations"].as_array().unwrap().len(), refused.refusal.problems().len());
    }

    #[test]
    fn a_refusal_with_very_many_problems_names_the_first_and_one_of_each_reason() {
        let members: Vec<_> = (0..5_000).map(|number| format!("\"field{number}\":0")).collect();
        let error = written(&ApiError::refused(&refused(format!("{{{}}}", members.join(",")).as_bytes())));
        // The first missing field comes after all unknown fields.
        let violations = error["error"]["details"][0]["fieldViolations"].as_array().unwrap();
        assert_eq!(violations.len(), PROBLEMS_MAX + 1);
        assert_eq!(violations[PROBLEMS_MAX]["reason"], "REQUIRED_FIELD");
        assert!(error["error"]["message"].as_str().unwrap().ends_with("; and 4904 more"));
    }

    #[test]
    fn a_hint_comes_first() {
        let refused = Refused { hint: Some("This looks odd.".to_owned()), ..refused(b"{}") };
        let message = ApiError::refused(&refused).message;
        assert!(message.starts_with("This looks odd. eventId: is missing"), "{message}");
    }

    #[test]
    fn other_errors_have_no_details() {
        assert_eq!(
            written(&ApiError::conflicting(&EventId::new("e").unwrap())),
            json!({"error": {
                "code": 409,
                "message": "eventId: \"e\" was used before for an event with other content",
                "status": "ALREADY_EXISTS",
            }})
        );
    }
}
