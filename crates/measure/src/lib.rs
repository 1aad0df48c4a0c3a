//! Measurements of a load test: the outcome of every event, counters, histograms, windows and the figures of thresholds.
//!
//! The threads of a run write [`observations::Observations`]: a few bytes per event. [`counters::Counters`] and
//! [`windows::Windows`] add them up. A [`run_record::RunRecord`] holds all data of a report. This crate does not send, wait
//! or write files.

pub mod connections;
pub mod counters;
pub mod error_counts;
pub mod error_example;
pub mod latency;
pub mod latency_blocks;
pub mod ledger_account;
pub mod live_seekers;
pub mod observations;
pub mod open_times;
pub mod outcome_counts;
pub mod pause;
pub mod retry_counts;
pub mod run_record;
pub mod search_figures;
pub mod sent_check;
pub mod silence;
#[cfg(any(test, feature = "proptest"))]
pub mod strategies;
pub mod thresholds;
mod time_bucket;
pub mod time_histogram;
mod varint;
pub mod windows;
