//! The HTTP API: which path and method leads where, and what an answer looks like. What becomes of a message is decided
//! elsewhere. Every request is answered, once its body was read to the end or to its limit.

use std::sync::Arc;
use std::time::SystemTime;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::rt::time::{Instant, sleep_until};
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route, guard};
use client_event::EventTimestamp;

use crate::api_error::{APPLICATION_JSON, ApiError, FieldViolation};
use crate::batch::{self, BatchError};
use crate::batch_answer::BatchAnswer;
use crate::body::{Body, BodyError};
use crate::encoding::{Encoding, UnpackError, unpack};
use crate::exchange::Exchange;
use crate::impairment::{Impairment, Turn};
use crate::intake::{Intake, NotTaken, Warnings};
use crate::summary::Summary;
use crate::transfer::{ANSWER_PIECE_BYTES, LargeAnswer};
use crate::transfers::Cut;
use crate::worker::Shared;

const TEXT_PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What the worker threads of a receiver share.
pub(crate) struct ReceiverState {
    pub(crate) intake: Intake,
    pub(crate) shared: Arc<Shared>,
    /// `None` for a receiver that answers as fast as it can.
    pub(crate) impairment: Option<Impairment>,
}

impl ReceiverState {
    /// What was counted so far.
    pub(crate) fn summary(&self) -> Summary {
        Summary { limits: self.shared.counters.counts(), ..self.intake.summary() }
    }

    /// Answers a request with that many events, as late and as badly as the receiver was told to. Events that are answered with an
    /// injected error do not reach the intake.
    async fn answer_events(
        &self,
        exchange: &Exchange,
        events: usize,
        answer: impl FnOnce(&Intake) -> HttpResponse,
    ) -> HttpResponse {
        let Some(impairment) = &self.impairment else { return answer(&self.intake) };
        let arrived_at = Instant::now();
        let Turn { answer_at, is_error } = impairment.queue(arrived_at, events);
        let response = if is_error { ApiError::injected().answer() } else { answer(&self.intake) };
        // The timer rounds up to whole milliseconds, even where nothing has to wait.
        if answer_at > arrived_at {
            exchange.connection().pause();
            sleep_until(answer_at).await;
            exchange.connection().go_on();
        }
        response
    }

    /// The answer to a request whose body is not had.
    fn without_body(&self, exchange: &mut Exchange, error: BodyError) -> HttpResponse {
        match error {
            BodyError::BrokeOff => ApiError::broke_off().answer(),
            BodyError::Cut(Cut::TooSlow) => {
                self.shared.counters.too_slow();
                ApiError::too_slow(self.shared.limits.bytes_per_s.get()).answer_before_end(exchange.rest())
            }
            BodyError::Cut(Cut::NoMemory) => {
                self.shared.counters.no_memory();
                ApiError::no_memory().answer_before_end(exchange.rest())
            }
        }
    }

