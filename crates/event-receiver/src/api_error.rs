//! The errors that the service answers with, in the form of Google's APIs. What went wrong is decided elsewhere; here it gets its
//! code, its status and its words. An answer names no more than a bounded number of problems.

use std::fmt::Write as _;
use std::io;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use client_event::{EventId, Refusal};
use serde::Serialize;

use crate::batch::{BATCH_MESSAGES_MAX, BatchError};
use crate::body::{AnswerBeforeEnd, BODY_BYTES_MAX, Incoming};

/// How many problems of a message an answer names; a body of 1 MiB has room for a hundred thousand.
const PROBLEMS_NAMED_MAX: usize = 100;

pub(crate) const APPLICATION_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An error to answer with.
#[derive(Debug)]
pub(crate) struct ApiError {
    code: StatusCode,
    /// One of the names of `google.rpc.Code`.
    status: &'static str,
    message: String,
    violations: Vec<FieldViolation>,
    /// What the request could have been instead, where a header has a name for that.
    instead: Option<(HeaderName, &'static str)>,
}

impl ApiError {
    fn new(code: StatusCode, status: &'static str, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), violations: Vec::new(), instead: None }
    }

    /// The message is not fine.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let problems = refusal.problems();
        let named = &problems[..problems.len().min(PROBLEMS_NAMED_MAX)];
        let mut message = String::new();
        let mut separator = "";
        for problem in named {
            write!(message, "{separator}{problem}").expect("a String takes everything");
            separator = "; ";
        }
        if named.len() < problems.len() {
            write!(message, "; and {} more", problems.len() - named.len()).expect("a String takes everything");
        }
        let violations = named
            .iter()
            .map(|problem| FieldViolation {
                field: problem.path.clone(),
                description: problem.message.clone(),
                reason: problem.reason.code().replace('-', "_").to_ascii_uppercase(),
            })
            .collect();
        Self { violations, ..Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message) }
    }

    /// The event id was used for other content.
    pub(crate) fn conflicting(event_id: &EventId) -> Self {
        Self::new(StatusCode::CONFLICT, "ALREADY_EXISTS", conflict(event_id))
    }

    /// The body is larger than it may be. Google's APIs call that `INVALID_ARGUMENT`, in an answer with 400.
    pub(crate) fn too_large() -> Self {
        let message = format!("Request payload size exceeds the limit: {BODY_BYTES_MAX} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_ARGUMENT", message)
    }

    /// The body is no batch.
    pub(crate) fn no_batch(error: &BatchError) -> Self {
        let (code, message) = match error {
            BatchError::Empty => (
                StatusCode::BAD_REQUEST,
                "There is no message in the body; expected one a line, or a JSON array of them.".to_owned(),
            ),
            BatchError::TooMany => {
                (StatusCode::PAYLOAD_TOO_LARGE, format!("There are more than {BATCH_MESSAGES_MAX} messages in the body."))
            }
            BatchError::NotAnArray(error) => (StatusCode::BAD_REQUEST, format!("The body is no whole JSON array: {error}.")),
        };
        Self::new(code, "INVALID_ARGUMENT", message)
    }

    /// The body broke off. Whoever sent it is most likely gone.
    pub(crate) fn broke_off() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", "The body of the request broke off or is not framed correctly.")
    }

    /// The body says that it is packed with gzip, and cannot be unpacked.
    pub(crate) fn not_unpacked(error: &io::Error) -> Self {
        let message = format!("The body of the request cannot be unpacked: it is no gzip, or breaks off ({error}).");
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
    }

    /// The body is packed in a way that is not known here.
    pub(crate) fn unknown_encoding(name: &str) -> Self {
        let message = format!("The Content-Encoding of the request is {name:?}; expected gzip or identity.");
        let error = Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "INVALID_ARGUMENT", message);
        // RFC 9110, section 12.5.3.
        Self { instead: Some((ACCEPT_ENCODING, "gzip, identity")), ..error }
    }

    /// The receiver was told to answer some requests with an error.
    pub(crate) fn injected() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "This error is injected: the receiver runs with an error ratio.")
    }

    /// There is nothing under this path.
    pub(crate) fn not_found(path: &str) -> Self {
        let message = format!("There is no {path:?}; expected /clientEvents, /clientEvents:batch, /summary or /healthz.");
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    /// The path does not have this method. `google.rpc.Code` has no name for 405; the one nearest in meaning is "not implemented
    /// or not supported".
    pub(crate) fn method_not_allowed(method: &str, path: &str, allow: &'static str) -> Self {
        let message = format!("{path} has no method {method}; expected {allow}.");
        Self { instead: Some((ALLOW, allow)), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNIMPLEMENTED", message) }
    }

    /// The answer to a request whose body was read.
    pub(crate) fn answer(&self) -> HttpResponse {
        self.head().body(self.json())
    }

    /// The answer to a request of whose body something may be still to come.
    pub(crate) fn answer_before_end(&self, rest: Option<Incoming>) -> HttpResponse {
        match rest {
            None => self.answer(),
            Some(rest) => self.head().body(AnswerBeforeEnd::new(Bytes::from(self.json()), rest)),
        }
    }

    fn head(&self) -> actix_web::HttpResponseBuilder {
        let mut head = HttpResponse::build(self.code);
        head.insert_header((CONTENT_TYPE, APPLICATION_JSON));
        if let Some((name, value)) = &self.instead {
            head.insert_header((name.clone(), HeaderValue::from_static(value)));
        }
        head
    }

    fn json(&self) -> Vec<u8> {
        let details = [BadRequest { r#type: "type.googleapis.com/google.rpc.BadRequest", field_violations: &self.violations }];
        let error = ErrorJson {
            code: self.code.as_u16(),
            message: &self.message,
            status: self.status,
            details: if self.violations.is_empty() { &[] } else { &details },
        };
        serde_json::to_vec(&Envelope { error }).expect("texts and numbers can be written as JSON")
    }
}

/// What to say of an event id that was used for other content.
pub(crate) fn conflict(event_id: &EventId) -> String {
    format!("eventId: {:?} was used before for an event with other content", event_id.as_str())
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: ErrorJson<'a>,
}

/// `google.rpc.Status` as it is written over HTTP.
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
struct FieldViolation {
    field: String,
    description: String,
    reason: String,
}

#[cfg(test)]
mod tests {
    use client_event::ClientEvent;
    use serde_json::{Value, json};

    use super::*;

    fn written(error: &ApiError) -> Value {
        serde_json::from_slice(&error.json()).unwrap()
    }

    #[test]
    fn a_refusal_names_every_problem() {
        let refusal = ClientEvent::from_json(br#"{"eventId":"","eventType":7}"#).unwrap_err();
        let error = written(&ApiError::refused(&refusal));
        assert_eq!(error["error"]["message"], refusal.to_string());
        let detail = &error["error"]["details"][0];
        assert_eq!(detail["@type"], "type.googleapis.com/google.rpc.BadRequest");
        assert_eq!(
            detail["fieldViolations"][0],
            json!({"field": "eventId", "description": "is empty", "reason": "REQUIRED_FIELD"})
        );
        assert_eq!(detail["fieldViolations"].as_array().unwrap().len(), refusal.problems().len());
    }

    #[test]
    fn a_refusal_with_very_many_problems_names_the_first() {
        let members: Vec<_> = (0..5_000).map(|number| format!("\"field{number}\":0")).collect();
        let refusal = ClientEvent::from_json(format!("{{{}}}", members.join(",")).as_bytes()).unwrap_err();
        let error = written(&ApiError::refused(&refusal));
        assert_eq!(error["error"]["details"][0]["fieldViolations"].as_array().unwrap().len(), PROBLEMS_NAMED_MAX);
        assert!(error["error"]["message"].as_str().unwrap().ends_with("; and 4905 more"));
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
