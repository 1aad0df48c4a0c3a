//! The limits of a receiver: the bounds on memory, connections and time that clients can take.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

/// The maximum size of a request body: 1 MiB (1,048,576 bytes).
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The limits of a receiver. The defaults are far above the needs of a load test.
///
/// Times are measured in steps of a quarter of a second. They do not advance while the process is stopped.
///
/// ```
/// use std::time::Duration;
///
/// use event_receiver::{Limits, ReceiverConfig};
///
/// let limits = Limits { idle_time: Duration::from_secs(30), ..Limits::default() };
/// let config = ReceiverConfig::new("127.0.0.1:0".parse()?).with_limits(limits);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory for slow requests, large bodies and large responses together, in bytes. At least
    /// [`MEMORY_BYTES_MIN`](Self::MEMORY_BYTES_MIN). When the memory is used up, the slowest transfer is answered with 503 to make room for
    /// faster ones. A body of up to 4 KiB that arrives in one piece needs no memory of the limit. A quarter is for the read buffers of
    /// connections with large bodies. Connections without such a buffer read their bodies in smaller pieces.
    pub memory_bytes: usize,
    /// Concurrent connections. Beyond the limit, the connections that have been idle longest are closed.
    pub connections: NonZeroUsize,
    /// Concurrent HTTP/2 streams of a connection. Clients that respect the protocol queue further requests.
    pub streams_per_connection: NonZeroU32,
    /// The size of the header section of a request in bytes, as HTTP/2 counts it: the name, the value and 32 bytes for each field. A larger
    /// section is answered with 431, or the connection is closed.
    pub header_bytes: NonZeroU32,
    /// The maximum time from the first byte of a request to the end of its header section. After this time, the connection is closed.
    pub header_time: Duration,
    /// The minimum rate of a body and of a response, in bytes a second. A slower body is answered with 408. The connection of a slower
    /// response is closed.
    pub bytes_per_s: NonZeroU32,
    /// The time over which that rate is measured. A transfer that stops is aborted after one to two of these windows.
    pub rate_window: Duration,
    /// The maximum time without bytes between requests. After this time, the connection is closed.
    pub idle_time: Duration,
}

impl Limits {
    /// The minimum of [`memory_bytes`](Self::memory_bytes): a body, its response, and large buffers.
    pub const MEMORY_BYTES_MIN: usize = 4 * BODY_BYTES_MAX;
}

impl Default for Limits {
    fn default() -> Self {
        let not_zero = "the default is not zero";
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
