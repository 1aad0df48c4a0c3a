//! Virtual time of a thread, for tests. Time stands still while any task can make progress. Then it jumps to the end of the next wait. So
//! a run of minutes takes only as long as its work, and every moment is exact to the microsecond, even on a busy machine.
//!
//! tokio's paused clock detects that no task can make progress: only then do its own timers fire. They are coarser than a microsecond, so
//! only [`drive`] waits for them.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::Moment;

thread_local! {
    static TIME: RefCell<Option<VirtualTime>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct VirtualTime {
    now: Moment,
    /// The waits by their end; for the same end, in the order in which they began.
    waits: BinaryHeap<Reverse<(Moment, u64)>>,
    wakers: rapidhash::RapidHashMap<u64, Waker>,
    next_wait: u64,
}

/// The virtual time of this thread, if it has one.
pub(crate) fn now() -> Option<Moment> {
    TIME.with_borrow(|time| time.as_ref().map(|time| time.now))
}

/// Creates a runtime with virtual time, and restarts virtual time on this thread.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    TIME.set(Some(VirtualTime::default()));
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().enable_io().start_paused(true).build().expect("the runtime has valid settings")
}

/// Ends virtual time on this thread.
pub(crate) fn end() {
    TIME.set(None);
}

/// Advances time forever. The process is paused in the given ranges, from the first moment to the second.
pub(crate) async fn drive(pauses: Vec<(Moment, Moment)>) {
    let mut pauses = pauses.into_iter().peekable();
    loop {
        // Fires when no task can make progress.
        tokio::time::sleep(Duration::from_millis(1)).await;
        TIME.with_borrow_mut(|time| {
            let Some(time) = time else { return };
            let Some(Reverse((next, _))) = time.waits.peek().copied() else { return };
            time.now = time.now.max(next);
            while pauses
                .next_if(|(from, to)| {
                    let is_in_pause = *from <= time.now;
                    if is_in_pause {
                        time.now = time.now.max(*to);
                    }
                    is_in_pause
                })
                .is_some()
            {}
            while let Some(Reverse((moment, wait))) = time.waits.peek().copied()
                && moment <= time.now
            {
                time.waits.pop();
                if let Some(waker) = time.wakers.remove(&wait) {
                    waker.wake();
                }
            }
        });
    }
}

/// Waits until a moment of virtual time.
pub(crate) struct Sleep {
    until: Moment,
    wait: Option<u64>,
}

impl Sleep {
    pub(crate) fn until(until: Moment) -> Self {
        Self { until, wait: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        TIME.with_borrow_mut(|time| {
            let Some(time) = time else { return Poll::Ready(()) };
            if time.now >= self.until {
                return Poll::Ready(());
            }
            let until = self.until;
            let wait = *self.wait.get_or_insert_with(|| {
                time.next_wait += 1;
                time.waits.push(Reverse((until, time.next_wait)));
                time.next_wait
            });
            time.wakers.insert(wait, context.waker().clone());
            Poll::Pending
        })
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(wait) = self.wait {
            TIME.with_borrow_mut(|time| {
                if let Some(time) = time {
                    time.wakers.remove(&wait);
                }
            });
        }
    }
}
