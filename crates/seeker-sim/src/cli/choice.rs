//! Values with known names, which shells complete. The parser of the value decides whether other values are valid.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

/// Parses a value with its own parser and offers names for completion.
#[derive(Clone, Debug)]
pub(super) struct Choice<P> {
    names: Names,
    parser: P,
}

#[derive(Clone, Debug)]
enum Names {
    Fixed(&'static [&'static str]),
    Listed(fn() -> &'static [String]),
}

impl<P> Choice<P> {
    /// Offers a fixed list of names.
    pub(super) const fn of(names: &'static [&'static str], parser: P) -> Self {
        Self { names: Names::Fixed(names), parser }
    }

    /// Offers names from another part of the program.
    pub(super) const fn listed(names: fn() -> &'static [String], parser: P) -> Self {
        Self { names: Names::Listed(names), parser }
    }
}

impl<P: TypedValueParser> TypedValueParser for Choice<P> {
    type Value = P::Value;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<P::Value, clap::Error> {
        self.parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        match self.names {
            Names::Fixed(names) => Some(Box::new(names.iter().map(PossibleValue::new))),
            Names::Listed(names) => Some(Box::new(names().iter().map(|name| PossibleValue::new(name.as_str())))),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;
    use clap::{CommandFactory, Parser};

    use crate::cli::Cli;

    /// For all options with such a value, there are names, and each of them parses. Conditions are completed only up to their figure.
    #[test]
    fn names_are_read() {
        let mut commands = vec![(vec!["seeker-sim".to_owned()], Cli::command())];
        let mut read = 0;
        while let Some((line, command)) = commands.pop() {
            for arg in command.get_arguments() {
                let has_name =
                    |expected: &str| arg.get_value_names().is_some_and(|names| names.iter().any(|name| name == expected));
                let names = if arg.is_positional() || has_name("CONDITION") { Vec::new() } else { arg.get_possible_values() };
                assert!(!has_name("FORMAT") || !names.is_empty(), "{line:?} {arg}");
                for name in names.iter().filter(|_| arg.get_action().takes_values()) {
                    let option = format!("--{}={}", arg.get_long().unwrap(), name.get_name());
                    let kind = Cli::try_parse_from(line.iter().chain([&option])).err().map(|error| error.kind());
                    // Missing other options are reported only after all values have parsed.
                    assert!(matches!(kind, None | Some(ErrorKind::MissingRequiredArgument)), "{line:?} {option}: {kind:?}");
                    read += 1;
                }
            }
            let below = command.get_subcommands().map(|below| {
                let line = line.iter().cloned().chain([below.get_name().to_owned()]).collect();
                (line, below.clone())
            });
            commands.extend(below);
        }
        assert!(read > 20, "{read}");
    }
}
