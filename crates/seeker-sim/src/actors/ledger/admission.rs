//! The answer to a seeker that wants to begin an event.

use load_plan::load::Phase;

/// Whether an event may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The event is part of the account and belongs to this phase.
    Begun(Phase),
    /// The load has too many events or seekers: the seeker leaves.
    TooMany,
    /// The plan is fulfilled or closed.
    Over,
}
