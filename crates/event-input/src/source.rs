//! The source of the text: a file or standard input, opened and decompressed. Counts the bytes that were read, for the
//! progress display.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::compression::decompressed;

/// An input to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// Creates the input for an argument: `-` is standard input.
    pub fn from_argument(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::File(path) }
    }

    /// Returns the name for findings: the path as typed.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "<stdin>".to_owned(),
        }
    }

    /// Whether the input can be read again with the same content.
    pub fn is_rereadable(&self) -> bool {
        matches!(self, Self::File(path) if path.is_file())
    }

    /// Returns the size of the input before decompression, if it is known.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::File(path) => path.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len()),
            Self::Stdin => None,
        }
    }

    /// Opens a plain text at this offset.
    ///
    /// # Errors
    ///
    /// The file cannot be opened or sought.
    pub fn open_at(&self, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let Self::File(path) = self else {
            return Err(io::ErrorKind::NotSeekable.into());
        };
        let mut file = open_file(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file))
    }

    /// Opens the input for reading from its start.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, or its compression cannot be read.
    pub fn open(&self, bytes_read: &BytesRead) -> io::Result<Opened> {
        let raw: Box<dyn Read + Send> = match self {
            Self::File(path) => Box::new(open_file(path)?),
            Self::Stdin => Box::new(open_stdin()?),
        };
        let counted = EventOutcome { raw, bytes_read: bytes_read.clone() };
        let (text, is_plain) = decompressed(counted)?;
        Ok(Opened { text, is_plain })
    }
}

fn open_file(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory; expected a file, or - for standard input"));
    }
    refuse_endless(&file)?;
    Ok(file)
}

#[cfg(unix)]
fn open_stdin() -> io::Result<io::Stdin> {
    use std::os::fd::AsFd;

    let stdin = io::stdin();
    // A closed standard input counts as empty.
    if let Ok(descriptor) = stdin.as_fd().try_clone_to_owned() {
        refuse_endless(&File::from(descriptor))?;
    }
    Ok(stdin)
}

#[cfg(not(unix))]
fn open_stdin() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}

/// Refuses endless devices, such as `/dev/zero`. Accepts a terminal, and an empty device such as `/dev/null`.
#[cfg(unix)]
fn refuse_endless(mut file: &File) -> io::Result<()> {
    use std::io::IsTerminal;
    use std::os::unix::fs::FileTypeExt;

    if file.metadata()?.file_type().is_char_device() && !file.is_terminal() && file.read(&mut [0])? > 0 {
        return Err(io::Error::other("it is a device that never ends; expected a file, a pipe, or - for standard input"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_endless(_: &File) -> io::Result<()> {
    Ok(())
}

/// An opened input.
pub struct Opened {
    pub text: Box<dyn Read + Send>,
    /// Whether the text is the input itself, so that a reader can seek to a position.
    pub is_plain: bool,
}

/// The number of bytes read from all inputs, before decompression. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct BytesRead(Arc<AtomicU64>);

impl BytesRead {
    /// Returns the number of bytes read so far, from all inputs.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct EventOutcome<R> {
    raw: R,
    bytes_read: BytesRead,
}

impl<R: Read> Read for EventOutcome<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.raw.read(buffer)?;
        self.bytes_read.0.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
