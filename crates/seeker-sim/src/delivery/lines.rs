//! The way into a file or to standard output, a line for each event. One task of an arbiter writes what is due; while it writes, more
//! becomes due, and goes with the next piece. What was taken by the operating system counts as acknowledged.
//!
//! The arbiters share the sink, and each piece is written as a whole, so no line is cut by another one. Nothing is given up halfway:
//! a reader that stands still is waited for, and at the end of the run what it has not taken is unknown.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::rc::Rc;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex, Notify};

use crate::delivery::dispatch::{Dispatch, Receipt};
use crate::delivery::lane::write_body;
use crate::tally::Fate;
use crate::target::address::TargetAddress;

/// The most events in one piece.
pub(crate) const EVENTS_MAX: usize = 1_000;

/// A file, or standard output.
pub(crate) struct LineSink {
    out: Mutex<Box<dyn AsyncWrite + Send + Unpin>>,
}

impl LineSink {
    /// The sink at that address, if it is not the address of a service.
    pub(crate) fn open(address: &TargetAddress) -> io::Result<Option<Self>> {
        let out: Box<dyn AsyncWrite + Send + Unpin> = match address {
            TargetAddress::Service(_) => return Ok(None),
            TargetAddress::File(path) => Box::new(tokio::fs::File::from_std(File::create(path)?)),
            TargetAddress::StandardOutput => Box::new(tokio::io::stdout()),
        };
        Ok(Some(Self { out: Mutex::new(out) }))
    }

    async fn write(&self, lines: &[u8]) -> io::Result<()> {
        let mut out = self.out.lock().await;
        out.write_all(lines).await?;
        out.flush().await
    }
}

/// Writes events until it is aborted.
pub(crate) async fn run(dispatch: Rc<Dispatch>, sink: std::sync::Arc<LineSink>) {
    let clock = dispatch.sending.clock;
    let (mut flights, mut lines) = (Vec::new(), Vec::new());
    let work = Rc::new(Notify::new());
    loop {
        while dispatch.take(&mut flights) {
            write_body(&dispatch, &flights, &mut lines);
            let sent = clock.now();
            dispatch.note_attempt(&flights, sent);
            dispatch.note_sent(&flights, sent);
            let written = sink.write(&lines).await;
            let at = clock.now();
            dispatch.note_ended(at);
            let receipt = match written {
                Ok(()) => Receipt { fate: Fate::Acknowledged, at, answered_after: Some(sent), error: None, again_after: None },
                Err(error) => {
                    let error = Some(format!("failed to write: {error}"));
                    Receipt { fate: Fate::Failed, at, answered_after: None, error, again_after: None }
                }
            };
            dispatch.conclude_all(&mut flights, &receipt, BTreeMap::new(), || None);
            dispatch.release(at);
        }
        dispatch.become_idle(&work);
        work.notified().await;
    }
}
