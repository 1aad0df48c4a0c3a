//! The commands of the program. Each prints its results and returns its exit code.

mod event_files;
mod generate;
mod man;
mod output;
mod report;
mod run;
mod run_files;
mod scenario;
mod schema;
mod schema_files;
mod serve;

use crate::cli::{Cli, Command};
use crate::exit::ExitCode;

/// Executes the command of a command line. If the command line cannot be read, prints what was expected.
pub(crate) fn execute(line: Result<Cli, clap::Error>) -> ExitCode {
    let command = match line {
        Ok(cli) => cli.command,
        Err(error) => return output::print_usage(&error),
    };
    match command {
        Command::Run(args) => run::run(*args),
        Command::Serve(args) => serve::serve(&args),
        Command::Generate(args) => generate::generate(&args),
        Command::Scenario(args) => scenario::scenario(&args.command),
        Command::Stats(args) => event_files::stats(&args),
        Command::Check(args) => event_files::check(&args),
        Command::Report(args) => report::report(args.command),
        Command::Schema(args) => schema::schema(&args),
        Command::Completions(args) => output::print(&args.script(), ExitCode::Success),
        Command::Man(args) => man::man(&args),
    }
}
