//! The file that a report is written to, as JSON and as a whole.

use std::io::Write;
use std::path::Path;

use crate::report::Report;
use crate::whole_file::{WholeFile, WholeFileError};

/// A place for a report that is known to be writable.
#[derive(Debug)]
pub struct ReportFile(WholeFile);

impl ReportFile {
    /// Makes sure that the report can be written there, without changing what is there now.
    ///
    /// # Errors
    ///
    /// [`WholeFileError`] says why it cannot.
    pub fn create(path: &Path) -> Result<Self, WholeFileError> {
        WholeFile::create("--report", path).map(Self)
    }

    /// Writes the report as JSON.
    ///
    /// # Errors
    ///
    /// [`WholeFileError::Io`] when the disk is full, for example; what was there before is still there then.
    pub fn write(mut self, report: &Report) -> Result<(), WholeFileError> {
        let written =
            serde_json::to_writer_pretty(&mut self.0, report).map_err(Into::into).and_then(|()| self.0.write_all(b"\n"));
        written.map_err(|source| self.0.failed(source))?;
        self.0.finish()
    }
}
