//! The program: reads the command line, calls the library, writes what there is to say and ends with the documented exit code.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use clap::Parser;
use client_event::schema::{Dialect, Role, SchemaName, schema_text};
use rand::TryRng;
use rand::rngs::SysRng;
use seeker_sim::check::{self, CheckReport, OutputFormat, TextStyle, write_report};
use seeker_sim::cli::{
    CheckArgs, Cli, Command, CompareArgs, GenerateArgs, ManArgs, ManPage, ReportCommand, RunArgs, ScenarioCommand, SchemaArgs,
    ServeArgs, StatsArgs,
};
use seeker_sim::exit::ExitCode;
use seeker_sim::generate::{self, GenerateError, Output, OutputError};
use seeker_sim::scenario::{self, Scenario, ScenarioError, ScenarioSource};
use seeker_sim::schema_files::{self, SchemaFilesError};
use seeker_sim::stats::{self, write_stats};
use seeker_sim::{
    JUnitFile, NamedReport, Report, ReportFile, ReportPath, RunError, RunPlan, Showing, TargetAddress, TargetError, compare,
    merge, one_line, read_report, serve,
};
use tracing_subscriber::EnvFilter;

fn main() -> std::process::ExitCode {
    // RUST_LOG=debug shows what the libraries below have to say. What h2 says below warnings quotes frames, and so what a target sends.
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::ERROR.into()).from_env_lossy();
    let filter = filter.add_directive("h2=warn".parse().expect("it is a directive"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).init();
    let command = Cli::parse().command;
    ExitCode::of(AssertUnwindSafe(|| do_command(command))).into()
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
        Command::Completions(args) => {
            let _ = print(&args.script());
            ExitCode::Success
        }
        Command::Man(args) => man(&args),
    }
}

