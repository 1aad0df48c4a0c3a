//! The resource `/load`, with which a user reads and changes the load of a run. Served only on request.
//!
//! A web page in a browser on this machine must not change the load. So a request with an `Origin` header is refused, a change needs the
//! content type of JSON, which a form cannot send, and on a loopback address the `Host` header must name this machine.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::http::uri::Authority;
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Resource};
use load_plan::Moment;
use load_plan::load::{ChangeSource, ChangeSpec, Load, LoadKind};
use run_report::ChangeOfLoad;
use serde::Serialize;
use tokio::time::timeout;

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

/// Whether clients of other machines can reach the address.
#[derive(Clone, Copy)]
pub(super) struct IsLoopback(pub(super) bool);

/// Creates the resource.
pub(super) fn resource() -> Resource {
    web::resource(PATH).get(show).head(show).patch(change).default_service(web::to(other_method))
}

/// Answers if the run does not allow changes.
pub(super) async fn off() -> HttpResponse {
    Refused(StatusCode::NOT_FOUND, "changes of the load are off; start the run with --allow-load-changes".to_owned()).answer()
}

async fn show(live_load: Data<LiveLoad>) -> HttpResponse {
    state(&live_load, &live_load.current())
}

async fn change(request: HttpRequest, live_load: Data<LiveLoad>, is_loopback: Data<IsLoopback>, body: Payload) -> HttpResponse {
    if let Err(refused) = check_origin(&request, **is_loopback) {
        return refused.answer();
    }
    let spec = match read(&request, body).await {
        Ok(spec) => spec,
        Err(refused) => return refused.answer(),
    };
    let changing = live_load.clone();
    // The points of a long load take milliseconds to prepare.
    match web::block(move || changing.change(&spec, ChangeSource::Http)).await {
        Ok(Ok(changed)) => state(&live_load, &changed),
        Ok(Err(error)) => {
            let status = if error.is_of_request() { StatusCode::BAD_REQUEST } else { StatusCode::CONFLICT };
            Refused(status, error.to_string()).answer()
        }
        Err(_) => Refused(StatusCode::CONFLICT, "the run has ended".to_owned()).answer(),
    }
}

async fn other_method() -> HttpResponse {
    let mut answer = HttpResponse::MethodNotAllowed();
    answer.insert_header((header::ALLOW, "GET, HEAD, PATCH"));
    Refused(StatusCode::METHOD_NOT_ALLOWED, "the load supports only GET, HEAD and PATCH".to_owned()).answer_with(answer)
}

/// Checks that the request does not come from a web page.
fn check_origin(request: &HttpRequest, IsLoopback(is_loopback): IsLoopback) -> Result<(), Refused> {
    let refused = |reason: &str| Err(Refused(StatusCode::FORBIDDEN, reason.to_owned()));
    if request.headers().contains_key(header::ORIGIN) {
        return refused("web pages cannot change the load; send the request without an Origin header");
    }
    let host = request.headers().get(header::HOST);
    let names_this_machine = |host: &header::HeaderValue| {
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
async fn read(request: &HttpRequest, body: Payload) -> Result<ChangeSpec, Refused> {
    const EXPECTED: &str = "expected a JSON object such as {\"factor\": 1.2}";
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let reason = format!("the content type is {content_type:?}; expected application/json");
        return Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason));
    }
    let late = |_| Refused(StatusCode::REQUEST_TIMEOUT, format!("no complete body within {} s", BODY_TIME_MAX.as_secs()));
    let body = timeout(BODY_TIME_MAX, body.to_bytes_limited(BODY_BYTES_MAX)).await.map_err(late)?;
    let too_long = |_| Refused(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is longer than {BODY_BYTES_MAX} bytes"));
    let body = body.map_err(too_long)?.map_err(|error| Refused(StatusCode::BAD_REQUEST, error.to_string()))?;
    // Without this check, the list [2] would be the object with these values.
    if body.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(Refused(StatusCode::BAD_REQUEST, EXPECTED.to_owned()));
    }
    serde_json::from_slice(&body).map_err(|error| Refused(StatusCode::BAD_REQUEST, format!("{error}; {EXPECTED}")))
}

fn state(live_load: &LiveLoad, load: &Load) -> HttpResponse {
    let now = live_load.now();
    HttpResponse::Ok().json(LoadState {
        kind: load.kind(),
        planned: load.level_at(now),
        elapsed_s: now.since(Moment::default()).as_secs_f64(),
        duration_s: load.duration().as_secs_f64(),
        changes: ChangeOfLoad::all_of(load, load.end()),
    })
}

impl Refused {
    fn answer(self) -> HttpResponse {
        let status = self.0;
        self.answer_with(HttpResponse::build(status))
    }

    fn answer_with(self, mut answer: HttpResponseBuilder) -> HttpResponse {
        answer.json(serde_json::json!({ "error": self.1 }))
    }
}
