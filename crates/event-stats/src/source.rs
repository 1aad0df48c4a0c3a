//! The origin of an event.

use client_event::EventType;

/// The origin of an event, as its detail `source` names it.
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
    /// The source that a value of the detail `source` names.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "search" => Some(Self::Search),
            "alert" => Some(Self::Alert),
            "recruiter" => Some(Self::Recruiter),
            "agency" => Some(Self::Agency),
            "employer" => Some(Self::Employer),
            _ => None,
        }
    }

    /// The source of an event that does not name one.
    pub const fn of_type(event_type: EventType) -> Self {
        match event_type {
            EventType::Notification => Self::Alert,
            EventType::SentCv => Self::Recruiter,
            EventType::ApplicationCompanySubmit => Self::Agency,
            EventType::InterviewGranted | EventType::Hired => Self::Employer,
            _ => Self::Search,
        }
    }
}
