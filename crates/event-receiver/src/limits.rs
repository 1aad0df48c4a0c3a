//! What a receiver bears from its clients before it says no: the bounds on memory, connections and time. How they are enforced is
//! elsewhere.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use crate::body::BODY_BYTES_MAX;

/// The limits that a receiver sets to its clients. The defaults are far above what load tests need.
///
/// Every time is measured in steps of a quarter of a second, and stands still while the process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory for all requests that take their time, large bodies and large answers together, in bytes; at least
    /// [`MEMORY_BYTES_MIN`](Self::MEMORY_BYTES_MIN). When it is used up, the slowest transfer is answered with 503 to make room for
    /// faster ones. A body of up to 4 KiB that arrives in one piece needs none. A quarter is for the read buffers of connections with large
    /// bodies; connections without such a buffer read their bodies in smaller pieces.
    pub memory_bytes: usize,
    /// Concurrent connections. Beyond the limit, the connections that have been idle longest are closed.
    pub connections: NonZeroUsize,
    /// HTTP/2 streams at once on a connection. Clients that respect the protocol queue further requests.
    pub streams_per_connection: NonZeroU32,
    /// The size of a request's header section in bytes, as HTTP/2 counts it: 32 bytes more for each field than its name and value.
    /// A larger one is answered with 431, or the connection is closed.
    pub header_bytes: NonZeroU32,
    /// The time from the first byte of a request to the end of its header section. Then the connection is closed.
    pub header_time: Duration,
    /// The least rate of a body that is received and of an answer that is sent, in bytes a second. A slower body is answered with
    /// 408; the connection of a slower answer is closed.
    pub bytes_per_s: NonZeroU32,
    /// Over how much time that rate is measured. A transfer that stops is cut off after one to two of these.
    pub rate_window: Duration,
    /// How long a connection may be silent between requests. Then it is closed.
    pub idle_time: Duration,
}

impl Limits {
    /// The least that [`memory_bytes`](Self::memory_bytes) may be: a body, its answer, and large buffers.
    pub const MEMORY_BYTES_MIN: usize = 4 * BODY_BYTES_MAX;
}

impl Default for Limits {
    fn default() -> Self {
        let not_zero = "it is not zero";
        Self {
            memory_bytes: 64 * 1024 * 1024,
            connections: NonZeroUsize::new(6_000).expect(not_zero),
            streams_per_connection: NonZeroU32::new(1_024).expect(not_zero),
            header_bytes: NonZeroU32::new(64 * 1024).expect(not_zero),
            header_time: Duration::from_secs(30),
            bytes_per_s: NonZeroU32::new(100).expect(not_zero),
            rate_window: Duration::from_secs(10),
            idle_time: Duration::from_mins(15),
        }
    }
}
