//! The outcome of an event.

/// What happened to a planned event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventOutcome {
    /// Answered with 2xx.
    Acknowledged,
    /// Answered with another status below 500.
    Refused,
    /// Answered with 5xx, or the connection failed.
    Failed,
    /// Sent, but the answer did not arrive in time or was not understood.
    Unknown,
    /// Never sent: the queue was full, or the run ended first.
    NotSent,
}

impl EventOutcome {
    /// All outcomes.
    pub const ALL: [Self; 5] = [Self::Acknowledged, Self::Refused, Self::Failed, Self::Unknown, Self::NotSent];

    /// Returns the meaning of the outcome, for the documentation.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Acknowledged => "answered with 2xx",
            Self::Refused => "answered with another status below 500",
            Self::Failed => "answered with 5xx, or the connection failed",
            Self::Unknown => "sent, but the answer did not arrive in time or was not understood",
            Self::NotSent => "never sent: the queue was full, or the run ended first",
        }
    }

    /// Returns the name of the outcome.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotSent => "not_sent",
        }
    }
}
