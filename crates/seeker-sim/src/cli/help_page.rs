//! The end of the help text of a command: examples, notes, exit codes, and a link to the documentation.

use std::fmt::Write;

/// The base URL of the documentation.
pub const DOCS_URL: &str = env!("CARGO_PKG_HOMEPAGE");

/// The number of examples in `-h`.
const EXAMPLES_IN_SHORT_HELP: usize = 3;

/// What the help text of a command says after the options.
#[derive(Clone, Copy, Debug)]
pub struct HelpPage {
    /// The examples, the most useful ones first.
    pub examples: &'static [Example],
    /// Lines after the examples.
    pub notes: &'static str,
    /// The exit codes of the command and their meaning.
    pub exit_codes: &'static [(u8, &'static str)],
    /// The page of the documentation, without the base URL and the extension.
    pub docs: &'static str,
}

/// An example of a command line.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The command line.
    pub command: &'static str,
    /// The purpose, in one sentence.
    pub purpose: &'static str,
}

impl HelpPage {
    /// Returns the end of `-h`.
    pub(super) fn short(&self) -> String {
        self.examples_text(EXAMPLES_IN_SHORT_HELP).trim_end().to_owned()
    }

    /// Returns the end of `-h` for a command with options that only `--help` shows.
    pub(super) fn short_of_more(&self) -> String {
        format!("{}\n--help shows all options, more examples and the exit codes.", self.examples_text(EXAMPLES_IN_SHORT_HELP))
    }

    /// Returns the end of `--help`.
    pub(super) fn long(&self) -> String {
        let mut text = self.examples_text(usize::MAX);
        if !self.notes.is_empty() {
            let _ = write!(text, "\n{}\n", self.notes);
        }
        if !self.exit_codes.is_empty() {
            text.push_str("\nExit codes:\n");
            for (code, meaning) in self.exit_codes {
                let _ = writeln!(text, "  {code:<3}  {meaning}");
            }
        }
        let _ = write!(text, "\nDocumentation: {}", self.docs_url());
        text
    }

    /// Returns the URL of the page of the documentation.
    pub fn docs_url(&self) -> String {
        format!("{DOCS_URL}/{}.html", self.docs)
    }

    fn examples_text(&self, count_max: usize) -> String {
        let mut text = "Examples:\n".to_owned();
        for Example { command, purpose } in self.examples.iter().take(count_max) {
            let _ = writeln!(text, "  {command}\n      {purpose}");
        }
        text
    }
}
