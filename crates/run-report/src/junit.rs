//! The thresholds of a run as `JUnit` XML for CI services: one test per threshold, one for the run itself, and one for each part
//! of a merged run. The test of the run fails if
//! the run has no valid figures, so that such a run does not look like a pass.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use atomic_output::atomic_file::{AtomicFile, AtomicFileError};
use quick_junit::{NonSuccessKind, Report as JUnitReport, TestCase, TestCaseStatus, TestSuite};

use crate::thresholds::JudgedThreshold;
use crate::{Outcome, Part, Report};

/// A writable destination of `JUnit` XML.
#[derive(Debug)]
pub struct JUnitFile(AtomicFile);

impl JUnitFile {
    /// Checks that the file can be written, without changing an existing file.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError`] if the path is not writable.
    pub fn create(path: &Path) -> Result<Self, AtomicFileError> {
        AtomicFile::create("--junit", path).map(Self)
    }

    /// Like [`create`](Self::create), for a part of a run: the file must not exist.
    ///
    /// # Errors
    ///
    /// Also [`AtomicFileError::Exists`].
    pub fn create_part(path: &Path) -> Result<Self, AtomicFileError> {
        AtomicFile::create_new("--junit", path).map(Self)
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Whether the destination is a pipe, a terminal or another device.
    pub fn is_pipe(&self) -> bool {
        self.0.is_pipe()
    }

    /// Writes the thresholds of the report.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Io`], for example if the disk is full. An existing file then stays unchanged.
    pub fn write(mut self, report: &Report) -> Result<(), AtomicFileError> {
        let written = text(report).and_then(|text| self.0.write_all(text.as_bytes()));
        written.map_err(|source| self.0.failed(source))?;
        self.0.finish()
    }
}

/// Returns the thresholds of the report as XML.
///
/// # Errors
///
/// The document cannot be written.
pub fn text(report: &Report) -> io::Result<String> {
    junit(report).to_string().map_err(io::Error::other)
}

fn junit(report: &Report) -> JUnitReport {
    let mut suite = TestSuite::new(format!("seeker-sim run to {}", report.target));
    suite.set_time(Duration::try_from_secs_f64(report.duration_s).unwrap_or_default());
    suite.add_property(("seed".to_owned(), report.seed.to_string()));
    suite.add_test_case(run(report));
    suite.add_test_cases(report.parts.iter().map(part));
    suite.add_test_cases(report.thresholds.iter().map(|judged| threshold(judged, report)));
    let mut junit = JUnitReport::new("seeker-sim");
    junit.add_test_suite(suite);
    junit
}

/// The test that the run has figures to judge.
fn run(report: &Report) -> TestCase {
    let status = match report.outcome {
        Outcome::Passed | Outcome::ThresholdMissed => TestCaseStatus::success(),
        Outcome::NotTrustworthy | Outcome::TargetUnreachable | Outcome::Interrupted => error(report.outcome, &report.reasons),
    };
    let mut case = TestCase::new("the run can be trusted", status);
    case.set_classname("seeker-sim.run");
    case
}

/// The test that a part of a merged run has figures to judge. Thresholds are judged on the whole.
fn part(part: &Part) -> TestCase {
    let status = if part.outcome.describes_target() { TestCaseStatus::success() } else { error(part.outcome, &part.reasons) };
    let mut case = TestCase::new(format!("{} can be trusted", part.label()), status);
    case.set_classname("seeker-sim.part");
    case.set_system_out(format!(
        "{}: {} planned, {} sent, {} acknowledged",
        part.outcome.name(),
        part.events.planned,
        part.events.sent(),
        part.events.acknowledged
    ));
    case
}

fn error(outcome: Outcome, reasons: &[String]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(outcome.name()).set_message(reasons.join("; "));
    status
}

fn threshold(judged: &JudgedThreshold, report: &Report) -> TestCase {
    let status = match (judged.passed, judged.lack()) {
        (Some(true), _) => TestCaseStatus::success(),
        (Some(false), _) => failure(judged.reason().unwrap_or_default()),
        // In a trusted run that was not ended early, a threshold without a value counts as missed.
        (None, Some(lack)) if report.outcome == Outcome::ThresholdMissed && report.aborted_after_s.is_none() => failure(lack),
        (None, _) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(match report.aborted_after_s {
                Some(seconds) => format!("not judged: the run stopped after {seconds} s"),
                None => format!("not judged: the outcome of the run is {}", report.outcome.name()),
            });
            status
        }
    };
    let mut case = TestCase::new(judged.threshold.to_string(), status);
    case.set_classname("seeker-sim.threshold");
    case
}

fn failure(reason: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(Outcome::ThresholdMissed.name()).set_message(reason);
    status
}
