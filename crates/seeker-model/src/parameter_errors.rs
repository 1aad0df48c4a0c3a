//! The errors of parameters.

use std::fmt;

use thiserror::Error;

/// All parameters that are out of range or contradict each other.
///
/// ```
/// use seeker_model::Behaviour;
///
/// let errors = Behaviour { page_size: 0, ..Behaviour::default() }.validate().unwrap_err();
/// assert_eq!(errors.all().len(), 1);
/// assert_eq!(errors.to_string(), "page_size is 0; expected 1 to 100");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ParameterErrors(Vec<ParameterError>);

impl ParameterErrors {
    /// The errors; at least one.
    pub fn all(&self) -> &[ParameterError] {
        &self.0
    }

    /// An error if there are problems.
    pub(crate) fn none_of(problems: Vec<ParameterError>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }
}

impl fmt::Display for ParameterErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if position > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

/// A parameter that is out of range or contradicts another one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("{path} is {value}; expected {expected}")]
pub struct ParameterError {
    /// The path of the field, such as `form_s.median` or `reading_range_s.1`.
    pub path: String,
    /// The value.
    pub value: String,
    /// The expected value, in words.
    pub expected: String,
}

impl ParameterError {
    pub(crate) fn new(path: &str, value: impl fmt::Display, expected: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), value: value.to_string(), expected: expected.to_string() }
    }
}
