//! The option of `completions`.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::Cli;
use super::help_page::{Example, HelpPage};
use super::scenario::built_in_names;

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
    notes: "Completion works in the next shell that you start.",
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
        with_scenario_files(self.shell, &script.replace("seeker__subcmd__sim", "seeker__sim"))
    }
}

/// Completes files after `--scenario` too. The scripts of `clap_complete` offer either names or files.
fn with_scenario_files(shell: Shell, script: &str) -> String {
    let names = built_in_names().join(" ");
    match shell {
        Shell::Bash => {
            // The script separates words by line breaks where a value can be a file, so the names would be a single word.
            let words = format!("compgen -W \"{names}\" -- \"${{cur}}\"");
            script.replace(&format!("$({words}))\n"), &format!("$(IFS=' '; {words}; compgen -f -- \"${{cur}}\"))\n"))
        }
        Shell::Zsh => {
            let only_names = format!(":({names})'");
            let with_files = format!(":{{compadd -- {names}; _files}}'");
            each_line(
                script,
                |line| if line.starts_with("'::name ") { line.to_owned() } else { line.replace(&only_names, &with_files) },
            )
        }
        Shell::Fish => each_line(script, |line| {
            if line.contains(" -l scenario ") { line.replace(" -r -f -a ", " -r -F -a ") } else { line.to_owned() }
        }),
        _ => script.to_owned(),
    }
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.split_inclusive('\n').map(change).collect()
}
