//! The service as its clients see it: real receivers on a free port of 127.0.0.1, spoken to in plain HTTP/1.1.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client;

mod answers;
mod batches;
mod counts;
mod encodings;
mod http2;
mod impairments;
mod large_bodies;
mod lifecycle;
mod limits;
mod warnings;
