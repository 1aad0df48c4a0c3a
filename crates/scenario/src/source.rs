//! The source of a scenario: a built-in scenario by its name, or a file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

use crate::{READY, ReadyScenario, Scenario, ScenarioProblems, read};

/// The maximum size of a file: far more than any scenario needs.
const BYTES_MAX: u64 = 1 << 20;

/// A built-in scenario or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioSource {
    /// Built into the program.
    Ready(ReadyScenario),
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
    NoSuch(PathBuf),
    /// The file is too long.
    #[error("{} has more than {BYTES_MAX} bytes; expected a scenario in TOML", .0.display())]
    TooLong(PathBuf),
    /// The file has problems.
    #[error(transparent)]
    Unsound(#[from] ScenarioProblems),
}

impl ScenarioSource {
    /// Reads the scenario.
    ///
    /// # Errors
    ///
    /// [`ScenarioError`] when there is no such file, or it has problems.
    pub fn read(&self) -> Result<Scenario, ScenarioError> {
        let path = match self {
            Self::Ready(ready) => return Ok(ready.scenario()),
            Self::File(path) => path,
        };
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => ScenarioError::NoSuch(path.clone()),
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
    READY.map(|ready| ready.name).join(", ")
}

impl Default for ScenarioSource {
    fn default() -> Self {
        Self::Ready(READY[0])
    }
}

impl FromStr for ScenarioSource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(ReadyScenario::named(text).map_or_else(|| Self::File(text.into()), Self::Ready))
    }
}

impl fmt::Display for ScenarioSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(ready) => f.pad(ready.name),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
