//! Measures the pauses of this process. A thread sleeps for one millisecond at a time and records how late it wakes. Anything that delays this
//! thread (a stopped process, a machine without a spare core, a hypervisor that suspends the machine) delays the generator as well. The
//! method is that of jHiccup (Gil Tene).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use measure::pause::Pause;

use crate::clock::RunClock;

/// The duration of one sleep.
const SLEEP: Duration = Duration::from_millis(1);

/// A later wake-up than this is a pause. Smaller delays are normal for timers of a machine that is not real-time.
const PAUSE_MICROS_MIN: u64 = 5_000;

/// The measured pauses of a process.
pub(crate) struct Pauses(Receiver<Pause>);

impl Pauses {
    /// Takes the pauses that were measured since the last call.
    pub(crate) fn take(&self) -> impl Iterator<Item = Pause> {
        self.0.try_iter()
    }

    /// Creates pauses for a test.
    #[cfg(test)]
    pub(crate) fn made_up() -> (Sender<Pause>, Self) {
        let (sender, receiver) = channel();
        (sender, Self(receiver))
    }
}

/// The measuring thread; it ends when this value is dropped.
pub(crate) struct PauseMeter {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl PauseMeter {
    /// Starts to measure. If no thread can be started, nothing is measured, which looks the same as no pauses; the process is then about to
    /// fail for other reasons.
    pub(crate) fn start(clock: RunClock) -> (Self, Pauses) {
        let (sender, receiver) = channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_over);
        let thread = thread::Builder::new().name("pause-meter".to_owned()).spawn(move || measure(clock, &seen, &sender)).ok();
        (Self { is_over, thread }, Pauses(receiver))
    }

    /// Stops measuring, after all measured pauses have been sent.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // The thread does not panic, and it ends within a millisecond.
            let _ = thread.join();
        }
    }
}

impl Drop for PauseMeter {
    fn drop(&mut self) {
        self.end();
    }
}

fn measure(clock: RunClock, is_over: &AtomicBool, pauses: &Sender<Pause>) {
    let sleep_micros = u64::try_from(SLEEP.as_micros()).unwrap_or(u64::MAX);
    let mut slept = clock.now();
    while !is_over.load(Ordering::Relaxed) {
        thread::sleep(SLEEP);
        let woke = clock.now();
        let pause = Pause { from: slept.plus(sleep_micros), to: woke };
        slept = woke;
        if pause.micros() >= PAUSE_MICROS_MIN && pauses.send(pause).is_err() {
            return;
        }
    }
}
