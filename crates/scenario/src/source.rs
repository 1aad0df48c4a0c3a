//! The source of a scenario: a built-in scenario by its name, or a file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

use crate::{BUILT_IN, BuiltInScenario, Scenario, ScenarioProblems, read};

/// The maximum size of a file: far more than any scenario needs.
const BYTES_MAX: u64 = 1 << 20;

/// A built-in scenario or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioSource {
    /// Built into the program.
    BuiltIn(BuiltInScenario),
    /// A file.
    File(PathBuf),
}

/// The reason why a scenario cannot be run.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("{} cannot be read", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The name is neither a file nor a built-in scenario.
    #[error("{} is neither a file nor a built-in scenario; the built-in scenarios are {}", .0.display(), names())]
    NotFound(PathBuf),
    /// The file is too long.
    #[error("{} has more than {BYTES_MAX} bytes; expected a scenario in TOML", .0.display())]
    TooLong(PathBuf),
    /// The file has problems.
    #[error(transparent)]
    Invalid(#[from] ScenarioProblems),
}

impl ScenarioSource {
    /// Reads the scenario.
    ///
    /// # Errors
    ///
    /// [`ScenarioError`] when there is no such file, or it has problems.
    pub fn read(&self) -> Result<Scenario, ScenarioError> {
        let path = match self {
            Self::BuiltIn(built_in) => return Ok(built_in.scenario()),
            Self::File(path) => path,
        };
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => ScenarioError::NotFound(path.clone()),
            _ => ScenarioError::Io { path: path.clone(), source },
        };
        // A device or a pipe has no known length.
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes)).map_err(failed)?;
        if bytes.len() as u64 > BYTES_MAX {
            return Err(ScenarioError::TooLong(path.clone()));
        }
        let text = String::from_utf8(bytes).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        Ok(read(&text, &path.display().to_string())?)
    }
}

fn names() -> String {
    BUILT_IN.map(|built_in| built_in.name).join(", ")
}

impl Default for ScenarioSource {
    fn default() -> Self {
        Self::BuiltIn(BUILT_IN[0])
    }
}

impl FromStr for ScenarioSource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(BuiltInScenario::named(text).map_or_else(|| Self::File(text.into()), Self::BuiltIn))
    }
}

impl fmt::Display for ScenarioSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(built_in) => f.pad(built_in.name),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
