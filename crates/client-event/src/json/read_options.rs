//! The options of every reader.

/// How strictly the wire form is read.
///
/// ```
/// use client_event::ReadOptions;
/// use client_event::api_versions::v4;
///
/// let json = br#"{"eventId":"e-1","newField":1}"#;
/// assert!(v4::ClientEvent::read(json, &ReadOptions::new()).is_err());
/// assert!(v4::ClientEvent::read(json, &ReadOptions::new().ignore_unknown_fields(true)).is_ok());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct ReadOptions {
    /// Skip unknown fields instead of refusing them.
    pub ignore_unknown_fields: bool,
}

impl ReadOptions {
    /// The default: unknown fields are refused.
    pub const fn new() -> Self {
        Self { ignore_unknown_fields: false }
    }

    /// Sets whether unknown fields are skipped instead of refused.
    pub const fn ignore_unknown_fields(mut self, ignore: bool) -> Self {
        self.ignore_unknown_fields = ignore;
        self
    }
}
