//! Tests of the help texts and their examples, completions, manual pages and the version.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use seeker_sim::cli::Cli;

use crate::program::{ended, seeker_sim, words};

/// Each command with its path, such as `seeker-sim scenario init`, without the commands that clap adds.
fn commands() -> Vec<(String, clap::Command)> {
    fn below(path: &str, command: &clap::Command, all: &mut Vec<(String, clap::Command)>) {
        all.push((path.to_owned(), command.clone()));
        for command in command.get_subcommands() {
            below(&format!("{path} {}", command.get_name()), command, all);
        }
    }
    let mut all = Vec::new();
    below("seeker-sim", &Cli::command(), &mut all);
    all
}

/// The calls of the program in a line of examples, without shell syntax.
fn calls(line: &str) -> Vec<Vec<String>> {
    let programs = line.split(" | ").map(words);
    let calls = programs.map(|call| call.into_iter().take_while(|word| word != ">" && word != ">>").collect());
    calls.filter(|call: &Vec<String>| call.first().is_some_and(|word| word == "seeker-sim")).collect()
}

fn examples(command: &clap::Command) -> Vec<Vec<String>> {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    lines.flat_map(calls).collect()
}

fn assert_parses(call: &[String]) {
    if let Err(error) = Cli::try_parse_from(call) {
        assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{call:?}: {error}");
    }
}

/// For all commands, the help text has examples of the command, and each example parses.
#[test]
fn every_example_of_the_help_parses() {
    let commands = commands();
    assert!(commands.len() > 10);
    for (path, command) in commands {
        let examples = examples(&command);
        let of_command = |call: &&Vec<String>| call.join(" ").starts_with(&path);
        assert!(examples.iter().any(|call| of_command(&call)), "{path} --help has no example of the command");
        for call in &examples {
            assert_parses(call);
        }
    }
}

/// For all commands of the README, each parses.
#[test]
fn every_example_of_the_readme_parses() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    let lines: Vec<_> = readme.lines().filter_map(|line| line.strip_prefix("cargo run --release -- ")).collect();
    assert!(lines.len() > 5, "{lines:?}");
    for call in lines.into_iter().flat_map(|line| calls(&format!("seeker-sim {line}"))) {
        assert_parses(&call);
    }
}

/// For all installed shells, the shell accepts the completion script.
#[test]
fn shells_take_their_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = ended(&["completions", shell]);
        assert_eq!(script.code, Some(0), "{shell}: {}", script.stderr);
        assert!(script.stdout.contains("completions") && script.stdout.contains("seekers-max"), "{shell}");
        if !["bash", "zsh", "fish"].contains(&shell) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("completions");
        fs::write(&path, script.stdout).unwrap();
        // Shells other than bash may not be installed.
        match Command::new(shell).arg("-n").arg(&path).stdin(Stdio::null()).output() {
            Ok(output) => assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => assert!(shell != "bash", "{error}"),
        }
    }
}

#[test]
fn bash_completes_commands_and_options() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("seeker-sim");
    fs::write(&script, ended(&["completions", "bash"]).stdout).unwrap();
    for (typed, expected) in [
        ("ge", "generate"),
        ("scenario in", "init"),
        ("run --seekers-", "--seekers-max"),
        ("completions el", "elvish"),
        ("schema --dr", "--draft"),
        ("run --format pub", "pubsub"),
        ("report show --output j", "json junit"),
    ] {
        let typed: Vec<_> = ["seeker-sim"].into_iter().chain(typed.split(' ')).collect();
        let (word, before) = (typed[typed.len() - 1], typed[typed.len() - 2]);
        let asked = format!(
            "source '{}'; COMP_WORDS=({}); COMP_CWORD={}; _seeker__sim seeker-sim '{word}' '{before}'; echo \"${{COMPREPLY[@]}}\"",
            script.display(),
            typed.join(" "),
            typed.len() - 1
        );
        let output = Command::new("bash").args(["--norc", "-c", &asked]).output().unwrap();
        let completed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(completed.trim(), expected, "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn an_unknown_shell_is_told_with_those_that_are_known() {
    let ended = ended(&["completions", "tcsh"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("bash, elvish, fish, powershell, zsh"), "{}", ended.stderr);
}

/// For all commands, there is a manual page with the command, its options and examples.
#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let written = seeker_sim(&["man", "--out"]).arg(folder.path()).output().unwrap();
    assert_eq!(written.status.code(), Some(0), "{}", String::from_utf8_lossy(&written.stderr));
    let mut expected: Vec<_> = commands().into_iter().map(|(path, _)| path.replace(' ', "-") + ".1").collect();
    let mut found: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    for (path, command) in commands() {
        let page = fs::read_to_string(folder.path().join(path.replace(' ', "-") + ".1")).unwrap();
        // In troff, a literal hyphen is escaped with a backslash.
        let page = page.replace("\\-", "-");
        assert!(page.contains(".SH NAME") && page.contains(".SH EXAMPLES"), "{page}");
        for option in command.get_arguments().filter_map(|argument| argument.get_long()) {
            assert!(page.contains(&format!("--{option}")), "{path}: --{option}\n{page}");
        }
    }
    let printed = ended(&["man"]);
    assert_eq!(printed.stdout, fs::read_to_string(folder.path().join("seeker-sim.1")).unwrap());
}

#[test]
fn manual_pages_that_cannot_be_written_are_told() {
    let ended = ended(&["man", "--out", "missing/folder"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("the folder missing/folder does not exist"), "{}", ended.stderr);
}

/// The version shows a commit if, and only if, the sources are a repository.
#[test]
fn the_version_names_the_commit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let version = ended(&["--version"]).stdout;
    let plain = concat!("seeker-sim ", env!("CARGO_PKG_VERSION"));
    let commit = Command::new("git").arg("-C").arg(&root).args(["log", "-1", "--format=%h %cs"]).env_remove("GIT_DIR").output();
    match commit {
        Ok(output) if output.status.success() && root.join(".git").exists() => {
            let commit = String::from_utf8(output.stdout).unwrap();
            assert_eq!(version, format!("{plain} ({})\n", commit.trim()));
        }
        _ => assert_eq!(version, format!("{plain}\n")),
    }
}
