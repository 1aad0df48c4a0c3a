//! The files of a report. JSON and HTML are written as a whole at the end of the run; CSV is written line by line during the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use atomic_output::atomic_file::{AtomicFile, AtomicFileError};

use crate::form::ReportForm;
use crate::live::LiveWindows;
use crate::{Report, Window};

const OPTION: &str = "--report";

/// The name of standard output.
const STANDARD_OUTPUT: &str = "-";

/// The placeholder in a path for the number of a part of a run.
const SHARD_PLACEHOLDER: &str = "{shard}";

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

    /// Whether the report goes to standard output.
    pub fn is_standard_output(&self) -> bool {
        self.path == Path::new(STANDARD_OUTPUT)
    }

    /// Returns the path of this part of a run: `{shard}` becomes the number of the part.
    #[must_use]
    pub fn of_shard(&self, part: u64) -> Self {
        Self { path: path_of_shard(&self.path, part), form: self.form }
    }
}

/// Returns a path with the number of a part in place of `{shard}`.
pub fn path_of_shard(path: &Path, part: u64) -> PathBuf {
    // A name that is not Unicode has no placeholder.
    path.to_str().map_or_else(|| path.to_owned(), |text| text.replace(SHARD_PLACEHOLDER, &part.to_string()).into())
}

/// Whether a path depends on the part of a run.
pub fn has_shard_placeholder(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains(SHARD_PLACEHOLDER))
}

impl FromStr for ReportPath {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = PathBuf::from(text);
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        let form = match ending.as_deref() {
            _ if text == STANDARD_OUTPUT => ReportForm::Json,
            Some("json") => ReportForm::Json,
            Some("html" | "htm") => ReportForm::Html,
            Some("csv") => ReportForm::Csv,
            _ => {
                return Err(
                    "expected a file with the extension .json (all figures), .html (charts) or .csv (one line per second), or - for JSON on \
                     standard output",
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
        if path == Path::new(STANDARD_OUTPUT) {
            return Ok(Self { form: *form, file: AtomicFile::standard_output(OPTION)?, live: None });
        }
        let file = AtomicFile::create(OPTION, path)?;
        let live = (*form == ReportForm::Csv && is_regular(path)).then(|| LiveWindows::new(path.clone()));
        Ok(Self { form: *form, file, live })
    }

    /// Like [`create`](Self::create), for a part of a run: the file must not exist, and gets its name only when it is complete.
    ///
    /// # Errors
    ///
    /// Also [`AtomicFileError::Exists`].
    pub fn create_part(report_path: &ReportPath) -> Result<Self, AtomicFileError> {
        if report_path.is_standard_output() {
            return Self::create(report_path);
        }
        Ok(Self { form: report_path.form, file: AtomicFile::create_new(OPTION, &report_path.path)?, live: None })
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
        assert_eq!(form("-"), Some(ReportForm::Json));
        for other in ["run", ".json", "run.xml", "run.json.gz", "json", ""] {
            assert_eq!(form(other), None, "{other}");
        }
    }

    #[test]
    fn the_number_of_the_shard_is_part_of_the_path() {
        let path = "{shard}/part-{shard}.json".parse::<ReportPath>().unwrap().of_shard(12);
        assert_eq!(path.path(), Path::new("12/part-12.json"));
        assert!(!has_shard_placeholder(path.path()));
    }
}
