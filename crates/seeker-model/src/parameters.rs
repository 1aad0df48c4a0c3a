//! Structures of numbers that have a range each: the field, its documentation, its default and its range stand in one place, and the
//! check of the ranges, the JSON Schema and the defaults of a file follow from there.

use std::fmt;

use thiserror::Error;

/// Parameters that make no model: every one of them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ParameterErrors(pub(crate) Vec<ParameterError>);

impl ParameterErrors {
    /// What is wrong, at least one thing.
    pub fn all(&self) -> &[ParameterError] {
        &self.0
    }

    /// An error if there is a problem.
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

/// A parameter outside its range, or one that contradicts another.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path} is {value}; expected {expected}")]
pub struct ParameterError {
    /// The field, and what lies in it: `form_s.median`, `reading_range_s.1`.
    pub path: String,
    /// What it holds.
    pub value: String,
    /// What it may hold.
    pub expected: String,
}

impl ParameterError {
    pub(crate) fn new(path: &str, value: impl fmt::Display, expected: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), value: value.to_string(), expected: expected.to_string() }
    }
}

/// A number that a range can be given for, or several of them.
pub(crate) trait Ranged {
    /// Adds what is not within the range.
    fn outside(&self, path: &str, range: [f64; 2], problems: &mut Vec<ParameterError>);
}

impl Ranged for f64 {
    fn outside(&self, path: &str, [least, most]: [f64; 2], problems: &mut Vec<ParameterError>) {
        // What is not a number lies in no range.
        if !(least..=most).contains(self) {
            problems.push(ParameterError::new(path, self, format_args!("{least} to {most}")));
        }
    }
}

macro_rules! ranged_integer {
    ($($integer:ty),*) => {$(
        impl Ranged for $integer {
            fn outside(&self, path: &str, range: [f64; 2], problems: &mut Vec<ParameterError>) {
                f64::from(*self).outside(path, range, problems);
            }
        }
    )*};
}

ranged_integer!(u16, u32);

impl<const N: usize> Ranged for [f64; N] {
    fn outside(&self, path: &str, range: [f64; 2], problems: &mut Vec<ParameterError>) {
        for (position, number) in self.iter().enumerate() {
            number.outside(&format!("{path}.{position}"), range, problems);
        }
    }
}

/// Defines a structure of parameters: `name: type [least ..= most] = default`; without a range for a structure of parameters.
///
/// It gets serde's traits, where every field may be missing and no other may be there, a JSON Schema with the ranges, the defaults,
/// and `out_of_range`.
macro_rules! parameters {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {$(
            $(#[$field_meta:meta])*
            pub $field:ident: $type:ty $([$least:literal ..= $most:literal])? = $default:expr,
        )*}
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {$(
            $(#[$field_meta])*
            $(#[schemars(range(min = $least, max = $most), inner(range(min = $least, max = $most)))])?
            pub $field: $type,
        )*}

        impl Default for $name {
            fn default() -> Self {
                Self {$($field: $default,)*}
            }
        }

        impl $name {
            /// Every parameter outside its range.
            fn out_of_range(&self) -> Vec<$crate::parameters::ParameterError> {
                let mut problems = Vec::new();
                $($crate::parameters::parameters!(@check self, $field, problems $(, $least, $most)?);)*
                problems
            }
        }
    };
    (@check $self:ident, $field:ident, $problems:ident, $least:literal, $most:literal) => {
        $crate::parameters::Ranged::outside(
            &$self.$field, stringify!($field), [f64::from($least), f64::from($most)], &mut $problems,
        );
    };
    (@check $self:ident, $field:ident, $problems:ident) => {
        $self.$field.outside(stringify!($field), &mut $problems);
    };
}

pub(crate) use parameters;
