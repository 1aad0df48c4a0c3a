//! Thresholds during a run: the current figures, the worst windows, and both outside the generator's pauses.

pub mod outside_pauses;
pub mod sliding;
pub mod so_far;
pub mod watch;
