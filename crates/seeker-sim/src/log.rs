//! The log lines of libraries, on standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// Writes the selected log lines from now on.
pub(super) fn start() {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    tracing_subscriber::registry().with(lines.with_filter(filter())).init();
}

/// Selects the log lines of libraries: the lines that the variable `RUST_LOG` selects, such as `debug` or `actix_http=trace`. By default,
/// errors.
fn filter() -> Targets {
    let selected = std::env::var("RUST_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    // actix-http logs invalid requests as errors, but the receiver counts them. Below warnings, h2 logs frames with the text of a target.
    let default = || Targets::new().with_default(LevelFilter::ERROR).with_target("actix_http", LevelFilter::OFF);
    selected.unwrap_or_else(default).with_target("h2", LevelFilter::WARN)
}
