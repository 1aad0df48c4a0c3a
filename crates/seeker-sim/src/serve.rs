//! The command `serve`: a receiver on its own, until a signal ends it.

use std::io;
use std::num::NonZeroUsize;

use actix::System;
use event_receiver::{ReceiverConfig, ReceiverError, Summary};
use thiserror::Error;

use crate::open_files::room_for;
use crate::signals::Signals;

/// A receiver that could not be run.
#[derive(Debug, Error)]
pub enum ServeError {
    /// It could not be started.
    #[error(transparent)]
    Receiver(#[from] ReceiverError),
    /// Signals cannot be waited for.
    #[error("wait for signals")]
    Signals(#[source] io::Error),
}

/// Runs a receiver until a signal asks to end. Calls `listening` with its URL once it listens. If this process may not have as many files
/// open as the limit of connections says, the limit is lowered.
///
/// # Errors
///
/// [`ServeError`] when the address cannot be listened on, for example because it is in use.
pub fn serve(mut config: ReceiverConfig, listening: impl FnOnce(&str)) -> Result<Summary, ServeError> {
    let room = room_for(config.limits.connections.get(), config.workers.get());
    config.limits.connections = NonZeroUsize::new(room).unwrap_or(NonZeroUsize::MIN);
    let mut signals = Signals::new().map_err(ServeError::Signals)?;
    System::new().block_on(async {
        let receiver = event_receiver::start(config)?;
        listening(&receiver.url());
        signals.next().await;
        Ok(receiver.stop())
    })
}
