//! The files that a report is written to: JSON and a page as a whole when the run has ended, CSV line by line while it goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use atomic_output::atomic_file::{AtomicFile, AtomicFileError};

use crate::form::ReportForm;
use crate::live::LiveWindows;
use crate::{Report, Window};

const OPTION: &str = "--report";

/// Where a report is to be written, and in which form; the ending of the name says which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportPath {
    path: PathBuf,
    form: ReportForm,
}

impl ReportPath {
    /// Where.
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
            _ => return Err("expected a file whose name ends in .json (all figures), .html (a page) or .csv (a line a second)"),
        };
        Ok(Self { path, form })
    }
}

/// A place for a report that is known to be writable.
#[derive(Debug)]
pub struct ReportFile {
    form: ReportForm,
    file: AtomicFile,
    /// The lines that are written while the run goes on; none into a pipe.
    live: Option<LiveWindows>,
}

impl ReportFile {
    /// Makes sure that the report can be written there, without changing what is there now.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError`] says why it cannot.
    pub fn create(ReportPath { path, form }: &ReportPath) -> Result<Self, AtomicFileError> {
        let file = AtomicFile::create(OPTION, path)?;
        let live = (*form == ReportForm::Csv && is_regular(path)).then(|| LiveWindows::new(path.clone()));
        Ok(Self { form: *form, file, live })
    }

    /// The same for a report that is already there, and of which nothing is written line by line.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError`] says why it cannot be written there.
    pub fn create_at_once(path: &ReportPath) -> Result<Self, AtomicFileError> {
        Ok(Self { live: None, ..Self::create(path)? })
    }

    /// What is to be written while the run goes on; what stood in the file before is gone when it begins.
    pub fn live(&self) -> Option<LiveWindows> {
        self.live.clone()
    }

    /// Where the report goes.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Whether that is a pipe, a terminal or another device.
    pub fn is_pipe(&self) -> bool {
        self.file.is_pipe()
    }

    /// Writes the report.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Io`] when the disk is full, for example; what was there before is still there then.
    pub fn write(mut self, report: &Report) -> Result<(), AtomicFileError> {
        if let Some(live) = &self.live
            && report.windows.iter().any(Window::is_merged)
        {
            // The file has the seconds of which the report keeps less.
            return live.outcome().map_err(|source| self.file.failed(source));
        }
        let written = self.form.write(report, &mut self.file);
        written.map_err(|source| self.file.failed(source))?;
        self.file.finish()
    }
}

/// Whether there is a file, or will be.
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