fn run(args: RunArgs) -> ExitCode {
    let (report_paths, junit_path) = (args.reports.clone(), args.thresholds.junit.clone());
    if report_paths.iter().any(|report_path| Some(report_path.path()) == junit_path.as_deref()) {
        return fail("--report and --junit name the same file; name another for one of them", ExitCode::BadInput);
    }
    let mut paths = report_paths.iter().map(ReportPath::path);
    while let Some(path) = paths.next() {
        if paths.clone().any(|other| other == path) {
            let line = format_args!("--report {} is given twice; leave one of them out", path.display());
            return fail(line, ExitCode::BadInput);
        }
    }
    let seed = match args.seed {
        Some(seed) => seed,
        // Short enough to be typed again.
        None => match SysRng.try_next_u32() {
            Ok(seed) => seed.into(),
            Err(error) => return fail(format_args!("failed to draw a seed: {error}"), ExitCode::Internal),
        },
    };
    let scenario = match read_scenario(&args.scenario) {
        Ok(scenario) => scenario,
        Err(code) => return code,
    };
    let plan: RunPlan = args.plan(scenario, seed);
    let report_files = match report_paths.iter().map(ReportFile::create).collect::<Result<Vec<_>, _>>() {
        Ok(report_files) => report_files,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    let junit_file = match junit_path.as_deref().map(JUnitFile::create).transpose() {
        Ok(junit_file) => junit_file,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    for warning in plan.warnings() {
        let _ = writeln!(io::stderr(), "seeker-sim: warning: {warning}");
    }
    let live_windows: Vec<_> = report_files.iter().filter_map(ReportFile::live).collect();
    let ended = if plan.find_capacity {
        seeker_sim::find_capacity(&plan, &live_windows, |trial| {
            if plan.showing != Showing::Nothing {
                // A closed standard error is no reason to end the search.
                let _ = writeln!(io::stderr(), "{trial}");
            }
        })
    } else {
        seeker_sim::run(&plan, live_windows)
    };
    let report = match ended {
        Ok(report) => report,
        Err(error) => return failed_run(&error),
    };
    // Whoever read the summary may have gone; the report and the exit code are still theirs.
    let summary = report.summary();
    let say = |text: fmt::Arguments<'_>| {
        let _ = if plan.target == Some(TargetAddress::StandardOutput) { write!(io::stderr(), "{text}") } else { print(&text) };
    };
    say(format_args!("{summary}"));
    write_files(&report, report_files, junit_file, say)
}

/// Writes a report to the files that were asked for, and says which were written; the exit code is that of its outcome.
fn write_files(
    report: &Report,
    report_files: Vec<ReportFile>,
    junit_file: Option<JUnitFile>,
    mut say: impl FnMut(fmt::Arguments<'_>),
) -> ExitCode {
    let mut code = report.outcome.into();
    let mut paths = Vec::new();
    // One that cannot be written is no reason to lose the others.
    for report_file in report_files {
        let path = report_file.path().display().to_string();
        match report_file.write(report) {
            Ok(()) => paths.push(path),
            Err(error) => code = fail(one_line(&error), ExitCode::Internal),
        }
    }
    if let Some(junit_file) = junit_file {
        let path = junit_file.path().display().to_string();
        match junit_file.write(report) {
            Ok(()) => paths.push(path),
            Err(error) => code = fail(one_line(&error), ExitCode::Internal),
        }
    }
    if !paths.is_empty() {
        say(format_args!("\n  written to    {}\n", paths.join(", ")));
    }
    code
}

fn receive(args: &ServeArgs) -> ExitCode {
    let served = serve(args.config(), |url| {
        let _ = print(&format_args!(
            "listening on {url}: POST /clientEvents and /clientEvents:batch, GET /summary and /healthz; Ctrl-C ends\n"
        ));
    });
    match served {
        Ok(summary) => {
            let json = serde_json::to_string_pretty(&summary).expect("a summary is numbers and names");
            let _ = print(&format_args!("{json}\n"));
            ExitCode::Success
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
            let codes = files.iter().map(|file| match read_scenario(&ScenarioSource::File(file.clone())) {
                Ok(_) => print(&format_args!("{}: sound\n", file.display())).map_or(ExitCode::Success, |()| ExitCode::Success),
                Err(code) => code,
            });
            return codes.fold(ExitCode::Success, |sum, code| if code == ExitCode::Success { sum } else { code });
        }
    };
    // A reader that has seen enough and closed the pipe is no error.
    let _ = print(&text);
    ExitCode::Success
}

/// The scenario, or the exit code once it is told what is wrong with it.
fn read_scenario(source: &ScenarioSource) -> Result<Scenario, ExitCode> {
    source.read().map_err(|error| match error {
        ScenarioError::Unsound(problems) => {
            let _ = writeln!(io::stderr(), "{}", problems.shown(has_colours(&io::stderr())));
            ExitCode::BadInput
        }
        error => fail(one_line(&error), ExitCode::BadInput),
    })
}

fn has_colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn stats(args: &StatsArgs) -> ExitCode {
    let report = stats::stats(&args.plan());
    let mut out = BufWriter::new(io::stdout().lock());
    if let Err(error) = write_stats(&report, args.output, &mut out).and_then(|()| out.flush())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        return fail(format_args!("failed to write the figures: {error}"), ExitCode::Internal);
    }
    for failure in &report.failures {
        fail(failure, ExitCode::BadInput);
    }
    if report.failures.is_empty() { ExitCode::Success } else { ExitCode::BadInput }
}

fn check(args: &CheckArgs) -> ExitCode {
    if let Some(topic) = args.explain {
        let _ = print(&topic.text());
        return ExitCode::Success;
    }
    let plan = match args.plan() {
        Ok(plan) => plan,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    let report = check::check(&plan);
    if let Err(error) = print_check(&report, args.output, args.statistics)
        // A reader that has seen enough and closed the pipe is no error.
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        return fail(format_args!("failed to write the findings: {error}"), ExitCode::Internal);
    }
    for failure in &report.failures {
        fail(one_line(failure), ExitCode::BadInput);
    }
    if !report.failures.is_empty() {
        ExitCode::BadInput
    } else if report.has_findings(args.fail_on.into()) {
        ExitCode::ThresholdMissed
    } else {
        ExitCode::Success
    }
}

fn print_check(report: &CheckReport, format: OutputFormat, with_statistics: bool) -> io::Result<()> {
    let has_colours = has_colours(&io::stdout());
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let mut out = BufWriter::new(io::stdout().lock());
    write_report(report, format, &TextStyle { has_colours, width }, with_statistics, &mut out)?;
    out.flush()
}

fn report(command: ReportCommand) -> ExitCode {
    match command {
        ReportCommand::Show { file, output } => match read_report(file) {
            Ok(NamedReport { report, .. }) => print_whole(|out| output.write(&report, out), ExitCode::Success),
            Err(error) => fail(one_line(&error), ExitCode::BadInput),
        },
        ReportCommand::Compare(args) => compare_reports(&args),
        ReportCommand::Merge { files, reports, junit, parts } => {
            merge_reports(files, &reports, junit.as_deref(), parts.map(NonZeroUsize::get))
        }
    }
}

fn compare_reports(args: &CompareArgs) -> ExitCode {
    let read = |paths: Vec<PathBuf>| paths.into_iter().map(read_report).collect::<Result<Vec<_>, _>>();
    let (before, after) = args.reports();
    let (before, after) = match read(before).and_then(|before| Ok((before, read(after)?))) {
        Ok(reports) => reports,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    match compare(&before, &after, &args.options()) {
        Ok(comparison) => print_whole(|out| args.output.write(&comparison, out), comparison.verdict.into()),
        Err(error) => fail(one_line(&error), ExitCode::BadInput),
    }
}

/// Writes something long to standard output; the exit code, unless that fails.
fn print_whole(write: impl FnOnce(&mut BufWriter<io::StdoutLock<'_>>) -> io::Result<()>, code: ExitCode) -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        // A reader that has seen enough and closed the pipe is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            fail(format_args!("failed to write the report: {error}"), ExitCode::Internal)
        }
        _ => code,
    }
}

fn merge_reports(files: Vec<PathBuf>, outputs: &[ReportPath], junit: Option<&Path>, parts: Option<usize>) -> ExitCode {
    let mut written = outputs.iter().map(ReportPath::path).chain(junit);
    if let Some(path) = written.find(|path| files.iter().any(|file| is_same_file(file, path))) {
        let line =
            format_args!("{} is to be merged, and would be overwritten; name another for the report of all", path.display());
        return fail(line, ExitCode::BadInput);
    }
    if outputs.iter().any(|output| Some(output.path()) == junit) {
        return fail("--report and --junit name the same file; name another for one of them", ExitCode::BadInput);
    }
    let reports = match files.into_iter().map(read_report).collect::<Result<Vec<_>, _>>() {
        Ok(reports) => reports,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    let merged = match merge(&reports, parts) {
        Ok(merged) => merged,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    let report_files = match outputs.iter().map(ReportFile::create_at_once).collect::<Result<Vec<_>, _>>() {
        Ok(report_files) => report_files,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    let junit_file = match junit.map(JUnitFile::create).transpose() {
        Ok(junit_file) => junit_file,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    for warning in &merged.warnings {
        let _ = writeln!(io::stderr(), "seeker-sim: warning: {warning}");
    }
    // Whoever read the summary may have gone; the report and the exit code are still theirs.
    let _ = print(&merged.report.summary());
    write_files(&merged.report, report_files, junit_file, |text| {
        let _ = print(&text);
    })
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}

fn schema(args: &SchemaArgs) -> ExitCode {
    let names = schema_files::selected(args.role, args.dialect);
    let Some(folder) = &args.out else {
        let role = args.role.unwrap_or(Role::Types);
        let dialect = args.dialect.unwrap_or(Dialect::Draft202012);
        let Some(name) = SchemaName::new(role, dialect) else {
            return fail(SchemaFilesError::NoSuchSchema, ExitCode::BadInput);
        };
        // A reader that has seen enough and closed the pipe is no error.
        let _ = print(&schema_text(name));
        return ExitCode::Success;
    };
    match names.and_then(|names| schema_files::write(&names, folder, args.force)) {
        Ok(paths) => {
            for path in paths {
                let _ = print(&format_args!("{}\n", path.display()));
            }
            ExitCode::Success
        }
        Err(error) => fail(one_line(&error), ExitCode::BadInput),
    }
}

fn man(args: &ManArgs) -> ExitCode {
    let pages = ManPage::all();
    let Some(folder) = &args.out else {
        // A reader that has seen enough and closed the pipe is no error.
        let _ = print(&pages[0].text);
        return ExitCode::Success;
    };
    for page in pages {
        match page.write(folder) {
            Ok(path) => {
                let _ = print(&format_args!("{}\n", path.display()));
            }
            Err(error) => return fail(one_line(&error), ExitCode::BadInput),
        }
    }
    ExitCode::Success
}

fn failed_run(error: &RunError) -> ExitCode {
    let line = one_line(error);
    match error {
        RunError::Plan(_) | RunError::TooFewFiles(_) | RunError::Metrics(_) | RunError::Target(TargetError::Path(_)) => {
            fail(line, ExitCode::BadInput)
        }
        RunError::Target(TargetError::Endpoint(_)) => fail(format_args!("--target: failed to {line}"), ExitCode::BadInput),
        RunError::Target(TargetError::Search(_)) => fail(format_args!("--search: failed to {line}"), ExitCode::BadInput),
        RunError::Target(TargetError::Trust(_) | TargetError::Token(_) | TargetError::Lines { .. }) => {
            fail(format_args!("failed to {line}"), ExitCode::BadInput)
        }
        RunError::Aborted => fail(format_args!("failed to {line}"), ExitCode::Interrupted),
        RunError::Model(_) | RunError::Target(TargetError::Receiver(_)) | RunError::Signals(_) | RunError::Account(_) => {
            fail(format_args!("failed to {line}"), ExitCode::Internal)
        }
    }
}

fn print(text: &dyn fmt::Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "{text}")?;
    out.flush()
}

/// Tells in one line what went wrong.
fn fail(line: impl fmt::Display, code: ExitCode) -> ExitCode {
    // Where standard error is closed, the exit code has to do.
    let _ = writeln!(io::stderr(), "seeker-sim: {line}");
    code
}
