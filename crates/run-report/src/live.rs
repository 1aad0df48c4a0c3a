//! The lines of CSV that are written while a run goes on, so that a crash or a power cut leaves what was measured until then. A thread of
//! its own writes them: a slow disk holds nobody up.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use crate::Window;
use crate::csv::{Line, NAMES};

/// A disk may be behind by so many lines, one a second.
const LINES_MAX: usize = 600;

/// How long the end of a run waits for the last lines. A disk that is not stuck takes milliseconds for each.
const LAST_LINES_MAX: Duration = Duration::from_secs(5);

/// A file that is written while the run goes on.
#[derive(Clone, Debug)]
pub struct LiveWindows {
    path: PathBuf,
    failure: Arc<OnceLock<io::Error>>,
}

impl LiveWindows {
    /// A file for the windows of a run.
    pub fn new(path: PathBuf) -> Self {
        Self { path, failure: Arc::default() }
    }

    /// Empties the file and begins to write.
    pub fn begin(self) -> LiveWriter {
        let (lines, receiver) = sync_channel(LINES_MAX);
        let failure = Arc::clone(&self.failure);
        let (is_working, ended) = sync_channel(0);
        thread::spawn(move || {
            let _is_working = is_working;
            if let Err(error) = write_all(&self.path, &receiver) {
                // What failed before is what is to be told.
                let _ = self.failure.set(error);
            }
        });
        LiveWriter { lines: Some(lines), ended, failure }
    }

    /// Whether all lines were written, once that has ended.
    ///
    /// # Errors
    ///
    /// The first error of writing.
    pub fn outcome(&self) -> io::Result<()> {
        self.failure.get().map_or(Ok(()), |error| Err(io::Error::new(error.kind(), error.to_string())))
    }
}

/// Takes windows as they are over; the last line is written when it is dropped.
pub struct LiveWriter {
    lines: Option<SyncSender<String>>,
    /// Disconnected when the thread has ended.
    ended: Receiver<()>,
    failure: Arc<OnceLock<io::Error>>,
}

impl LiveWriter {
    /// Writes a line for the window. An error is reported at the end.
    pub fn write(&mut self, window: &Window) {
        let Some(lines) = &self.lines else { return };
        match lines.try_send(format!("{}\n", Line(window))) {
            Ok(()) => {}
            // Rather no more lines than lines with a gap.
            Err(TrySendError::Full(_)) => {
                self.fail();
                self.lines = None;
            }
            // It has said why.
            Err(TrySendError::Disconnected(_)) => self.lines = None,
        }
    }

    fn fail(&self) {
        let _ = self.failure.set(io::Error::new(io::ErrorKind::TimedOut, "the disk did not keep up"));
    }
}

impl Drop for LiveWriter {
    fn drop(&mut self) {
        self.lines = None;
        // A disk that is stuck does not hold up the end of the run.
        if self.ended.recv_timeout(LAST_LINES_MAX) == Err(RecvTimeoutError::Timeout) {
            self.fail();
        }
    }
}

fn write_all(path: &Path, lines: &Receiver<String>) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(format!("{NAMES}\n").as_bytes())?;
    for line in lines {
        // A whole line at a time, and onto the disk.
        file.write_all(line.as_bytes())?;
        file.sync_data()?;
    }
    Ok(())
}
