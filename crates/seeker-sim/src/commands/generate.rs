//! The command `generate`.

use std::path::Path;

use event_tools::generate::{self, GenerateError, Output, OutputError};
use seeker_run::Signals;
use terminal_escape::one_line;

use super::output::{fail, no_signals};
use super::scenario::read_scenario;
use crate::cli::GenerateArgs;
use crate::exit::ExitCode;

pub(super) fn generate(args: &GenerateArgs) -> ExitCode {
    let outputs = || -> Result<_, OutputError> {
        let events = Output::create("--out", &args.out)?;
        let searches = args.searches.as_deref().map(|path| Output::create("--searches", path)).transpose()?;
        Ok((events, searches))
    };
    if args.out == Path::new("-") && args.searches.as_deref() == Some(Path::new("-")) {
        return fail("--out and --searches are both standard output; name a file for one of them", ExitCode::BadInput);
    }
    let scenario = match read_scenario(&args.scenario) {
        Ok(scenario) => scenario,
        Err(code) => return code,
    };
    let (events, searches) = match outputs() {
        Ok(outputs) => outputs,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    if let Err(error) = Signals::end_at_first() {
        return no_signals(&error);
    }
    match generate::generate(&args.plan(scenario), events, searches) {
        Ok(_) => ExitCode::Success,
        Err(error @ GenerateError::Model(_)) => fail(format_args!("failed to {}", one_line(&error)), ExitCode::BadInput),
        Err(error @ GenerateError::Output(_)) => fail(one_line(&error), ExitCode::Internal),
    }
}
