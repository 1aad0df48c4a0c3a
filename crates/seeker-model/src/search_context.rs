//! The person who searches, in the form that a search service receives.

use crate::device::Device;
use crate::session::Session;

/// The person who searches, in the form that a search service receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchContext {
    /// The number of the seeker.
    pub seeker: u64,
    /// The session of the events that follow the search.
    pub session: Session,
    /// The device, for people with a device.
    pub device: Option<Device>,
}
