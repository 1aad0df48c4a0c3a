//! A file with a line for each measured event whose outcome is known, so that others can compute all figures anew: CSV with the type, the outcome
//! and the times of the event. A separate thread writes the lines, so a slow disk delays nothing else.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use atomic_output::atomic_file::{AtomicFile, AtomicFileError};
use load_plan::Moment;
use measure::observations::Settled;

const OPTION: &str = "--event-log";

/// The header line. Times are in microseconds since the start of the run. A column that was not measured is empty.
const NAMES: &str = "type,outcome,scheduled_us,sent_us,settled_us";

/// The number of events that are passed to the writing thread at once.
const CHUNK: usize = 4096;

/// The maximum number of chunks in the queue to the disk: a million events, in about 50 MB.
const CHUNKS_MAX: usize = 256;

/// A writable file for the events of a run. It gets its name when it is complete.
#[derive(Debug)]
pub struct EventLog(AtomicFile);

/// Takes the events during the run. The file is complete when the writer is dropped.
#[derive(Debug)]
pub struct EventLogWriter {
    /// `None` if the disk was too slow.
    chunks: Option<SyncSender<Vec<Settled>>>,
    pending: Vec<Settled>,
    is_cut: Arc<AtomicBool>,
}

/// The thread that writes the file.
#[derive(Debug)]
pub struct EventLogThread {
    path: PathBuf,
    is_pipe: bool,
    writing: JoinHandle<Result<(), AtomicFileError>>,
}

impl EventLog {
    /// Checks that the file can be written, without changing an existing file.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError`] if the path is not writable.
    pub fn create(path: &Path) -> Result<Self, AtomicFileError> {
        AtomicFile::create(OPTION, path).map(Self)
    }

    /// Like [`create`](Self::create), for a part of a run: the file must not exist.
    ///
    /// # Errors
    ///
    /// Also [`AtomicFileError::Exists`].
    pub fn create_part(path: &Path) -> Result<Self, AtomicFileError> {
        AtomicFile::create_new(OPTION, path).map(Self)
    }

    /// Starts the thread that writes the file.
    pub fn begin(self) -> (EventLogWriter, EventLogThread) {
        let Self(file) = self;
        let (path, is_pipe) = (file.path().to_owned(), file.is_pipe());
        let (chunks, receiver) = sync_channel(CHUNKS_MAX);
        let is_cut = Arc::new(AtomicBool::new(false));
        let writer = EventLogWriter { chunks: Some(chunks), pending: Vec::new(), is_cut: Arc::clone(&is_cut) };
        let writing = thread::spawn(move || write_all(file, &receiver, &is_cut));
        (writer, EventLogThread { path, is_pipe, writing })
    }
}

impl EventLogWriter {
    /// Writes a line for each event. Errors are reported at the end.
    pub fn write(&mut self, settled: &[Settled]) {
        self.pending.extend_from_slice(settled);
        if self.pending.len() < CHUNK {
            return;
        }
        let chunk = std::mem::replace(&mut self.pending, Vec::with_capacity(CHUNK));
        let Some(chunks) = &self.chunks else { return };
        match chunks.try_send(chunk) {
            Ok(()) => {}
            // A file with a gap would be worse than none.
            Err(TrySendError::Full(_)) => {
                self.is_cut.store(true, Ordering::Release);
                self.chunks = None;
            }
            // The thread has stored its error.
            Err(TrySendError::Disconnected(_)) => self.chunks = None,
        }
    }
}

impl Drop for EventLogWriter {
    fn drop(&mut self) {
        if let Some(chunks) = self.chunks.take() {
            // If the thread has ended, it has stored its error.
            let _ = chunks.send(std::mem::take(&mut self.pending));
        }
    }
}

impl EventLogThread {
    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the destination is a pipe, a terminal or another device.
    pub const fn is_pipe(&self) -> bool {
        self.is_pipe
    }

