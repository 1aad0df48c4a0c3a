//! Tests of the help texts and their examples, completions, manual pages and the version.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use clap::CommandFactory;
use seeker_sim::cli::Cli;

use crate::program::{ended, seeker_sim};

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

/// The words that bash offers after a command line, or `None` where there is no bash.
fn completed_by_bash(script: &Path, folder: &Path, typed: &str) -> Option<String> {
    let typed: Vec<_> = ["seeker-sim"].into_iter().chain(typed.split(' ')).collect();
    let (word, before) = (typed[typed.len() - 1], typed[typed.len() - 2]);
    // `compopt` works only while bash completes a word that somebody types.
    let asked = format!(
        "compopt() {{ :; }}; source '{}'; COMP_WORDS=({}); COMP_CWORD={}; _seeker__sim seeker-sim '{word}' '{before}'; echo \"${{COMPREPLY[@]}}\"",
        script.display(),
        typed.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        typed.len() - 1
    );
    match Command::new("bash").args(["--norc", "-c", &asked]).current_dir(folder).output() {
        Ok(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(stderr, "", "{typed:?}");
            Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "skipped: there is no bash: {error}");
            None
        }
    }
}

#[test]
fn bash_completes_commands_options_and_values() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("seeker-sim");
    fs::write(&script, ended(&["completions", "bash"]).stdout).unwrap();
    fs::write(folder.path().join("my scenario.toml"), "").unwrap();
    for (typed, expected) in [
        ("ge", "generate"),
        ("scenario in", "init"),
        ("run --seekers-", "--seekers-max"),
        ("completions el", "elvish"),
        ("schema --dr", "--draft"),
        ("schema --draft open", "openapi-3.0 openapi-3.1"),
        ("run --format pub", "pubsub"),
        ("report show --output j", "json junit"),
        ("check --output s", "sarif"),
        ("check --format v", "v3 v4"),
        ("run --scenario a", "aggregator"),
        ("generate --scenario w", "weekday-morning"),
        ("run --scenario my", "my scenario.toml"),
        ("scenario show staf", "staffing-agency"),
        ("scenario init camp", "campaign-spike"),
        ("check --explain D4", "D4"),
        ("check --explain unique", "unique-event-id"),
        ("check --explain al", "all"),
        ("check --severity D4", "D4=error D4=warning D4=off"),
        ("check --severity unique", "unique-event-id=error unique-event-id=warning unique-event-id=off"),
        ("check --fail-on e", "error"),
        ("run --threshold latency.p99", "latency.p99 latency.p99.9"),
        ("run --find-capacity refu", "refused refused_ratio"),
    ] {
        let Some(completed) = completed_by_bash(&script, folder.path(), typed) else { return };
        assert_eq!(completed, expected, "{typed}");
    }
}

#[test]
fn fish_completes_values() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("seeker-sim.fish");
    fs::write(&script, ended(&["completions", "fish"]).stdout).unwrap();
    fs::write(folder.path().join("my.toml"), "").unwrap();
    for (typed, expected) in [
        ("run --scenario agg", "aggregator"),
        ("run --scenario my", "my.toml"),
        ("check --explain D4", "D4"),
        ("check --severity D4=o", "D4=off"),
        ("run --threshold latency.p99.", "latency.p99.9"),
        ("check --output sar", "sarif"),
    ] {
        let asked = format!("source '{}'; complete -C 'seeker-sim {typed}'", script.display());
        let output = Command::new("fish")
            .args(["--no-config", "-c", &asked])
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .output();
        let Ok(output) = output else {
            let _ = writeln!(io::stderr(), "skipped: there is no fish");
            return;
        };
        let completed = String::from_utf8(output.stdout).unwrap();
        let words: Vec<_> = completed.lines().map(|line| line.split('\t').next().unwrap_or(line)).collect();
        assert_eq!(words, [expected], "{typed}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn an_unknown_shell_is_refused_with_the_known_shells() {
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
fn unwritable_manual_pages_are_reported() {
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
