//! Thresholds during a run: the current figures, the worst windows, and both outside the generator's pauses.

pub mod current_figure;
pub mod outside_pauses;
pub mod sliding;
pub mod watch;
