//! The commands of `report`.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use run_report::Report;
use run_report::compare::compare;
use run_report::file::{ReportFile, ReportPath};
use run_report::junit::JUnitFile;
use run_report::merge::{MergeOptions, Merger};
use run_report::read::{NamedReport, read_report};
use terminal_escape::one_line;

use super::output::{fail, print_beside, print_whole, write_files};
use crate::cli::{CompareArgs, MergeArgs, ReportCommand};
use crate::exit::ExitCode;

/// Shows, compares or merges reports.
pub(super) fn report(command: ReportCommand) -> ExitCode {
    match command {
        ReportCommand::Show { file, output } => match read_report(file) {
            Ok(NamedReport { report, .. }) => print_whole(|out| output.write(&report, out), ExitCode::Success),
            Err(error) => fail(one_line(&error), ExitCode::BadInput),
        },
        ReportCommand::Compare(args) => compare_reports(&args),
        ReportCommand::Merge(args) => merge_reports(args),
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

fn merge_reports(args: MergeArgs) -> ExitCode {
    let options = args.options();
    let MergeArgs { files, reports: outputs, junit, .. } = args;
    let files = match files.into_iter().map(with_parts_of_folder).collect::<Result<Vec<_>, _>>() {
        Ok(files) => files.concat(),
        Err(line) => return fail(line, ExitCode::BadInput),
    };
    let mut written = outputs.iter().map(ReportPath::path).chain(junit.as_deref());
    if let Some(path) = written.find(|path| files.iter().any(|file| is_same_file(file, path))) {
        let line = format_args!(
            "{} is an input of the merge and would be overwritten; choose another file for the merged report",
            path.display()
        );
        return fail(line, ExitCode::BadInput);
    }
    if outputs.iter().any(|output| Some(output.path()) == junit.as_deref()) {
        return fail("--report and --junit name the same file; choose another file for one of them", ExitCode::BadInput);
    }
    let merged = match merge_files(files, options) {
        Ok(merged) => merged,
        Err(line) => return fail(line, ExitCode::BadInput),
    };
    let report_files = match outputs.iter().map(ReportFile::create_for_finished).collect::<Result<Vec<_>, _>>() {
        Ok(report_files) => report_files,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    let junit_file = match junit.as_deref().map(JUnitFile::create).transpose() {
        Ok(junit_file) => junit_file,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    for warning in merged.merge.iter().flat_map(|facts| &facts.warnings) {
        let _ = writeln!(io::stderr(), "seeker-sim: warning: {warning}");
    }
    let (written, code) = write_files(&merged, report_files, junit_file, None);
    print_beside(outputs.iter().any(ReportPath::is_standard_output), &format_args!("{}{written}", merged.summary()), code)
}

/// Reads and merges one report after the other, so that the memory does not grow with the number of reports.
fn merge_files(files: Vec<PathBuf>, options: MergeOptions) -> Result<Report, String> {
    let mut merger = Merger::new(options);
    for file in files {
        let report = read_report(file).map_err(|error| one_line(&error))?;
        merger.add(report).map_err(|error| one_line(&error))?;
    }
    merger.finish().map_err(|error| one_line(&error))
}

/// Returns the reports `part-*.json` of a folder, in the order of their names. Returns any other path unchanged.
fn with_parts_of_folder(path: PathBuf) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path]);
    }
    let entries = path.read_dir().and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let is_part = |file: &PathBuf| {
        let name = file.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
        name.starts_with("part-") && file.extension() == Some(OsStr::new("json"))
    };
    let mut parts: Vec<_> = entries.into_iter().map(|entry| entry.path()).filter(is_part).collect();
    parts.sort();
    if parts.is_empty() {
        return Err(format!("{} contains no report named part-*.json; expected the reports of a run", path.display()));
    }
    Ok(parts)
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}
