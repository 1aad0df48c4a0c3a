//! Tests of the state machine: all inputs, however they are split, and all windows.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod arbitrary;
mod flow;
mod header_blocks;
mod protocol;
mod server;
mod splits;
