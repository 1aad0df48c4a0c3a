//! The option of `completions`.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::Cli;
use super::help_page::{Example, HelpPage};

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example {
            command: "seeker-sim completions bash > ~/.local/share/bash-completion/completions/seeker-sim",
            purpose: "Install for bash.",
        },
        Example {
            command: "seeker-sim completions zsh > ~/.zfunc/_seeker-sim",
            purpose: "Install for zsh, with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc.",
        },
        Example {
            command: "seeker-sim completions fish > ~/.config/fish/completions/seeker-sim.fish",
            purpose: "Install for fish.",
        },
        Example { command: "seeker-sim completions powershell >> $PROFILE", purpose: "Install for PowerShell." },
        Example { command: "seeker-sim completions elvish >> ~/.config/elvish/rc.elv", purpose: "Install for Elvish." },
    ],
    notes: "Completion starts with the next shell.",
    exit_codes: &[],
    docs: "getting-started",
};

/// The option of `completions`.
#[derive(Debug, Args)]
#[command(after_help = HELP.short(), after_long_help = HELP.long())]
pub struct CompletionsArgs {
    /// Shell to print a completion script for
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

impl CompletionsArgs {
    /// Returns the completion script of the shell.
    pub fn script(&self) -> String {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "seeker-sim", &mut script);
        let script = String::from_utf8(script).expect("the help texts are UTF-8");
        // clap_complete 4.6 spells a program name with a hyphen in two ways for bash, so that no option of a command is completed
        // (clap-rs/clap#6421). The second spelling does not occur for other shells, or once the bug is fixed.
        script.replace("seeker__subcmd__sim", "seeker__sim")
    }
}
