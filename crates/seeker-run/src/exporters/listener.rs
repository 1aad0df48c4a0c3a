//! The endpoint at which metrics are scraped during a run. The recorder creates each response on request. The endpoint can also serve the
//! load of the run.

use std::borrow::Cow;
use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::time::Duration;

use actix::Addr;
use actix_http::header::{self, HeaderValue};
use actix_http::{HttpMessage, HttpService, KeepAlive, Method, Request, StatusCode};
use actix_server::{GracefulShutdownSignal, Server, ServerHandle};
use actix_service::{ServiceFactory, fn_service};
use percent_encoding::percent_decode_str;
use thiserror::Error;
use tokio::net::TcpStream;

use super::answer::{self, Answer};
use super::load_api;
use crate::actors::recorder::Recorder;
use crate::live_load::LiveLoad;
use crate::messages::TakeMetrics;
use crate::metrics::prometheus::TextForm;

/// The path of the metrics.
const PATH: &str = "/metrics";

/// The time that the end of a run waits for a scrape in flight, in seconds.
const STOP_SECONDS_MAX: u64 = 1;

/// The maximum time of a header section.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(5);

/// How long the connection stays open after the response, so that the client can read it.
const LINGER_TIME_MAX: Duration = Duration::from_secs(1);

/// Why metrics cannot be served at an address.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The address is in use.
    #[error("--metrics: {0} is in use; stop the program that listens there, or choose another port (0 selects a free port)")]
    InUse(SocketAddr),
    /// The address does not belong to this machine.
    #[error(
        "--metrics: {0} is not an address of this machine; choose a local address such as 127.0.0.1, or 0.0.0.0 for all addresses"
    )]
    NotAvailable(SocketAddr),
    /// The user has no permission to listen on the address.
    #[error("--metrics: no permission to listen on {0}; choose a port of 1024 or above")]
    NotPermitted(SocketAddr),
    /// Listening failed for another reason.
    #[error("--metrics: cannot listen on {addr}")]
    Other {
        /// The address.
        addr: SocketAddr,
        /// The cause.
        source: io::Error,
    },
}

/// A bound address. Clients can connect, and wait until the address is served.
#[derive(Debug)]
pub(crate) struct MetricsListener {
    listener: TcpListener,
    addr: SocketAddr,
    /// Whether the address is the requested one, without a port that the system chose.
    is_as_asked: bool,
}

impl MetricsListener {
    pub(crate) fn bind(addr: SocketAddr) -> Result<Self, ListenError> {
        let bound = TcpListener::bind(addr).and_then(|listener| Ok((listener.local_addr()?, listener)));
        let bound = bound.map(|(bound, listener)| Self { listener, addr: bound, is_as_asked: bound == addr });
        bound.map_err(|source| match source.kind() {
            ErrorKind::AddrInUse => ListenError::InUse(addr),
            ErrorKind::AddrNotAvailable => ListenError::NotAvailable(addr),
            ErrorKind::PermissionDenied => ListenError::NotPermitted(addr),
            _ => ListenError::Other { addr, source },
        })
    }

    /// The URL of the metrics.
    pub(crate) fn url(&self) -> String {
        format!("http://{}{PATH}", self.addr)
    }

    /// Whether the user knows the address because it is the requested one.
    pub(crate) fn is_as_asked(&self) -> bool {
        self.is_as_asked
    }

    /// The URL of the load.
    pub(crate) fn url_of_load(&self) -> String {
        format!("http://{}{}", self.addr, load_api::PATH)
    }

    /// Serves the metrics of the recorder, and the load if there is one, on a separate thread until the handle stops it.
    pub(crate) fn serve(self, recorder: Addr<Recorder>, load: Option<LiveLoad>) -> Result<ServerHandle, ListenError> {
        let addr = self.addr;
        let resources = Resources { recorder, load, is_loopback: addr.ip().is_loopback() };
        let server = Server::build().workers(1).shutdown_timeout(STOP_SECONDS_MAX).disable_signals();
        let stop = server.graceful_shutdown_signal();
        let server = server
            .listen("metrics", self.listener, move || connections(resources.clone(), stop.clone()))
            .map_err(|source| ListenError::Other { addr, source })?
            .run();
        let handle = server.handle();
        // The server ends when it is stopped. A thread that cannot be started is reported by the run, which starts threads too.
        actix::spawn(async { drop(server.await) });
        Ok(handle)
    }
}

/// What the endpoint serves.
#[derive(Clone)]
struct Resources {
    recorder: Addr<Recorder>,
    load: Option<LiveLoad>,
    /// Whether clients of other machines cannot reach the address.
    is_loopback: bool,
}

/// The service of the worker.
fn connections(resources: Resources, stop: GracefulShutdownSignal) -> impl ServiceFactory<TcpStream, Config = ()> {
    let resources = Rc::new(resources);
    HttpService::build()
        // Scrapes are seconds apart, and the end of a run would have to wait for kept connections.
        .keep_alive(KeepAlive::Disabled)
        .client_request_timeout(REQUEST_TIME_MAX)
        .client_disconnect_timeout(LINGER_TIME_MAX)
        .graceful_shutdown_signal(move || {
            let stop = stop.clone();
            async move { stop.notified().await }
        })
        .h1(fn_service(move |request| respond(Rc::clone(&resources), request)))
        .tcp()
}

/// Answers a request.
async fn respond(resources: Rc<Resources>, request: Request) -> Result<Answer, Infallible> {
    let path = Cow::from(percent_decode_str(request.path()));
    Ok(if *path == *PATH.as_bytes() {
        match *request.method() {
            Method::GET | Method::HEAD => scrape(&request, &resources.recorder).await,
            _ => other_method(),
        }
    } else if *path == *load_api::PATH.as_bytes() {
        match &resources.load {
            Some(load) => load_api::answer(request, load, resources.is_loopback).await,
            None => load_api::off(),
        }
    } else {
        text(StatusCode::NOT_FOUND, format!("metrics are at {PATH}\n"))
    })
}

async fn scrape(request: &Request, recorder: &Addr<Recorder>) -> Answer {
    let form = TextForm::accepted(request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()));
    match recorder.send(TakeMetrics).await {
        Ok(metrics) => answer::new(StatusCode::OK, form.content_type(), form.text(metrics)),
        Err(_) => text(StatusCode::SERVICE_UNAVAILABLE, "the run has ended\n".to_owned()),
    }
}

fn other_method() -> Answer {
    let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "metrics support only GET and HEAD\n".to_owned());
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    answer
}

fn text(status: StatusCode, text: String) -> Answer {
    answer::new(status, "text/plain; charset=utf-8", text)
}
