//! The exit codes of the program. They are stable.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | the run passed, `check` found nothing, or the command succeeded |
//! | 1 | a threshold was missed, `check` has findings of at least the severity of `--fail-on`, or `report compare` found a regression |
//! | 2 | bad input, such as an option, a file or an address. The command did nothing. `check` checks the other files and reports its findings |
//! | 3 | the run is not trustworthy: the generator was the limit, or an actor panicked. Also if the runs of `report compare` are not comparable |
//! | 4 | the target could not be reached; no seeker was started |
//! | 5 | internal error, or output that cannot be written |
//! | 75 | the time of `--start-at` was over before the run could start; nothing was sent |
//! | 130 | interrupted by SIGINT, SIGTERM or SIGHUP |

use std::io::{self, Write};
use std::panic::{UnwindSafe, catch_unwind};

use run_report::Outcome;
use run_report::compare::CompareVerdict;
use seeker_run::INTERRUPTED_EXIT_CODE;

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// The command succeeded.
    Success = 0,
    /// A threshold was missed, a rule was violated, or a result got worse.
    ThresholdMissed = 1,
    /// An option, a file or an address cannot be used.
    BadInput = 2,
    /// The generator was the limit.
    NotTrustworthy = 3,
    /// The target cannot be reached, or does not support the requested protocol.
    TargetUnreachable = 4,
    /// A bug in the program, or a failure of the machine.
    Internal = 5,
    /// The run was to start at a time that is over.
    TooLate = 75,
    /// A signal requested the end.
    Interrupted = INTERRUPTED_EXIT_CODE,
}

impl ExitCode {
    /// All exit codes.
    pub const ALL: [Self; 8] = [
        Self::Success,
        Self::ThresholdMissed,
        Self::BadInput,
        Self::NotTrustworthy,
        Self::TargetUnreachable,
        Self::Internal,
        Self::TooLate,
        Self::Interrupted,
    ];

    /// Returns the meaning of the code for each command that has it.
    pub const fn meanings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Success => &[
                ("run, report merge", "The run passed."),
                ("check", "No violations at or above `--fail-on`."),
                ("report compare", "No regression."),
                ("every other command", "The command succeeded."),
            ],
            Self::ThresholdMissed => &[
                ("run, report merge", "The run missed a threshold, or the target stopped answering."),
                ("check", "Violations at or above `--fail-on`."),
                ("report compare", "A regression."),
            ],
            Self::BadInput => &[
                ("every command", "An option, a file or an address cannot be used. Nothing was started."),
                (
                    "check, stats",
                    "An input cannot be read completely or has no events. The command still reads the other inputs.",
                ),
                ("schema, man", "A file of `--out` cannot be written."),
            ],
            Self::NotTrustworthy => &[
                (
                    "run",
                    "The run is not trustworthy: the generator was the limit, an actor panicked, or `--check-sent` found a violation.",
                ),
                ("report merge", "A part is not trustworthy, missing, repeated, or did not begin with the others."),
                (
                    "report compare",
                    "The runs are not comparable: a run was interrupted, is not trustworthy or did not reach its target, or too few events \
                     were answered.",
                ),
            ],
            Self::TargetUnreachable => &[("run, report merge", "The target cannot be reached. No seeker was started.")],
            Self::Internal => &[("every command", "An internal error occurred, or output cannot be written.")],
            Self::TooLate => &[(
                "run",
                "The time of `--start-at` was over before the run could start. Nothing was sent, and no report was written.",
            )],
            Self::Interrupted => &[("run, report merge", "SIGINT, SIGTERM or SIGHUP ended the run.")],
        }
    }

    /// Runs the program and returns its exit code. A panic, which was already printed, is an internal error.
    pub fn of(program: impl FnOnce() -> Self + UnwindSafe) -> Self {
        catch_unwind(program).unwrap_or_else(|_| {
            // If standard error is closed, only the exit code reports the panic.
            let _ = writeln!(io::stderr(), "seeker-sim: this is a bug in seeker-sim; please report it with the messages above");
            Self::Internal
        })
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Success,
            Outcome::ThresholdMissed => Self::ThresholdMissed,
            Outcome::NotTrustworthy => Self::NotTrustworthy,
            Outcome::TargetUnreachable => Self::TargetUnreachable,
            Outcome::Interrupted => Self::Interrupted,
        }
    }
}

impl From<CompareVerdict> for ExitCode {
    fn from(verdict: CompareVerdict) -> Self {
        match verdict {
            CompareVerdict::NoRegression => Self::Success,
            CompareVerdict::Regression => Self::ThresholdMissed,
            CompareVerdict::NotComparable => Self::NotTrustworthy,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error() {
        assert_eq!(ExitCode::of(|| ExitCode::NotTrustworthy), ExitCode::NotTrustworthy);
        assert_eq!(ExitCode::of(|| panic!("on purpose")), ExitCode::Internal);
    }
}
