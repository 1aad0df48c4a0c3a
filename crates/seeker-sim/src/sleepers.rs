//! Who sleeps until when, of the seekers of one arbiter: a timing wheel in place of a timer for each. A timer of the runtime costs an
//! allocation each time, and a look at the sleeper's own memory when the wheel of the runtime turns; here a sleeper is three words in a
//! row of others until it is woken.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

use seeker_model::{SimTime, TimingWheel};

/// Those who sleep.
#[derive(Debug, Default)]
pub(crate) struct Sleepers {
    wheel: RefCell<TimingWheel<Waker>>,
    /// Whoever slept until before this was woken.
    woken_before: Cell<SimTime>,
}

impl Sleepers {
    /// Waits until those are woken who sleep until then.
    pub(crate) async fn until(&self, time: SimTime) {
        poll_fn(|task| {
            if time < self.woken_before.get() {
                return Poll::Ready(());
            }
            self.wheel.borrow_mut().add(time, task.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Wakes all who sleep until before that time.
    pub(crate) fn wake_before(&self, time: SimTime) {
        self.woken_before.set(time.max(self.woken_before.get()));
        loop {
            let Some((_, sleeper)) = self.wheel.borrow_mut().take_before(time) else { return };
            sleeper.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::task::{Context, Wake};

    use proptest::prelude::*;

    use super::*;

    /// Counts how often it was woken.
    #[derive(Default)]
    struct Woken(AtomicU64);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    proptest! {
        /// For all who sleep and all times, each is woken once, when it is time and not before.
        #[test]
        fn each_is_woken_in_time(
            untils in prop::collection::vec(0_u64..1000, 0..50),
            mut times in prop::collection::vec(0_u64..1100, 0..20),
        ) {
            let sleepers = Sleepers::default();
            let mut sleeping: Vec<_> = untils
                .iter()
                .map(|until| (*until, Box::pin(sleepers.until(SimTime::from_micros(*until))), Arc::<Woken>::default(), false))
                .collect();
            for (_, sleep, woken, _) in &mut sleeping {
                prop_assert!(pin!(sleep).poll(&mut Context::from_waker(&Arc::clone(woken).into())).is_pending());
            }
            times.sort_unstable();
            for time in times {
                sleepers.wake_before(SimTime::from_micros(time));
                for (until, sleep, woken, is_over) in &mut sleeping {
                    prop_assert_eq!(woken.0.load(Ordering::Relaxed), u64::from(*until < time));
                    if *until < time && !*is_over {
                        *is_over = true;
                        prop_assert!(pin!(sleep).poll(&mut Context::from_waker(Waker::noop())).is_ready());
                    }
                }
            }
        }
    }
}
