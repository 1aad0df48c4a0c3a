//! A service that receives `ClientEvent` messages over HTTP. It is the default target of a load test, and a substitute for teams without a
//! service of their own. It checks each message on its own, counts the outcomes and detects repeated event ids.
//!
//! The receiver keeps no messages, writes nothing to disk and checks no rules between events. Its memory is bounded for all inputs.
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
//!
//! # HTTP API
//!
//! The API uses HTTP/1.1. [`ReceiverConfig::with_http2`] adds HTTP/2 without TLS.
//!
//! | Request | Response |
//! |---|---|
//! | `POST /clientEvents`, a valid message, new or a retry | 200, the message as canonical JSON |
//! | the same, a message that violates an inferred rule (I3, I4, I6) | the same with `warnings`, see below |
//! | the same, an event id that was used for other content | 409, `ALREADY_EXISTS` |
//! | the same, an invalid message | 400, `INVALID_ARGUMENT`, with a `BadRequest` that names the first 100 problems, and the first of each reason |
//! | the same, an event of API version 3, 4 or 4beta1 | the same, and the error text names the path of that version |
//! | the same, more than 1 MiB (1,048,576 bytes), compressed or decompressed | 413, `INVALID_ARGUMENT` |
//! | the same, a gzip body that cannot be decompressed, or ends early | 400, `INVALID_ARGUMENT` |
//! | the same, with another `Content-Encoding` than `gzip`, `x-gzip` and `identity` | 415, `INVALID_ARGUMENT`, with an `Accept-Encoding` header |
//! | `POST /clientEvents:batch`, one message a line, or a JSON array of messages | 200, the outcome of each message, see below |
//! | the same, no message, or an incomplete array | 400, `INVALID_ARGUMENT` |
//! | the same, more than 1 MiB or 10,000 messages | 413, `INVALID_ARGUMENT` |
//! | `GET` or `HEAD /summary` | 200, the [`Summary`] as JSON |
//! | `GET` or `HEAD /healthz` | 200, `ok` |
//! | another path | 404, `NOT_FOUND` |
//! | another method on one of these paths | 405, `UNIMPLEMENTED`, with an `Allow` header |
//! | a request that exceeds a [limit](Limits) | 408, 431 or 503, see below |
//!
//! Every error has the form of Google's APIs: `{"error":{"code":…,"message":…,"status":…,"details":[…]}}`. Only the response to a request
//! that is not HTTP has no body. The receiver ignores the `Content-Type` of a request: the body is the message, plain or compressed with gzip.
//!
//! # Warnings
//!
//! The receiver refuses a message that violates a documented rule. It accepts a message that violates an
//! [inferred](client_event::rules::Basis::Inferred) rule, since Google's own samples violate two of these rules. The response to such a message
//! has an additional field:
//!
//! ```json
//! {"eventId": "e-1", "…": "…", "warnings": [{"field": "relatedJobNames[0]", "description": "\"job-1\" is not a job name; …", "reason": "JOB_NAME_FORM"}]}
//! ```
//!
//! The response to a batch has `"warnings": {"3": […]}` with the first warning of each message by its position, if there are any.
//! [`ReceiverConfig::with_strict`] refuses these messages.
//!
//! # Limits
//!
//! [`ReceiverConfig::limits`] bounds the memory, connections, streams, header sections and time of clients. The defaults are far above the needs
//! of a load test.
//!
//! | Beyond the limit | Outcome |
//! |---|---|
//! | a body or a response needs memory, and all memory is reserved | the slowest transfer, possibly the new one, is answered with 503, `UNAVAILABLE` |
//! | a body arrives below the minimum rate | 408, `DEADLINE_EXCEEDED`, and the connection ends |
//! | a client accepts a response below the minimum rate | the connection, or the HTTP/2 stream, is closed |
//! | too many connections | the connections that have been idle longest are closed, so new connections are always served |
//! | too many HTTP/2 streams | the client has to wait (`SETTINGS_MAX_CONCURRENT_STREAMS`); further streams are refused |
//! | a large header section | 431, `INVALID_ARGUMENT`, or the connection is closed |
//! | a slow header section, an idle connection | the connection is closed |
//!
//! `GET /healthz` and small messages need no memory of the limit, so they are always answered.
//!
//! # Batches
//!
//! The receiver accepts or rejects each message of a batch on its own, in their order, and counts it like a single message. The response has the
//! form of Google's [partial success](https://google.aip.dev/233): the position of each rejected message, from 0 and without blank lines,
//! and a `google.rpc.Status` with its first problem.
//!
//! ```json
//! {"acknowledged": 98, "failedRequests": {"3": {"code": 3, "message": "eventId: is empty"}, "7": {"code": 6, "message": "…"}}}
//! ```
//!
//! 3 is `INVALID_ARGUMENT`, 6 is `ALREADY_EXISTS`. A batch with another response has no effect. A batch that is too large counts as one message.
//!
//! # Summary
//!
//! All keys are always present:
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
//! does not count as received if its body ends early, is too slow or cannot be decompressed. A message with several problems counts once for each of
//! its reasons. Messages with warnings count as accepted or repeated, and also in `warnings`.
//!
//! # Repeated event ids
//!
//! The receiver detects repeats and conflicts among at least the latest [`EVENT_IDS_REMEMBERED`] distinct ids, within a few per cent, and often
//! among up to twice as many. An older id counts as new. The receiver compares randomly keyed 64-bit hashes of ids and contents. It mistakes
//! one id for another about once in 2 × 10¹³ messages.
//!
//! # Impairments
//!
//! [`Impairments`] turn the receiver into a service with known limits, to test a load generator.
//!
//! - [`ReceiverConfig::with_max_rate`]: one server with a FIFO queue and a fixed service time. Each event takes 1/rate seconds of the
//!   server, a batch of 10 takes ten times as long, and the response is sent when the server has finished the request. The queue has no bound. Clients
//!   that give up leave their events in the queue. The timer that delays a response rounds up to whole milliseconds; the queue does not, so
//!   the limit is exact on average.
//! - [`ReceiverConfig::with_delay`]: time added to every response after that. It does not lower the rate.
//! - [`ReceiverConfig::with_error_ratio`]: a random share of requests is answered with 500. These requests take their time in the
//!   queue, but their events are not counted, so a retry is new. A request fails or not depending on the seed and on its number in order of arrival.
//!
//! Events are counted when they arrive, not when their response is sent. Requests whose body cannot be read are answered immediately.

#![warn(missing_docs)]

// Values.
mod counter;
mod limits;
mod memory;
mod summary;
mod tick;

// Counts and impairments.
mod counters;
mod impairment_queue;
mod impairments;
mod limit_counters;
mod shared;

// Messages.
mod api_version;
mod batch;
mod content_encoding;
mod event_ids;
mod ingest;

// Connections and transfers.
mod connection;
mod connection_state;
mod connection_stream;
mod incoming_body;
mod open_connections;
mod transfer;
mod transfers;
mod worker;

// Requests and responses.
mod answer;
mod api_error;
mod batch_answer;
mod body;
mod early_answer;
mod exchange;
mod http2;
mod large_answer;
mod receiver_state;
mod routes;
mod service;

// The receiver.
mod config;
mod receiver_error;
mod running_receiver;
mod server;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

pub use config::ReceiverConfig;
pub use event_ids::EVENT_IDS_REMEMBERED;
pub use impairments::Impairments;
pub use limits::{BODY_BYTES_MAX, Limits};
pub use receiver_error::ReceiverError;
pub use running_receiver::RunningReceiver;
pub use server::start;
pub use summary::{EventIdCounts, LimitCounts, ReasonCounts, Summary};

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
