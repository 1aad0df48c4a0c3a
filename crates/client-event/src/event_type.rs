//! The 16 event types: their wire names and their meaning in the specification. The module [`rules`](crate::rules) has the rules between
//! types.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// The type of an event. The order and the wire names are those of the specification.
///
/// Source of names and meanings: specification of the message ("Package client-event", `EventType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum EventType {
    /// None of the other types. Exists because every enum of the wire form needs a default. Never sent.
    Unspecified,
    /// The seeker began to apply, or showed the intention to.
    ApplicationStart,
    /// The seeker submitted an application.
    ApplicationFinish,
    /// The seeker submitted an application with one click, without entering anything.
    ApplicationQuickSubmission,
    /// The seeker took an action to apply and was sent to another site to complete the application.
    ApplicationRedirect,
    /// A company, such as a staffing agency, submitted an application for the seeker.
    ApplicationCompanySubmit,
    /// The seeker saw the full details of a job, with the full description.
    View,
    /// The seeker saved the job.
    Bookmark,
    /// Jobs were shown as snippets in a list of results, usually one page of results.
    Impression,
    /// An alert with one or more jobs from the service was sent to the seeker, by mail or to a device.
    Notification,
    /// The seeker was hired, through an application that began with a search through the service.
    Hired,
    /// A recruiter or agent found a suitable job through the service and applied for a candidate.
    SentCv,
    /// The first interview was granted, for an application that began with a search or recommendation of the service.
    InterviewGranted,
    /// The seeker began to apply from the results page, without seeing the details.
    ApplicationStartFromStart,
    /// The seeker clicked to apply on the results page and was sent to another site.
    ApplicationRedirectFromStart,
    /// The seeker went with one click straight to the client's own page with more about the posting. For aggregators.
    ViewDirect,
}

impl EventType {
    /// All types, in the order of the specification.
    pub const ALL: [Self; 16] = [
        Self::Unspecified,
        Self::ApplicationStart,
        Self::ApplicationFinish,
        Self::ApplicationQuickSubmission,
        Self::ApplicationRedirect,
        Self::ApplicationCompanySubmit,
        Self::View,
        Self::Bookmark,
        Self::Impression,
        Self::Notification,
        Self::Hired,
        Self::SentCv,
        Self::InterviewGranted,
        Self::ApplicationStartFromStart,
        Self::ApplicationRedirectFromStart,
        Self::ViewDirect,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "EVENT_TYPE_UNSPECIFIED",
            Self::ApplicationStart => "APPLICATION_START",
            Self::ApplicationFinish => "APPLICATION_FINISH",
            Self::ApplicationQuickSubmission => "APPLICATION_QUICK_SUBMISSION",
            Self::ApplicationRedirect => "APPLICATION_REDIRECT",
            Self::ApplicationCompanySubmit => "APPLICATION_COMPANY_SUBMIT",
            Self::View => "VIEW",
            Self::Bookmark => "BOOKMARK",
            Self::Impression => "IMPRESSION",
            Self::Notification => "NOTIFICATION",
            Self::Hired => "HIRED",
            Self::SentCv => "SENT_CV",
            Self::InterviewGranted => "INTERVIEW_GRANTED",
            Self::ApplicationStartFromStart => "APPLICATION_START_FROM_START",
            Self::ApplicationRedirectFromStart => "APPLICATION_REDIRECT_FROM_START",
            Self::ViewDirect => "VIEW_DIRECT",
        }
    }

    /// The type with this exact name; names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "EVENT_TYPE_UNSPECIFIED" => Self::Unspecified,
            "APPLICATION_START" => Self::ApplicationStart,
            "APPLICATION_FINISH" => Self::ApplicationFinish,
            "APPLICATION_QUICK_SUBMISSION" => Self::ApplicationQuickSubmission,
            "APPLICATION_REDIRECT" => Self::ApplicationRedirect,
            "APPLICATION_COMPANY_SUBMIT" => Self::ApplicationCompanySubmit,
            "VIEW" => Self::View,
            "BOOKMARK" => Self::Bookmark,
            "IMPRESSION" => Self::Impression,
            "NOTIFICATION" => Self::Notification,
            "HIRED" => Self::Hired,
            "SENT_CV" => Self::SentCv,
            "INTERVIEW_GRANTED" => Self::InterviewGranted,
            "APPLICATION_START_FROM_START" => Self::ApplicationStartFromStart,
            "APPLICATION_REDIRECT_FROM_START" => Self::ApplicationRedirectFromStart,
            "VIEW_DIRECT" => Self::ViewDirect,
            _ => return None,
        })
    }

    /// The index in [`EventType::ALL`], for tables of counts.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether an event of this type may name several jobs. Inferred: the specification speaks of "all jobs shown" for an
    /// impression and "one or more jobs" for a notification, and of "the job" elsewhere.
    pub const fn carries_several_jobs(self) -> bool {
        matches!(self, Self::Impression | Self::Notification)
    }

    /// The type with a similar name: the same name in another case, or the name in version 4 of the API.
    pub(crate) fn find_similar(name: &str) -> Option<Self> {
        let upper = name.to_ascii_uppercase();
        Self::from_name(&upper).or_else(|| Self::from_v4_name(&upper))
    }
}

/// The error for a name that is not an event type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("{name:?} is not an event type{}", match .meant { Some(meant) => format!(" (did you mean {meant}?)"), None => String::new() })]
pub struct UnknownEventType {
    /// The name.
    pub name: String,
    /// A type with a similar name.
    pub meant: Option<EventType>,
}

impl FromStr for EventType {
    type Err = UnknownEventType;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::from_name(name).ok_or_else(|| UnknownEventType { name: name.to_owned(), meant: Self::find_similar(name) })
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl de::Visitor<'_> for NameVisitor {
            type Value = EventType;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an event type")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<EventType, E> {
                name.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_positions_lead_back_to_their_type() {
        for (position, event_type) in EventType::ALL.into_iter().enumerate() {
            assert_eq!(event_type.index(), position);
            assert_eq!(event_type.name().parse(), Ok(event_type));
        }
    }

    #[test]
    fn an_unknown_name_suggests_a_similar_type() {
        let case = "view".parse::<EventType>().unwrap_err();
        assert_eq!(case.to_string(), "\"view\" is not an event type (did you mean VIEW?)");
        let v4 = "VIEW_REDIRECT".parse::<EventType>().unwrap_err();
        assert_eq!(v4.meant, Some(EventType::ViewDirect));
        assert_eq!("NOT_INTERESTED".parse::<EventType>().unwrap_err().meant, None);
    }
}
