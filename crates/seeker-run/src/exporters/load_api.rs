//! The resource `/load`, with which a user reads and changes the load of a run. Served only on request.
//!
//! A web page in a browser on this machine must not change the load. So a request with an `Origin` header is refused, a change needs the
//! content type of JSON, which a form cannot send, and on a loopback address the `Host` header must name this machine.

use std::net::IpAddr;
use std::time::Duration;

use actix_http::body::{BodyStream, to_bytes_limited};
use actix_http::header::{self, HeaderValue};
use actix_http::uri::Authority;
use actix_http::{HttpMessage, Method, Request, StatusCode};
use load_plan::Moment;
use load_plan::load::{ChangeSource, ChangeSpec, Load, LoadKind};
use run_report::ChangeOfLoad;
use serde::Serialize;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::answer::{self, Answer};
use crate::live_load::LiveLoad;

/// The path of the load.
pub(super) const PATH: &str = "/load";

/// The maximum length of a body.
const BODY_BYTES_MAX: usize = 4_096;

/// The maximum time of a body.
const BODY_TIME_MAX: Duration = Duration::from_secs(5);

/// The load as the resource shows it.
#[derive(Serialize)]
struct LoadState {
    kind: LoadKind,
    /// The planned load at this moment, in the unit of the kind.
    planned: f64,
    elapsed_s: f64,
    duration_s: f64,
    /// The changes so far. The last change may still be to come.
    changes: Vec<ChangeOfLoad>,
}

/// A request without effect, and the reason.
struct Refused(StatusCode, String);

/// Answers if the run does not allow changes.
pub(super) fn off() -> Answer {
    Refused(StatusCode::NOT_FOUND, "changes of the load are off; start the run with --allow-load-changes".to_owned()).answer()
}

/// Answers a request for the load.
pub(super) async fn answer(request: Request, live_load: &LiveLoad, is_loopback: bool) -> Answer {
    match *request.method() {
        Method::GET | Method::HEAD => state(live_load, &live_load.current()),
        Method::PATCH => change(request, live_load, is_loopback).await.unwrap_or_else(Refused::answer),
        _ => other_method(),
    }
}

async fn change(mut request: Request, live_load: &LiveLoad, is_loopback: bool) -> Result<Answer, Refused> {
    check_origin(&request, is_loopback)?;
    let spec = read(&mut request).await?;
    let changing = live_load.clone();
    // The points of a long load take milliseconds to prepare.
    match spawn_blocking(move || changing.change(&spec, ChangeSource::Http)).await {
        Ok(Ok(changed)) => Ok(state(live_load, &changed)),
        Ok(Err(error)) => {
            let status = if error.is_of_request() { StatusCode::BAD_REQUEST } else { StatusCode::CONFLICT };
            Err(Refused(status, error.to_string()))
        }
        Err(_) => Err(Refused(StatusCode::CONFLICT, "the run has ended".to_owned())),
    }
}

fn other_method() -> Answer {
    let refused = Refused(StatusCode::METHOD_NOT_ALLOWED, "the load supports only GET, HEAD and PATCH".to_owned());
    let mut answer = refused.answer();
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, PATCH"));
    answer
}

/// Checks that the request does not come from a web page.
fn check_origin(request: &Request, is_loopback: bool) -> Result<(), Refused> {
    let refused = |reason: &str| Err(Refused(StatusCode::FORBIDDEN, reason.to_owned()));
    if request.headers().contains_key(header::ORIGIN) {
        return refused("web pages cannot change the load; send the request without an Origin header");
    }
    let host = request.headers().get(header::HOST);
    let names_this_machine = |host: &HeaderValue| {
        let authority: Authority = host.to_str().ok()?.parse().ok()?;
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        let is_loopback = name.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        Some(is_loopback || name.eq_ignore_ascii_case("localhost"))
    };
    if is_loopback && host.is_some_and(|host| names_this_machine(host) != Some(true)) {
        return refused("the Host header names another machine; send the request to 127.0.0.1 or localhost");
    }
    Ok(())
}

/// Reads the requested change.
async fn read(request: &mut Request) -> Result<ChangeSpec, Refused> {
    const EXPECTED: &str = "expected a JSON object such as {\"factor\": 1.2}";
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let reason = format!("the content type is {content_type:?}; expected application/json");
        return Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason));
    }
    let late = |_| Refused(StatusCode::REQUEST_TIMEOUT, format!("no complete body within {} s", BODY_TIME_MAX.as_secs()));
    let body = to_bytes_limited(BodyStream::new(request.take_payload()), BODY_BYTES_MAX);
    let body = timeout(BODY_TIME_MAX, body).await.map_err(late)?;
    let too_long = |_| Refused(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is longer than {BODY_BYTES_MAX} bytes"));
    let body = body.map_err(too_long)?.map_err(|error| Refused(StatusCode::BAD_REQUEST, error.to_string()))?;
    // Without this check, the list [2] would be the object with these values.
    if body.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(Refused(StatusCode::BAD_REQUEST, EXPECTED.to_owned()));
    }
    serde_json::from_slice(&body).map_err(|error| Refused(StatusCode::BAD_REQUEST, format!("{error}; {EXPECTED}")))
}

fn state(live_load: &LiveLoad, load: &Load) -> Answer {
    let now = live_load.now();
    let state = LoadState {
        kind: load.kind(),
        planned: load.level_at(now),
        elapsed_s: now.since(Moment::default()).as_secs_f64(),
        duration_s: load.duration().as_secs_f64(),
        changes: ChangeOfLoad::all_of(load, load.end()),
    };
    json(StatusCode::OK, &state)
}

fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    answer::new(status, "application/json", serde_json::to_string(value).expect("strings and numbers serialize as JSON"))
}

impl Refused {
    fn answer(self) -> Answer {
        json(self.0, &serde_json::json!({ "error": self.1 }))
    }
}
