//! Tools for files of ClientEvents: [`check`] finds what breaks a rule, [`stats`] counts and draws, [`generate`] writes the events of simulated
//! job seekers. Nothing here opens a connection.

pub mod check;
pub mod generate;
pub mod stats;

mod progress_bar;