    /// Waits until the file is complete. The writer must have been dropped.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Io`], for example if the disk is full or was too slow. An existing file then stays unchanged.
    ///
    /// # Panics
    ///
    /// If the thread has panicked, which is a bug.
    pub fn finish(self) -> Result<(), AtomicFileError> {
        self.writing.join().expect("writing lines does not panic")
    }
}

fn write_all(mut file: AtomicFile, chunks: &Receiver<Vec<Settled>>, is_cut: &AtomicBool) -> Result<(), AtomicFileError> {
    let mut out = BufWriter::new(&mut file);
    let mut written = writeln!(out, "{NAMES}");
    for event in chunks.iter().flatten() {
        written = written.and_then(|()| write_line(&event, &mut out));
        if written.is_err() {
            break;
        }
    }
    written = written.and_then(|()| out.flush());
    drop(out);
    if is_cut.load(Ordering::Acquire) {
        written = Err(io::Error::new(io::ErrorKind::TimedOut, "the disk is too slow"));
    }
    written.map_err(|source| file.failed(source))?;
    file.finish()
}

fn write_line(event: &Settled, out: &mut impl Write) -> io::Result<()> {
    let micros = |moment: Moment| moment.micros_since(Moment::default());
    let Settled { at, scheduled, event_type, outcome, answered_request } = event;
    write!(out, "{event_type},{},{},", outcome.name(), micros(*scheduled))?;
    if let Some(sent) = answered_request {
        write!(out, "{}", micros(*sent))?;
    }
    writeln!(out, ",{}", micros(*at))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use client_event::EventType;
    use load_plan::EventOutcome;

    use super::*;

    fn answered(number: u64) -> Settled {
        let moment = |micros| Moment::from_micros(number * 10 + micros);
        Settled {
            at: moment(7),
            scheduled: moment(1),
            event_type: EventType::View,
            outcome: EventOutcome::Acknowledged,
            answered_request: Some(moment(2)),
        }
    }

    #[test]
    fn each_event_has_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.csv");
        let (mut writer, thread) = EventLog::create(&path).unwrap().begin();
        for first in (0..10_000).step_by(100) {
            writer.write(&(first..first + 100).map(answered).collect::<Vec<_>>());
        }
        let unknown = Settled { outcome: EventOutcome::Unknown, answered_request: None, ..answered(10_000) };
        writer.write(&[unknown]);
        assert!(!path.exists(), "the file appears when it is complete");
        drop(writer);
        thread.finish().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 10_002);
        assert_eq!((lines[0], lines[1]), (NAMES, "VIEW,acknowledged,1,2,7"));
        assert_eq!((lines[10_000], lines[10_001]), ("VIEW,acknowledged,99991,99992,99997", "VIEW,unknown,100001,,100007"));
        assert!(matches!(EventLog::create_part(&path), Err(AtomicFileError::Exists { .. })));
    }

    #[test]
    fn a_run_without_events_has_the_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.csv");
        let (writer, thread) = EventLog::create(&path).unwrap().begin();
        drop(writer);
        thread.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{NAMES}\n"));
    }

    #[test]
    fn a_disk_that_is_too_slow_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.csv");
        fs::write(&path, "old").unwrap();
        let file = AtomicFile::create(OPTION, &path).unwrap();
        let (chunks, receiver) = sync_channel(1);
        let is_cut = Arc::new(AtomicBool::new(false));
        let mut writer = EventLogWriter { chunks: Some(chunks), pending: Vec::new(), is_cut: Arc::clone(&is_cut) };
        for _ in 0..3 {
            writer.write(&(0..CHUNK as u64).map(answered).collect::<Vec<_>>());
        }
        drop(writer);
        let error = write_all(file, &receiver, &is_cut).unwrap_err();
        assert!(
            matches!(&error, AtomicFileError::Io { source, .. } if source.to_string() == "the disk is too slow"),
            "{error:?}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}
