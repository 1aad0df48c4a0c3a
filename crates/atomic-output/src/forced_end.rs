//! Ends the process immediately, without waiting for other threads. A blocked `write`, a thread that hangs or a name server
//! that does not answer cannot delay the exit.
//!
//! [`on_forced_end`] registers cleanup actions: they remove drafts of files, or reset a terminal from raw mode.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, mem, process, thread};

/// Maximum total time of the registered actions and the last message. They are quick unless a disk or terminal is stuck.
const CLEANUP_MAX: Duration = Duration::from_secs(1);

/// An action that runs when the process is forced to end.
pub type Action = Box<dyn FnOnce() + Send>;

/// The actions of the process.
static REGISTRY: Registry = Registry::new();

struct Registry(Mutex<Actions>);

struct Actions {
    next_key: u64,
    /// In the order of their registration.
    by_key: BTreeMap<u64, Action>,
    /// Whether the process is about to end.
    is_ending: bool,
}

impl Registry {
    const fn new() -> Self {
        Self(Mutex::new(Actions { next_key: 0, by_key: BTreeMap::new(), is_ending: false }))
    }

    fn lock(&self) -> MutexGuard<'_, Actions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&'static self, actions: &mut Actions, action: Action) -> ForcedEndAction {
        let key = actions.next_key;
        actions.next_key += 1;
        actions.by_key.insert(key, action);
        ForcedEndAction { registry: self, key }
    }

    fn run(&self) {
        let actions = mem::take(&mut self.lock().by_key);
        for (_, action) in actions {
            action();
        }
    }
}

/// A registered action for a forced end. Dropping it cancels the action.
#[must_use = "the action is cancelled when this is dropped"]
pub struct ForcedEndAction {
    registry: &'static Registry,
    key: u64,
}

impl fmt::Debug for ForcedEndAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ForcedEndAction").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Registers an action.
pub fn on_forced_end(action: impl FnOnce() + Send + 'static) -> ForcedEndAction {
    REGISTRY.insert(&mut REGISTRY.lock(), Box::new(action))
}

/// Creates a value together with the action that removes it. No forced end can come between the two. Once the process is
/// about to end, the function creates nothing, and the thread waits for the end.
///
/// # Errors
///
/// The error of `create`.
pub fn create_with_action<T>(
    create: impl FnOnce() -> io::Result<T>,
    action: impl FnOnce(&T) -> Action,
) -> io::Result<(T, ForcedEndAction)> {
    let mut actions = REGISTRY.lock();
    if actions.is_ending {
        drop(actions);
        loop {
            thread::park();
        }
    }
    let created = create()?;
    let registered = REGISTRY.insert(&mut actions, action(&created));
    Ok((created, registered))
}

impl Drop for ForcedEndAction {
    fn drop(&mut self) {
        let action = self.registry.lock().by_key.remove(&self.key);
        // Dropped after the lock is released, because the action may own a value with a destructor.
        drop(action);
    }
}

/// Runs the registered actions, writes the line to standard error and ends the process with the exit code.
pub fn end_process(line: String, exit_code: i32) -> ! {
    let (done, is_done) = sync_channel(1);
    let cleanup = move || {
        REGISTRY.lock().is_ending = true;
        REGISTRY.run();
        let _ = writeln!(io::stderr(), "seeker-sim: {line}");
        let _ = done.send(());
    };
    // Each step may block. If no thread can be started, the process ends without them.
    if thread::Builder::new().name("forced-end".to_owned()).spawn(cleanup).is_ok() {
        let _ = is_done.recv_timeout(CLEANUP_MAX);
    }
    // Flushes standard output if no thread holds its lock. Its buffer is empty then, because all writers flush before they
    // release the lock.
    process::exit(exit_code)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// The registry of the process contains the drafts of other tests.
    #[test]
    fn actions_run_unless_they_are_cancelled() {
        static REGISTRY: Registry = Registry::new();
        let flags = [Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false))];
        let register =
            |flag: Arc<AtomicBool>| REGISTRY.insert(&mut REGISTRY.lock(), Box::new(move || flag.store(true, Ordering::SeqCst)));
        let [cancelled, kept] = flags.clone().map(register);
        drop(cancelled);
        REGISTRY.run();
        assert_eq!(flags.map(|flag| flag.load(Ordering::SeqCst)), [false, true]);
        // The action has run, so there is nothing to cancel.
        drop(kept);
    }
}
