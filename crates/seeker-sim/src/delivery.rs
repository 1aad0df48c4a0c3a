//! Delivery over HTTP: the queue that says which event is sent next, and the senders that send them, one request each at a time: over a
//! connection of their own, or over those of the pool. Who may send and when is decided by the queue, without I/O; how it is sent by the
//! senders; the dispatch is what they share.

pub(crate) mod alarm;
mod body;
pub(crate) mod dispatch;
pub(crate) mod gzip;
pub(crate) mod http;
pub(crate) mod in_flight;
pub(crate) mod line_sink;
pub(crate) mod lines;
mod link;
pub(crate) mod partial;
pub(crate) mod pool;
pub(crate) mod queue;
pub(crate) mod receipt;
pub(crate) mod request_sender;
pub(crate) mod retries;
#[cfg(test)]
pub(crate) mod scripted;
pub(crate) mod transport;
