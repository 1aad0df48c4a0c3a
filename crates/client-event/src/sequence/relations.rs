//! The relations between event types: which types exclude each other, and which type is a cause of which. The table of rules has the
//! sentences.

use crate::event_type::EventType;
use crate::rules::RuleId;

/// The kinds of events that other events follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum CauseKind {
    /// The job was shown: IMPRESSION, NOTIFICATION.
    Display,
    /// An application was started.
    Start,
    /// An application was submitted.
    Submission,
}

impl CauseKind {
    pub(super) const COUNT: usize = 3;

    /// The kind of cause that an event of this type is. No type is of two kinds.
    pub(super) const fn of(event_type: EventType) -> Option<Self> {
        match event_type {
            EventType::Impression | EventType::Notification => Some(Self::Display),
            EventType::ApplicationStart | EventType::ApplicationStartFromStart => Some(Self::Start),
            EventType::ApplicationFinish
            | EventType::ApplicationQuickSubmission
            | EventType::ApplicationRedirect
            | EventType::ApplicationRedirectFromStart
            | EventType::ApplicationCompanySubmit
            | EventType::SentCv => Some(Self::Submission),
            EventType::Unspecified
            | EventType::View
            | EventType::Bookmark
            | EventType::Hired
            | EventType::InterviewGranted
            | EventType::ViewDirect => None,
        }
    }

    /// The cause that an event of this type needs besides the display of its job, and the rule that it violates without the cause.
    pub(super) const fn needed_by(event_type: EventType) -> Option<(Self, RuleId)> {
        match event_type {
            EventType::ApplicationFinish => Some((Self::Start, RuleId::FinishAfterStart)),
            EventType::Hired => Some((Self::Submission, RuleId::HiredAfterApplication)),
            EventType::InterviewGranted => Some((Self::Submission, RuleId::InterviewAfterApplication)),
            _ => None,
        }
    }
}

/// Whether events of this type show jobs.
pub(super) const fn is_display(event_type: EventType) -> bool {
    matches!(CauseKind::of(event_type), Some(CauseKind::Display))
}

/// A rule, and the types that it excludes.
pub(super) type Exclusion = (RuleId, &'static [EventType]);

/// The types that exclude an event of this type for the same request and job.
pub(super) const fn exclusions(event_type: EventType) -> &'static [Exclusion] {
    use EventType::{
        ApplicationFinish, ApplicationQuickSubmission, ApplicationRedirectFromStart, ApplicationStart, ApplicationStartFromStart,
        View, ViewDirect,
    };
    use RuleId::{
        QuickSubmissionExcludesStart as D4, RedirectFromStartExcludesOthers as D6, StartFromStartExcludesView as D5,
        ViewDirectExcludesView as I5,
    };
    match event_type {
        ApplicationQuickSubmission => &[(D4, &[ApplicationStart, ApplicationFinish])],
        ApplicationStartFromStart => &[(D5, &[View])],
        ApplicationRedirectFromStart => &[(D6, &[ApplicationStart, ApplicationFinish, View])],
        ViewDirect => &[(I5, &[View])],
        ApplicationStart | ApplicationFinish => &[(D4, &[ApplicationQuickSubmission]), (D6, &[ApplicationRedirectFromStart])],
        View => &[(D5, &[ApplicationStartFromStart]), (D6, &[ApplicationRedirectFromStart]), (I5, &[ViewDirect])],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusion_is_symmetric_and_irreflexive() {
        for one in EventType::ALL {
            for (rule, others) in exclusions(one) {
                for other in *others {
                    assert_ne!(one, *other);
                    let back = exclusions(*other).iter().find(|(back, _)| back == rule).unwrap();
                    assert!(back.1.contains(&one), "{rule}: {one} and {other}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_its_own_cause() {
        for event_type in EventType::ALL {
            if let Some((kind, _)) = CauseKind::needed_by(event_type) {
                assert_ne!(CauseKind::of(event_type), Some(kind), "{event_type}");
                assert!(!is_display(event_type));
            }
        }
    }
}
