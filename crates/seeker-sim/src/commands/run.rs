//! The command `run`.

use std::io::{self, Write};

use rand::TryRng;
use rand::rngs::SysRng;
use run_report::event_log::EventLog;
use run_report::file::ReportFile;
use run_report::live::LiveFiles;
use seeker_model::Shard;
use seeker_run::{RunError, RunPlan, Signals, StatusDisplay, TargetError, check_start, find_capacity};
use terminal_escape::one_line;

use super::output::{fail, no_signals, print_beside, write_files};
use super::run_files::{ReportPaths, RunFiles};
use super::scenario::read_scenario;
use crate::cli::RunArgs;
use crate::exit::ExitCode;

pub(super) fn run(args: RunArgs) -> ExitCode {
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
        find_capacity(&plan, &live_windows, &signals, |trial| {
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
