//! The options of `serve`.

use std::net::SocketAddr;

use clap::Args;

use super::parse_bind;

const EXAMPLES: &str = "\
Examples:
  seeker-sim serve
      Receives events on 127.0.0.1:8080 until Ctrl-C, and says at the end what it counted.
  seeker-sim serve --bind 0.0.0.0:80
      The same for other machines.
  seeker-sim serve --bind '[::1]:0'
      On a free port, which is told.

Exit codes: 0 ended by a signal, 2 the address cannot be used.";

/// The options of `serve`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    /// The address to listen on; port 0 for a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = parse_bind)]
    pub bind: SocketAddr,
}
