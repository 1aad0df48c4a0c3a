//! The destination of generated lines: standard output, or a file that is written as a whole. The file extension selects compression.

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use thiserror::Error;

use atomic_output::atomic_file::{AtomicFile, AtomicFileError};
use atomic_output::standard_output;

/// The default level of Zstandard.
const ZSTD_LEVEL: i32 = 3;

/// A destination of lines.
pub struct Output {
    name: String,
    writer: Writer,
}

enum Writer {
    /// Without a buffer: the pieces are written directly from memory.
    Stdout(File),
    Plain(AtomicFile),
    Gzip(GzEncoder<AtomicFile>),
    Zstd(zstd::Encoder<'static, AtomicFile>),
}

/// The error for lines that could not be written.
#[derive(Debug, Error)]
pub enum OutputError {
    /// The file cannot be written at its path.
    #[error(transparent)]
    File(#[from] AtomicFileError),
    /// A write failed.
    #[error("{name} cannot be written")]
    Io {
        /// The name of the output.
        name: String,
        /// The error of the operating system.
        source: io::Error,
    },
}

impl OutputError {
    /// Whether the reader of a pipe has closed it.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == ErrorKind::BrokenPipe)
    }
}

impl Output {
    /// Checks that lines can be written to the path; `-` is standard output. Changes nothing yet.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the path is not writable.
    pub fn create(option: &'static str, path: &Path) -> Result<Self, OutputError> {
        if path == Path::new("-") {
            let name = "standard output".to_owned();
            let stdout = standard_output().map_err(|source| OutputError::Io { name: name.clone(), source })?;
            return Ok(Self { name, writer: Writer::Stdout(stdout) });
        }
        let file = AtomicFile::create(option, path)?;
        let name = format!("{option} {}", path.display());
        let writer = match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Writer::Gzip(GzEncoder::new(file, Compression::default())),
            Some("zst") => {
                let encoder = zstd::Encoder::new(file, ZSTD_LEVEL);
                Writer::Zstd(encoder.map_err(|source| OutputError::Io { name: name.clone(), source })?)
            }
            _ => Writer::Plain(file),
        };
        Ok(Self { name, writer })
    }

    /// Writes pieces of text, one after the other.
    ///
    /// # Errors
    ///
    /// The output cannot be written.
    pub fn write(&mut self, pieces: &mut [IoSlice<'_>]) -> Result<(), OutputError> {
        let one_by_one = |writer: &mut dyn Write| pieces.iter().try_for_each(|piece| writer.write_all(piece));
        let written = match &mut self.writer {
            Writer::Stdout(stdout) => write_together(stdout, pieces),
            Writer::Plain(file) => one_by_one(file),
            Writer::Gzip(encoder) => one_by_one(encoder),
            Writer::Zstd(encoder) => one_by_one(encoder),
        };
        written.map_err(|source| OutputError::Io { name: self.name.clone(), source })
    }

    /// Moves a finished file to its path.
    ///
    /// # Errors
    ///
    /// The output cannot be written.
    pub fn finish(self) -> Result<(), OutputError> {
        let Self { name, writer } = self;
        let failed = |source| OutputError::Io { name, source };
        let file = match writer {
            Writer::Stdout(_) => return Ok(()),
            Writer::Plain(file) => file,
            Writer::Gzip(encoder) => encoder.finish().map_err(failed)?,
            Writer::Zstd(encoder) => encoder.finish().map_err(failed)?,
        };
        Ok(file.finish()?)
    }
}

/// Writes many pieces per system call, without copying them together first.
fn write_together(file: &mut File, mut pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
    // Remove empty pieces: they would look like a file that accepts no bytes.
    IoSlice::advance_slices(&mut pieces, 0);
    while !pieces.is_empty() {
        match file.write_vectored(pieces) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut pieces, written),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
