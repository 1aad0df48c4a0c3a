//! The session that an event belongs to.

/// The session of a seeker that an event belongs to, counted from 0.
///
/// ```
/// use seeker_model::Session;
///
/// assert_eq!(Session::Visit(3).name(17), "17-3");
/// assert_eq!(Session::Alert(3).name(17), "17-a3");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Session {
    /// A visit that the seeker started. A pause ends it.
    Visit(u32),
    /// An alert and the actions that follow it.
    Alert(u32),
}

impl Session {
    /// The value of the detail `sessionId` in the events of this seeker.
    pub fn name(self, seeker: u64) -> String {
        match self {
            Self::Visit(visit) => format!("{seeker}-{visit}"),
            Self::Alert(alert) => format!("{seeker}-a{alert}"),
        }
    }
}
