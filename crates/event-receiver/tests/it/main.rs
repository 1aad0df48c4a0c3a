//! Tests of real receivers over plain HTTP/1.1, on free ports of 127.0.0.1.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

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
