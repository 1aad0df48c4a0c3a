//! The command `serve`: runs a receiver until a signal ends it.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use actix::System;
use event_receiver::{ReceiverConfig, ReceiverError, Summary};
use seeker_run::{Signals, connections_with_room};
use terminal_escape::one_line;

use super::output::{fail, no_signals, print};
use crate::cli::ServeArgs;
use crate::exit::ExitCode;

pub(super) fn serve(args: &ServeArgs) -> ExitCode {
    let signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return no_signals(&error),
    };
    let served = receive(args.config(), &signals, |url| {
        // An error of standard output is reported when the summary is printed.
        let mut out = io::stdout().lock();
        let line = format_args!(
            "listening on {url}: POST /clientEvents and /clientEvents:batch, GET /summary and /healthz; Ctrl-C ends"
        );
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    });
    match served {
        Ok(summary) => {
            let json = serde_json::to_string_pretty(&summary).expect("a summary is numbers and names");
            print(&format_args!("{json}\n"), ExitCode::Success)
        }
        Err(error) => fail(one_line(&error), ExitCode::BadInput),
    }
}

/// Runs a receiver until a signal requests the end. Calls `listening` with its URL once it listens. Lowers the limit of connections if the
/// process cannot have as many open files.
fn receive(mut config: ReceiverConfig, signals: &Signals, listening: impl FnOnce(&str)) -> Result<Summary, ReceiverError> {
    let room = connections_with_room(config.limits.connections.get(), config.workers.get());
    config.limits.connections = NonZeroUsize::new(room).unwrap_or(NonZeroUsize::MIN);
    System::new().block_on(async {
        let receiver = event_receiver::start(config)?;
        listening(&receiver.url());
        signals.end_requested().await;
        Ok(receiver.stop())
    })
}
