//! The HTTP API: which path and method leads where, and what an answer looks like. What becomes of a message is decided
//! elsewhere. Every request is answered, once its body was read to the end or to its limit.

use std::time::SystemTime;

use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::rt::time::{Instant, sleep_until};
use actix_web::web::{self, Bytes, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route, guard};
use client_event::EventTimestamp;

use crate::api_error::{APPLICATION_JSON, ApiError};
use crate::batch::{self, BatchError};
use crate::batch_answer::BatchAnswer;
use crate::body::{self, Body, Incoming};
use crate::encoding::{Encoding, UnpackError, unpack};
use crate::impairment::{Impairment, Turn};
use crate::intake::{Intake, NotTaken};

const TEXT_PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What the worker threads of a receiver share.
pub(crate) struct ReceiverState {
    pub(crate) intake: Intake,
    /// `None` for a receiver that answers as fast as it can.
    pub(crate) impairment: Option<Impairment>,
}

impl ReceiverState {
    /// Answers a request with that many events, as late and as badly as the receiver was told to. Events that are answered with an
    /// injected error do not reach the intake.
    async fn answer_events(&self, events: usize, answer: impl FnOnce(&Intake) -> HttpResponse) -> HttpResponse {
        let Some(impairment) = &self.impairment else { return answer(&self.intake) };
        let arrived_at = Instant::now();
        let Turn { answer_at, is_error } = impairment.queue(arrived_at, events);
        let response = if is_error { ApiError::injected().answer() } else { answer(&self.intake) };
        // The timer rounds up to whole milliseconds, even where nothing has to wait.
        if answer_at > arrived_at {
            sleep_until(answer_at).await;
        }
        response
    }
}

/// Adds the paths of the service to an application.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(web::resource("/clientEvents").route(web::post().to(client_events)).default_service(web::to(only_post)))
        .service(
            web::resource("/clientEvents:batch").route(web::post().to(client_events_batch)).default_service(web::to(only_post)),
        )
        .service(web::resource("/summary").route(get_or_head().to(summary)).default_service(web::to(only_get)))
        .service(web::resource("/healthz").route(get_or_head().to(healthz)).default_service(web::to(only_get)))
        .default_service(web::to(not_found));
}

fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn client_events(state: Data<ReceiverState>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let body = match whole_body(&state.intake, &request, payload).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let answer = |intake: &Intake| match intake.take(&body, now()) {
        Ok(json) => json_answer(json),
        Err(NotTaken::Refused(refusal)) => ApiError::refused(&refusal).answer(),
        Err(NotTaken::Conflicting(event_id)) => ApiError::conflicting(&event_id).answer(),
    };
    state.answer_events(1, answer).await
}

async fn client_events_batch(state: Data<ReceiverState>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let body = match whole_body(&state.intake, &request, payload).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let messages = batch::messages(&body);
    let answer = |intake: &Intake| match &messages {
        Ok(messages) => json_answer(BatchAnswer::new(messages.len(), intake.take_all(messages, now())).json()),
        Err(error) => {
            if matches!(error, BatchError::TooMany) {
                intake.too_large();
            }
            ApiError::no_batch(error).answer()
        }
    };
    state.answer_events(messages.as_ref().map_or(1, Vec::len), answer).await
}

/// The body of a request, unpacked; or what to answer if it cannot be had.
async fn whole_body(intake: &Intake, request: &HttpRequest, payload: Payload) -> Result<Bytes, HttpResponse> {
    let encoding = match Encoding::of(request.headers()) {
        Ok(encoding) => encoding,
        Err(name) => return Err(answer_without_body(&ApiError::unknown_encoding(&name), body::discard(payload).await)),
    };
    let body = match body::read(payload).await {
        Ok(Body::Whole(body)) => body,
        Ok(Body::TooLarge(rest)) => {
            intake.too_large();
            return Err(ApiError::too_large().answer_before_end(rest));
        }
        Err(_) => return Err(ApiError::broke_off().answer()),
    };
    match encoding {
        Encoding::Identity => Ok(body),
        Encoding::Gzip => unpack(&body).map(Bytes::from).map_err(|error| match error {
            UnpackError::TooLarge => {
                intake.too_large();
                ApiError::too_large().answer()
            }
            UnpackError::Broken(error) => ApiError::not_unpacked(&error).answer(),
        }),
    }
}

fn json_answer(json: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, APPLICATION_JSON)).body(json)
}

async fn summary(state: Data<ReceiverState>) -> HttpResponse {
    json_answer(serde_json::to_vec(&state.intake.summary()).expect("texts and numbers can be written as JSON"))
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, TEXT_PLAIN)).body("ok")
}

async fn only_post(request: HttpRequest, payload: Payload) -> HttpResponse {
    let error = ApiError::method_not_allowed(request.method().as_str(), request.path(), "POST");
    answer_without_body(&error, body::discard(payload).await)
}

async fn only_get(request: HttpRequest, payload: Payload) -> HttpResponse {
    let error = ApiError::method_not_allowed(request.method().as_str(), request.path(), "GET, HEAD");
    answer_without_body(&error, body::discard(payload).await)
}

async fn not_found(request: HttpRequest, payload: Payload) -> HttpResponse {
    answer_without_body(&ApiError::not_found(request.path()), body::discard(payload).await)
}

/// The body is read although nobody wants it, so that the connection can go on to the next request.
fn answer_without_body(error: &ApiError, discarded: Result<Option<Incoming>, PayloadError>) -> HttpResponse {
    match discarded {
        Ok(rest) => error.answer_before_end(rest),
        Err(_) => ApiError::broke_off().answer(),
    }
}

/// The system's time; a clock set before 1970 counts as 1970, one beyond the range of the message's times as their end.
fn now() -> EventTimestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    EventTimestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}
