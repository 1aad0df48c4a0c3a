//! Suggestions for unknown options: by meaning, from the table of foreign options; then by spelling.

use clap::{Arg, Command, CommandFactory};

use super::Cli;
use super::foreign_options::{self, Advice, ForeignOptions};

/// Names below this similarity are different words. Own choice: accepts one or two typing errors.
const SIMILARITY_MIN: f64 = 0.75;

/// What to use instead of an unknown option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suggestion {
    /// A sentence without a full stop.
    pub(super) advice: String,
    /// A correct command line.
    pub(super) example: Option<String>,
}

/// Returns the suggestion for an option of a command, as typed with its dashes. The path is that of the command, such as `report show`.
pub(super) fn suggest(path: &str, typed: &str) -> Option<Suggestion> {
    let command = command_at(path)?;
    if path.is_empty() {
        // An option before any command is most likely one of `run`.
        return elsewhere(path, typed).or_else(|| suggest("run", typed));
    }
    foreign(path, &command, typed)
        .or_else(|| native(path, &command, typed))
        .or_else(|| similar(path, &command, typed))
        .or_else(|| elsewhere(path, typed))
}

/// Returns the command with this path.
pub(super) fn command_at(path: &str) -> Option<Command> {
    let mut program = Cli::command();
    program.build();
    path.split_whitespace().try_fold(program, |command, name| command.find_subcommand(name).cloned())
}

fn foreign(path: &str, command: &Command, typed: &str) -> Option<Suggestion> {
    // A long option may be typed with one dash, as in vegeta.
    let with_two_dashes = format!("--{}", typed.trim_start_matches('-'));
    let entry = foreign_options::find(path, typed).or_else(|| foreign_options::find(path, &with_two_dashes))?;
    Some(of_entry(command, entry))
}

fn of_entry(command: &Command, entry: &ForeignOptions) -> Suggestion {
    let advice = match entry.advice {
        Advice::Use(name) => use_of(command, name),
        Advice::Say(sentence) => sentence.to_owned(),
    };
    Suggestion { advice, example: Some(entry.example.to_owned()) }
}

/// A native long option that was typed with one dash, or with upper case or underscores.
fn native(path: &str, command: &Command, typed: &str) -> Option<Suggestion> {
    let name = typed.trim_start_matches('-').to_lowercase().replace('_', "-");
    let is_same = |arg: &&Arg| name.len() > 1 && arg.get_long() == Some(&name);
    let found = command.get_arguments().find(is_same)?;
    Some(of_native(path, command, found))
}

fn of_native(path: &str, command: &Command, arg: &Arg) -> Suggestion {
    let name = format!("--{}", arg.get_long().unwrap_or_default());
    let example = Cli::help_page(path)
        .and_then(|page| page.examples.iter().find(|example| example.command.split_whitespace().any(|word| word == name)));
    Suggestion { advice: use_of(command, &name), example: example.map(|example| example.command.to_owned()) }
}

/// A native or foreign option with a similar spelling.
fn similar(path: &str, command: &Command, typed: &str) -> Option<Suggestion> {
    let word = typed.trim_start_matches('-').to_lowercase();
    if word.len() < 3 {
        return None;
    }
    let natives = command.get_arguments().filter_map(Arg::get_long).map(|name| format!("--{name}"));
    let known = natives.chain(foreign_options::names(path).map(str::to_owned));
    let similarity = |name: &str| strsim::normalized_damerau_levenshtein(name.trim_start_matches('-'), &word);
    let (name, most) = known
        .map(|name| (similarity(&name), name))
        .map(|(most, name)| (name, most))
        .fold((String::new(), 0.0), |best, (name, most)| if most > best.1 { (name, most) } else { best });
    if most < SIMILARITY_MIN {
        return None;
    }
    let of_native_name = native(path, command, &name);
    of_native_name.or_else(|| foreign_options::find(path, &name).map(|entry| of_entry(command, entry)))
}

/// The same option of another command.
fn elsewhere(path: &str, typed: &str) -> Option<Suggestion> {
    let name = typed.strip_prefix("--")?;
    let mut program = Cli::command();
    program.build();
    let mut open = vec![(String::new(), program)];
    let mut found = Vec::new();
    while let Some((here, command)) = open.pop() {
        if here != path && command.get_arguments().any(|arg| arg.get_long() == Some(name)) {
            found.push(here.clone());
        }
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        open.extend(below.map(|below| (format!("{here} {}", below.get_name()).trim_start().to_owned(), below.clone())));
    }
    found.sort();
    let first = found.first()?;
    Some(Suggestion { advice: format!("--{name} is an option of `seeker-sim {first}`"), example: None })
}

/// Says which option to use, and what it does.
fn use_of(command: &Command, name: &str) -> String {
    let arg = command.get_arguments().find(|arg| arg.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long)));
    let help = arg.and_then(Arg::get_help).map(ToString::to_string).unwrap_or_default();
    format!("use {name}: {help}")
}
