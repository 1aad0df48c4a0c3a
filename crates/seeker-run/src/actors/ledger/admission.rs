//! The answer to a seeker that wants to begin an event.

use load_plan::Moment;
use load_plan::load::{LoadKind, Phase};

use super::Ledger;

/// The tolerated lead over the plan. The rate is exceeded briefly when several seekers begin events at the same time; fewer events begin
/// afterwards. A seeker leaves only if its next event is further ahead of the plan than this. That happens when the rate falls or is
/// lower than the pace of a single seeker. The lead is larger than the time by which seekers are started ahead of the clock.
const AHEAD_MICROS: u64 = 10_000;

/// The maximum tolerated lead in events. The lead may be as large as the number of events due in one second, up to this maximum.
const AHEAD_EVENTS_MAX: u64 = 16;

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

impl Ledger {
    /// Adds an event to the account, unless it is not part of the load.
    pub(crate) fn begin_event(&self, scheduled: Moment, of_seeker: bool) -> Admission {
        let begun = self.begun.get();
        let is_first = self.acting.get() > 0;
        let admission = if self.is_closed() {
            Admission::Over
        } else {
            match self.kind {
                // A changed load may plan nothing more now, and plan more events after its next change.
                LoadKind::Rate if begun >= self.total.get() && self.is_changed() => Admission::TooMany,
                LoadKind::Rate if begun >= self.total.get() => Admission::Over,
                LoadKind::Rate if !is_first && self.is_ahead(begun, scheduled) => Admission::TooMany,
                LoadKind::Arrivals | LoadKind::Seekers if scheduled > self.end => Admission::Over,
                LoadKind::Seekers if of_seeker && self.live_seekers() > self.wanted_from(scheduled) => Admission::TooMany,
                _ => Admission::Begun(self.phase_of(scheduled)),
            }
        };
        if let Admission::Begun(phase) = admission {
            self.begun.set(begun + 1);
            if is_first {
                self.acting.set(self.acting.get() - 1);
                self.gaps.borrow_mut().first_begun();
            } else if self.looks_ahead() {
                self.gaps.borrow_mut().begun_by_live(scheduled);
            }
            match phase {
                Phase::WarmUp => self.begun_in_warm_up.update(|count| count + 1),
                Phase::Measured => self.observations.borrow_mut().begun.push(scheduled),
            }
        }
        admission
    }

    /// The number of seekers that the load requires at `moment` or soon after it. While the number rises, the population has already
    /// started the seekers that are required soon.
    fn wanted_from(&self, moment: Moment) -> u64 {
        let share = self.share.borrow();
        share.wanted_at(moment).max(share.wanted_at(moment.plus(AHEAD_MICROS)))
    }

    fn is_changed(&self) -> bool {
        !self.share.borrow().load.changes().is_empty()
    }

    /// Whether more events were begun than the plan and the tolerated lead allow at `scheduled`. The planned number only grows, so a
    /// calculated bound holds for all later moments.
    fn is_ahead(&self, begun: u64, scheduled: Moment) -> bool {
        const SECOND_MICROS: u64 = 1_000_000;
        if begun < self.bound.get() {
            return false;
        }
        let share = self.share.borrow();
        let planned_by = |ahead_micros| share.planned_by(scheduled.plus(ahead_micros));
        let bound = planned_by(AHEAD_MICROS).max(planned_by(SECOND_MICROS).min(planned_by(0) + AHEAD_EVENTS_MAX));
        self.bound.set(bound.max(self.bound.get()));
        begun >= bound
    }
}
