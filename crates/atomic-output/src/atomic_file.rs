//! A file that is written as a whole. The program checks that the file can be written before the work starts. The file holds
//! either its old content or all of the new content, never a part. The draft beside the file is created only with the first
//! write, so a process that is killed during long work leaves nothing behind.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use crate::forced_end::{ForcedEndAction, create_with_action};
use crate::new_name::persist_new;
use crate::standard_output::standard_output;

/// A file that is written as a whole. Dropping it before [`AtomicFile::finish`] discards the written content.
#[derive(Debug)]
pub struct AtomicFile {
    option: &'static str,
    path: PathBuf,
    target: BufWriter<Target>,
}

#[derive(Debug)]
enum Target {
    /// Written to a draft in the same folder, then moved to `place`. The draft is created with the first write. If the file `is_new`, no
    /// other file at `place` is replaced.
    Replaced { draft: Option<Draft>, place: PathBuf, is_new: bool },
    /// A pipe, a terminal or another file that is not regular. It cannot be replaced.
    Direct(File),
}

/// The new content, until it is moved to its place. It is removed when it is dropped, and when the process is forced to end.
#[derive(Debug)]
struct Draft {
    file: NamedTempFile,
    _removal: ForcedEndAction,
}

/// The reason why a file cannot be written.
#[derive(Debug, Error)]
pub enum AtomicFileError {
    /// The folder does not exist.
    #[error("{option} {}: the folder {} does not exist; create it, or use another folder", .path.display(), .folder.display())]
    NoFolder {
        /// The option that names the file.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// The missing folder.
        folder: PathBuf,
    },
    /// The path is a folder, or can only be a folder: it ends in a separator, or in `.` or `..`.
    #[error("{option} {}: this is a folder; expected the name of a file", .path.display())]
    IsFolder {
        /// The option that names the file.
        option: &'static str,
        /// The folder.
        path: PathBuf,
    },
    /// The file exists, and may not be replaced.
    #[error("{option} {}: the file exists and is not replaced; remove it, or choose another name", .path.display())]
    Exists {
        /// The option that names the file.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// Another process has created the file in the meantime. The content is kept in another file.
    #[error("{option} {}: another process created this file in the meantime; the content is in {}", .path.display(), .kept.display())]
    Taken {
        /// The option that names the file.
        option: &'static str,
        /// The file of the other process.
        path: PathBuf,
        /// The file with the content.
        kept: PathBuf,
    },
    /// The operating system returned an error.
    #[error("{option} {}: the file cannot be written", .path.display())]
    Io {
        /// The option that names the file.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

impl AtomicFile {
    /// Returns the path of the file, as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file is a pipe, a terminal or another device instead of a regular file.
    pub fn is_pipe(&self) -> bool {
        matches!(self.target.get_ref(), Target::Direct(_))
    }

    /// Checks that the file can be written, without changing its present content. Errors name the file by `option`.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError`] names the reason why the file cannot be written.
    pub fn create(option: &'static str, path: &Path) -> Result<Self, AtomicFileError> {
        let failed = |source| AtomicFileError::Io { option, path: path.to_owned(), source };
        let metadata = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Err(AtomicFileError::IsFolder { option, path: path.to_owned() }),
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let target = match metadata {
            Some(metadata) if !metadata.is_file() => Target::Direct(OpenOptions::new().write(true).open(path).map_err(failed)?),
            // For a symbolic link, the target of the link is replaced.
            Some(_) => Target::replacing(fs::canonicalize(path).map_err(failed)?).map_err(failed)?,
            None if is_name_of_folder(path) => return Err(AtomicFileError::IsFolder { option, path: path.to_owned() }),
            None => {
                let folder = folder_of(path);
                if !folder.is_dir() {
                    return Err(AtomicFileError::NoFolder { option, path: path.to_owned(), folder: folder.to_owned() });
                }
                Target::replacing(path.to_owned()).map_err(failed)?
            }
        };
        Ok(Self::writing_to(option, path, target))
    }

    /// Like [`create`](Self::create), for a file that must not exist, now or at the end. A pipe or a device may exist.
    ///
    /// # Errors
    ///
    /// Also [`AtomicFileError::Exists`].
    pub fn create_new(option: &'static str, path: &Path) -> Result<Self, AtomicFileError> {
        // A link without a target is in the way too.
        if fs::symlink_metadata(path).is_ok_and(|_| fs::metadata(path).map_or(true, |metadata| metadata.is_file())) {
            return Err(AtomicFileError::Exists { option, path: path.to_owned() });
        }
        let mut file = Self::create(option, path)?;
        if let Target::Replaced { is_new, .. } = file.target.get_mut() {
            *is_new = true;
        }
        Ok(file)
    }

    /// Returns standard output as a file, whose path is `-`.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Io`] if standard output cannot be duplicated.
    pub fn standard_output(option: &'static str) -> Result<Self, AtomicFileError> {
        let path = Path::new("-");
        let file = standard_output().map_err(|source| AtomicFileError::Io { option, path: path.to_owned(), source })?;
        Ok(Self::writing_to(option, path, Target::Direct(file)))
    }

    fn writing_to(option: &'static str, path: &Path, target: Target) -> Self {
        Self { option, path: path.to_owned(), target: BufWriter::with_capacity(BUFFER_BYTES, target) }
    }

    /// Moves the written content to its place.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Io`], for example when the disk is full. The old content is kept then. [`AtomicFileError::Taken`] if a new file
    /// is no longer new.
    pub fn finish(self) -> Result<(), AtomicFileError> {
        let Self { option, path, target } = self;
        let place = || -> io::Result<Option<PathBuf>> {
            match target.into_inner()? {
                Target::Direct(_) => Ok(None),
                Target::Replaced { draft, place, is_new } => {
                    let Draft { file, _removal } = draft.map_or_else(|| Draft::beside(&place), Ok)?;
                    fail_point::stall("file-end");
                    file.as_file().sync_all()?;
                    if is_new {
                        return persist_new(file, &place);
                    }
                    file.persist(place)?;
                    Ok(None)
                }
            }
        };
        match place() {
            Ok(None) => Ok(()),
            Ok(Some(kept)) => Err(AtomicFileError::Taken { option, path, kept }),
            Err(source) => Err(AtomicFileError::Io { option, path, source }),
        }
    }

    /// Converts an error of a write to the error of this file.
    pub fn failed(&self, source: io::Error) -> AtomicFileError {
        AtomicFileError::Io { option: self.option, path: self.path.clone(), source }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.target.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

impl Target {
    /// Creates a target that replaces the file at `place`. Checks that a draft can be created beside it.
    fn replacing(place: PathBuf) -> io::Result<Self> {
        Draft::beside(&place)?.file.close()?;
        Ok(Self::Replaced { draft: None, place, is_new: false })
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Replaced { draft: Some(draft), .. } => draft.file.write(bytes),
            Self::Replaced { draft, place, .. } => draft.insert(Draft::beside(place)?).file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Replaced { draft: Some(draft), .. } => draft.file.flush(),
            Self::Replaced { draft: None, .. } => Ok(()),
            Self::Direct(file) => file.flush(),
        }
    }
}

const BUFFER_BYTES: usize = 64 * 1024;

impl Draft {
    fn beside(place: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".seeker-sim-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Drafts are private by default. The umask decides who can read the file.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let create = || builder.tempfile_in(folder_of(place));
        let (file, removal) = create_with_action(create, |file| {
            let path = file.path().to_owned();
            Box::new(move || {
                // The file may have been moved to its place already.
                let _ = fs::remove_file(path);
            })
        })?;
        Ok(Self { file, _removal: removal })
    }
}

/// Whether the last part of the path can only be a folder. [`Path`] ignores a separator at the end, and `.` after a
/// separator.
fn is_name_of_folder(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    let last = bytes.rsplit(|byte| std::path::is_separator(char::from(*byte))).next();
    matches!(last, Some(b"" | b"." | b".."))
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

    fn create(path: &Path) -> Result<AtomicFile, AtomicFileError> {
        AtomicFile::create("--out", path)
    }

    fn write(path: &Path, text: &str) {
        let mut file = create(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.finish().unwrap();
    }

    #[test]
    fn a_file_replaces_the_old_content_and_leaves_no_draft() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for text in ["first", "second"] {
            write(&path, text);
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        let mut dropped = create(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "there is no draft before there is something to write");
        dropped.write_all(b"third").unwrap();
        drop(dropped);
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_written_makes_an_empty_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, "");
        assert_eq!(fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn a_new_file_replaces_nothing_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.json");
        let create_new = || AtomicFile::create_new("--out", &path);
        let mut files: Vec<_> = (0..4).map(|_| create_new().unwrap()).collect();
        for (number, file) in files.iter_mut().enumerate() {
            write!(file, "{number}").unwrap();
        }
        assert!(!path.exists(), "a file has its name only when it is complete");
        let kept = files.into_iter().map(|file| match file.finish() {
            Ok(()) => None,
            Err(AtomicFileError::Taken { kept, .. }) => Some(kept),
            Err(error) => panic!("{error}"),
        });
        let kept: Vec<_> = kept.collect();
        let names = [None, Some("part.1.json"), Some("part.2.json"), Some("part.3.json")];
        assert_eq!(kept, names.map(|name| name.map(|name| folder.path().join(name))));
        for (number, kept) in kept.into_iter().enumerate() {
            assert_eq!(fs::read_to_string(kept.unwrap_or_else(|| path.clone())).unwrap(), number.to_string());
        }
        assert!(matches!(create_new(), Err(AtomicFileError::Exists { .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "no draft is left");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_in_no_place_of_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("missing"), &link).unwrap();
        assert!(matches!(AtomicFile::create_new("--out", &link), Err(AtomicFileError::Exists { .. })));
        assert!(AtomicFile::create_new("--out", Path::new("/dev/null")).is_ok());
    }

    #[test]
    fn unwritable_places_are_reported() {
        let folder = tempfile::tempdir().unwrap();
        let missing = create(&folder.path().join("missing/file")).unwrap_err();
        assert!(matches!(missing, AtomicFileError::NoFolder { .. }), "{missing}");
        let itself = create(folder.path()).unwrap_err();
        assert!(matches!(itself, AtomicFileError::IsFolder { .. }), "{itself}");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for name in ["new/", "new//", "new/."] {
            let folder_name = create(&folder.path().join(name)).unwrap_err();
            assert!(matches!(folder_name, AtomicFileError::IsFolder { .. }), "{name}: {folder_name}");
        }
        let below_file = create(&file.join("below")).unwrap_err();
        assert!(matches!(below_file, AtomicFileError::Io { .. }), "{below_file}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, "text");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(!fs::read(&file).unwrap().is_empty());
        write(Path::new("/dev/null"), "text");
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
