//! The paths and methods of the HTTP API. The receiver answers a request after it has read the body to its end or to the limit.

use std::time::SystemTime;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route, guard};
use client_event::EventTimestamp;

use crate::api_error::{ApiError, FieldViolation};
use crate::batch::{self, BatchError};
use crate::batch_answer::BatchAnswer;
use crate::body::Body;
use crate::content_encoding::{ContentEncoding, UnpackError, unpack};
use crate::exchange::Exchange;
use crate::ingest::{Ingest, Rejection, Warnings};
use crate::receiver_state::ReceiverState;

const TEXT_PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

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
    let answer = |ingest: &Ingest| match ingest.ingest(&body, now()) {
        Ok((json, warnings)) => state.json_answer(&exchange, with_warnings(json, &warnings)),
        Err(Rejection::Refused(refused)) => ApiError::refused(&refused).answer(),
        Err(Rejection::Conflicting(event_id)) => ApiError::conflicting(&event_id).answer(),
    };
    state.answer_events(&exchange, 1, answer).await
}

async fn client_events_batch(state: Data<ReceiverState>, request: HttpRequest, mut exchange: Exchange) -> HttpResponse {
    let body = match whole_body(&state, &request, &mut exchange).await {
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
async fn whole_body(state: &ReceiverState, request: &HttpRequest, exchange: &mut Exchange) -> Result<Bytes, HttpResponse> {
    let encoding = match ContentEncoding::of(request.headers()) {
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
async fn too_large_answer(state: &ReceiverState, exchange: &mut Exchange) -> HttpResponse {
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

async fn summary(state: Data<ReceiverState>, exchange: Exchange) -> HttpResponse {
    let json = serde_json::to_vec(&state.summary()).expect("strings and numbers serialize as JSON");
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

/// Discards the body, so that the connection can continue with the next request.
async fn answer_without_body(state: &ReceiverState, exchange: &mut Exchange, error: &ApiError) -> HttpResponse {
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
