//! The service of a worker: detects the HTTP version of a connection and passes its requests to the application.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, KeepAlive, Request};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, fn_factory, fn_service, map_config};
use actix_web::App;
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, Extensions, ServiceResponse};
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;

use crate::connection_stream::ConnectionStream;
use crate::http2;
use crate::large_answer::ANSWER_PIECE_BYTES;
use crate::receiver_state::ReceiverState;
use crate::routes;
use crate::worker::Worker;

/// How long the connection stays open after a response to an incomplete request, so that the client can read the response.
const LINGER_TIME_MAX: Duration = Duration::from_secs(1);

/// The service of one of `workers` workers.
pub(crate) fn connections(
    state: Data<ReceiverState>,
    workers: usize,
    http2: bool,
) -> impl ServiceFactory<TcpStream, Config = ()> {
    fn_factory(move || {
        let state = state.clone();
        async move {
            let worker = Worker::start(Arc::clone(&state.shared), workers);
            let http1 = HttpService::build()
                // The worker enforces both times, and also knows whether a request is under way.
                .client_request_timeout(Duration::ZERO)
                .keep_alive(KeepAlive::Os)
                .client_disconnect_timeout(LINGER_TIME_MAX)
                .h1_write_buffer_size(ANSWER_PIECE_BYTES)
                .on_connect_ext(|stream: &ConnectionStream, data: &mut Extensions| {
                    data.insert(Rc::clone(stream.connection()));
                })
                .h1::<_, BoxBody>(map_config(app(state.clone()), |()| AppConfig::default()));
            let http1 = Rc::new(http1.new_service(()).await?);
            let streams = Rc::new(app(state.clone()).new_service(AppConfig::default()).await?);
            Ok::<_, ()>(fn_service(move |stream: TcpStream| {
                let (worker, http1, streams) = (Rc::clone(&worker), Rc::clone(&http1), Rc::clone(&streams));
                async move {
                    let peer = stream.peer_addr().ok();
                    // If the connection is gone, the first read fails.
                    let _ = stream.set_nodelay(true);
                    let stream = ConnectionStream::new(stream, &worker);
                    if http2 && stream.is_http2().await.unwrap_or_default() {
                        http2::serve(stream, &*streams).await;
                    } else {
                        // An error of one connection does not affect other clients.
                        let _ = http1.call((stream, peer)).await;
                    }
                    Ok::<_, ()>(())
                }
            }))
        }
    })
}

/// The application that answers requests.
fn app(
    state: Data<ReceiverState>,
) -> impl ServiceFactory<
    Request,
    Config = AppConfig,
    Response = ServiceResponse,
    Error = actix_web::Error,
    InitError = (),
    Service: Service<Request, Response = ServiceResponse, Error = actix_web::Error, Future: 'static>,
    Future: 'static,
> {
    App::new().app_data(state).configure(routes::configure).into_factory()
}
