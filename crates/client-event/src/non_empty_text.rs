//! A macro for string types that cannot be empty, and their error.

use thiserror::Error;

/// The error for an empty string where the string must not be empty.
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

/// Defines a newtype of a string that is never empty.
macro_rules! non_empty_text {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Box<str>);

        impl $name {
            #[doc = concat!("Makes ", $what, ".")]
            ///
            /// # Errors
            ///
            /// [`EmptyText`](crate::EmptyText) if the text is empty.
            pub fn new(text: impl Into<Box<str>>) -> Result<Self, $crate::non_empty_text::EmptyText> {
                let text = text.into();
                if text.is_empty() { Err($crate::non_empty_text::EmptyText::of($what)) } else { Ok(Self(text)) }
            }

            /// A string that the reader has already found not to be empty.
            pub(crate) fn not_empty(text: std::borrow::Cow<'_, str>) -> Self {
                Self::new(text).expect("the reader rejects an empty string")
            }

            /// Converts into the string.
            pub(crate) fn into_string(self) -> String {
                self.0.into()
            }

            /// The string.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::non_empty_text::EmptyText;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::non_empty_text::EmptyText;

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
