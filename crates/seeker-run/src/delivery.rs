//! Delivery over HTTP. The queue decides, without I/O, which event is sent next and when. The senders send the events, one request at a
//! time each, over their own connection or over the connections of the pool. The dispatch holds the state that the queue and the senders
//! share.

pub(crate) mod alarm;
mod body;
pub(crate) mod dispatch;
mod grpc;
pub(crate) mod gzip;
pub(crate) mod http;
pub(crate) mod in_flight;
mod kafka;
mod line_sink;
mod lines;
mod link;
mod nats;
pub(crate) mod partial;
pub(crate) mod pool;
mod pubsub;
pub(crate) mod queue;
pub(crate) mod receipt;
pub(crate) mod request_sender;
pub(crate) mod retries;
#[cfg(test)]
pub(crate) mod scripted;
mod socket_buffers;
pub(crate) mod targets;
mod trace;
pub(crate) mod transport;
