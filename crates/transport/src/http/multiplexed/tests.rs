//! Tests against the server of the crate h2, over a byte stream in memory.

use std::{cell::Cell, time::Duration};

use bytes::Bytes;
use h2::{
    Reason,
    server::{self, SendResponse},
};
use http::{HeaderMap, Response};
use proptest::prelude::*;
use tokio::{
    io::duplex,
    task::{LocalSet, spawn_local},
    time::{sleep, timeout},
};
use url::Url;

use super::*;
use crate::http::{Header, Trust};

/// What the server does with a request.
#[derive(Clone, Debug)]
enum Reply {
    /// Answers with this status and a body of this many bytes, and trailers.
    Answer(u16, usize),
    Reset,
    Refuse,
    /// Never answers. The client gives up.
    Silence,
}

/// A server and the requests to it.
#[derive(Clone, Debug)]
struct Case {
    /// The size of the pipe in bytes.
    pipe: usize,
    initial_window: u32,
    frame_max: u32,
    streams_max: u32,
    /// For each request: the length of its body, the reply, and how many milliseconds the reply takes.
    requests: Vec<(usize, Reply, u64)>,
    /// After this many requests, the server ends the connection in order.
    goes_away_after: Option<usize>,
}

fn case() -> impl Strategy<Value = Case> {
    let reply = prop_oneof![
        6 => (prop::sample::select(vec![200_u16, 204, 404, 503]), prop_oneof![0_usize..100, 0_usize..200_000])
            .prop_map(|(status, length)| Reply::Answer(status, length)),
        1 => Just(Reply::Reset),
        1 => Just(Reply::Refuse),
        1 => Just(Reply::Silence),
    ];
    let length = prop_oneof![3 => 0_usize..400, 1 => 0_usize..150_000];
    (
        100_usize..40_000,
        prop_oneof![1_000_u32..100_000, Just(65_535)],
        16_384_u32..70_000,
        1_u32..20,
        prop::collection::vec((length, reply, 0_u64..20), 1..25),
        prop::option::weighted(0.3, 1_usize..20),
    )
        .prop_map(|(pipe, initial_window, frame_max, streams_max, requests, goes_away_after)| Case {
            pipe,
            initial_window,
            frame_max,
            streams_max,
            requests,
            goes_away_after,
        })
}

/// The body of request `number`: its number, and bytes.
fn body(number: usize, length: usize) -> Vec<u8> {
    let mut body = number.to_be_bytes().to_vec();
    body.extend((0..length).map(|at| u8::try_from((number + at) % 251).unwrap_or_default()));
    body
}

async fn serve(stream: tokio::io::DuplexStream, case: Rc<Case>) {
    let mut builder = server::Builder::new();
    builder.initial_window_size(case.initial_window).max_frame_size(case.frame_max).max_concurrent_streams(case.streams_max);
    let mut connection = builder.handshake::<_, Bytes>(stream).await.unwrap();
    let mut count = 0;
    while let Some(Ok((request, respond))) = connection.accept().await {
        count += 1;
        if case.goes_away_after == Some(count) {
            connection.graceful_shutdown();
        }
        spawn_local(reply(request.into_body(), respond, Rc::clone(&case)));
    }
}

async fn reply(mut incoming: h2::RecvStream, mut respond: SendResponse<Bytes>, case: Rc<Case>) {
    let mut received = Vec::new();
    while let Some(Ok(data)) = incoming.data().await {
        received.extend_from_slice(&data);
        let _ = incoming.flow_control().release_capacity(data.len());
    }
    // A request that the client has cancelled may be cut.
    let Some(number) = received.first_chunk().map(|number| usize::from_be_bytes(*number)) else { return };
    let (length, reply, wait) = &case.requests[number];
    if received.len() < length + 8 {
        return;
    }
    assert_eq!(received, body(number, *length));
    sleep(Duration::from_millis(*wait)).await;
    match *reply {
        Reply::Reset => respond.send_reset(Reason::INTERNAL_ERROR),
        Reply::Refuse => respond.send_reset(Reason::REFUSED_STREAM),
        Reply::Silence => {
            let _ = poll_fn(|context| respond.poll_reset(context)).await;
        }
        Reply::Answer(status, length) => {
            let response = Response::builder().status(status).header("retry-after", "7").body(()).unwrap();
            let Ok(mut stream) = respond.send_response(response, false) else { return };
            if stream.send_data(body(number, length).into(), false).is_ok() {
                let _ = stream.send_trailers(HeaderMap::new());
            }
        }
    }
}

