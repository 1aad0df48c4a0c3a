//! The endpoint at which metrics are scraped during a run. The recorder creates each response on request. The endpoint can also serve the
//! load of the run.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use actix::Addr;
use actix_web::dev::ServerHandle;
use actix_web::http::{KeepAlive, header};
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use thiserror::Error;

use super::load_api::{self, IsLoopback};
use crate::actors::recorder::Recorder;
use crate::live_load::LiveLoad;
use crate::messages::TakeMetrics;
use crate::metrics::prometheus::TextForm;

/// The path of the metrics.
const PATH: &str = "/metrics";

/// The time that the end of a run waits for a scrape in flight, in seconds.
const STOP_SECONDS_MAX: u64 = 1;

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
        let app = move || {
            let resource = web::resource(PATH).get(scrape).head(scrape).default_service(web::to(other_method));
            let app = App::new().app_data(Data::new(recorder.clone())).service(resource).default_service(web::to(other_path));
            match load.clone() {
                Some(load) => app
                    .app_data(Data::new(load))
                    .app_data(Data::new(IsLoopback(addr.ip().is_loopback())))
                    .service(load_api::resource()),
                None => app.service(web::resource(load_api::PATH).default_service(web::to(load_api::off))),
            }
        };
        let server = HttpServer::new(app)
            .workers(1)
            // Scrapes are seconds apart, and the end of a run would have to wait for kept connections.
            .keep_alive(KeepAlive::Disabled)
            .shutdown_timeout(STOP_SECONDS_MAX)
            .disable_signals()
            .listen(self.listener)
            .map_err(|source| ListenError::Other { addr, source })?
            .run();
        let handle = server.handle();
        // The server ends when it is stopped. A thread that cannot be started is reported by the run, which starts threads too.
        actix::spawn(async { drop(server.await) });
        Ok(handle)
    }
}

async fn scrape(request: HttpRequest, recorder: Data<Addr<Recorder>>) -> HttpResponse {
    let form = TextForm::accepted(request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()));
    match recorder.send(TakeMetrics).await {
        Ok(metrics) => HttpResponse::Ok().insert_header((header::CONTENT_TYPE, form.content_type())).body(form.text(metrics)),
        Err(_) => HttpResponse::ServiceUnavailable().content_type(mime_text()).body("the run has ended\n"),
    }
}

async fn other_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "GET, HEAD"))
        .content_type(mime_text())
        .body("metrics support only GET and HEAD\n")
}

async fn other_path() -> HttpResponse {
    HttpResponse::NotFound().content_type(mime_text()).body(format!("metrics are at {PATH}\n"))
}

fn mime_text() -> header::ContentType {
    header::ContentType::plaintext()
}
