//! Tests of the state machine: all inputs, however they are split, and all windows.

mod arbitrary;
mod flow;
mod header_blocks;
mod protocol;
mod server;
mod splits;
