//! Lets threads work in parallel and then access a shared value one after the other, in the order of their numbers.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A shared value that is accessed in turns.
#[derive(Debug)]
pub(crate) struct Turns<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    shared: T,
    /// The number whose turn it is.
    next: u64,
    /// Whether a thread panicked in its turn, so that the next turn will never come.
    is_broken: bool,
}

impl<T> Turns<T> {
    pub(crate) fn new(shared: T) -> Self {
        Self { state: Mutex::new(State { shared, next: 0, is_broken: false }), changed: Condvar::new() }
    }

    /// Waits until every lower number has had its turn, then calls `work`.
    ///
    /// Returns without calling `work` if another thread has panicked; that panic ends the program.
    pub(crate) fn take(&self, number: u64, work: impl FnOnce(&mut T)) {
        let waiting = self.changed.wait_while(self.lock(), |state| state.next != number && !state.is_broken);
        let mut state = waiting.unwrap_or_else(PoisonError::into_inner);
        if state.is_broken {
            return;
        }
        work(&mut state.shared);
        state.next += 1;
        drop(state);
        self.changed.notify_all();
    }

    /// Releases all waiting threads if the current thread is panicking.
    pub(crate) fn give_up_if_panicking(&self) {
        if std::thread::panicking() {
            self.lock().is_broken = true;
            self.changed.notify_all();
        }
    }

    /// Returns the shared value.
    pub(crate) fn into_shared(self) -> T {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).shared
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by each thread while it works, so that no thread waits for a thread that panicked.
pub(crate) struct Participant<'a, T>(pub &'a Turns<T>);

impl<T> Drop for Participant<'_, T> {
    fn drop(&mut self) {
        self.0.give_up_if_panicking();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn turns_are_in_order() {
        let turns = Turns::new(Vec::new());
        let numbers = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let _participant = Participant(&turns);
                    loop {
                        let number = numbers.fetch_add(1, Ordering::Relaxed);
                        if number >= 1_000 {
                            break;
                        }
                        turns.take(number, |taken: &mut Vec<u64>| taken.push(number));
                    }
                });
            }
        });
        assert_eq!(turns.into_shared(), (0..1_000).collect::<Vec<_>>());
    }

    #[test]
    fn nobody_waits_for_a_thread_that_panicked() {
        let turns = Turns::new(());
        let ended = thread::scope(|scope| {
            let waiting = scope.spawn(|| turns.take(1, |()| unreachable!("the turn before was never taken")));
            let failing = scope.spawn(|| {
                let _participant = Participant(&turns);
                turns.take(0, |()| std::panic::resume_unwind(Box::new(())));
            });
            (waiting.join().is_ok(), failing.join().is_ok())
        });
        assert_eq!(ended, (true, false));
    }
}
