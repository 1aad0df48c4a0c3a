//! The files of a report. JSON and HTML are written as a whole at the end of the run; CSV is written line by line during the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use atomic_output::atomic_file::{AtomicFile, AtomicFileError};

use crate::form::ReportForm;
use crate::live::LiveWindows;
use crate::{Report, Window};

const OPTION: &str = "--report";

/// The path of a report. The file extension selects the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportPath {
    path: PathBuf,
    form: ReportForm,
}

impl ReportPath {
    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl FromStr for ReportPath {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = PathBuf::from(text);
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        let form = match ending.as_deref() {
            Some("json") => ReportForm::Json,
            Some("html" | "htm") => ReportForm::Html,
            Some("csv") => ReportForm::Csv,
            _ => {
                return Err(
                    "expected a file with the extension .json (all figures), .html (charts) or .csv (one line per second)",
                );
            }
        };
        Ok(Self { path, form })
    }
}

/// A writable destination of a report.
#[derive(Debug)]
pub struct ReportFile {
    form: ReportForm,
    file: AtomicFile,
    /// The lines that are written during the run; `None` for a pipe.
    live: Option<LiveWindows>,
}

impl ReportFile {
    /// Checks that the report can be written to the path, without changing an existing file.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError`] if the path is not writable.
    pub fn create(ReportPath { path, form }: &ReportPath) -> Result<Self, AtomicFileError> {
        let file = AtomicFile::create(OPTION, path)?;
        let live = (*form == ReportForm::Csv && is_regular(path)).then(|| LiveWindows::new(path.clone()));
        Ok(Self { form: *form, file, live })
    }

    /// Like [`create`](Self::create), for a finished report: nothing is written line by line.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError`] if the path is not writable.
    pub fn create_for_finished(path: &ReportPath) -> Result<Self, AtomicFileError> {
        Ok(Self { live: None, ..Self::create(path)? })
    }

    /// Returns the writer for lines during the run, which empties an existing file when it begins.
    pub fn live(&self) -> Option<LiveWindows> {
        self.live.clone()
    }

    /// The path of the report.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Whether the destination is a pipe, a terminal or another device.
    pub fn is_pipe(&self) -> bool {
        self.file.is_pipe()
    }

    /// Writes the report.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Io`], for example if the disk is full. An existing file then stays unchanged.
    pub fn write(mut self, report: &Report) -> Result<(), AtomicFileError> {
        if let Some(live) = &self.live
            && report.windows.iter().any(Window::is_merged)
        {
            // The file has a line for each second; the report keeps fewer windows.
            return live.outcome().map_err(|source| self.file.failed(source));
        }
        let written = self.form.write(report, &mut self.file);
        written.map_err(|source| self.file.failed(source))?;
        self.file.finish()
    }
}

/// Whether the path is a regular file, or will become one.
fn is_regular(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |metadata| metadata.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_form() {
        let form = |name: &str| name.parse().map(|path: ReportPath| path.form).ok();
        assert_eq!(form("a/run.json"), Some(ReportForm::Json));
        assert_eq!(form("run.1.HTML"), Some(ReportForm::Html));
        assert_eq!(form("run.csv"), Some(ReportForm::Csv));
        for other in ["run", ".json", "run.xml", "run.json.gz", "json", ""] {
            assert_eq!(form(other), None, "{other}");
        }
    }
}
