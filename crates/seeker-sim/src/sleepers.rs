//! Who sleeps until when, of the seekers of one arbiter: a timing wheel in place of a task and a timer for each. The runtime's cost an
//! allocation each time, and looks at the sleeper's own memory when its wheel turns; here a sleeper lies in a row of others until it is
//! woken.

use std::cell::{Cell, RefCell};
use std::iter;

use seeker_model::{SimTime, TimingWheel};

/// Those who sleep.
#[derive(Debug)]
pub(crate) struct Sleepers<T> {
    wheel: RefCell<TimingWheel<T>>,
    /// Whoever slept until before this was woken.
    woken_before: Cell<SimTime>,
}

impl<T> Default for Sleepers<T> {
    fn default() -> Self {
        Self { wheel: RefCell::default(), woken_before: Cell::default() }
    }
}

impl<T> Sleepers<T> {
    /// Adds who sleeps until then; if that is over, until others are woken the next time.
    pub(crate) fn add(&self, until: SimTime, sleeper: T) {
        self.wheel.borrow_mut().add(until.max(self.woken_before.get()), sleeper);
    }

    /// Whether who would sleep until then need not sleep at all.
    pub(crate) fn is_over(&self, until: SimTime) -> bool {
        until < self.woken_before.get()
    }

    /// Wakes all who sleep until before that time, after those among them who are woken next were given to `prefetch`. Who sleeps again
    /// meanwhile is not woken again.
    pub(crate) fn wake_before(&self, time: SimTime, prefetch: impl Fn(&[(SimTime, T)]), mut wake: impl FnMut(T, SimTime)) {
        const AT_ONCE: usize = 32;
        self.woken_before.set(time.max(self.woken_before.get()));
        let mut next = Vec::with_capacity(AT_ONCE);
        loop {
            next.extend(iter::from_fn(|| self.wheel.borrow_mut().take_before(time)).take(AT_ONCE));
            if next.is_empty() {
                return;
            }
            prefetch(&next);
            next.drain(..).for_each(|(until, sleeper)| wake(sleeper, until));
        }
    }

    /// Forgets all who sleep.
    pub(crate) fn clear(&self) {
        self.wheel.take();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all who sleep and all times, each is woken once, when it is time and not before, and was prefetched.
        #[test]
        fn each_is_woken_in_time(
            untils in prop::collection::vec(0_u64..1000, 0..50),
            mut times in prop::collection::vec(0_u64..1100, 0..20),
        ) {
            let sleepers = Sleepers::default();
            for (sleeper, until) in untils.iter().enumerate() {
                sleepers.add(SimTime::from_micros(*until), sleeper);
            }
            let mut is_asleep = vec![true; untils.len()];
            times.sort_unstable();
            for time in times {
                let prefetched = RefCell::new(Vec::new());
                let prefetch = |next: &[(SimTime, usize)]| prefetched.borrow_mut().extend(next.iter().map(|(_, sleeper)| *sleeper));
                let time = SimTime::from_micros(time);
                sleepers.wake_before(time, prefetch, |sleeper, until| {
                    assert!(prefetched.borrow().contains(&sleeper));
                    assert_eq!(until.as_micros(), untils[sleeper]);
                    assert!(std::mem::take(&mut is_asleep[sleeper]), "woken twice");
                });
                for (until, is_asleep) in untils.iter().zip(&is_asleep) {
                    let until = SimTime::from_micros(*until);
                    prop_assert_eq!(*is_asleep, until >= time);
                    prop_assert_eq!(sleepers.is_over(until), until < time);
                }
            }
        }
    }

    /// Who is woken may sleep again at once, and is woken the next time.
    #[test]
    fn who_is_woken_may_sleep_again() {
        let (sleepers, woken) = (Sleepers::default(), Cell::new(0));
        sleepers.add(SimTime::from_micros(10), 'a');
        for time in [20, 30, 40] {
            sleepers.wake_before(
                SimTime::from_micros(time),
                |_| (),
                |sleeper, _| {
                    woken.set(woken.get() + 1);
                    sleepers.add(SimTime::from_micros(10), sleeper);
                },
            );
        }
        assert_eq!(woken.get(), 3);
    }
}
