//! A section of a stage at its place in the load. A load without changes has one piece for each stage.

use std::time::Duration;

use super::stage::Stage;

/// A stage, or a section of a stage, multiplied by a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    stage: Stage,
    /// The time of the stage before the section, and its integral.
    skipped: Duration,
    skipped_integral: f64,
    /// The factor of all amounts.
    factor: f64,
    begins: Duration,
    length: Duration,
    /// The integral of all earlier pieces.
    before: f64,
}

impl Piece {
    /// Puts stages one after the other, each multiplied by `factor`. The time and the integral of earlier pieces are `begins`
    /// and `before`. Leaves out the first `skipped` of the stages.
    pub(super) fn all(
        stages: impl Iterator<Item = Stage>,
        factor: f64,
        mut skipped: Duration,
        mut begins: Duration,
        mut before: f64,
    ) -> Vec<Self> {
        let mut pieces = Vec::new();
        for stage in stages {
            let Some(length) = stage.duration().checked_sub(skipped).filter(|length| !length.is_zero()) else {
                skipped = skipped.saturating_sub(stage.duration());
                continue;
            };
            let skipped_integral = stage.integral_by(skipped.as_secs_f64());
            let piece = Self { stage, skipped, skipped_integral, factor, begins, length, before };
            (begins, before, skipped) = (piece.ends(), piece.integral(), Duration::ZERO);
            pieces.push(piece);
        }
        pieces
    }

    pub(super) fn begins(&self) -> Duration {
        self.begins
    }

    pub(super) fn ends(&self) -> Duration {
        self.begins.saturating_add(self.length)
    }

    /// Returns the part of the piece before `end`; `None` if the piece begins later.
    pub(super) fn cut_at(self, end: Duration) -> Option<Self> {
        let length = end.checked_sub(self.begins).filter(|length| !length.is_zero())?;
        Some(Self { length: length.min(self.length), ..self })
    }

    /// Returns the highest amount of the stage, times the factor.
    pub(super) fn peak(&self) -> f64 {
        self.factor * self.stage.peak()
    }

    /// Returns the amount at a time of the load, which must be within the piece.
    pub(super) fn level_at(&self, at: Duration) -> f64 {
        self.factor * self.stage.level_at(self.in_stage(at))
    }

    /// Returns the integral of the load up to a time, which must be within the piece.
    pub(super) fn integral_by(&self, at: Duration) -> f64 {
        self.before + self.factor * (self.stage.integral_by(self.in_stage(at)) - self.skipped_integral).max(0.0)
    }

    /// Returns the integral of the load up to the end of the piece.
    pub(super) fn integral(&self) -> f64 {
        self.integral_by(self.ends())
    }

    /// Returns the seconds since the beginning of the stage.
    fn in_stage(&self, at: Duration) -> f64 {
        self.skipped.saturating_add(at.saturating_sub(self.begins)).as_secs_f64()
    }
}
