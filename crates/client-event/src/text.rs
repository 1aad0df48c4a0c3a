//! The texts of a message that may not be empty: [`EventId`], [`RequestId`] and, by the same macro, `JobName`. Their content is
//! the sender's; no length limit is documented, so none is set.

use thiserror::Error;

/// A text that must not be empty was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{what} is empty")]
pub struct EmptyText {
    what: &'static str,
}

impl EmptyText {
    pub(crate) const fn of(what: &'static str) -> Self {
        Self { what }
    }
}

/// Makes a newtype over a text that is never empty.
macro_rules! non_empty_text {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Box<str>);

        impl $name {
            #[doc = concat!("The text as ", $what, ".")]
            ///
            /// # Errors
            ///
            /// [`EmptyText`](crate::EmptyText) when the text is empty.
            pub fn new(text: impl Into<Box<str>>) -> Result<Self, $crate::text::EmptyText> {
                let text = text.into();
                if text.is_empty() { Err($crate::text::EmptyText::of($what)) } else { Ok(Self(text)) }
            }

            /// A text that its reader found not to be empty.
            pub(crate) fn not_empty(text: std::borrow::Cow<'_, str>) -> Self {
                Self::new(text).expect("its reader looked")
            }

            /// The text, to be kept.
            pub(crate) fn into_string(self) -> String {
                self.0.into()
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::text::EmptyText;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::text::EmptyText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}
pub(crate) use non_empty_text;

non_empty_text!(
    /// A unique name of the event, made by the client that sends it; it ties events to each other.
    EventId,
    "an event id"
);

non_empty_text!(
    /// The name that the search service gave to its answer, found in the metadata of the response. A documented one has 73
    /// characters, `:`, `/` and `=` among them.
    RequestId,
    "a request id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_empty_text_is_refused() {
        assert_eq!(EventId::new("").unwrap_err().to_string(), "an event id is empty");
        assert_eq!("".parse::<RequestId>(), Err(EmptyText::of("a request id")));
        assert_eq!(EventId::new(" ").unwrap().as_str(), " ");
        assert!(serde_json::from_str::<EventId>("\"\"").is_err());
    }
}
