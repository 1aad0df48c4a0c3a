//! The names and numbers of the event types in version 4 of the API. Version 3 has the same names and no published numbers.

use crate::event_type::EventType;

/// The types, sorted by their number in version 4.
const BY_V4_NUMBER: [EventType; 16] = [
    EventType::Unspecified,
    EventType::Impression,
    EventType::View,
    EventType::ViewDirect,
    EventType::ApplicationStart,
    EventType::ApplicationFinish,
    EventType::ApplicationQuickSubmission,
    EventType::ApplicationRedirect,
    EventType::ApplicationStartFromStart,
    EventType::ApplicationRedirectFromStart,
    EventType::ApplicationCompanySubmit,
    EventType::Bookmark,
    EventType::Notification,
    EventType::Hired,
    EventType::SentCv,
    EventType::InterviewGranted,
];

/// Names and numbers in version 4 of the API (discovery document, rev. 20251014; numbers from its public `event.proto`). That
/// `VIEW_DIRECT` corresponds to `VIEW_REDIRECT` is inferred: both are the only type for a view on another site, but no document relates them.
impl EventType {
    /// The name of the type in version 4 of the API, and in version 3.
    pub const fn v4_name(self) -> &'static str {
        match self {
            Self::Unspecified => "JOB_EVENT_TYPE_UNSPECIFIED",
            Self::ApplicationStartFromStart => "APPLICATION_START_FROM_SEARCH",
            Self::ApplicationRedirectFromStart => "APPLICATION_REDIRECT_FROM_SEARCH",
            Self::ViewDirect => "VIEW_REDIRECT",
            same => same.name(),
        }
    }

    /// The type with this exact name in version 4 of the API; names are case-sensitive.
    pub fn from_v4_name(name: &str) -> Option<Self> {
        match name {
            "JOB_EVENT_TYPE_UNSPECIFIED" => Some(Self::Unspecified),
            "APPLICATION_START_FROM_SEARCH" => Some(Self::ApplicationStartFromStart),
            "APPLICATION_REDIRECT_FROM_SEARCH" => Some(Self::ApplicationRedirectFromStart),
            "VIEW_REDIRECT" => Some(Self::ViewDirect),
            // The names of these four types in the message are not names of version 4.
            _ => Self::from_name(name).filter(|event_type| event_type.v4_name() == name),
        }
    }

    /// The number of the type in version 4 of the API, 0 to 15.
    pub const fn v4_number(self) -> u8 {
        let mut number = 0;
        while BY_V4_NUMBER[number as usize] as u8 != self as u8 {
            number += 1;
        }
        number
    }

    /// The type with this number in version 4 of the API.
    pub fn from_v4_number(number: i64) -> Option<Self> {
        BY_V4_NUMBER.get(usize::try_from(number).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        for (number, ours, v4) in [
            (0, "EVENT_TYPE_UNSPECIFIED", "JOB_EVENT_TYPE_UNSPECIFIED"),
            (1, "IMPRESSION", "IMPRESSION"),
            (2, "VIEW", "VIEW"),
            (3, "VIEW_DIRECT", "VIEW_REDIRECT"),
            (4, "APPLICATION_START", "APPLICATION_START"),
            (5, "APPLICATION_FINISH", "APPLICATION_FINISH"),
            (6, "APPLICATION_QUICK_SUBMISSION", "APPLICATION_QUICK_SUBMISSION"),
            (7, "APPLICATION_REDIRECT", "APPLICATION_REDIRECT"),
            (8, "APPLICATION_START_FROM_START", "APPLICATION_START_FROM_SEARCH"),
            (9, "APPLICATION_REDIRECT_FROM_START", "APPLICATION_REDIRECT_FROM_SEARCH"),
            (10, "APPLICATION_COMPANY_SUBMIT", "APPLICATION_COMPANY_SUBMIT"),
            (11, "BOOKMARK", "BOOKMARK"),
            (12, "NOTIFICATION", "NOTIFICATION"),
            (13, "HIRED", "HIRED"),
            (14, "SENT_CV", "SENT_CV"),
            (15, "INTERVIEW_GRANTED", "INTERVIEW_GRANTED"),
        ] {
            let event_type: EventType = ours.parse().unwrap();
            assert_eq!(event_type.v4_name(), v4);
            assert_eq!(event_type.v4_number(), number);
            assert_eq!(EventType::from_v4_name(v4), Some(event_type));
            assert_eq!(EventType::from_v4_number(number.into()), Some(event_type));
            assert_eq!(EventType::from_v4_name(ours).is_some(), ours == v4, "{ours}");
        }
        for number in [-1, 16, i64::MIN, i64::MAX] {
            assert_eq!(EventType::from_v4_number(number), None);
        }
        for name in ["", "view", "NOT_INTERESTED"] {
            assert_eq!(EventType::from_v4_name(name), None);
        }
    }
}
