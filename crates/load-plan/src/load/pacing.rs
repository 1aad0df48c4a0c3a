//! The distribution of a plan's events over time: the choices of `--pacing`. [`super::points`] implements them.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The distribution of events or arrivals over time. Both choices plan exactly the same total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pacing {
    /// One event in each interval of the plan, at a random time within the interval. At a constant rate, every second has the same count.
    #[default]
    Steady,
    /// A Poisson process with the exact total of each stage: bursts and gaps, as from many independent clients.
    Poisson,
}

/// A text that is not the name of a pacing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected steady or poisson")]
pub struct PacingError;

impl Pacing {
    /// The names of all choices.
    pub const NAMES: [&'static str; 2] = ["steady", "poisson"];

    /// Returns the name on the command line, in scenarios and in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steady => Self::NAMES[0],
            Self::Poisson => Self::NAMES[1],
        }
    }
}

impl fmt::Display for Pacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Pacing {
    type Err = PacingError;

    fn from_str(text: &str) -> Result<Self, PacingError> {
        [Self::Steady, Self::Poisson].into_iter().find(|pacing| pacing.name() == text).ok_or(PacingError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For all names, the pacing has the same name on the command line and in JSON.
    #[test]
    fn names_are_read_back() {
        for name in Pacing::NAMES {
            let pacing: Pacing = name.parse().unwrap();
            assert_eq!(pacing.to_string(), name);
            assert_eq!(serde_json::to_string(&pacing).unwrap(), format!("{name:?}"));
        }
        assert_eq!("Poisson".parse::<Pacing>(), Err(PacingError));
    }
}
