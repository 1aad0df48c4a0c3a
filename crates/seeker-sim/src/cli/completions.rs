//! The option of `completions`.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::Cli;

const EXAMPLES: &str = "\
Examples:
  seeker-sim completions bash > ~/.local/share/bash-completion/completions/seeker-sim
  seeker-sim completions zsh > ~/.zfunc/_seeker-sim
      With `fpath+=~/.zfunc` before `compinit` in ~/.zshrc.
  seeker-sim completions fish > ~/.config/fish/completions/seeker-sim.fish
  seeker-sim completions powershell >> $PROFILE
  seeker-sim completions elvish >> ~/.config/elvish/rc.elv

They count from the next shell on.";

/// The option of `completions`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell.
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
