//! The command `scenario`, and the reader of the scenarios of other commands.

use std::io::{self, Write};
use std::path::Path;

use scenario::{BuiltInScenario, Scenario, ScenarioError, ScenarioSource};
use terminal_escape::one_line;

use super::output::{fail, has_colours, print};
use crate::cli::ScenarioCommand;
use crate::exit::ExitCode;

pub(super) fn scenario(command: &ScenarioCommand) -> ExitCode {
    let text = match command {
        ScenarioCommand::Init { name: None } => scenario::template(),
        ScenarioCommand::Init { name: Some(ready) } => ready.text_for_elsewhere(),
        ScenarioCommand::Schema => scenario::schema_text(),
        ScenarioCommand::Show { scenario } => match read_scenario(scenario) {
            Ok(scenario) => scenario::shown(&scenario),
            Err(code) => return code,
        },
        ScenarioCommand::Check { files } => {
            let codes = files.iter().map(|file| check_scenario(file));
            return codes.fold(ExitCode::Success, |sum, code| if code == ExitCode::Success { sum } else { code });
        }
    };
    print(&text, ExitCode::Success)
}

fn check_scenario(file: &Path) -> ExitCode {
    if let Some(ready) = file.to_str().and_then(BuiltInScenario::named).filter(|_| !file.exists()) {
        let name = ready.name;
        let line =
            format_args!("scenario check takes a file, but {name} is a built-in scenario; use `seeker-sim scenario show {name}`");
        return fail(line, ExitCode::BadInput);
    }
    match read_scenario(&ScenarioSource::File(file.to_owned())) {
        Ok(_) => print(&format_args!("{}: valid\n", file.display()), ExitCode::Success),
        Err(code) => code,
    }
}

/// Reads the scenario. If it has problems, prints them and returns the exit code.
pub(super) fn read_scenario(source: &ScenarioSource) -> Result<Scenario, ExitCode> {
    source.read().map_err(|error| match error {
        ScenarioError::Invalid(problems) => {
            let _ = writeln!(io::stderr(), "{}", problems.shown(has_colours(&io::stderr())));
            ExitCode::BadInput
        }
        error => fail(one_line(&error), ExitCode::BadInput),
    })
}
