//! The service of a worker: detects the HTTP version of a connection and answers its requests.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{Extensions, HttpService, KeepAlive, Request, header};
use actix_service::{Service, ServiceFactory, fn_factory, fn_service};
use tokio::net::TcpStream;

use crate::answer::Answer;
use crate::connection_stream::ConnectionStream;
use crate::content_encoding::ContentEncoding;
use crate::exchange::Exchange;
use crate::http2;
use crate::large_answer::ANSWER_PIECE_BYTES;
use crate::receiver_state::{ReceiverState, WorkerState};
use crate::routes::{self, Head};
use crate::worker::Worker;

/// How long the connection stays open after a response to an incomplete request, so that the client can read the response.
const LINGER_TIME_MAX: Duration = Duration::from_secs(1);

/// The service of one of `workers` workers.
pub(crate) fn connections(state: Arc<ReceiverState>, workers: usize, http2: bool) -> impl ServiceFactory<TcpStream, Config = ()> {
    fn_factory(move || {
        let state = WorkerState::new(Arc::clone(&state));
        async move {
            let worker = Worker::start(Arc::clone(&state.shared), workers);
            let http1_state = Rc::clone(&state);
            let http1 = HttpService::build()
                // The worker enforces both times, and also knows whether a request is under way.
                .client_request_timeout(Duration::ZERO)
                .keep_alive(KeepAlive::Os)
                .client_disconnect_timeout(LINGER_TIME_MAX)
                .h1_write_buffer_size(ANSWER_PIECE_BYTES)
                .on_connect_ext(|stream: &ConnectionStream, data: &mut Extensions| {
                    data.insert(Rc::clone(stream.connection()));
                })
                .h1(fn_service(move |request| answer(Rc::clone(&http1_state), request)));
            let http1 = Rc::new(http1.new_service(()).await?);
            Ok::<_, ()>(fn_service(move |stream: TcpStream| {
                let (worker, http1, state) = (Rc::clone(&worker), Rc::clone(&http1), Rc::clone(&state));
                async move {
                    let peer = stream.peer_addr().ok();
                    // If the connection is gone, the first read fails.
                    let _ = stream.set_nodelay(true);
                    let stream = ConnectionStream::new(stream, &worker);
                    if http2 && stream.is_http2().await.unwrap_or_default() {
                        http2::serve(stream, &state).await;
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

/// Answers a request over HTTP/1.1.
async fn answer(state: WorkerState, mut request: Request) -> Result<Answer, Infallible> {
    let exchange = match Exchange::http1(&mut request) {
        Ok(exchange) => exchange,
        Err(answer) => return Ok(answer),
    };
    let encodings = request.head().headers.get_all(header::CONTENT_ENCODING);
    let encoding = ContentEncoding::of(encodings.map(header::HeaderValue::as_bytes));
    let head = Head { method: request.method().as_str(), path: request.path(), encoding };
    Ok(routes::answer(&state, head, exchange).await)
}
