//! The program: reads the command line, calls the library, prints the results and ends with the documented exit code.

#[path = "main/event_files.rs"]
mod event_files;
#[path = "main/log.rs"]
mod log;
#[path = "main/output.rs"]
mod output;
#[path = "main/reports.rs"]
mod reports;
#[path = "main/run_files.rs"]
mod run_files;

use std::io::{self, Write};
use std::panic::AssertUnwindSafe;
use std::path::Path;

use client_event::schema::{Dialect, Role, SchemaName, schema_text};
use event_tools::generate::{self, GenerateError, Output, OutputError};
use rand::TryRng;
use rand::rngs::SysRng;
use run_report::event_log::EventLog;
use run_report::file::ReportFile;
use run_report::live::LiveFiles;
use scenario::{BuiltInScenario, Scenario, ScenarioError, ScenarioSource};
use seeker_model::Shard;
use seeker_run::{RunError, RunPlan, Signals, StatusDisplay, TargetError, check_start};
use seeker_sim::cli::{Cli, Command, GenerateArgs, ManArgs, ManPage, RunArgs, ScenarioCommand, SchemaArgs, ServeArgs};
use seeker_sim::exit::ExitCode;
use seeker_sim::schema_files::{self, SchemaFilesError};
use seeker_sim::serve;
use terminal_escape::one_line;

use event_files::{check, stats};
use output::{fail, has_colours, no_signals, print, print_beside, print_usage, print_whole, write_files};
use reports::report;
use run_files::{ReportPaths, RunFiles};

fn main() -> std::process::ExitCode {
    log::start();
    ExitCode::of(AssertUnwindSafe(|| match Cli::read(std::env::args_os()) {
        Ok(cli) => do_command(cli.command),
        Err(error) => print_usage(&error),
    }))
    .into()
}

fn do_command(command: Command) -> ExitCode {
    match command {
        Command::Run(args) => run(*args),
        Command::Serve(args) => receive(&args),
        Command::Generate(args) => generate(&args),
        Command::Scenario(args) => scenario(&args.command),
        Command::Stats(args) => stats(&args),
        Command::Check(args) => check(&args),
        Command::Report(args) => report(args.command),
        Command::Schema(args) => schema(&args),
        Command::Completions(args) => print(&args.script(), ExitCode::Success),
        Command::Man(args) => man(&args),
    }
}

fn run(args: RunArgs) -> ExitCode {
    let paths = match ReportPaths::of(&args.output, args.generators.shard.map(Shard::part)) {
        Ok(paths) => paths,
        Err(code) => return code,
    };
    let seed = match args.seekers.seed {
        Some(seed) => seed,
        None if args.generators.shard.is_some() => {
            let line = "--shard needs --seed: all shards are parts of one run; pass the same --seed to each generator";
            return fail(line, ExitCode::BadInput);
        }
        // A 32-bit seed is short enough to type.
        None => match SysRng.try_next_u32() {
            Ok(seed) => seed.into(),
            Err(error) => return fail(format_args!("failed to draw a seed: {error}"), ExitCode::Internal),
        },
    };
    let scenario = match read_scenario(&args.seekers.scenario) {
        Ok(scenario) => scenario,
        Err(code) => return code,
    };
    let plan: RunPlan = args.plan(scenario, seed);
    // A generator that is started again is too late, whether or not the first one has written its report.
    if let Err(error) = check_start(&plan) {
        return failed_run(&error.into());
    }
    let RunFiles { reports: report_files, junit: junit_file, event_log, uses_standard_output } = match paths.create(&plan) {
        Ok(files) => files,
        Err(code) => return code,
    };
    for warning in plan.warnings() {
        let _ = writeln!(io::stderr(), "seeker-sim: warning: {warning}");
    }
    for note in plan.notes() {
        let _ = writeln!(io::stderr(), "seeker-sim: note: {note}");
    }
    let live_windows: Vec<_> = report_files.iter().filter_map(ReportFile::live).collect();
    // Held until the end of the process, so that a signal can end a blocked write of a report or summary.
    let signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return no_signals(&error),
    };
    let (event_writer, event_log) = event_log.map(EventLog::begin).unzip();
    let ended = if plan.find_capacity {
        seeker_run::find_capacity(&plan, &live_windows, &signals, |trial| {
            if plan.status_display != StatusDisplay::Nothing {
                // A closed standard error does not end the search.
                let _ = writeln!(io::stderr(), "{trial}");
            }
        })
    } else {
        seeker_run::run(&plan, LiveFiles { windows: live_windows, events: event_writer }, &signals)
    };
    let report = match ended {
        Ok(report) => report,
        Err(error) => return failed_run(&error),
    };
    let (written, code) = write_files(&report, report_files, junit_file, event_log);
    let text = format_args!("{}{written}", report.summary());
    print_beside(uses_standard_output, &text, code)
}

