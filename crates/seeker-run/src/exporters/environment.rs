//! Reads the settings of an OpenTelemetry collector from the standard OpenTelemetry environment variables.

use percent_encoding::percent_decode_str;
use thiserror::Error;

/// Why a variable cannot be used. The message does not repeat the value, because it may be secret.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum PairsError {
    /// An entry of the list is not a pair.
    #[error("entry {number} has no name and `=`; expected name=value entries, separated by commas")]
    NoPair {
        /// The number of the entry, from 1.
        number: usize,
    },
    /// A value contains bytes that are not text.
    #[error("the value of `{name}` is not UTF-8 after percent-decoding")]
    NoText {
        /// The name before the `=`.
        name: String,
    },
}

/// Looks up variables; an empty variable counts as unset.
pub(super) struct Environment<F>(pub(super) F);

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    /// Returns the value of the first of these variables that is set, with its name.
    pub(super) fn first<'a>(&self, names: &[&'a str]) -> Option<(&'a str, String)> {
        names.iter().find_map(|name| (self.0)(name).filter(|value| !value.trim().is_empty()).map(|value| (*name, value)))
    }
}

/// Parses the pairs of a list such as `api-key=secret,tenant=a%20b`.
pub(super) fn pairs(list: &str) -> Result<Vec<(String, String)>, PairsError> {
    // A trailing comma adds no entry.
    let entries = list.split(',').enumerate().filter(|(_, entry)| !entry.trim().is_empty());
    let pairs = entries.map(|(position, entry)| {
        let (name, value) = entry.split_once('=').unwrap_or_default();
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(PairsError::NoPair { number: position + 1 });
        }
        match percent_decode_str(value.trim()).decode_utf8() {
            Ok(value) => Ok((name, value.into_owned())),
            Err(_) => Err(PairsError::NoText { name }),
        }
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_that_are_none_say_where() {
        assert_eq!(pairs("a=b,c"), Err(PairsError::NoPair { number: 2 }));
        assert_eq!(pairs("=b"), Err(PairsError::NoPair { number: 1 }));
        assert_eq!(pairs("a=%ff"), Err(PairsError::NoText { name: "a".to_owned() }));
        assert_eq!(pairs(" a = b=c ,"), Ok(vec![("a".to_owned(), "b=c".to_owned())]));
    }

    #[test]
    fn an_empty_variable_is_none() {
        let environment = Environment(|name: &str| Some(if name == "EMPTY" { " " } else { "x" }.to_owned()));
        assert_eq!(environment.first(&["EMPTY", "OTHER"]), Some(("OTHER", "x".to_owned())));
        assert_eq!(environment.first(&["EMPTY"]), None);
    }

    proptest! {
        /// For all names and values, parsing a list written with %XX returns the same list.
        #[test]
        fn lists_are_read_back(list in prop::collection::vec(("[a-z.-]{1,8}", ".{0,8}"), 0..5)) {
            let texts: Vec<_> = list.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))).collect();
            prop_assert_eq!(pairs(&texts.join(",")), Ok(list));
        }
    }
}
