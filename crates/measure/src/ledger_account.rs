//! The account of one arbiter: the seekers it started, and the events that they began or never began.

use load_plan::load::GapRange;

/// The account of an arbiter at the end of the run. Excludes the warm-up unless a field says otherwise. Planned events are
/// the events that were begun plus the events that were never begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerAccount {
    /// Events that seekers began.
    pub begun: u64,
    /// Planned events without a seeker to begin them. With arrivals: the first event of each seeker that was due and was not
    /// started.
    pub never_begun: u64,
    /// Due times of the events in `never_begun`. The counts add up to `never_begun`.
    pub gaps: Vec<GapRange>,
    /// Events that were begun while the outbox was full. Includes the warm-up.
    pub begun_at_full_outbox: u64,
    /// Events of the warm-up.
    pub warm_up: WarmUpAccount,
    /// Seekers that began.
    pub arrived: u64,
    /// Sum of the time that seekers were live, up to the number of seekers in the load, in microseconds.
    pub seeker_micros: u64,
    /// How often missing seekers could not begin, by reason.
    pub blocked_starts: BlockedStarts,
    /// Seekers started in the whole run.
    pub seekers_started: u64,
    /// Seekers whose journey ended.
    pub seekers_finished: u64,
    /// Seekers that the load retired before their journey ended.
    pub seekers_left_early: u64,
    /// Seekers, and parties begun by seekers, whose actor panicked.
    pub panicked: u64,
    /// The message of the first of these panics.
    pub panic_message: Option<String>,
    /// The message of the panic of any other actor.
    pub actor_panic: Option<String>,
}

/// How often missing seekers could not begin, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockedStarts {
    /// The number of live seekers and parties was at its limit.
    pub by_bound: u64,
    /// Live seekers at the limit, summed over all such cases.
    pub seekers_at_bound: u64,
    /// Live parties begun by seekers at the limit, summed over all such cases.
    pub others_at_bound: u64,
    /// The outbox was full.
    pub by_outbox: u64,
    /// Too many seekers had searched and found nothing.
    pub by_search: u64,
}

/// The events of the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WarmUpAccount {
    /// Events that seekers began.
    pub begun: u64,
    /// Events that no seeker began.
    pub never_begun: u64,
}

impl LedgerAccount {
    /// Adds the account of another arbiter.
    pub fn add(&mut self, other: &Self) {
        for (sum, count) in [
            (&mut self.begun, other.begun),
            (&mut self.never_begun, other.never_begun),
            (&mut self.warm_up.begun, other.warm_up.begun),
            (&mut self.warm_up.never_begun, other.warm_up.never_begun),
            (&mut self.begun_at_full_outbox, other.begun_at_full_outbox),
            (&mut self.arrived, other.arrived),
            (&mut self.seeker_micros, other.seeker_micros),
            (&mut self.blocked_starts.by_bound, other.blocked_starts.by_bound),
            (&mut self.blocked_starts.seekers_at_bound, other.blocked_starts.seekers_at_bound),
            (&mut self.blocked_starts.others_at_bound, other.blocked_starts.others_at_bound),
            (&mut self.blocked_starts.by_outbox, other.blocked_starts.by_outbox),
            (&mut self.blocked_starts.by_search, other.blocked_starts.by_search),
            (&mut self.seekers_started, other.seekers_started),
            (&mut self.seekers_finished, other.seekers_finished),
            (&mut self.seekers_left_early, other.seekers_left_early),
            (&mut self.panicked, other.panicked),
        ] {
            *sum += count;
        }
        self.gaps.extend_from_slice(&other.gaps);
        self.panic_message = self.panic_message.take().or_else(|| other.panic_message.clone());
    }
}
