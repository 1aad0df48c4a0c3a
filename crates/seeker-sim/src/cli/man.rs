//! The option of `man`, and the manual pages.

use std::io;
use std::path::{Path, PathBuf};

use atomic_output::atomic_file::{AtomicFile, AtomicFileError};
use clap::{Args, Command, CommandFactory, ValueHint};
use clap_mangen::Man;

use super::Cli;
use super::help_page::{Example, HelpPage};

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim man | man -l -", purpose: "Show the manual page." },
        Example {
            command: "seeker-sim man --out ~/.local/share/man/man1",
            purpose: "Install one page for the program and one per command, such as seeker-sim-run.1.",
        },
    ],
    notes: "",
    exit_codes: &[(0, "written"), (2, "a page cannot be written")],
    docs: "getting-started",
};

/// The option of `man`.
#[derive(Debug, Args)]
#[command(after_help = HELP.short(), after_long_help = HELP.long())]
pub struct ManArgs {
    /// Write one page per command into this existing folder
    #[arg(long, short = 'o', value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
}

/// A manual page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManPage {
    /// The name of the file.
    pub file_name: String,
    /// The text in troff.
    pub text: String,
}

impl ManPage {
    /// Returns the pages: first the page of the program, then the pages of its commands.
    pub fn all() -> Vec<Self> {
        let mut program = Cli::command().disable_help_subcommand(true);
        program.build();
        let mut pages = Vec::new();
        add_pages(&program, &mut pages);
        pages
    }

    /// Writes the page into a folder and returns the path.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError`] if the page cannot be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, AtomicFileError> {
        let path = folder.join(&self.file_name);
        let mut file = AtomicFile::create("--out", &path)?;
        io::Write::write_all(&mut file, self.text.as_bytes()).map_err(|source| file.failed(source))?;
        file.finish()?;
        Ok(path)
    }

    fn of(command: &Command) -> Self {
        let man = Man::new(command.clone()).manual("seeker-sim");
        let mut text = Vec::new();
        man.render(&mut text).expect("memory takes everything");
        let text = String::from_utf8(text).expect("the help texts are UTF-8");
        // Help texts end with examples, which manual pages call EXAMPLES. Left alignment keeps commands from being spread over the line.
        Self { file_name: man.get_filename(), text: text.replace("\n.SH EXTRA\nExamples:\n", "\n.SH EXAMPLES\n.ad l\n") }
    }
}

fn add_pages(command: &Command, pages: &mut Vec<ManPage>) {
    pages.push(ManPage::of(command));
    for command in command.get_subcommands() {
        add_pages(command, pages);
    }
}
