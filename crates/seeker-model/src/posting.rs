//! A posting and its number.

use client_event::EventType;

/// The number of a posting in its catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PostingId(u32);

impl PostingId {
    /// The number, from 0. Older postings have lower numbers.
    pub fn number(self) -> u64 {
        self.0.into()
    }

    pub(crate) const fn from_position(position: u32) -> Self {
        Self(position)
    }

    pub(crate) const fn position(self) -> usize {
        self.0 as usize
    }
}

/// The way to apply to a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApplyType {
    /// On another site: `APPLICATION_REDIRECT`.
    Redirect,
    /// With a form on this site: `APPLICATION_START`, then perhaps `APPLICATION_FINISH`.
    MultiStep,
    /// With one click: `APPLICATION_QUICK_SUBMISSION`.
    Quick,
    /// On the site of an aggregator's client. The posting itself is read there too: `VIEW_DIRECT`. Events of that site are not simulated.
    Aggregator,
}

impl ApplyType {
    /// The type of the event that starts an application, from the results page or from the posting.
    pub(crate) const fn application_event(self, from_results: bool) -> EventType {
        match (self, from_results) {
            (Self::MultiStep, false) => EventType::ApplicationStart,
            (Self::MultiStep, true) => EventType::ApplicationStartFromStart,
            (Self::Quick, _) => EventType::ApplicationQuickSubmission,
            (Self::Redirect | Self::Aggregator, false) => EventType::ApplicationRedirect,
            (Self::Redirect | Self::Aggregator, true) => EventType::ApplicationRedirectFromStart,
        }
    }
}

/// A posting, as seekers see it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Posting {
    /// The probability of a click by a seeker who looks at the posting on the results page.
    pub attractiveness: f32,
    /// The way to apply.
    pub apply_type: ApplyType,
}
