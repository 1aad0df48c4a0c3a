//! The origin of an event.

/// The origin of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A search of a job seeker.
    Search,
    /// An alert, or an action of a job seeker after it.
    Alert,
    /// A recruiter.
    Recruiter,
    /// A staffing agency.
    Agency,
    /// An employer.
    Employer,
}

impl Source {
    /// The value of the detail `source`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Alert => "alert",
            Self::Recruiter => "recruiter",
            Self::Agency => "agency",
            Self::Employer => "employer",
        }
    }
}
