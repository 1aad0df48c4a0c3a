//! Values that may contain a secret. The error of an invalid value does not repeat the value, because it would end up in logs.

use std::ffi::OsStr;
use std::fmt::Display;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command};

use super::usage_error::name_of;

/// Parses a value with a function. Errors repeat the value only if it cannot contain a secret.
#[derive(Clone)]
pub(super) struct Concealed<T, E> {
    read: fn(&str) -> Result<T, E>,
    may_hold_secret: fn(&str) -> bool,
}

impl<T, E> Concealed<T, E> {
    /// Treats any value as a possible secret.
    pub(super) const fn always(read: fn(&str) -> Result<T, E>) -> Self {
        Self { read, may_hold_secret: |_| true }
    }

    /// Treats a value as a possible secret if it looks like a URL with a user name, a password or a query, even if it is not a valid URL.
    pub(super) const fn in_url(read: fn(&str) -> Result<T, E>) -> Self {
        Self { read, may_hold_secret: |text| text.contains(['@', '?']) }
    }
}

impl<T, E> TypedValueParser for Concealed<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Display + Clone + 'static,
{
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let option = arg.map(ToString::to_string).unwrap_or_default();
        let told = |shown: &str, why: &dyn Display| {
            let message = format!("{}{shown}: {why}\n", name_of(&option));
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        };
        let text = value.to_str().ok_or_else(|| told("", &"expected UTF-8"))?;
        (self.read)(text).map_err(|why| {
            let shown = if (self.may_hold_secret)(text) { String::new() } else { format!(" {text:?}") };
            told(&shown, &why)
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::Cli;

    #[test]
    fn values_that_may_hold_a_secret_are_not_repeated() {
        for (option, value, expected) in [
            ("--header", "Authorization Bearer secret", "--header: no colon found"),
            ("--header", "Bearer secret: x", "--header: the text before the colon is not"),
            ("--header", "X-Key: secret\n", "the value of `X-Key` holds the control character"),
            ("--target", "http://user:secret@", "--target: "),
            ("--target", "http://user:secret@h", "--header 'Authorization: ...'"),
            ("--target", "htp://h?key=secret", "--target: "),
            ("--search", "//user:secret@h", "--search: "),
            ("--otlp", "http://user:secret@", "--otlp: "),
        ] {
            let error = Cli::try_parse_from(["seeker-sim", "run", option, value]).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(expected) && !text.contains("secret"), "{text}");
            assert_eq!(error.exit_code(), 2);
        }
        let error = Cli::try_parse_from(["seeker-sim", "run", "--target", "localhost:8080"]).unwrap_err().to_string();
        assert!(error.contains("--target \"localhost:8080\": expected a URL"), "{error}");
    }
}
