//! Measures when this process stood still: a thread that sleeps a millisecond at a time and looks how much later it wakes. What delays it
//! (a stopped process, a machine without a core to spare, a hypervisor that takes the machine away) delays the generator as well. The
//! method is that of jHiccup (Gil Tene).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use measure::pause::Pause;

use crate::clock::RunClock;

/// How long the thread sleeps at a time.
const SLEEP: Duration = Duration::from_millis(1);

/// Waking up later than that is a pause. Below, it is how timers of a machine that is not real-time are.
const PAUSE_MICROS_MIN: u64 = 5_000;

/// The pauses of a process, as they are measured.
pub(crate) struct Pauses(Receiver<Pause>);

impl Pauses {
    /// Those that were measured since the last call.
    pub(crate) fn take(&self) -> impl Iterator<Item = Pause> {
        self.0.try_iter()
    }

    /// Pauses that a test makes up.
    #[cfg(test)]
    pub(crate) fn made_up() -> (Sender<Pause>, Self) {
        let (sender, receiver) = channel();
        (sender, Self(receiver))
    }
}

/// The thread that measures; it ends when this is dropped.
pub(crate) struct PauseMeter {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl PauseMeter {
    /// Begins to measure. Without a thread to spare nothing is measured, which the absence of pauses does not tell apart; the process is
    /// then about to fail for other reasons.
    pub(crate) fn start(clock: RunClock) -> (Self, Pauses) {
        let (sender, receiver) = channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_over);
        let thread = thread::Builder::new().name("pause-meter".to_owned()).spawn(move || measure(clock, &seen, &sender)).ok();
        (Self { is_over, thread }, Pauses(receiver))
    }

    /// Ends measuring; all that was measured has been sent.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It does not panic, and it ends within a millisecond.
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
