//! The paths and methods of the HTTP API. The receiver answers a request after it has read the body to its end or to the limit.

use std::borrow::Cow;
use std::time::SystemTime;

use actix_http::StatusCode;
use actix_http::header::HeaderValue;
use bytes::Bytes;
use client_event::EventTimestamp;
use percent_encoding::percent_decode_str;

use crate::answer::{self, Answer, AnswerBody};
use crate::api_error::{ApiError, FieldViolation};
use crate::batch::{self, BatchError};
use crate::batch_answer::BatchAnswer;
use crate::body::Body;
use crate::content_encoding::{ContentEncoding, UnpackError, unpack};
use crate::exchange::Exchange;
use crate::ingest::{Ingest, Rejection, Warnings};
use crate::receiver_state::ReceiverState;

const TEXT_PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The parts of the header section that decide how a request is answered.
pub(crate) struct Head<'a> {
    pub(crate) method: &'a str,
    /// The path, without the query. It can have percent-encoded characters.
    pub(crate) path: &'a str,
    /// The encoding of the body, or the name of an unknown encoding.
    pub(crate) encoding: Result<ContentEncoding, String>,
}

/// A path of the HTTP API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resource {
    ClientEvents,
    Batch,
    Summary,
    Health,
}

impl Resource {
    /// The resource of a path. Its characters can be percent-encoded.
    fn at(path: &str) -> Option<Self> {
        match &*Cow::from(percent_decode_str(path)) {
            b"/clientEvents" => Some(Self::ClientEvents),
            b"/clientEvents:batch" => Some(Self::Batch),
            b"/summary" => Some(Self::Summary),
            b"/healthz" => Some(Self::Health),
            _ => None,
        }
    }
}

/// Answers a request.
pub(crate) async fn answer(state: &ReceiverState, head: Head<'_>, mut exchange: Exchange) -> Answer {
    let error = match (Resource::at(head.path), head.method) {
        (Some(Resource::ClientEvents), "POST") => return client_events(state, head.encoding, exchange).await,
        (Some(Resource::Batch), "POST") => return client_events_batch(state, head.encoding, exchange).await,
        (Some(Resource::Summary), "GET" | "HEAD") => return summary(state, &exchange),
        (Some(Resource::Health), "GET" | "HEAD") => return health(),
        (Some(Resource::ClientEvents | Resource::Batch), method) => ApiError::method_not_allowed(method, head.path, "POST"),
        (Some(Resource::Summary | Resource::Health), method) => ApiError::method_not_allowed(method, head.path, "GET, HEAD"),
        (None, _) => ApiError::not_found(head.path),
    };
    answer_without_body(state, &mut exchange, &error).await
}

async fn client_events(state: &ReceiverState, encoding: Result<ContentEncoding, String>, mut exchange: Exchange) -> Answer {
    let body = match whole_body(state, encoding, &mut exchange).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let answer = |ingest: &Ingest| match ingest.ingest(&body, now()) {
        Ok((json, warnings)) => state.json_answer(&exchange, with_warnings(json, &warnings)),
        Err(Rejection::Refused(refused)) => ApiError::refused(&refused).answer(),
        Err(Rejection::Conflicting(event_id)) => ApiError::conflicting(&event_id).answer(),
    };
    state.answer_events(&exchange, 1, answer).await
}

async fn client_events_batch(state: &ReceiverState, encoding: Result<ContentEncoding, String>, mut exchange: Exchange) -> Answer {
    let body = match whole_body(state, encoding, &mut exchange).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let messages = batch::messages(&body);
    let answer = |ingest: &Ingest| match &messages {
        Ok(messages) => state.json_answer(&exchange, BatchAnswer::new(messages.len(), ingest.ingest_all(messages, now())).json()),
        Err(error) => {
            if matches!(error, BatchError::TooMany) {
                ingest.count_too_large();
            }
            ApiError::no_batch(error).answer()
        }
    };
    state.answer_events(&exchange, messages.as_ref().map_or(1, Vec::len), answer).await
}

