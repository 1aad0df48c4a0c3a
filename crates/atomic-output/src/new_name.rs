//! Names for files that replace no other file.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// The maximum number of other names for a file whose name is taken.
const OTHER_NAMES_MAX: u32 = 10_000;

/// Gives a draft its name, or, if the name is taken, the first free name of `name.1.ext`, `name.2.ext` and so on. Returns the other name.
pub(crate) fn persist_new(mut draft: NamedTempFile, place: &Path) -> io::Result<Option<PathBuf>> {
    let mut number = 0;
    loop {
        let name = if number == 0 { place.to_owned() } else { other_name(place, number) };
        match draft.persist_noclobber(&name) {
            Ok(_) => return Ok((number > 0).then_some(name)),
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists && number < OTHER_NAMES_MAX => {
                (draft, number) = (failed.file, number + 1);
            }
            Err(failed) => return Err(failed.error),
        }
    }
}

/// Returns the path with a number before its extension.
fn other_name(path: &Path, number: u32) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!(".{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_stands_before_the_extension() {
        for (path, expected) in [("a.b/part", "a.b/part.2"), ("part.json", "part.2.json"), ("/a/part.x.csv", "/a/part.x.2.csv")] {
            assert_eq!(other_name(Path::new(path), 2), Path::new(expected));
        }
    }
}
