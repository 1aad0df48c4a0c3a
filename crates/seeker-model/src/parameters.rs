//! Structures of parameters. One place defines the field, its documentation, its default and its range. The check of the ranges, the JSON
//! Schema and the defaults of a file follow from it.

use crate::parameter_errors::ParameterError;

/// A number with a range, or several of them.
pub(crate) trait Ranged {
    /// Adds an error for each number outside the range.
    fn outside(&self, path: &str, range: [f64; 2], problems: &mut Vec<ParameterError>);
}

impl Ranged for f64 {
    fn outside(&self, path: &str, [least, most]: [f64; 2], problems: &mut Vec<ParameterError>) {
        // NaN lies in no range.
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

/// Defines a structure of parameters. A field is `name: type [least ..= most] = default`. A field whose type is a structure of parameters has
/// no range.
///
/// The structure gets its defaults, `out_of_range`, a JSON Schema with the ranges, and serde's traits. In its serialized form each field is
/// optional, and unknown fields are errors.
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
            fn out_of_range(&self) -> Vec<$crate::parameter_errors::ParameterError> {
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
