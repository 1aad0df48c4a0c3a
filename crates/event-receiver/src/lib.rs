//! A service that receives `ClientEvent`s over HTTP: the default target of a load-test run, and a stand-in for teams that have no
//! service of their own yet. It checks each message alone, counts what came in and notices event ids that were used before.
//!
//! It keeps no message, writes nothing to disk and knows no rules between events. Its memory is bounded whatever it is sent and however slowly.
//!
//! # HTTP API
//!
//! Over HTTP/1.1, and over HTTP/2 without TLS where [`ReceiverConfig::with_http2`] says so.
//!
//! | Request | Answer |
//! |---|---|
//! | `POST /clientEvents`, a message that is fine, new or a retry | 200, the message as canonical JSON |
//! | the same, a message that breaks an inferred rule (I3, I4, I6) | the same with `warnings`, see below |
//! | the same, an event id that was used for other content | 409, `ALREADY_EXISTS` |
//! | the same, a message that is not fine | 400, `INVALID_ARGUMENT`, with a `BadRequest` that names the first 100 problems, and the first of each reason |
//! | the same, an event of API version 3, 4 or 4beta1 | the same, and the message says where to send it |
//! | the same, more than 1 MiB (1,048,576 bytes), packed or unpacked | 413, `INVALID_ARGUMENT` |
//! | the same, a body that says it is gzip and is not, or breaks off | 400, `INVALID_ARGUMENT` |
//! | the same, with another `Content-Encoding` than `gzip`, `x-gzip` and `identity` | 415, `INVALID_ARGUMENT`, with an `Accept-Encoding` header |
//! | `POST /clientEvents:batch`, messages one a line, or a JSON array of them | 200, what became of each, see below |
//! | the same, no message, or an array that is none | 400, `INVALID_ARGUMENT` |
//! | the same, more than 1 MiB or 10,000 messages | 413, `INVALID_ARGUMENT` |
//! | `GET` or `HEAD /summary` | 200, the [`Summary`] as JSON |
//! | `GET` or `HEAD /healthz` | 200, `ok` |
//! | another path | 404, `NOT_FOUND` |
//! | another method on one of these paths | 405, `UNIMPLEMENTED`, with an `Allow` header |
//! | a request that exceeds a [limit](Limits) | 408, 431 or 503, see below |
//!
//! Every error has the form of Google's APIs: `{"error":{"code":…,"message":…,"status":…,"details":[…]}}`; only a request that is
//! not HTTP is answered without a body. `Content-Type` of a request is not looked at: the body is the message, as it stands or packed
//! with gzip.
//!
//! # Warnings
//!
//! A message that breaks a documented rule is refused. A rule that is only [inferred](client_event::rules::Basis::Inferred) is no reason to
//! refuse a message: Google's own samples break two of them. The answer to such a message has one more field:
//!
//! ```json
//! {"eventId": "e-1", "…": "…", "warnings": [{"field": "relatedJobNames[0]", "description": "\"job-1\" is not a job name; …", "reason": "JOB_NAME_FORM"}]}
//! ```
//!
//! The answer to a batch has `"warnings": {"3": […]}` with the first warning of each message by its position, if there are any.
//! [`ReceiverConfig::with_strict`] refuses these messages.
//!
//! # Limits
//!
//! [`ReceiverConfig::limits`] bounds what clients can take: memory, connections, streams, header sections and time. The defaults are far above
//! what load tests need.
//!
//! | Beyond the limit | Outcome |
//! |---|---|
//! | a body or an answer needs memory and all is reserved | the slowest transfer is answered with 503, `UNAVAILABLE`; if that is the one that asks, it is |
//! | a body comes in below the least rate | 408, `DEADLINE_EXCEEDED`, and the connection ends |
//! | an answer is taken below the least rate | the connection, or the HTTP/2 stream, is closed |
//! | too many connections | the connections that have been idle longest are closed, so new connections are always served |
//! | too many HTTP/2 streams | the client has to wait (`SETTINGS_MAX_CONCURRENT_STREAMS`); a stream beyond that is refused |
//! | a large header section | 431, `INVALID_ARGUMENT`, or the connection is closed |
//! | a slow header section, an idle connection | the connection is closed |
//!
//! `GET /healthz` and small messages need no memory of the limit, so they are answered whatever other clients do.
//!
//! # Batches
//!
//! Each message of a batch is taken, or not, on its own, in their order, and is counted as if it had come alone. The answer has the form
//! of Google's [partial success](https://google.aip.dev/233): the position of each message that was not taken, from 0 and without
//! blank lines, and a `google.rpc.Status` with its first problem.
//!
//! ```json
//! {"acknowledged": 98, "failedRequests": {"3": {"code": 3, "message": "eventId: is empty"}, "7": {"code": 6, "message": "…"}}}
//! ```
//!
//! 3 is `INVALID_ARGUMENT`, 6 `ALREADY_EXISTS`. A batch that is answered otherwise has left nothing behind; one that is too large counts
//! as one message.
//!
//! # Summary
//!
//! All keys are always there, with zeros:
//!
//! ```json
//! {
//!   "received": 12,
//!   "accepted": 5,
//!   "by_type": {"EVENT_TYPE_UNSPECIFIED": 0, "APPLICATION_START": 0, "VIEW": 2, "IMPRESSION": 3, "…all 16": 0},
//!   "refused": {"messages": 3, "by_reason": {"not-json": 1, "unknown-field": 2, "…all 17": 0}},
//!   "too_large": 1,
//!   "event_ids": {"repeated": 2, "conflicting": 1},
//!   "warnings": {"messages": 1, "by_reason": {"several-jobs": 1, "job-name-form": 0, "…all 5": 0}},
//!   "limits": {"too_slow": 0, "no_memory": 0, "closed_connections": 0}
//! }
//! ```
//!
//! `received = accepted + refused.messages + too_large + event_ids.repeated + event_ids.conflicting` in every summary. A message
//! whose body breaks off, is too slow or cannot be unpacked was not received. A message with several problems counts once under each of its
//! reasons. Messages with warnings are counted among the accepted and repeated ones, and again in `warnings`.
//!
//! # Repeated event ids
//!
//! A repeat or a conflict is noticed among the latest [`EVENT_IDS_REMEMBERED`] distinct ids, give or take the few per cent by
//! which a random spread over shards differs from an even one, and often up to twice as far back. One further back counts as
//! new. Ids and contents are compared by randomly keyed 64-bit hashes: that two ids are taken for one happens about once in
//! 2 × 10¹³ messages.
//!
//! # Slow or faulty on purpose
//!
//! [`Impairments`] turn the receiver into a service with known limits, to test a load generator against.
//!
//! - [`ReceiverConfig::with_max_rate`]: one server with a FIFO queue and a fixed service time. Each event takes 1/rate seconds of the
//!   server, a batch of 10 takes ten times as long, and the answer is sent when the server has finished the request. The queue has no bound. Clients
//!   that give up leave their events in the queue. The timer that delays an answer rounds up to whole milliseconds; the queue does not, so
//!   the limit is exact on average.
//! - [`ReceiverConfig::with_delay`]: time added to every answer after that. It does not lower the rate.
//! - [`ReceiverConfig::with_error_ratio`]: a random share of requests is answered with 500. These requests take their time in the
//!   queue, but their events are not counted, so a retry is new. A request fails or not depending on the seed and on its number in order of arrival.
//!
//! Events are counted when they arrive, not when their answer is sent. Requests whose body cannot be read are answered at once.
//!
//! # Use
//!
//! ```
//! use event_receiver::{ReceiverConfig, start};
//!
//! let receiver = start(ReceiverConfig::new("127.0.0.1:0".parse()?))?;
//! println!("POST to {}/clientEvents", receiver.url());
//! let summary = receiver.stop();
//! assert_eq!(summary.received, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod api_version;
mod batch;
mod counters;
mod event_ids;
mod impairment;
mod intake;
mod limits;
mod memory;
mod summary;

mod connection;
mod transfer;
mod transfers;
mod worker;

mod api_error;
mod batch_answer;
mod body;
mod encoding;
mod exchange;
mod routes;

mod config;
mod http2;
mod server;
mod service;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

pub use body::BODY_BYTES_MAX;
pub use config::{ReceiverConfig, ReceiverError};
pub use event_ids::EVENT_IDS_REMEMBERED;
pub use impairment::Impairments;
pub use limits::Limits;
pub use server::{RunningReceiver, start};
pub use summary::{EventIdCounts, LimitCounts, ReasonCounts, Summary};
