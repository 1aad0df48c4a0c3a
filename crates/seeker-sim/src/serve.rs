//! The command `serve`: a receiver on its own, until a signal ends it.

use std::io;

use actix::System;
use event_receiver::{ReceiverConfig, ReceiverError, Summary};
use thiserror::Error;

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

/// Runs a receiver until a signal asks to end. Calls `listening` with its URL once it listens.
///
/// # Errors
///
/// [`ServeError`] when the address cannot be listened on, for example because it is in use.
pub fn serve(config: ReceiverConfig, listening: impl FnOnce(&str)) -> Result<Summary, ServeError> {
    let mut signals = Signals::new().map_err(ServeError::Signals)?;
    System::new().block_on(async {
        let receiver = event_receiver::start(config)?;
        listening(&receiver.url());
        signals.next().await;
        Ok(receiver.stop())
    })
}
