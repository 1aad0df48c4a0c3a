//! Writes results to standard output and errors to standard error, and returns the exit code.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use atomic_output::atomic_file::AtomicFileError;
use run_report::Report;
use run_report::event_log::EventLogThread;
use run_report::file::ReportFile;
use run_report::junit::JUnitFile;
use terminal_escape::one_line;

use crate::exit::ExitCode;

/// Writes a text to standard output. Returns the given exit code, unless the write fails.
pub(super) fn print(text: &dyn fmt::Display, code: ExitCode) -> ExitCode {
    print_whole(|out| write!(out, "{text}"), code)
}

/// Like [`print`], with a function that writes the text.
pub(super) fn print_whole(write: impl FnOnce(&mut BufWriter<io::StdoutLock<'_>>) -> io::Result<()>, code: ExitCode) -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write(&mut out).and_then(|()| out.flush());
    written.map_or_else(|error| cannot_print(&error, code), |()| code)
}

/// Like [`print`], but on standard error if standard output has a report or events.
pub(super) fn print_beside(is_occupied: bool, text: &dyn fmt::Display, code: ExitCode) -> ExitCode {
    if !is_occupied {
        return print(text, code);
    }
    // If standard error is closed, the report and the exit code still show the result.
    let _ = write!(io::stderr(), "{text}");
    code
}

/// The exit code when standard output cannot be written, as on a full disk.
fn cannot_print(error: &io::Error, code: ExitCode) -> ExitCode {
    // A reader that closes the pipe early is not an error.
    if error.kind() == io::ErrorKind::BrokenPipe {
        return code;
    }
    let failed = fail(format_args!("failed to write to standard output: {error}"), ExitCode::Internal);
    // A closed terminal sends a signal and also makes the write fail; the signal counts.
    if code == ExitCode::Interrupted { code } else { failed }
}

/// Prints an error in one line.
pub(super) fn fail(line: impl fmt::Display, code: ExitCode) -> ExitCode {
    // If standard error is closed, the exit code still shows the error.
    let _ = writeln!(io::stderr(), "seeker-sim: {line}");
    code
}

/// Whether a stream is a terminal that may show colours.
pub(super) fn has_colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Reports that signals cannot be caught.
pub(super) fn no_signals(error: &io::Error) -> ExitCode {
    fail(format_args!("failed to wait for signals: {error}"), ExitCode::Internal)
}

/// Prints help to standard output, or the error of the command line to standard error.
pub(super) fn print_usage(error: &clap::Error) -> ExitCode {
    let is_help = !error.use_stderr();
    match error.print() {
        Err(error) if is_help => cannot_print(&error, ExitCode::Success),
        _ if is_help => ExitCode::Success,
        _ => ExitCode::BadInput,
    }
}

/// Writes a report to the requested files. Called before the summary is printed, because standard output may block. Returns the end of
/// the summary, and the exit code of the outcome.
pub(super) fn write_files(
    report: &Report,
    report_files: Vec<ReportFile>,
    junit_file: Option<JUnitFile>,
    event_log: Option<EventLogThread>,
) -> (String, ExitCode) {
    type Writing<'a> = Box<dyn FnOnce() -> Result<(), AtomicFileError> + 'a>;
    let reports = report_files.into_iter().map(|file| {
        let (is_pipe, path) = (file.is_pipe(), file.path().to_owned());
        (is_pipe, path, Box::new(move || file.write(report)) as Writing<'_>)
    });
    let junit = junit_file.map(|file| {
        let (is_pipe, path) = (file.is_pipe(), file.path().to_owned());
        (is_pipe, path, Box::new(move || file.write(report)) as Writing<'_>)
    });
    let event_log = event_log.map(|file| {
        let (is_pipe, path) = (file.is_pipe(), file.path().to_owned());
        (is_pipe, path, Box::new(move || file.finish()) as Writing<'_>)
    });
    let mut files: Vec<_> = reports.chain(junit).chain(event_log).collect();
    // Pipes come last, because their readers may block.
    files.sort_by_key(|(is_pipe, ..)| *is_pipe);
    let (mut code, mut paths) = (report.outcome.into(), Vec::new());
    for (_, path, write) in files {
        // If one file cannot be written, the others are still written.
        match write() {
            Ok(()) if path == Path::new("-") => {}
            Ok(()) => paths.push(path.display().to_string()),
            Err(error) => code = fail(one_line(&error), ExitCode::Internal),
        }
    }
    let written = if paths.is_empty() { String::new() } else { format!("\n  written to    {}\n", paths.join(", ")) };
    (written, code)
}
