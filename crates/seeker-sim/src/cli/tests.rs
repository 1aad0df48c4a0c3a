//! Tests of the command line as a whole.

mod errors;
mod help;
mod short_options;
mod suggestions;

use clap::{Command, CommandFactory};

use super::Cli;

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

/// All commands with their paths, such as `report show`; the path of the program is empty.
fn commands() -> Vec<(String, Command)> {
    fn add(path: &str, command: &Command, all: &mut Vec<(String, Command)>) {
        all.push((path.to_owned(), command.clone()));
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            add(format!("{path} {}", below.get_name()).trim_start(), below, all);
        }
    }
    let mut program = Cli::command();
    program.build();
    let mut all = Vec::new();
    add("", &program, &mut all);
    all
}

/// The calls of the program in a line of shell, each as its words.
fn calls(line: &str) -> Vec<Vec<String>> {
    let words = shlex::split(line).unwrap_or_else(|| panic!("unbalanced quotes: {line}"));
    let programs = words.split(|word| word == "|").map(|words| {
        let is_environment = |word: &&String| {
            word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
        };
        let words = words.iter().skip_while(is_environment).take_while(|word| !word.starts_with('>'));
        words.cloned().collect::<Vec<_>>()
    });
    programs.filter(|words| words.first().is_some_and(|word| word == "seeker-sim")).collect()
}

/// Each call of the program in this line parses, or asks for help.
fn assert_parses(line: &str) {
    let calls = calls(line);
    assert!(!calls.is_empty(), "{line}");
    for call in calls {
        if let Err(error) = Cli::read(&call) {
            assert!(!error.use_stderr(), "{line}: {error}");
        }
    }
}
