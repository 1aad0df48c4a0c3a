//! Writes CSV lines during a run, so that a crash or a power cut leaves the windows that were measured until then. A separate thread writes
//! the lines, so a slow disk delays nothing else.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use crate::Window;
use crate::csv::{Line, NAMES};
use crate::event_log::EventLogWriter;

/// The maximum number of lines in the queue to the disk; a run adds one a second.
const LINES_MAX: usize = 600;

/// The time that the end of a run waits for the last lines. A working disk takes milliseconds per line.
const LAST_LINES_MAX: Duration = Duration::from_secs(5);

/// The files that are written during a run.
#[derive(Debug, Default)]
pub struct LiveFiles {
    /// A line for each second.
    pub windows: Vec<LiveWindows>,
    /// A line for each event.
    pub events: Option<EventLogWriter>,
}

/// A file that is written during the run.
#[derive(Clone, Debug)]
pub struct LiveWindows {
    path: PathBuf,
    failure: Arc<OnceLock<io::Error>>,
}

impl LiveWindows {
    /// Creates a file for the windows of a run.
    pub fn new(path: PathBuf) -> Self {
        Self { path, failure: Arc::default() }
    }

    /// Empties the file and starts the writer.
    pub fn begin(self) -> LiveWriter {
        let (lines, receiver) = sync_channel(LINES_MAX);
        let failure = Arc::clone(&self.failure);
        let (is_working, ended) = sync_channel(0);
        thread::spawn(move || {
            let _is_working = is_working;
            if let Err(error) = write_all(&self.path, &receiver) {
                // The first failure is the one to report.
                let _ = self.failure.set(error);
            }
        });
        LiveWriter { lines: Some(lines), ended, failure }
    }

    /// Returns whether all lines were written, once the writer has ended.
    ///
    /// # Errors
    ///
    /// The first write error.
    pub fn outcome(&self) -> io::Result<()> {
        self.failure.get().map_or(Ok(()), |error| Err(io::Error::new(error.kind(), error.to_string())))
    }
}

/// Takes each window when it ends. Dropping the writer writes the last line.
pub struct LiveWriter {
    lines: Option<SyncSender<String>>,
    /// Disconnected when the thread has ended.
    ended: Receiver<()>,
    failure: Arc<OnceLock<io::Error>>,
}

impl LiveWriter {
    /// Writes a line for the window. Errors are reported at the end.
    pub fn write(&mut self, window: &Window) {
        let Some(lines) = &self.lines else { return };
        match lines.try_send(format!("{}\n", Line(window))) {
            Ok(()) => {}
            // Stop writing: a file that ends early is better than a file with a gap.
            Err(TrySendError::Full(_)) => {
                self.fail();
                self.lines = None;
            }
            // The thread has already stored its error.
            Err(TrySendError::Disconnected(_)) => self.lines = None,
        }
    }

    fn fail(&self) {
        let _ = self.failure.set(io::Error::new(io::ErrorKind::TimedOut, "the disk is too slow"));
    }
}

impl Drop for LiveWriter {
    fn drop(&mut self) {
        self.lines = None;
        // A stuck disk must not block the end of the run.
        if self.ended.recv_timeout(LAST_LINES_MAX) == Err(RecvTimeoutError::Timeout) {
            self.fail();
        }
    }
}

fn write_all(path: &Path, lines: &Receiver<String>) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(format!("{NAMES}\n").as_bytes())?;
    for line in lines {
        // A crash must not leave a part of a line, so each line is written as a whole and synced to the disk.
        file.write_all(line.as_bytes())?;
        file.sync_data()?;
    }
    Ok(())
}
