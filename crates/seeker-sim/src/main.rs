//! The program: reads the command line, calls the library, writes what there is to say and ends with the documented exit code.

use std::error::Error;
use std::fmt;
use std::io::{self, IsTerminal, Write};

use clap::Parser;
use rand::TryRng;
use rand::rngs::SysRng;
use seeker_sim::cli::{Cli, Command, RunArgs, ServeArgs};
use seeker_sim::exit::ExitCode;
use seeker_sim::{ReportFile, RunError, RunPlan, serve};
use tracing_subscriber::EnvFilter;

fn main() -> std::process::ExitCode {
    // RUST_LOG=debug shows what the libraries below have to say.
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::ERROR.into()).from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).init();
    match Cli::parse().command {
        Command::Run(args) => run(args),
        Command::Serve(args) => receive(&args),
    }
    .into()
}

fn run(args: RunArgs) -> ExitCode {
    let report_path = args.report.clone();
    let seed = match args.seed {
        Some(seed) => seed,
        // Short enough to be typed again.
        None => match SysRng.try_next_u32() {
            Ok(seed) => seed.into(),
            Err(error) => return fail(&"draw a seed", Some(&error), ExitCode::Internal),
        },
    };
    let plan: RunPlan = args.plan(seed);
    let report_file = match report_path.as_deref().map(ReportFile::create).transpose() {
        Ok(report_file) => report_file,
        Err(error) => return fail(&error, error.source(), ExitCode::BadInput),
    };
    let report = match seeker_sim::run(&plan) {
        Ok(report) => report,
        Err(error) => return fail(&error, error.source(), exit_code_of(&error)),
    };
    if print(&report.summary()).is_err() {
        // Whoever read the summary has gone; the report and the exit code are still theirs.
    }
    if let Some(report_file) = report_file
        && let Err(error) = report_file.write(&report)
    {
        return fail(&error, error.source(), ExitCode::Internal);
    }
    report.outcome.into()
}

fn receive(args: &ServeArgs) -> ExitCode {
    let served = serve(args.bind, |url| {
        let _ = print(&format_args!("listening on {url}: POST /clientEvents, GET /summary, GET /healthz; Ctrl-C ends\n"));
    });
    match served {
        Ok(summary) => {
            let json = serde_json::to_string_pretty(&summary).expect("a summary is numbers and names");
            let _ = print(&format_args!("{json}\n"));
            ExitCode::Success
        }
        Err(error) => fail(&error, error.source(), ExitCode::BadInput),
    }
}

fn exit_code_of(error: &RunError) -> ExitCode {
    match error {
        RunError::Plan(_) | RunError::Endpoint(_) | RunError::Catalogue(_) | RunError::Behaviour(_) => ExitCode::BadInput,
        RunError::Aborted => ExitCode::Interrupted,
        RunError::Receiver(_) | RunError::Signals(_) | RunError::ActorGone(_) | RunError::Account(_) => ExitCode::Internal,
    }
}

fn print(text: &dyn fmt::Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "{text}")?;
    out.flush()
}

/// Tells what went wrong, with its causes, in one line.
fn fail(error: &dyn fmt::Display, source: Option<&(dyn Error + 'static)>, code: ExitCode) -> ExitCode {
    let mut line = format!("seeker-sim: {error}");
    let mut source = source;
    while let Some(cause) = source {
        line.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    // Where standard error is closed, the exit code has to do.
    let _ = writeln!(io::stderr(), "{line}");
    code
}
