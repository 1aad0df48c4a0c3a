//! Runs other programs and returns their output. The callers judge the output.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The maximum number of output lines that are shown.
const EXCERPT_LINES: usize = 20;

/// The result of a program.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    /// Whether the program exited with success.
    pub(crate) success: bool,
    /// The standard output.
    pub(crate) stdout: String,
    /// The standard error.
    pub(crate) stderr: String,
}

impl Finished {
    /// Returns the last output, from either stream.
    pub(crate) fn said(&self) -> String {
        excerpt(&format!("{}\n{}", self.stdout, self.stderr))
    }
}

/// Runs a program to its end, with the file as its standard input.
pub(crate) fn run(command: &mut Command, input: Option<&Path>) -> Result<Finished> {
    let stdin = match input {
        Some(path) => Stdio::from(File::open(path).with_context(|| format!("read {}", path.display()))?),
        None => Stdio::null(),
    };
    let program = command.get_program().to_string_lossy().into_owned();
    let output = match command.stdin(stdin).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => bail!("{program} is not installed"),
        Err(error) => return Err(error).with_context(|| format!("start {program}")),
    };
    Ok(Finished {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Whether a program exists and runs with this argument.
pub(crate) fn available(program: &str, argument: &str) -> bool {
    run(Command::new(program).arg(argument), None).is_ok_and(|finished| finished.success)
}

/// Returns the last lines of a text, without empty lines.
pub(crate) fn excerpt(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(EXCERPT_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("no-such-program-anywhere"), None).unwrap_err().to_string();
        assert_eq!(error, "no-such-program-anywhere is not installed");
        assert!(!available("no-such-program-anywhere", "--version"));
    }

    #[test]
    fn an_excerpt_is_the_end_without_empty_lines() {
        let text = (0..30).map(|number| number.to_string()).collect::<Vec<_>>().join("  \n\n");
        let shown = excerpt(&text);
        assert_eq!(shown.lines().count(), EXCERPT_LINES);
        assert!(shown.starts_with("10\n") && shown.ends_with("29"), "{shown}");
        assert_eq!(excerpt("\n \n"), "");
    }
}
