//! Messages about wrong command lines, in one shape: what failed, the value, what was expected, what to do.

use std::error::Error;
use std::ffi::OsString;
use std::ops::Range;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Parser};

use super::Cli;
use super::suggestion::{command_at, suggest};

/// Replaces the message of an error. Help texts stay as they are.
pub(super) fn explain(error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let words: Vec<String> = arguments.iter().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let path = command_path(&words);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => unknown_argument(&error, &words, &path),
        ErrorKind::InvalidSubcommand => unknown_command(&error, &path),
        ErrorKind::ValueValidation => invalid_value(&error, &words, &path),
        ErrorKind::InvalidValue => invalid_choice(&error),
        ErrorKind::ArgumentConflict => conflict(&error),
        ErrorKind::MissingRequiredArgument => missing(&error, arguments, &path),
        _ => None,
    };
    match message {
        // An example says more than the help text.
        Some(message) if message.contains('\n') => clap::Error::raw(error.kind(), format!("{message}\n")),
        Some(message) => clap::Error::raw(error.kind(), format!("{message}\n  {}\n", see_help(&path))),
        None => error,
    }
}

/// Returns the names of the commands at the start of the command line, such as `report show`.
fn command_path(words: &[String]) -> String {
    let mut path = String::new();
    for word in words.iter().filter(|word| !word.starts_with('-')) {
        let longer = format!("{path} {word}").trim_start().to_owned();
        match command_at(&longer) {
            Some(_) if !word.is_empty() => path = longer,
            _ => break,
        }
    }
    path
}

fn see_help(path: &str) -> String {
    let space = if path.is_empty() { "" } else { " " };
    format!("see seeker-sim{space}{path} -h")
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        _ => None,
    }
}

/// The name of an argument, without its value: `--rate <RATE>` is `--rate`, `[TARGET]` is `TARGET`.
pub(super) fn name_of(argument: &str) -> &str {
    let word = argument.split([' ', '=']).next().unwrap_or(argument);
    let word = word.strip_suffix("[").unwrap_or(word);
    if word.starts_with('-') { word } else { argument.trim_matches(['<', '>', '[', ']', '.']) }
}

fn unknown_argument(error: &clap::Error, words: &[String], path: &str) -> Option<String> {
    let argument = text(error, ContextKind::InvalidArg)?;
    let space = if path.is_empty() { "" } else { " " };
    if !argument.starts_with('-') {
        let advice = if path == "serve" { "\n  use --bind\n  example: seeker-sim serve --bind 127.0.0.1:8080" } else { "" };
        // A URL can hold a secret.
        let shown = if argument.contains(['@', '?']) { String::new() } else { format!(" {argument:?}") };
        return Some(format!("seeker-sim{space}{path} does not expect the argument{shown}{advice}"));
    }
    if let Some(message) = negative_value(words) {
        return Some(message);
    }
    // clap splits `-vus` into `-v -u -s`; the whole word tells more.
    let short = argument.strip_prefix('-').filter(|rest| !rest.starts_with('-') && rest.chars().count() == 1);
    let whole = short.and_then(|_| long_with_one_dash(words));
    let typed = whole.map_or_else(|| name_of(&argument), name_of);
    Some(unknown_option(path, typed))
}

/// A negative number after an option, which clap takes for an option.
fn negative_value(words: &[String]) -> Option<String> {
    let is_negative =
        |word: &str| word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()));
    let pair = words.windows(2).find(|pair| pair[0].starts_with('-') && !pair[0].contains('=') && is_negative(&pair[1]))?;
    Some(format!("{} {:?}: expected a value that is not negative", pair[0], pair[1]))
}

fn unknown_option(path: &str, typed: &str) -> String {
    let space = if path.is_empty() { "" } else { " " };
    let mut message = format!("seeker-sim{space}{path} has no option {typed}");
    if let Some(suggestion) = suggest(path, typed) {
        message.push_str("\n  ");
        message.push_str(&suggestion.advice);
        if let Some(example) = suggestion.example {
            message.push_str("\n  example: ");
            message.push_str(&example);
        }
    }
    message
}

/// Finds a word with one dash and several letters, such as `-rate=50`.
fn long_with_one_dash(words: &[String]) -> Option<&str> {
    let is_long = |word: &&String| {
        let mut chars = word.chars();
        chars.next() == Some('-') && chars.clone().take(3).filter(char::is_ascii_lowercase).count() == 3
    };
    words.iter().take_while(|word| *word != "--").find(is_long).map(String::as_str)
}

fn unknown_command(error: &clap::Error, path: &str) -> Option<String> {
    let typed = text(error, ContextKind::InvalidSubcommand)?;
    let space = if path.is_empty() { "" } else { " " };
    let is_url = typed.starts_with("http://") || typed.starts_with("https://");
    let advice = match text(error, ContextKind::SuggestedSubcommand) {
        _ if is_url && path.is_empty() => "\n  example: seeker-sim run http://127.0.0.1:8080".to_owned(),
        // The most similar name is the last one.
        Some(suggested) => format!("\n  did you mean {}?", suggested.rsplit(", ").next().unwrap_or(&suggested)),
        None => format!("\n  expected {}", command_names(&command_at(path)?)),
    };
    let shown = if is_url { String::new() } else { format!(" {typed:?}") };
    Some(format!("seeker-sim{space}{path} has no command{shown}{advice}"))
}

