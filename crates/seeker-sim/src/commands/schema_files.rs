//! The command `schema`: writes the schemas of the message to a folder. It overwrites files that it wrote itself, in any version. It
//! overwrites other files only with `--force`. It writes all files, or none if one of them must not be overwritten.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use client_event::schema::{Dialect, Role, SchemaName, schema_text};
use tempfile::NamedTempFile;
use thiserror::Error;

/// Why the schemas could not be written.
#[derive(Debug, Error)]
pub(super) enum SchemaFilesError {
    /// The combination does not exist.
    #[error("OpenAPI components exist only for --role types; pass --role types, or choose another --draft")]
    NoSuchSchema,
    /// A file of this name has other content.
    #[error("{} was not written by this command; move it, choose another folder, or pass --force", .0.display())]
    NotOurs(PathBuf),
    /// The system refuses to write.
    #[error("{} cannot be written", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

/// Returns the schemas of this role and dialect; without them, the schemas of all roles or dialects.
///
/// # Errors
///
/// [`SchemaFilesError::NoSuchSchema`] if there are none.
pub(super) fn selected(role: Option<Role>, dialect: Option<Dialect>) -> Result<Vec<SchemaName>, SchemaFilesError> {
    let names: Vec<_> = SchemaName::all()
        .filter(|name| role.is_none_or(|role| name.role() == role))
        .filter(|name| dialect.is_none_or(|dialect| name.dialect() == dialect))
        .collect();
    if names.is_empty() { Err(SchemaFilesError::NoSuchSchema) } else { Ok(names) }
}

/// Writes the schemas to the folder, and creates the folder if necessary. Returns the paths.
///
/// # Errors
///
/// [`SchemaFilesError`] if a file must not be overwritten or cannot be written.
pub(super) fn write(names: &[SchemaName], folder: &Path, force: bool) -> Result<Vec<PathBuf>, SchemaFilesError> {
    let files: Vec<_> = names.iter().map(|name| (folder.join(name.file_name()), *name)).collect();
    for (path, name) in files.iter().filter(|_| !force) {
        if !is_ours(path, *name)? {
            return Err(SchemaFilesError::NotOurs(path.clone()));
        }
    }
    fs::create_dir_all(folder).map_err(|source| SchemaFilesError::Io { path: folder.to_owned(), source })?;
    for (path, name) in &files {
        write_whole(path, &schema_text(*name)).map_err(|source| SchemaFilesError::Io { path: path.clone(), source })?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// Whether the file may be overwritten: it does not exist, or its content names the same schema in any version.
fn is_ours(path: &Path, name: SchemaName) -> Result<bool, SchemaFilesError> {
    match fs::read(path) {
        Ok(bytes) => {
            let content: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let id = name.id();
            Ok(content["$id"] == *id || content["info"]["x-id"] == *id)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(source) => Err(SchemaFilesError::Io { path: path.to_owned(), source }),
    }
}

/// Writes a file completely or not at all.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut draft = NamedTempFile::new_in(folder)?;
    draft.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        draft.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    draft.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<SchemaName> {
        selected(None, None).unwrap()
    }

    #[test]
    fn files_are_written_and_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new/schemas");
        let paths = write(&all(), &folder, false).unwrap();
        assert_eq!(paths.len(), 8);
        for (path, name) in paths.iter().zip(all()) {
            assert_eq!(fs::read_to_string(path).unwrap(), schema_text(name));
            // Another version of the same file.
            fs::write(path, schema_text(name).replace("ClientEvent", "Older")).unwrap();
        }
        write(&all(), &folder, false).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 8);
    }

    #[test]
    fn foreign_files_are_kept_unless_forced() {
        let folder = tempfile::tempdir().unwrap();
        let last = folder.path().join(all().last().unwrap().file_name());
        for theirs in ["", "{}", "not JSON", "{\"$id\":\"https://others.example/schema.json\"}"] {
            fs::write(&last, theirs).unwrap();
            let error = write(&all(), folder.path(), false).unwrap_err();
            assert!(matches!(&error, SchemaFilesError::NotOurs(path) if *path == last), "{error}");
            assert_eq!(fs::read_to_string(&last).unwrap(), theirs);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left");
        }
        write(&all(), folder.path(), true).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 8);
    }

    #[test]
    fn impossible_folders_are_reported() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(write(&all(), &file, false), Err(SchemaFilesError::Io { .. })));
        assert!(matches!(selected(Some(Role::Send), Some(Dialect::OpenApi31)), Err(SchemaFilesError::NoSuchSchema)));
    }
}
