//! The command `serve`: a receiver on its own, until a signal ends it.

use std::num::NonZeroUsize;

use actix::System;
use event_receiver::{ReceiverConfig, ReceiverError, Summary};

use crate::process::open_files::room_for;
use crate::process::signals::Signals;

/// Runs a receiver until a signal asks to end. Calls `listening` with its URL once it listens. If this process may not have as many files
/// open as the limit of connections says, the limit is lowered.
///
/// # Errors
///
/// [`ReceiverError`] when the address cannot be listened on, for example because it is in use.
pub fn serve(mut config: ReceiverConfig, signals: &Signals, listening: impl FnOnce(&str)) -> Result<Summary, ReceiverError> {
    let room = room_for(config.limits.connections.get(), config.workers.get());
    config.limits.connections = NonZeroUsize::new(room).unwrap_or(NonZeroUsize::MIN);
    System::new().block_on(async {
        let receiver = event_receiver::start(config)?;
        listening(&receiver.url());
        signals.end_requested().await;
        Ok(receiver.stop())
    })
}
