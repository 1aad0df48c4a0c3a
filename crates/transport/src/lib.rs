//! Sends requests and reads their answers over HTTP/1.1 and HTTP/2, in the clear or over TLS. Each answer comes with the times of its request.
//!
//! [`http`] has connections, endpoints and addresses. [`token`] has bearer tokens and their renewal. What a request carries, when it is sent and
//! what its answer means is the caller's decision.

pub mod http;
pub mod token;
