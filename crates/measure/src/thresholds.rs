//! Thresholds while a run goes on: the figures so far, the worst windows, and what is left of both outside the generator's pauses.

pub mod outside_pauses;
pub mod sliding;
pub mod so_far;
pub mod watch;
