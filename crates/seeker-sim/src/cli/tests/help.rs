//! Limits of the help texts: their length, and what they must contain.

use clap::Command;

use super::{assert_parses, commands};
use crate::cli::Cli;

const COLUMNS: usize = 100;
/// The columns of an explanation in `--help`, after the indent.
const COLUMNS_OF_EXPLANATION: usize = COLUMNS - 10;

fn short_help(command: &Command) -> String {
    command.clone().term_width(COLUMNS).render_help().to_string()
}

fn long_help(command: &Command) -> String {
    command.clone().term_width(COLUMNS).render_long_help().to_string()
}

/// The number of lines of a text that is filled up to this width.
fn lines_when_wrapped(text: &str, width: usize) -> usize {
    let of_line = |line: &str| {
        let (mut lines, mut column) = (1, 0);
        for word in line.split_whitespace() {
            if column > 0 && column + 1 + word.len() > width {
                (lines, column) = (lines + 1, 0);
            }
            column += word.len() + usize::from(column > 0);
        }
        lines
    };
    text.lines().filter(|line| !line.is_empty()).map(of_line).sum()
}

/// For all commands, `-h` fits one screen, and each option takes one line.
#[test]
fn short_help_fits_one_screen() {
    for (path, command) in commands() {
        let help = short_help(&command);
        let lines_max = if path == "run" { 60 } else { 40 };
        assert!(help.trim_end().lines().count() <= lines_max, "{path}: {} lines\n{help}", help.lines().count());
        for line in help.lines() {
            assert!(line.chars().count() <= COLUMNS, "{path}: {line}");
            assert!(!line.starts_with(&" ".repeat(12)), "{path}: the help of an option takes more than one line: {line}");
        }
    }
}

/// For all options, the summary is one line without a full stop, and `--help` adds at most four lines.
#[test]
fn options_are_explained_briefly() {
    for (path, command) in commands() {
        for arg in command.get_arguments() {
            let summary = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!summary.is_empty(), "{path}: {arg} has no help");
            assert!(summary.chars().count() <= 80 && !summary.contains('\n'), "{path}: {summary}");
            assert!(!summary.ends_with('.'), "{path}: {summary}");
            let long = arg.get_long_help().map(ToString::to_string).unwrap_or(summary);
            let lines = lines_when_wrapped(&long, COLUMNS_OF_EXPLANATION);
            assert!(lines <= 5, "{path} {arg}: {lines} lines\n{long}");
        }
    }
}

/// For all commands with options that `-h` does not show, `-h` says so, and `--help` shows them.
#[test]
fn hidden_options_are_announced() {
    for (path, command) in commands() {
        let (short, long) = (short_help(&command), long_help(&command));
        let hidden: Vec<_> = command.get_arguments().filter(|arg| arg.is_hide_short_help_set()).collect();
        assert_eq!(short.contains("--help shows all options"), !hidden.is_empty(), "{path}\n{short}");
        for name in hidden.into_iter().filter_map(clap::Arg::get_long) {
            assert!(long.contains(&format!("--{name}")) && !short.contains(&format!("--{name} ")), "{path}: {name}");
        }
    }
}

/// For all commands, `-h` has up to three examples, `--help` has all of them and the page of the documentation, and each example parses.
#[test]
fn examples_parse() {
    for (path, command) in commands() {
        let page = Cli::help_page(&path).unwrap_or_else(|| panic!("{path} has no help page"));
        let (short, long) = (short_help(&command), long_help(&command));
        let start = format!("seeker-sim {path}");
        assert!(page.examples.iter().any(|example| example.command.contains(start.trim_end())), "{path}");
        for (position, example) in page.examples.iter().enumerate() {
            assert_eq!(short.contains(&format!("  {}\n", example.command)), position < 3, "{path}: {}", example.command);
            assert!(long.contains(&format!("  {}\n", example.command)), "{path}: {}", example.command);
            assert!(example.purpose.ends_with('.'), "{}", example.purpose);
            assert_parses(example.command);
        }
        assert!(long.trim_end().ends_with(&format!("Documentation: {}", page.docs_url())), "{path}\n{long}");
    }
}

/// The options of `run` are grouped.
#[test]
fn options_of_run_have_groups() {
    let (_, run) = commands().into_iter().find(|(path, _)| path == "run").unwrap();
    for arg in run.get_arguments().filter(|arg| !["help", "version"].contains(&arg.get_id().as_str())) {
        assert!(arg.get_help_heading().is_some(), "{arg}");
    }
}
