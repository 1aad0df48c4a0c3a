//! Reads the body of a request with bounded memory. Many clients read the response only after they have sent everything, so the receiver
//! reads and discards the rest of a body that is too large, up to a limit. The memory of a body never exceeds the limit by more than one
//! read. A body that arrives in several pieces is a transfer: it has to keep a minimum rate, and counts against the memory of all bodies.

use std::future::poll_fn;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::incoming_body::{BrokenBody, IncomingBody};
use crate::limits::BODY_BYTES_MAX;
use crate::transfer::Transfer;
use crate::transfers::AbortReason;

/// The maximum number of bytes of a body that are discarded before the response: 64 MiB. A client that sends more gets the same response, but
/// the connection ends a few seconds later.
const DISCARDED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A body up to this size that arrives in one piece does not count against the memory.
const FREE_BYTES_MAX: usize = 4 * 1024;

/// The result of reading a body.
pub(crate) enum Body {
    /// The whole body.
    Whole(Bytes),
    /// The body is larger than [`BODY_BYTES_MAX`].
    TooLarge,
}

/// A body that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// The body ended early, or was not framed as HTTP requires.
    BrokeOff,
    /// The transfer was aborted.
    Aborted(AbortReason),
}

impl From<AbortReason> for BodyError {
    fn from(reason: AbortReason) -> Self {
        Self::Aborted(reason)
    }
}

impl From<BrokenBody> for BodyError {
    fn from(_: BrokenBody) -> Self {
        Self::BrokeOff
    }
}

/// Reads the body. Its memory stays reserved until the transfer ends.
///
/// # Errors
///
/// If the body could not be read.
pub(crate) async fn read(incoming: &mut IncomingBody, transfer: &Transfer) -> Result<Body, BodyError> {
    // Most bodies arrive in one piece, which is then used without a copy.
    let mut first = None;
    let body = poll_fn(|context| poll_read(incoming, transfer, &mut first, context)).await?;
    transfer.set_moving(false);
    Ok(body)
}

fn poll_read(
    incoming: &mut IncomingBody,
    transfer: &Transfer,
    first: &mut Option<Bytes>,
    context: &mut Context<'_>,
) -> Poll<Result<Body, BodyError>> {
    transfer.check()?;
    loop {
        let Poll::Ready(next) = incoming.poll_next(context)? else {
            if let Some(first) = first.take() {
                transfer.hold(&first)?;
            }
            transfer.register(context);
            return Poll::Pending;
        };
        let held = first.as_ref().map_or_else(|| transfer.held(), Bytes::len);
        let Some(piece) = next else {
            let whole = match first.take() {
                Some(first) => {
                    if held > FREE_BYTES_MAX {
                        transfer.reserve(held)?;
                    }
                    first
                }
                None => transfer.take_held().into(),
            };
            return Poll::Ready(Ok(Body::Whole(whole)));
        };
        if held + piece.len() > BODY_BYTES_MAX {
            *first = None;
            transfer.discard_held();
            return Poll::Ready(Ok(Body::TooLarge));
        }
        if held == 0 {
            *first = Some(piece);
        } else {
            if let Some(first) = first.take() {
                transfer.hold(&first)?;
            }
            transfer.hold(&piece)?;
        }
    }
}

/// Reads and discards the rest of a body, up to a limit. Returns whether the body ended.
///
/// # Errors
///
/// If the body ends early, or arrives below the minimum rate.
pub(crate) async fn discard(incoming: &mut IncomingBody, transfer: &Transfer) -> Result<bool, BodyError> {
    transfer.end();
    let mut discarded = 0;
    poll_fn(|context| poll_discard(incoming, transfer, &mut discarded, context)).await
}

fn poll_discard(
    incoming: &mut IncomingBody,
    transfer: &Transfer,
    discarded: &mut usize,
    context: &mut Context<'_>,
) -> Poll<Result<bool, BodyError>> {
    transfer.check()?;
    while *discarded < DISCARDED_BYTES_MAX {
        let Poll::Ready(next) = incoming.poll_next(context)? else {
            transfer.register(context);
            return Poll::Pending;
        };
        let Some(piece) = next else { return Poll::Ready(Ok(true)) };
        *discarded += piece.len();
        transfer.note_moved(piece.len());
    }
    Poll::Ready(Ok(false))
}
