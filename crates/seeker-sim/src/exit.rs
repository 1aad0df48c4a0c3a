//! How the program ends: the exit codes, which are stable.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | the run passed; `check` found nothing; or what was asked for was done |
//! | 1 | the run missed a threshold; or `check` has findings that are at least as grave as `--fail-on` says; or `report compare` a regression |
//! | 2 | bad input: an option, a file, an address; nothing was started. `check` goes on with the other files and tells its findings |
//! | 3 | the run is not trustworthy: its figures describe the generator, not the target, or an actor panicked; or `report compare` has runs that do not tell of their target |
//! | 4 | the target could not be reached; no seeker was started |
//! | 5 | internal error, or output that cannot be written |
//! | 130 | interrupted by SIGINT, SIGTERM or SIGHUP |

use std::io::{self, Write};
use std::panic::{UnwindSafe, catch_unwind};

use run_report::Outcome;
use run_report::compare::CompareVerdict;

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// What was asked for was done.
    Success = 0,
    /// A threshold was missed, a rule broken, or something got worse.
    ThresholdMissed = 1,
    /// Something that was given cannot be used.
    BadInput = 2,
    /// The generator was the limit.
    NotTrustworthy = 3,
    /// Nobody listens, or not as expected.
    TargetUnreachable = 4,
    /// A mistake of ours, or a machine that fails us.
    Internal = 5,
    /// A signal asked to end.
    Interrupted = 130,
}

impl ExitCode {
    /// All exit codes.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::ThresholdMissed,
        Self::BadInput,
        Self::NotTrustworthy,
        Self::TargetUnreachable,
        Self::Internal,
        Self::Interrupted,
    ];

    /// Returns the meaning of the code for each command that has it.
    pub const fn meanings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Success => &[
                ("run", "The run passed."),
                ("check", "No violation at or above `--fail-on`."),
                ("report compare", "No regression."),
                ("every other command", "The command did what you asked for."),
            ],
            Self::ThresholdMissed => &[
                ("run", "The run missed a threshold."),
                ("check", "There are violations at or above `--fail-on`."),
                ("report compare", "There is a regression."),
            ],
            Self::BadInput => &[
                ("every command", "An option, a file or an address cannot be used. Nothing was started."),
                ("check, stats", "An input cannot be read completely. The command still reads the other inputs."),
            ],
            Self::NotTrustworthy => &[
                ("run", "The run is not trustworthy: the generator was the bottleneck, or an actor panicked."),
                ("report merge", "A part is missing or not trustworthy."),
                (
                    "report compare",
                    "The runs are not comparable: one was interrupted, not trustworthy, or did not reach its target.",
                ),
            ],
            Self::TargetUnreachable => &[("run", "The target cannot be reached. No seeker was started.")],
            Self::Internal => &[("every command", "An internal error, or output that cannot be written.")],
            Self::Interrupted => &[("run", "SIGINT, SIGTERM or SIGHUP ended the run.")],
        }
    }

    /// The code that this ends with; a panic, which was told when it came, is an internal error.
    pub fn of(program: impl FnOnce() -> Self + UnwindSafe) -> Self {
        catch_unwind(program).unwrap_or_else(|_| {
            // Where standard error is closed, the exit code has to do.
            let _ =
                writeln!(io::stderr(), "seeker-sim: this is a mistake in the program; please report it with what is told above");
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
        assert_eq!(ExitCode::of(|| panic!("to see what becomes of it")), ExitCode::Internal);
    }
}
