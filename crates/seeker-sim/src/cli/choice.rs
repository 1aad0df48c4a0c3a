//! Values from a fixed list of names, which shells complete.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

/// Parses a value with its own parser and offers the names for completion.
#[derive(Clone, Debug)]
pub(super) struct Choice<P> {
    names: &'static [&'static str],
    parser: P,
}

impl<P> Choice<P> {
    pub(super) const fn of(names: &'static [&'static str], parser: P) -> Self {
        Self { names, parser }
    }
}

impl<P: TypedValueParser> TypedValueParser for Choice<P> {
    type Value = P::Value;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<P::Value, clap::Error> {
        self.parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.names.iter().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;
    use clap::{CommandFactory, Parser};

    use crate::cli::Cli;

    /// For all options with such a value, there are names, and each of them parses.
    #[test]
    fn names_are_read() {
        let mut commands = vec![(vec!["seeker-sim".to_owned()], Cli::command())];
        let mut read = 0;
        while let Some((line, command)) = commands.pop() {
            for arg in command.get_arguments() {
                let is_form = arg.get_value_names().is_some_and(|names| names.iter().any(|name| name == "FORM"));
                let names = if is_form { arg.get_possible_values() } else { Vec::new() };
                assert!(!is_form || !names.is_empty(), "{line:?} {arg}");
                for name in names {
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