fn command_names(command: &Command) -> String {
    let names = command.get_subcommands().map(Command::get_name).filter(|name| *name != "help");
    names.collect::<Vec<_>>().join(", ")
}

fn invalid_value(error: &clap::Error, words: &[String], path: &str) -> Option<String> {
    let argument = text(error, ContextKind::InvalidArg)?;
    let value = text(error, ContextKind::InvalidValue)?;
    let reason = error.source()?;
    let name = name_of(&argument);
    // `-rate 50` is read as `-r ate`.
    let typed = long_with_one_dash(words).filter(|word| word.ends_with(&value)).map(name_of);
    if let Some(typed) = typed.filter(|typed| suggest(path, typed).is_some()) {
        return Some(unknown_option(path, typed));
    }
    let advice = advice_for_value(path, name, &value).map(|advice| format!("\n  {advice}")).unwrap_or_default();
    Some(format!("{name} {value:?}: {reason}{advice}"))
}

/// Returns what to do if the value belongs to another option.
fn advice_for_value(path: &str, name: &str, value: &str) -> Option<String> {
    const OUTPUT_FORMATS: [&str; 7] = ["text", "json", "ndjson", "html", "csv", "sarif", "github"];
    match (path, name) {
        ("check" | "stats", "--format") if OUTPUT_FORMATS.contains(&value) => {
            Some(format!("--format is the format of the events; use --output {value} for the format of the output"))
        }
        ("run", "--format") if OUTPUT_FORMATS.contains(&value) => {
            Some(format!("--format is the format of the events; use --report run.{value} to write a report"))
        }
        ("check" | "stats" | "report show" | "report compare", "--output") if value.contains('.') => {
            Some(format!("--output is a format; redirect standard output to write a file: --output json > {value}"))
        }
        _ => None,
    }
}

fn invalid_choice(error: &clap::Error) -> Option<String> {
    let argument = text(error, ContextKind::InvalidArg)?;
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    let name = name_of(&argument);
    if value.is_empty() {
        return Some(format!("{name} needs a value: {argument}"));
    }
    let expected = text(error, ContextKind::ValidValue)?;
    Some(format!("{name} {value:?}: expected one of {expected}"))
}

fn conflict(error: &clap::Error) -> Option<String> {
    let argument = text(error, ContextKind::InvalidArg)?;
    let prior = text(error, ContextKind::PriorArg)?;
    let (name, prior) = (name_of(&argument), name_of(&prior));
    if name == prior {
        return Some(format!("{name} is given twice; leave one of them out"));
    }
    if [name, prior].contains(&"TARGET") && [name, prior].contains(&"--target") {
        return Some("the target is given twice, as an argument and with --target; leave one of them out".to_owned());
    }
    Some(format!("{name} and {prior} contradict each other; leave one of them out"))
}

fn missing(error: &clap::Error, arguments: &[OsString], path: &str) -> Option<String> {
    let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else { return None };
    if missing.iter().all(|argument| argument.starts_with('-')) {
        let first = missing.first()?;
        return Some(match requiring(first, arguments, path) {
            Some(option) => format!("{option} requires {}", name_of(first)),
            None => format!("seeker-sim {path}: missing {}, which another option requires", name_of(first)),
        });
    }
    let usage = command_at(path)?.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    Some(format!("seeker-sim {path}: missing {}\n  usage: {usage}", missing.join(" and ")))
}

/// Finds the option that requires the missing one. clap does not name it, so this leaves out one option after the other until nothing is
/// missing.
fn requiring(missing: &String, arguments: &[OsString], path: &str) -> Option<String> {
    let command = command_at(path)?;
    let options =
        arguments.iter().enumerate().filter_map(|(index, argument)| Some((index, argument.to_str()?.strip_prefix("--")?)));
    let mut options = options.filter_map(|(index, argument)| {
        let (name, has_value) = argument.split_once('=').map_or((argument, false), |(name, _)| (name, true));
        let option = command.get_arguments().find(|option| option.get_long() == Some(name))?;
        let has_word = !has_value && option.get_action().takes_values();
        Some((format!("--{name}"), index..index + 1 + usize::from(has_word)))
    });
    let is_required_by = |words: &Range<usize>| {
        let others = arguments.iter().enumerate().filter(|(index, _)| !words.contains(index)).map(|(_, argument)| argument);
        let Err(error) = Cli::try_parse_from(others) else { return true };
        !matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::Strings(still)) if still.contains(missing))
    };
    options.find(|(_, words)| is_required_by(words)).map(|(option, _)| option)
}
