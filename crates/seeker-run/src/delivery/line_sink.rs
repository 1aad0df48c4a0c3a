//! A file or standard output that receives a line for each event.
//!
//! The arbiters share the sink. Each piece is written as a whole, so no line is split by another. A thread of the sink opens the file and
//! writes. If the reader of a pipe stalls, only that thread blocks: the run ends without it, and events that the reader has not taken count
//! as unknown.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, mpsc};
use std::{mem, thread};

use atomic_output::standard_output;
use thiserror::Error;
use tokio::sync::oneshot;

/// A write error of the file.
#[derive(Debug, Error)]
#[error("write to {name}")]
pub(crate) struct LinesError {
    name: String,
    source: io::Error,
}

/// A file or standard output.
pub(crate) struct LineSink {
    name: String,
    pieces: Pieces,
    /// Receives whether the file could be opened; `None` after the first request for it.
    opened: Mutex<Option<oneshot::Receiver<io::Result<()>>>>,
}

/// Lines that are written together.
struct Piece {
    lines: Vec<u8>,
    /// Returns the result, and the buffer for reuse.
    written: oneshot::Sender<(io::Result<()>, Vec<u8>)>,
}

impl LineSink {
    /// Starts a thread that opens the file, or standard output without a path. `name` is shown in errors. [`LineSink::opened`] waits until
    /// it is open.
    pub(crate) fn open(name: String, path: Option<PathBuf>) -> Result<Self, LinesError> {
        let open = move || match path {
            Some(path) => File::create(path),
            None => standard_output(),
        };
        let (pieces, received) = mpsc::channel();
        let (opened_sender, opened) = oneshot::channel();
        // The thread is detached: it ends after the last piece, or with the process.
        thread::Builder::new()
            .name("lines".to_owned())
            .spawn(move || match open() {
                Ok(file) => {
                    // The run may have ended meanwhile.
                    let _ = opened_sender.send(Ok(()));
                    write_all(file, &received);
                }
                Err(error) => {
                    let _ = opened_sender.send(Err(error));
                }
            })
            .map_err(|source| LinesError { name: name.clone(), source })?;
        Ok(Self { name, pieces: Pieces(pieces), opened: Mutex::new(Some(opened)) })
    }

    /// The name of the file, for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Waits until the file is open. A named pipe opens when it has a reader.
    pub(crate) async fn opened(&self) -> Result<(), LinesError> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        let opened = match opened {
            Some(opened) => opened.await.unwrap_or_else(|_| Err(thread_ended())),
            None => Ok(()),
        };
        opened.map_err(|source| LinesError { name: self.name.clone(), source })
    }

    /// The channel to the writing thread.
    pub(crate) fn pieces(&self) -> Pieces {
        self.pieces.clone()
    }
}

/// Sends pieces to the writing thread.
#[derive(Clone)]
pub(crate) struct Pieces(mpsc::Sender<Piece>);

impl Pieces {
    /// Writes lines. Takes the buffer during the write and returns it afterwards.
    pub(crate) async fn write(&self, lines: &mut Vec<u8>) -> io::Result<()> {
        let (written, outcome) = oneshot::channel();
        let piece = Piece { lines: mem::take(lines), written };
        self.0.send(piece).map_err(|_| thread_ended())?;
        let (result, room) = outcome.await.map_err(|_| thread_ended())?;
        *lines = room;
        result
    }
}

fn write_all(mut file: File, pieces: &mpsc::Receiver<Piece>) {
    for Piece { lines, written } in pieces {
        let result = file.write_all(&lines);
        // The run may have ended meanwhile.
        let _ = written.send((result, lines));
    }
}

fn thread_ended() -> io::Error {
    io::Error::other("the writing thread has ended")
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;

    /// The reader starts after the pipe has begun to open; each piece arrives as written.
    #[tokio::test]
    async fn a_named_pipe_is_open_once_it_has_a_reader() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let sink = LineSink::open("pipe".to_owned(), Some(path.clone())).unwrap();
        let mut opened = Box::pin(sink.opened());
        let waker = std::task::Waker::noop();
        assert!(opened.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        let mut reader = BufReader::new(File::open(&path).unwrap());
        opened.await.unwrap();
        for text in ["one\n", "two\n"] {
            let mut lines = text.as_bytes().to_vec();
            sink.pieces().write(&mut lines).await.unwrap();
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            assert_eq!(line, text);
        }
        drop(reader);
        assert_eq!(sink.pieces().write(&mut b"three\n".to_vec()).await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
