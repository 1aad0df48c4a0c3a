//! The endpoint at which metrics are scraped, for as long as a run lasts. What it answers is made by the recorder at that moment.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use actix::Addr;
use actix_web::dev::ServerHandle;
use actix_web::http::{KeepAlive, header};
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use thiserror::Error;

use crate::actors::recorder::Recorder;
use crate::messages::TakeMetrics;
use crate::metrics::prometheus::TextForm;

/// Where they are.
const PATH: &str = "/metrics";

/// How long the end of a run waits for a scrape that is under way, in seconds.
const STOP_SECONDS_MAX: u64 = 1;

/// Metrics cannot be offered at that address.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Something listens there already.
    #[error("--metrics: {0} is in use; stop what listens there, or choose another port (0 for a free one)")]
    InUse(SocketAddr),
    /// The address is none of this machine's.
    #[error("--metrics: {0} is no address of this machine; choose one that is, such as 127.0.0.1, or 0.0.0.0 for all of them")]
    NotAvailable(SocketAddr),
    /// The user may not listen there.
    #[error("--metrics: listening on {0} is not permitted; choose a port of 1024 or above")]
    NotPermitted(SocketAddr),
    /// Listening failed for another reason.
    #[error("--metrics: cannot listen on {addr}")]
    Other {
        /// The address.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// An address that is listened on. Who connects waits until it is served.
#[derive(Debug)]
pub(crate) struct MetricsListener {
    listener: TcpListener,
    addr: SocketAddr,
    /// Whether that is the address that was asked for, and no port that was free.
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

    /// Where the metrics are.
    pub(crate) fn url(&self) -> String {
        format!("http://{}{PATH}", self.addr)
    }

    /// Whether who asked for the address knows it.
    pub(crate) fn is_as_asked(&self) -> bool {
        self.is_as_asked
    }

    /// Answers with what the recorder knows, on a thread of its own, until it is stopped.
    pub(crate) fn serve(self, recorder: Addr<Recorder>) -> Result<ServerHandle, ListenError> {
        let addr = self.addr;
        let app = move || {
            let resource = web::resource(PATH).get(scrape).head(scrape).default_service(web::to(other_method));
            App::new().app_data(Data::new(recorder.clone())).service(resource).default_service(web::to(other_path))
        };
        let server = HttpServer::new(app)
            .workers(1)
            // Scrapes are seconds apart, and a connection that is kept would have to be waited for at the end.
            .keep_alive(KeepAlive::Disabled)
            .shutdown_timeout(STOP_SECONDS_MAX)
            .disable_signals()
            .listen(self.listener)
            .map_err(|source| ListenError::Other { addr, source })?
            .run();
        let handle = server.handle();
        // It ends when it is stopped; that a thread cannot be started would be told by the run, which starts some too.
        actix::spawn(async { drop(server.await) });
        Ok(handle)
    }
}

async fn scrape(request: HttpRequest, recorder: Data<Addr<Recorder>>) -> HttpResponse {
    let form = TextForm::accepted(request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()));
    match recorder.send(TakeMetrics).await {
        Ok(metrics) => HttpResponse::Ok().insert_header((header::CONTENT_TYPE, form.content_type())).body(form.text(metrics)),
        Err(_) => HttpResponse::ServiceUnavailable().content_type(mime_text()).body("the run is over\n"),
    }
}

async fn other_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "GET, HEAD"))
        .content_type(mime_text())
        .body("metrics are read with GET\n")
}

async fn other_path() -> HttpResponse {
    HttpResponse::NotFound().content_type(mime_text()).body(format!("metrics are at {PATH}\n"))
}

fn mime_text() -> header::ContentType {
    header::ContentType::plaintext()
}
