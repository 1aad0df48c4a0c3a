//! The files of a run: their names, and the checks before the run starts.

use std::path::{Path, PathBuf};

use run_report::event_log::EventLog;
use run_report::file::{ReportFile, ReportPath, has_shard_placeholder, path_of_shard};
use run_report::junit::JUnitFile;
use seeker_run::{RunPlan, TargetAddress};
use terminal_escape::one_line;

use super::output::fail;
use crate::cli::OutputArgs;
use crate::exit::ExitCode;

/// The requested reports of a run.
pub(super) struct ReportPaths {
    reports: Vec<ReportPath>,
    junit: Option<PathBuf>,
    event_log: Option<PathBuf>,
}

/// The writable files of a run.
pub(super) struct RunFiles {
    pub(super) reports: Vec<ReportFile>,
    pub(super) junit: Option<JUnitFile>,
    pub(super) event_log: Option<EventLog>,
    /// Whether standard output is for a report or for events, and not for the summary.
    pub(super) uses_standard_output: bool,
}

impl ReportPaths {
    /// Reads the names of the reports, with the number of the part in place of `{shard}`. Prints an error and returns its exit code.
    pub(super) fn of(output: &OutputArgs, part: Option<u64>) -> Result<Self, ExitCode> {
        let (mut reports, mut junit, mut event_log) = (output.reports.clone(), output.junit.clone(), output.event_log.clone());
        if let Some(part) = part {
            reports = reports.iter().map(|path| path.of_shard(part)).collect();
            junit = junit.map(|path| path_of_shard(&path, part));
            event_log = event_log.map(|path| path_of_shard(&path, part));
        } else if let Some(path) = reports
            .iter()
            .map(ReportPath::path)
            .chain(junit.as_deref())
            .chain(event_log.as_deref())
            .find(|path| has_shard_placeholder(path))
        {
            let line = format_args!(
                "{}: {{shard}} is the number of the shard, but there is no --shard; pass --shard, or choose another name",
                path.display()
            );
            return Err(fail(line, ExitCode::BadInput));
        }
        if reports.iter().any(|report_path| Some(report_path.path()) == junit.as_deref()) {
            return Err(fail("--report and --junit name the same file; choose another file for one of them", ExitCode::BadInput));
        }
        if event_log.as_deref() == Some(Path::new("-")) {
            return Err(fail("--event-log -: expected the name of a file, such as events.csv", ExitCode::BadInput));
        }
        if let Some(path) = &event_log
            && reports.iter().map(ReportPath::path).chain(junit.as_deref()).any(|other| other == path)
        {
            let line = format_args!("--event-log {} names the file of a report; choose another file", path.display());
            return Err(fail(line, ExitCode::BadInput));
        }
        let mut paths = reports.iter().map(ReportPath::path);
        while let Some(path) = paths.next() {
            if paths.clone().any(|other| other == path) {
                let line = format_args!("--report {} is given twice; leave one of them out", path.display());
                return Err(fail(line, ExitCode::BadInput));
            }
        }
        Ok(Self { reports, junit, event_log })
    }

    /// Checks that the files can be written. The files of a part must not exist.
    pub(super) fn create(&self, plan: &RunPlan) -> Result<RunFiles, ExitCode> {
        let is_report = self.reports.iter().any(ReportPath::is_standard_output);
        let is_target = plan.target.as_ref().is_some_and(TargetAddress::is_standard_output);
        if is_report && is_target {
            return Err(fail(
                "--report - and --target - both use standard output; name a file for one of them",
                ExitCode::BadInput,
            ));
        }
        let is_part = plan.shard.is_some();
        let create_report = if is_part { ReportFile::create_part } else { ReportFile::create };
        let create_junit = if is_part { JUnitFile::create_part } else { JUnitFile::create };
        let reports = self.reports.iter().map(create_report).collect::<Result<Vec<_>, _>>();
        let reports = reports.map_err(|error| fail(one_line(&error), ExitCode::BadInput))?;
        let junit = self.junit.as_deref().map(create_junit).transpose();
        let junit = junit.map_err(|error| fail(one_line(&error), ExitCode::BadInput))?;
        let create_event_log = if is_part { EventLog::create_part } else { EventLog::create };
        let event_log = self.event_log.as_deref().map(create_event_log).transpose();
        let event_log = event_log.map_err(|error| fail(one_line(&error), ExitCode::BadInput))?;
        Ok(RunFiles { reports, junit, event_log, uses_standard_output: is_report || is_target })
    }
}
