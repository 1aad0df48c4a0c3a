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

    /// The session of an event at this time. A pause longer than `timeout_s` ends a session, also within a visit.
    pub(crate) fn session_at(&self, now: SimTime, timeout_s: f64) -> Session {
        match self.session {
            Session::Visit(number) if (now - self.last_event).as_secs_f64() > timeout_s => Session::Visit(number + 1),
            session => session,
        }
    }

    /// Notes an event at this time. Returns its session.
    pub(crate) fn note_event(&mut self, now: SimTime, timeout_s: f64) -> Session {
        self.session = self.session_at(now, timeout_s);
        self.last_event = now;
        self.session
    }
}
