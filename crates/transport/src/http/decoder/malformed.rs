//! What can be wrong with an answer. Answers that are merely cut short are the matter of whoever reads the connection.
//!
//! The invariant: no variant holds bytes of the answer, so that errors of the same kind look alike and can be counted.

use thiserror::Error;

/// What is wrong with an answer that is no HTTP/1 as this client understands it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// The head breaks the grammar.
    #[error("its head is malformed")]
    Head(#[from] httparse::Error),
    /// The head goes on for too long.
    #[error("its head is longer than 64 KiB")]
    HeadTooLong,
    /// The status is less than 100.
    #[error("its status is not between 100 and 999")]
    Status,
    /// The server switches to a protocol that it was not asked for.
    #[error("it switches protocols, which was not asked for")]
    SwitchingProtocols,
    /// The content-length is not a number.
    #[error("its content-length is not a number below 2^64")]
    ContentLength,
    /// There are two different content-lengths.
    #[error("its content-lengths contradict each other")]
    ContentLengths,
    /// There is both a content-length and a transfer-encoding, which is how answers are smuggled.
    #[error("it has both a content-length and a transfer-encoding")]
    LengthAndEncoding,
    /// There is a transfer-encoding in an answer of HTTP/1.0, which has none.
    #[error("it has a transfer-encoding in HTTP/1.0")]
    EncodingInHttp10,
    /// The size of a chunk is missing, too large, or followed by something else than its extensions.
    #[error("the size of a chunk is malformed")]
    ChunkSize,
    /// A chunk, an extension or a trailer does not end with a CRLF.
    #[error("a part of its chunked body does not end with CR and LF")]
    ChunkEnd,
}
