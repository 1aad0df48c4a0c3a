//! Changes of a load during the run. A change applies from one moment until the planned end, or until the next change.
//!
//! Before the moment of a change, the changed load equals the load before it: the same amounts, the same integral and the same
//! points. From that moment on, the integral continues without a jump, and new points continue the numbers of the old ones. So
//! a generator that has not passed the moment can replace the load at any time, and no event is lost or counted twice.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::piece::Piece;
use super::points::mixed;
use super::{Course, Load, LoadKind, Stage};
use crate::Moment;

/// The maximum factor of a change.
pub const FACTOR_MAX: f64 = 1000.0;

/// The maximum number of changes of a load.
pub const CHANGES_MAX: usize = 1_000;

/// What a change does to the rest of a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LoadChange {
    /// Multiplies the rest of the original plan by this factor; 0 is a pause, 1 returns to the original plan.
    Factor(f64),
    /// Holds this amount until the planned end, in the unit of the kind; 0 is a pause.
    Hold(f64),
}

/// The origin of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeSource {
    /// A key on the screen of the run.
    Screen,
    /// A request to `/load`.
    Http,
}

/// A change and the moment from which it applies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AppliedChange {
    /// The first moment of the changed load.
    pub at: Moment,
    /// What changes.
    pub change: LoadChange,
    /// Who asked for the change.
    pub by: ChangeSource,
}

/// The reason why a load cannot be changed.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ChangeError {
    /// The factor is out of range.
    #[error("factor is {0}; expected 0 to {FACTOR_MAX}")]
    Factor(f64),
    /// The amount is out of range.
    #[error("{} is {amount}; expected 0 to {}{}", .kind.name(), .kind.most(), .kind.unit())]
    Amount {
        /// The kind of the load.
        kind: LoadKind,
        /// The amount.
        amount: f64,
    },
    /// The factor raises the rest of the plan above the highest amount.
    #[error(
        "factor {factor} raises the planned {} to {peak}{}; expected at most {}{}",
        .kind.name(), .kind.unit(), .kind.most(), .kind.unit()
    )]
    Peak {
        /// The kind of the load.
        kind: LoadKind,
        /// The factor.
        factor: f64,
        /// The highest amount of the changed load.
        peak: f64,
    },
    /// The load ends before the change would apply.
    #[error("the load ends before a change can take effect")]
    Ended,
    /// There are too many changes.
    #[error("the load has changed {CHANGES_MAX} times, the limit of a run")]
    TooMany,
}

impl LoadChange {
    /// Returns the change that is higher or lower by tenths of the original plan of `load`: tenths of the factor, or of the
    /// highest amount.
    #[must_use]
    pub fn stepped(self, load: &Load, tenths: i32) -> Self {
        // People read the result, so the last digits, which only the addition has made, are removed.
        let sum = |value: f64, step: f64| ((value + step * f64::from(tenths) / 10.0) * 1e6).round() / 1e6;
        match self {
            Self::Factor(factor) => Self::Factor(sum(factor, 1.0).clamp(0.0, FACTOR_MAX)),
            Self::Hold(amount) => {
                let peak = load.whole_stages().map(|stage| stage.peak()).fold(0.0, f64::max);
                Self::Hold(sum(amount, peak).clamp(0.0, load.kind().most()))
            }
        }
    }
}

impl Load {
    /// Returns the same load, changed from `at` until its end. Amounts describe the whole load, even for a shard. A change before
    /// the last change applies together with the last change.
    ///
    /// # Errors
    ///
    /// [`ChangeError`] if the change is out of range, too late, or one too many.
    pub fn changed(&self, at: Moment, change: LoadChange, by: ChangeSource) -> Result<Self, ChangeError> {
        if self.changes.len() >= CHANGES_MAX {
            return Err(ChangeError::TooMany);
        }
        let at = self.changes.last().map_or(at, |last| at.max(last.at));
        let (time, before) = (at.since(Moment::default()), self.integral_by(at));
        let rest = self.duration().checked_sub(time).filter(|rest| !rest.is_zero()).ok_or(ChangeError::Ended)?;
        let kind = self.kind();
        let following = match change {
            LoadChange::Factor(factor) if !(0.0..=FACTOR_MAX).contains(&factor) => return Err(ChangeError::Factor(factor)),
            LoadChange::Factor(factor) => Piece::all(self.whole_stages(), factor, time, time, before),
            LoadChange::Hold(amount) => {
                let stage = Stage::new(rest, kind, Course::Hold(amount));
                let stage = stage.map_err(|_| ChangeError::Amount { kind, amount })?;
                Piece::all([stage].into_iter(), 1.0, Duration::ZERO, time, before)
            }
        };
        let peak = following.iter().map(Piece::peak).fold(0.0, f64::max);
        if let LoadChange::Factor(factor) = change
            && peak > kind.most()
        {
            return Err(ChangeError::Peak { kind, factor, peak });
        }
        let seed = mixed(self.seed ^ mixed(u64::MAX - self.changes.len() as u64));
        let points = self.points.changed(self.pacing, seed, before, following.iter().map(Piece::integral));
        let pieces = self.pieces.iter().filter_map(|piece| piece.cut_at(time)).chain(following).collect();
        let changes = self.changes.iter().copied().chain([AppliedChange { at, change, by }]).collect();
        Ok(Self { pieces, points: Arc::new(points), changes, ..self.clone() })
    }

    /// Returns the change that raises or lowers the load by tenths of the original plan, from its last change on.
    pub fn stepped(&self, tenths: i32) -> LoadChange {
        let last = self.changes.last().map_or(LoadChange::Factor(1.0), |last| last.change);
        last.stepped(self, tenths)
    }

    /// Returns the changes, earliest first.
    pub fn changes(&self) -> &[AppliedChange] {
        &self.changes
    }
}

#[cfg(test)]
mod tests;
