//! The load of a load test, and the thresholds it must meet, as values and as text.
//!
//! A [`load::Load`] defines how many events, arriving job seekers or live job seekers are due by each [`Moment`]. All
//! amounts are exact integrals of the load's stages. A [`threshold::Threshold`] names a figure and its limit. This crate
//! reads no clock, sends nothing and measures nothing.

pub mod load;
#[cfg(any(test, feature = "proptest"))]
pub mod strategies;
pub mod threshold;
pub mod units;

mod moment;
mod outcome;

pub use moment::Moment;
pub use outcome::EventOutcome;

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
