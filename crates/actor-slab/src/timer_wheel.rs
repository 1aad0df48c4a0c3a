//! The timing wheel of one arbiter: entries ordered by the simulated time for which they wait. It replaces a task and a runtime timer per
//! entry. A runtime timer costs an allocation each time, and touches the memory of the waiting task when its wheel turns. Here an entry is
//! a key in an array until its time comes.

use std::cell::{Cell, RefCell};
use std::iter;

use seeker_model::{SimTime, TimingWheel};

/// The number of entries that are taken out together.
pub const BATCH: usize = 32;

/// Entries by the time they wait for.
#[derive(Debug)]
pub struct TimerWheel<T> {
    wheel: RefCell<TimingWheel<T>>,
    /// All entries for times before this time have been taken out.
    expired_before: Cell<SimTime>,
}

impl<T> Default for TimerWheel<T> {
    fn default() -> Self {
        Self { wheel: RefCell::default(), expired_before: Cell::default() }
    }
}

impl<T> TimerWheel<T> {
    /// Adds an entry. If its time has passed, it expires with the next call of [`TimerWheel::expire_before`].
    pub fn add(&self, time: SimTime, entry: T) {
        self.wheel.borrow_mut().add(time.max(self.expired_before.get()), entry);
    }

    /// Whether an entry for this time would already have expired.
    pub fn is_over(&self, time: SimTime) -> bool {
        time < self.expired_before.get()
    }

    /// Takes out all entries for times before `time`, in order. Each is passed to `prefetch` together with the entries that follow, then to
    /// `expire`. Entries that are added meanwhile stay until the next call.
    pub fn expire_before(&self, time: SimTime, prefetch: impl Fn(&[(SimTime, T)]), mut expire: impl FnMut(T, SimTime)) {
        self.expired_before.set(time.max(self.expired_before.get()));
        let mut next = Vec::with_capacity(BATCH);
        loop {
            next.extend(iter::from_fn(|| self.wheel.borrow_mut().take_before(time)).take(BATCH));
            if next.is_empty() {
                return;
            }
            prefetch(&next);
            next.drain(..).for_each(|(time, entry)| expire(entry, time));
        }
    }

    /// Removes all entries.
    pub fn clear(&self) {
        self.wheel.take();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all entries and limits, each entry expires once, with the first limit after its time, and is prefetched before.
        #[test]
        fn each_entry_expires_once_in_time(
            times_of in prop::collection::vec(0_u64..1000, 0..50),
            mut limits in prop::collection::vec(0_u64..1100, 0..20),
        ) {
            let timers = TimerWheel::default();
            for (entry, until) in times_of.iter().enumerate() {
                timers.add(SimTime::from_micros(*until), entry);
            }
            let mut is_waiting = vec![true; times_of.len()];
            limits.sort_unstable();
            for time in limits {
                let prefetched = RefCell::new(Vec::new());
                let prefetch = |next: &[(SimTime, usize)]| prefetched.borrow_mut().extend(next.iter().map(|(_, entry)| *entry));
                let time = SimTime::from_micros(time);
                timers.expire_before(time, prefetch, |entry, until| {
                    assert!(prefetched.borrow().contains(&entry));
                    assert_eq!(until.as_micros(), times_of[entry]);
                    assert!(std::mem::take(&mut is_waiting[entry]), "expired twice");
                });
                for (until, is_waiting) in times_of.iter().zip(&is_waiting) {
                    let until = SimTime::from_micros(*until);
                    prop_assert_eq!(*is_waiting, until >= time);
                    prop_assert_eq!(timers.is_over(until), until < time);
                }
            }
        }
    }

    /// An entry that is added again while it expires waits for the next limit.
    #[test]
    fn an_entry_can_be_added_again_while_it_expires() {
        let (timers, expired) = (TimerWheel::default(), Cell::new(0));
        timers.add(SimTime::from_micros(10), 'a');
        for time in [20, 30, 40] {
            timers.expire_before(
                SimTime::from_micros(time),
                |_| (),
                |entry, _| {
                    expired.set(expired.get() + 1);
                    timers.add(SimTime::from_micros(10), entry);
                },
            );
        }
        assert_eq!(expired.get(), 3);
    }
}
