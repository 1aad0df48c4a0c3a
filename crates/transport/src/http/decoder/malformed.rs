//! The errors of a malformed response. The code that reads the connection handles truncated responses.
//!
//! Invariant: no variant holds bytes of the response, so that errors of the same kind are equal and can be counted.

use thiserror::Error;

/// Why a response is not valid HTTP/1 for this client.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// The head is not valid HTTP/1.
    #[error("the head is malformed")]
    Head(#[from] httparse::Error),
    /// The head is too long.
    #[error("the head is longer than 64 KiB")]
    HeadTooLong,
    /// The status is less than 100.
    #[error("the status is not between 100 and 999")]
    Status,
    /// The server switches to a protocol that the client did not request.
    #[error("the server switches protocols without a request to do so")]
    SwitchingProtocols,
    /// The content-length is not a number.
    #[error("the content-length is not a number below 2^64")]
    ContentLength,
    /// There are two different content-lengths.
    #[error("the response has two different content-lengths")]
    ContentLengths,
    /// The response has both a content-length and a transfer-encoding, which allows response smuggling.
    #[error("the response has both a content-length and a transfer-encoding")]
    LengthAndEncoding,
    /// An HTTP/1.0 response has a transfer-encoding, which HTTP/1.0 does not define.
    #[error("an HTTP/1.0 response has a transfer-encoding")]
    EncodingInHttp10,
    /// The size of a chunk is missing, too large, or followed by anything other than extensions.
    #[error("a chunk size is malformed")]
    ChunkSize,
    /// A chunk, an extension or a trailer does not end with a CRLF.
    #[error("a part of the chunked body does not end with CR and LF")]
    ChunkEnd,
}
