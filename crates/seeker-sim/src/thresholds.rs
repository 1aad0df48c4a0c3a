//! Thresholds while a run goes on: the figures so far, the worst windows, and what is left of both outside the generator's pauses.

pub(crate) mod outside_pauses;
pub(crate) mod sliding;
pub(crate) mod so_far;
pub(crate) mod watch;
