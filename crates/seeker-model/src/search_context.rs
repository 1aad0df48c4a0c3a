//! The searching person, as a search service sees them.

use crate::device::Device;
use crate::session::Session;

/// The searching person, as a search service sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchContext {
    /// The number of the seeker.
    pub seeker: u64,
    /// The session of the events that follow the search.
    pub session: Session,
    /// The device, for people with a device.
    pub device: Option<Device>,
}
