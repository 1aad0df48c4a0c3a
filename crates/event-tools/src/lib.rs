//! Tools for files of ClientEvents: [`check`] finds violations of rules, [`stats`] computes and charts statistics, [`generate`] writes the
//! events of simulated job seekers. This crate opens no connections.

pub mod check;
pub mod generate;
pub mod stats;

mod parts;
mod progress_bar;

pub use parts::{NamedPart, PartHeader, PartNumber, PartsError};