    /// An answer in JSON, of whatever size.
    fn json_answer(&self, exchange: &Exchange, json: Vec<u8>) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        answer.insert_header((CONTENT_TYPE, APPLICATION_JSON));
        if json.len() <= ANSWER_PIECE_BYTES || exchange.is_http2() {
            return answer.body(json);
        }
        if let Ok(large) = LargeAnswer::new(json.into(), exchange.connection()) {
            answer.body(large)
        } else {
            self.shared.counters.no_memory();
            ApiError::no_memory().answer()
        }
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

async fn client_events(state: Data<ReceiverState>, request: HttpRequest, mut exchange: Exchange) -> HttpResponse {
    let body = match whole_body(&state, &request, &mut exchange).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let answer = |intake: &Intake| match intake.take(&body, now()) {
        Ok((json, warnings)) => state.json_answer(&exchange, with_warnings(json, &warnings)),
        Err(NotTaken::Refused(refused)) => ApiError::refused(&refused).answer(),
        Err(NotTaken::Conflicting(event_id)) => ApiError::conflicting(&event_id).answer(),
    };
    state.answer_events(&exchange, 1, answer).await
}

async fn client_events_batch(state: Data<ReceiverState>, request: HttpRequest, mut exchange: Exchange) -> HttpResponse {
    let body = match whole_body(&state, &request, &mut exchange).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let messages = batch::messages(&body);
    let answer = |intake: &Intake| match &messages {
        Ok(messages) => state.json_answer(&exchange, BatchAnswer::new(messages.len(), intake.take_all(messages, now())).json()),
        Err(error) => {
            if matches!(error, BatchError::TooMany) {
                intake.too_large();
            }
            ApiError::no_batch(error).answer()
        }
    };
    state.answer_events(&exchange, messages.as_ref().map_or(1, Vec::len), answer).await
}

/// The body of a request, unpacked; or what to answer if it cannot be had.
async fn whole_body(state: &ReceiverState, request: &HttpRequest, exchange: &mut Exchange) -> Result<Bytes, HttpResponse> {
    let encoding = match Encoding::of(request.headers()) {
        Ok(encoding) => encoding,
        Err(name) => return Err(answer_without_body(state, exchange, &ApiError::unknown_encoding(&name)).await),
    };
    let body = match exchange.read().await {
        Ok(Body::Whole(body)) => body,
        Ok(Body::TooLarge) => return Err(too_large_answer(state, exchange).await),
        Err(error) => return Err(state.without_body(exchange, error)),
    };
    match encoding {
        Encoding::Identity => Ok(body),
        Encoding::Gzip => unpack(&body).map(Bytes::from).map_err(|error| match error {
            UnpackError::TooLarge => {
                state.intake.too_large();
                ApiError::too_large().answer()
            }
            UnpackError::Broken(error) => ApiError::not_unpacked(&error).answer(),
        }),
    }
}

/// A body that is too large counts once it has come in, or was given up.
async fn too_large_answer(state: &ReceiverState, exchange: &mut Exchange) -> HttpResponse {
    match exchange.discard().await {
        Ok(rest) => {
            state.intake.too_large();
            ApiError::too_large().answer_before_end(rest)
        }
        Err(discarded) => state.without_body(exchange, discarded),
    }
}

/// The canonical JSON of a message, with what is odd about it in one more field.
fn with_warnings(mut json: Vec<u8>, warnings: &Warnings) -> Vec<u8> {
    if !warnings.is_empty() {
        let warnings: Vec<_> = warnings.iter().map(FieldViolation::from).collect();
        json.pop();
        json.extend_from_slice(b",\"warnings\":");
        serde_json::to_writer(&mut json, &warnings).expect("texts can be written as JSON");
        json.push(b'}');
    }
    json
}

async fn summary(state: Data<ReceiverState>, exchange: Exchange) -> HttpResponse {
    let json = serde_json::to_vec(&state.summary()).expect("texts and numbers can be written as JSON");
    state.json_answer(&exchange, json)
}

async fn healthz(_: Exchange) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, TEXT_PLAIN)).body("ok")
}

async fn only_post(state: Data<ReceiverState>, request: HttpRequest, mut exchange: Exchange) -> HttpResponse {
    let error = ApiError::method_not_allowed(request.method().as_str(), request.path(), "POST");
    answer_without_body(&state, &mut exchange, &error).await
}

async fn only_get(state: Data<ReceiverState>, request: HttpRequest, mut exchange: Exchange) -> HttpResponse {
    let error = ApiError::method_not_allowed(request.method().as_str(), request.path(), "GET, HEAD");
    answer_without_body(&state, &mut exchange, &error).await
}

async fn not_found(state: Data<ReceiverState>, request: HttpRequest, mut exchange: Exchange) -> HttpResponse {
    answer_without_body(&state, &mut exchange, &ApiError::not_found(request.path())).await
}

/// The body is read although nobody wants it, so that the connection can go on to the next request.
async fn answer_without_body(state: &ReceiverState, exchange: &mut Exchange, error: &ApiError) -> HttpResponse {
    match exchange.discard().await {
        Ok(rest) => error.answer_before_end(rest),
        Err(discarded) => state.without_body(exchange, discarded),
    }
}

/// The system's time; a clock set before 1970 counts as 1970, one beyond the range of the message's times as their end.
fn now() -> EventTimestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    EventTimestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}
