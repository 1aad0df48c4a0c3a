//! The command `serve`: runs a receiver until a signal ends it.

use std::num::NonZeroUsize;

use actix::System;
use event_receiver::{ReceiverConfig, ReceiverError, Summary};

use seeker_run::Signals;
use seeker_run::connections_with_room;

/// Runs a receiver until a signal requests the end. Calls `listening` with its URL once it listens. Lowers the limit of connections if the
/// process cannot have as many open files.
///
/// # Errors
///
/// [`ReceiverError`] if the receiver cannot listen on the address, for example because the address is in use.
pub fn serve(mut config: ReceiverConfig, signals: &Signals, listening: impl FnOnce(&str)) -> Result<Summary, ReceiverError> {
    let room = connections_with_room(config.limits.connections.get(), config.workers.get());
    config.limits.connections = NonZeroUsize::new(room).unwrap_or(NonZeroUsize::MIN);
    System::new().block_on(async {
        let receiver = event_receiver::start(config)?;
        listening(&receiver.url());
        signals.end_requested().await;
        Ok(receiver.stop())
    })
}
