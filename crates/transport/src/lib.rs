//! Sends requests and reads their responses over HTTP/1.1 and HTTP/2, with or without TLS. Each response comes with the times of its
//! request.
//!
//! [`http`] has connections, endpoints and addresses. [`token`] has bearer tokens and their renewal. The caller decides what a request
//! carries, when it is sent, and what its response means.

pub mod http;
pub mod token;