/// Returns the decompressed body of a request, or the response if the body could not be read.
async fn whole_body(
    state: &ReceiverState,
    encoding: Result<ContentEncoding, String>,
    exchange: &mut Exchange,
) -> Result<Bytes, Answer> {
    let encoding = match encoding {
        Ok(encoding) => encoding,
        Err(name) => return Err(answer_without_body(state, exchange, &ApiError::unknown_encoding(&name)).await),
    };
    let body = match exchange.read().await {
        Ok(Body::Whole(body)) => body,
        Ok(Body::TooLarge) => return Err(too_large_answer(state, exchange).await),
        Err(error) => return Err(state.answer_body_error(exchange, error)),
    };
    match encoding {
        ContentEncoding::Identity => Ok(body),
        ContentEncoding::Gzip => unpack(&body).map(Bytes::from).map_err(|error| match error {
            UnpackError::TooLarge => {
                state.ingest.count_too_large();
                ApiError::too_large().answer()
            }
            UnpackError::Broken(error) => ApiError::not_unpacked(&error).answer(),
        }),
    }
}

/// Counts a body that is too large after it has arrived or was discarded.
async fn too_large_answer(state: &ReceiverState, exchange: &mut Exchange) -> Answer {
    match exchange.discard().await {
        Ok(rest) => {
            state.ingest.count_too_large();
            ApiError::too_large().answer_before_end(rest)
        }
        Err(discarded) => state.answer_body_error(exchange, discarded),
    }
}

/// The canonical JSON of a message, with its warnings in an additional field.
fn with_warnings(mut json: Vec<u8>, warnings: &Warnings) -> Vec<u8> {
    if !warnings.is_empty() {
        let warnings: Vec<_> = warnings.iter().map(FieldViolation::from).collect();
        json.pop();
        json.extend_from_slice(b",\"warnings\":");
        serde_json::to_writer(&mut json, &warnings).expect("strings serialize as JSON");
        json.push(b'}');
    }
    json
}

fn summary(state: &ReceiverState, exchange: &Exchange) -> Answer {
    let json = serde_json::to_vec(&state.summary()).expect("strings and numbers serialize as JSON");
    state.json_answer(exchange, json)
}

fn health() -> Answer {
    answer::new(StatusCode::OK, TEXT_PLAIN, AnswerBody::Whole(Bytes::from_static(b"ok")))
}

/// Discards the body, so that the connection can continue with the next request.
async fn answer_without_body(state: &ReceiverState, exchange: &mut Exchange, error: &ApiError) -> Answer {
    match exchange.discard().await {
        Ok(rest) => error.answer_before_end(rest),
        Err(discarded) => state.answer_body_error(exchange, discarded),
    }
}

/// The system time, limited to the range of the timestamps of messages.
fn now() -> EventTimestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    EventTimestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_a_path_can_be_percent_encoded() {
        for (path, resource) in [
            ("/clientEvents", Some(Resource::ClientEvents)),
            ("/%63lientEvents", Some(Resource::ClientEvents)),
            ("/clientEvents:batch", Some(Resource::Batch)),
            ("/clientEvents%3abatch", Some(Resource::Batch)),
            ("/clientEvents%3Abatch", Some(Resource::Batch)),
            ("/%73%75%6D%6d%61%72%79", Some(Resource::Summary)),
            ("/health%7A", Some(Resource::Health)),
        ] {
            assert_eq!(Resource::at(path), resource, "{path}");
        }
        // Decoded once; invalid escapes and other bytes are part of the path.
        for path in [
            "",
            "*",
            "/",
            "//summary",
            "/%2Fsummary",
            "/summary%2F",
            "/summary%00",
            "/%2573ummary",
            "/summary%",
            "/%7summary",
            "/%FFsummary",
        ] {
            assert_eq!(Resource::at(path), None, "{path}");
        }
    }
}
