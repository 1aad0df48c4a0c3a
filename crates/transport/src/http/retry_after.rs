//! When to retry a request: the header `Retry-After`, in seconds or as a date.

use std::{
    str,
    time::{Duration, SystemTime},
};

/// The time that the server asks to wait before the next attempt (RFC 9110, section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// This many seconds after the response.
    Seconds(u64),
    /// Not before this time.
    Date(SystemTime),
}

impl RetryAfter {
    /// Parses the header value. `None` if it has neither of the two forms.
    pub(super) fn parse(value: &[u8]) -> Option<Self> {
        let text = str::from_utf8(value.trim_ascii()).ok()?;
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // A number of seconds that overflows counts as infinite.
            return Some(Self::Seconds(text.parse().unwrap_or(u64::MAX)));
        }
        httpdate::parse_http_date(text).ok().map(Self::Date)
    }

    /// The time to wait from `now` on.
    pub fn wait(self, now: SystemTime) -> Duration {
        match self {
            Self::Seconds(seconds) => Duration::from_secs(seconds),
            Self::Date(date) => date.duration_since(now).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_forms_are_understood_and_nothing_else() {
        let epoch = SystemTime::UNIX_EPOCH;
        let wait =
            |value: &str| RetryAfter::parse(value.as_bytes()).map(|after| after.wait(epoch + Duration::from_secs(784_111_770)));
        for (value, seconds) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(7)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(7)),
            ("Sun Nov  6 08:49:37 1994", Some(7)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(wait(value), seconds.map(Duration::from_secs), "{value:?}");
        }
        assert_eq!(RetryAfter::parse(b"\xff"), None);
    }

    proptest! {
        /// For all bytes, parsing returns a value or none and does not panic.
        #[test]
        fn any_value_is_bearable(value in prop::collection::vec(any::<u8>(), 0..40), now in 0_u64..10_000_000_000) {
            if let Some(after) = RetryAfter::parse(&value) {
                let _ = after.wait(SystemTime::UNIX_EPOCH + Duration::from_secs(now));
            }
        }
    }
}