fn receive(args: &ServeArgs) -> ExitCode {
    let signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return no_signals(&error),
    };
    let served = serve(args.config(), &signals, |url| {
        // An error of standard output is reported when the summary is printed.
        let mut out = io::stdout().lock();
        let line = format_args!(
            "listening on {url}: POST /clientEvents and /clientEvents:batch, GET /summary and /healthz; Ctrl-C ends"
        );
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    });
    match served {
        Ok(summary) => {
            let json = serde_json::to_string_pretty(&summary).expect("a summary is numbers and names");
            print(&format_args!("{json}\n"), ExitCode::Success)
        }
        Err(error) => fail(one_line(&error), ExitCode::BadInput),
    }
}

fn generate(args: &GenerateArgs) -> ExitCode {
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

fn scenario(command: &ScenarioCommand) -> ExitCode {
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
fn read_scenario(source: &ScenarioSource) -> Result<Scenario, ExitCode> {
    source.read().map_err(|error| match error {
        ScenarioError::Invalid(problems) => {
            let _ = writeln!(io::stderr(), "{}", problems.shown(has_colours(&io::stderr())));
            ExitCode::BadInput
        }
        error => fail(one_line(&error), ExitCode::BadInput),
    })
}

fn schema(args: &SchemaArgs) -> ExitCode {
    let names = schema_files::selected(args.role, args.dialect);
    let Some(folder) = &args.out else {
        let role = args.role.unwrap_or(Role::Types);
        let dialect = args.dialect.unwrap_or(Dialect::Draft202012);
        let Some(name) = SchemaName::new(role, dialect) else {
            return fail(SchemaFilesError::NoSuchSchema, ExitCode::BadInput);
        };
        return print(&schema_text(name), ExitCode::Success);
    };
    match names.and_then(|names| schema_files::write(&names, folder, args.force)) {
        Ok(paths) => print_whole(|out| paths.iter().try_for_each(|path| writeln!(out, "{}", path.display())), ExitCode::Success),
        Err(error) => fail(one_line(&error), ExitCode::BadInput),
    }
}

fn man(args: &ManArgs) -> ExitCode {
    let pages = ManPage::all();
    let Some(folder) = &args.out else {
        return print(&pages[0].text, ExitCode::Success);
    };
    match pages.iter().map(|page| page.write(folder)).collect::<Result<Vec<_>, _>>() {
        Ok(paths) => print_whole(|out| paths.iter().try_for_each(|path| writeln!(out, "{}", path.display())), ExitCode::Success),
        Err(error) => fail(one_line(&error), ExitCode::BadInput),
    }
}

fn failed_run(error: &RunError) -> ExitCode {
    let line = one_line(error);
    match error {
        RunError::TooLate(_) => fail(line, ExitCode::TooLate),
        RunError::Plan(_) | RunError::TooFewFiles(_) | RunError::Metrics(_) | RunError::Target(TargetError::Path(_)) => {
            fail(line, ExitCode::BadInput)
        }
        RunError::Target(TargetError::Endpoint(_)) => fail(format_args!("--target: failed to {line}"), ExitCode::BadInput),
        RunError::Target(TargetError::Search(_)) => fail(format_args!("--search: failed to {line}"), ExitCode::BadInput),
        RunError::Target(TargetError::Trust(_) | TargetError::Identity(_) | TargetError::Token(_) | TargetError::Unusable(_)) => {
            fail(format_args!("failed to {line}"), ExitCode::BadInput)
        }
        RunError::Model(_) | RunError::Target(TargetError::Receiver(_)) | RunError::Account(_) => {
            fail(format_args!("failed to {line}"), ExitCode::Internal)
        }
    }
}
