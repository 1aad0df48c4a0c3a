//! A service that receives `ClientEvent`s over HTTP: the default target of a load-test run, and a stand-in for teams that have no
//! service of their own yet. It checks each message alone, counts what came in and notices event ids that were used before.
//!
//! It keeps no message, writes nothing to disk and knows no rules between events. Its memory is bounded whatever it is sent.
//!
//! # HTTP API
//!
//! Over HTTP/1.1, and over HTTP/2 without TLS where [`ReceiverConfig::with_http2`] says so.
//!
//! | Request | Answer |
//! |---|---|
//! | `POST /clientEvents`, a message that is fine, new or a retry | 200, the message as canonical JSON |
//! | the same, an event id that was used for other content | 409, `ALREADY_EXISTS` |
//! | the same, a message that is not fine | 400, `INVALID_ARGUMENT`, with a `BadRequest` that names every problem (the first 100) |
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
//!
//! Every error has the form of Google's APIs: `{"error":{"code":…,"message":…,"status":…,"details":[…]}}`; only a request that is
//! not HTTP is answered without a body. `Content-Type` of a request is not looked at: the body is the message, as it stands or packed
//! with gzip.
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
//!   "event_ids": {"repeated": 2, "conflicting": 1}
//! }
//! ```
//!
//! `received = accepted + refused.messages + too_large + event_ids.repeated + event_ids.conflicting` in every summary. A message
//! whose body breaks off or cannot be unpacked was not received. A message with several problems counts once under each of its reasons.
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

mod batch;
mod counters;
mod event_ids;
mod impairment;
mod intake;
mod summary;

mod api_error;
mod batch_answer;
mod body;
mod encoding;
mod routes;

mod server;

pub use body::BODY_BYTES_MAX;
pub use event_ids::EVENT_IDS_REMEMBERED;
pub use impairment::Impairments;
pub use server::{ReceiverConfig, ReceiverError, RunningReceiver, start};
pub use summary::{EventIdCounts, Refused, Summary};
