//! The current session of a seeker. A long pause starts the next one.

use crate::session::Session;
use crate::sim_time::SimTime;

/// The current session of a seeker.
#[derive(Debug)]
pub(crate) struct SessionClock {
    session: Session,
    /// The time of the last event of the session.
    last_event: SimTime,
}

impl SessionClock {
    pub(crate) const fn new(session: Session) -> Self {
        // No time is later, so the first event does not start another session.
        Self { session, last_event: SimTime::from_micros(u64::MAX) }
    }

    /// The session of the last event.
    pub(crate) const fn session(&self) -> Session {
        self.session
    }

    /// Whether an event at this time begins another session. A pause longer than `timeout_s` ends a session, also within a visit.
    pub(crate) fn is_over(&self, now: SimTime, timeout_s: f64) -> bool {
        matches!(self.session, Session::Visit(_)) && (now - self.last_event).as_secs_f64() > timeout_s
    }

    /// The session of an event at this time.
    pub(crate) fn session_at(&self, now: SimTime, timeout_s: f64) -> Session {
        self.next_if(self.is_over(now, timeout_s))
    }

    /// Notes an event at this time. Returns its session.
    pub(crate) fn note_event(&mut self, now: SimTime, timeout_s: f64) -> Session {
        self.note_in_next_if(self.is_over(now, timeout_s), now)
    }

    /// Notes an event at this time, in the next session if it begins one, else in the current session. Returns its session.
    pub(crate) fn note_in_next_if(&mut self, begins_session: bool, now: SimTime) -> Session {
        self.session = self.next_if(begins_session);
        self.last_event = now;
        self.session
    }

    const fn next_if(&self, begins_session: bool) -> Session {
        match self.session {
            Session::Visit(number) if begins_session => Session::Visit(number + 1),
            session => session,
        }
    }
}
