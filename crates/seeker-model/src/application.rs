//! An application that was submitted.

use crate::ids::{EventKey, RequestKey};
use crate::posting::PostingId;
use crate::session::Session;

/// An application that was submitted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Application {
    /// The event that submitted it.
    pub(crate) event: EventKey,
    pub(crate) request: RequestKey,
    pub(crate) posting: PostingId,
    pub(crate) seeker: u64,
    pub(crate) session: Session,
}
