//! The file that a report is written to. It is made sure of before the run; it holds either what it held before or the whole report,
//! never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use crate::report::Report;

/// A place for a report that is known to be writable.
#[derive(Debug)]
pub struct ReportFile {
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// Written beside its place, then moved there.
    Replaced { draft: NamedTempFile, place: PathBuf },
    /// Something that is no regular file, such as a pipe or a terminal, and cannot be replaced.
    Direct(File),
}

/// A report that cannot be written where it should be.
#[derive(Debug, Error)]
pub enum ReportFileError {
    /// The folder does not exist.
    #[error("--report {}: the folder {} does not exist; create it, or name another", .path.display(), .folder.display())]
    NoFolder {
        /// The report.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// The path is a folder.
    #[error("--report {}: this is a folder; name a file in it", .0.display())]
    IsFolder(PathBuf),
    /// The operating system refused.
    #[error("--report {}: the report cannot be written", .path.display())]
    Io {
        /// The report.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl ReportFile {
    /// Makes sure that the report can be written there, without changing what is there now.
    ///
    /// # Errors
    ///
    /// [`ReportFileError`] says why it cannot.
    pub fn create(path: &Path) -> Result<Self, ReportFileError> {
        let failed = |source| ReportFileError::Io { path: path.to_owned(), source };
        let metadata = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Err(ReportFileError::IsFolder(path.to_owned())),
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let target = match metadata {
            Some(metadata) if !metadata.is_file() => Target::Direct(OpenOptions::new().write(true).open(path).map_err(failed)?),
            // Behind a symbolic link lies the file that is meant.
            Some(_) => draft_beside(fs::canonicalize(path).map_err(failed)?).map_err(failed)?,
            None => {
                let folder = folder_of(path);
                if !folder.is_dir() {
                    return Err(ReportFileError::NoFolder { path: path.to_owned(), folder: folder.to_owned() });
                }
                draft_beside(path.to_owned()).map_err(failed)?
            }
        };
        Ok(Self { path: path.to_owned(), target })
    }

    /// Writes the report as JSON.
    ///
    /// # Errors
    ///
    /// [`ReportFileError::Io`] when the disk is full, for example; what was there before is still there then.
    pub fn write(self, report: &Report) -> Result<(), ReportFileError> {
        let path = self.path;
        let failed = |source| ReportFileError::Io { path: path.clone(), source };
        let mut json = serde_json::to_vec_pretty(report).map_err(|error| failed(error.into()))?;
        json.push(b'\n');
        match self.target {
            Target::Direct(mut file) => file.write_all(&json).map_err(failed),
            Target::Replaced { mut draft, place } => {
                draft.write_all(&json).map_err(failed)?;
                draft.as_file().sync_all().map_err(failed)?;
                draft.persist(place).map(drop).map_err(|error| failed(error.error))
            }
        }
    }
}

fn draft_beside(place: PathBuf) -> io::Result<Target> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".seeker-sim-report-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Drafts are private by default; a report is to be read by whom the umask allows.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let draft = builder.tempfile_in(folder_of(&place))?;
    Ok(Target::Replaced { draft, place })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::{Heading, unreachable};

    fn report() -> Report {
        unreachable(Heading { target: "t".to_owned(), seed: 1, speed: 1.0 }, "r".to_owned())
    }

    #[test]
    fn a_report_replaces_what_was_there_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        for _ in 0..2 {
            ReportFile::create(&path).unwrap().write(&report()).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            assert_eq!(json["outcome"], "target_unreachable");
        }
        fs::write(&path, "as before").unwrap();
        drop(ReportFile::create(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "as before");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn places_that_cannot_be_written_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let missing = ReportFile::create(&folder.path().join("missing/run.json")).unwrap_err();
        assert!(matches!(missing, ReportFileError::NoFolder { .. }), "{missing}");
        let itself = ReportFile::create(folder.path()).unwrap_err();
        assert!(matches!(itself, ReportFileError::IsFolder(_)), "{itself}");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let below_file = ReportFile::create(&file.join("run.json")).unwrap_err();
        assert!(matches!(below_file, ReportFileError::Io { .. }), "{below_file}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        ReportFile::create(&link).unwrap().write(&report()).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(!fs::read(&file).unwrap().is_empty());
        ReportFile::create(Path::new("/dev/null")).unwrap().write(&report()).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
