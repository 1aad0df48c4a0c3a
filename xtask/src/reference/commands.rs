//! The page of all commands and their options.

use std::fmt::Write;

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command, CommandFactory};
use seeker_sim::cli::Cli;

use super::markdown::{block, code, plain};

pub(super) fn page() -> String {
    let mut program = Cli::command();
    program.build();
    let mut text = "# Commands\n\n\
                    `seeker-sim COMMAND -h` prints the short help text, `seeker-sim COMMAND --help` the full help text.\n\n"
        .to_owned();
    text.push_str(&overview(&program));
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        write_command(command.get_name(), command, &mut text);
    }
    text
}

fn overview(program: &Command) -> String {
    let mut text = String::new();
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_name();
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "- [`{name}`](#seeker-sim-{name}): {}", plain(&about));
    }
    text.push('\n');
    text
}

fn write_command(path: &str, command: &Command, text: &mut String) {
    let _ = writeln!(text, "## `seeker-sim {path}`\n");
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(text, "{}.\n", plain(&about));
    let usage = command.clone().render_usage().to_string();
    text.push_str(&block("text", usage.trim_start_matches("Usage: ")));
    text.push('\n');
    write_groups(command, text);
    write_end(path, text);
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        write_command(&format!("{path} {}", below.get_name()), below, text);
    }
}

/// Writes the arguments, by their headings in the order of the help text.
fn write_groups(command: &Command, text: &mut String) {
    let heading_of = |arg: &Arg| match arg.get_help_heading() {
        Some(heading) => heading.to_owned(),
        None if arg.is_positional() => "Arguments".to_owned(),
        None => "Options".to_owned(),
    };
    let args = || command.get_arguments().filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()));
    let mut headings: Vec<String> = Vec::new();
    // Arguments come first.
    for heading in args().filter(|arg| arg.is_positional()).chain(args()).map(heading_of) {
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    for heading in headings {
        let _ = writeln!(text, "### {}\n", plain(&heading));
        for arg in args().filter(|arg| heading_of(arg) == heading) {
            write_arg(arg, text);
        }
    }
}

fn write_arg(arg: &Arg, text: &mut String) {
    let _ = writeln!(text, "#### {}\n", code(&spelling(arg)));
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let paragraphs: Vec<_> =
        help.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for paragraph in &paragraphs {
        let stop = if paragraph.ends_with(['.', ']']) { "" } else { "." };
        let _ = writeln!(text, "{}{stop}\n", plain(paragraph));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
    if !defaults.is_empty() && !is_switch {
        let _ = writeln!(text, "Default: {}.\n", code(&defaults.join(" ")));
    }
    let values: Vec<_> = arg.get_possible_values().iter().map(PossibleValue::get_name).map(code).collect();
    // Longer lists have their own page.
    if !is_switch && (1..=8).contains(&values.len()) {
        let _ = writeln!(text, "Values: {}.\n", values.join(", "));
    } else if !is_switch && !values.is_empty() {
        let page =
            if arg.get_long().is_some_and(|long| ["severity", "explain"].contains(&long)) { "rules" } else { "thresholds" };
        let _ = writeln!(text, "Values: see [{page}]({page}.md).\n");
    }
}

/// The option as it is typed, such as `-r, --rate <RATE>`.
fn spelling(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    format!("{short}{arg}")
}

fn write_end(path: &str, text: &mut String) {
    let Some(page) = Cli::help_page(path) else { return };
    text.push_str("### Examples\n\n");
    for example in page.examples {
        let _ = writeln!(text, "{}\n", plain(example.purpose));
        text.push_str(&block("sh", example.command));
        text.push('\n');
    }
    if !page.notes.is_empty() {
        let _ = writeln!(text, "{}\n", plain(page.notes));
    }
    if !page.exit_codes.is_empty() {
        text.push_str("### Exit codes\n\n");
        for (code, meaning) in page.exit_codes {
            let _ = writeln!(text, "- `{code}`: {meaning}");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "See also [{path}](../{}.md).\n", page.docs);
}