fn endpoint() -> Endpoint {
    let headers: [Header; 1] = ["X-One: 1".parse().unwrap()];
    Endpoint::new_http2(&Url::parse("http://jobs.example/events").unwrap(), &headers, &Trust::System).unwrap()
}

/// How long the client waits for a response of a silent server.
const PATIENCE: Duration = Duration::from_millis(500);

/// Sends one request and checks its outcome. Counts the outcome.
async fn exchange(connection: &Multiplexed, endpoint: &Endpoint, case: &Case, number: usize, ended: &Cell<usize>) {
    let (length, reply, _) = &case.requests[number];
    let request_body = body(number, *length);
    let mut kept = Vec::new();
    let exchange = connection.post(endpoint, &request_body, Some(&mut kept));
    let silent = matches!(reply, Reply::Silence);
    let outcome = if silent { timeout(PATIENCE, exchange).await } else { Ok(exchange.await) };
    let may_go = case.goes_away_after.is_some();
    match (reply, outcome) {
        (Reply::Answer(status, length), Ok(Ok(answer))) => {
            assert_eq!((answer.status, answer.is_whole, answer.grpc_status), (*status, true, None));
            assert!(answer.retry_after.is_some() && answer.first_byte_at.is_none_or(|at| at >= answer.sent_at));
            assert_eq!(kept, body(number, *length));
        }
        (Reply::Reset, Ok(Err(ExchangeError::Http2(_))))
        | (Reply::Refuse, Ok(Err(ExchangeError::Refused)))
        | (Reply::Silence, Err(_)) => {}
        // A server that goes takes no further requests.
        (_, Ok(Err(ExchangeError::NotReusable | ExchangeError::NotTaken(_)))) if may_go => {}
        (reply, outcome) => panic!("{reply:?}: {outcome:?}"),
    }
    ended.set(ended.get() + 1);
}

async fn run(case: Case) {
    let case = Rc::new(case);
    let (client, server) = duplex(case.pipe);
    spawn_local(serve(server, Rc::clone(&case)));
    let (state, driver) = Multiplexed::start(client).await.unwrap();
    let open_times = OpenTimes { connect: Duration::ZERO, tls: None };
    let connection = Rc::new(Multiplexed { state, open_times, liveness: RefCell::default() });
    assert_eq!(connection.streams_max(), case.streams_max as usize);
    let driver = spawn_local(driver);
    let (endpoint, ended) = (Rc::new(endpoint()), Rc::new(Cell::new(0)));
    let tasks: Vec<_> = (0..case.requests.len())
        .map(|number| {
            let (connection, endpoint, case, ended) =
                (Rc::clone(&connection), Rc::clone(&endpoint), Rc::clone(&case), Rc::clone(&ended));
            spawn_local(async move { exchange(&connection, &endpoint, &case, number, &ended).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(ended.get(), case.requests.len());
    // Nothing is left, and the connection ends in order.
    assert_eq!(connection.state.borrow().connection.open_count(), 0);
    drop(connection);
    driver.await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// For all windows, frame sizes, limits, orders of responses, resets and closes of a server, each request ends once, with the right
    /// outcome and body.
    #[test]
    fn each_request_has_its_outcome(case in case()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        LocalSet::new().block_on(&runtime, run(case));
    }
}
