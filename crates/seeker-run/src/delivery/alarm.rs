//! A timer with a finer resolution than tokio's, which is one millisecond. On Linux it is a kernel timer that the arbiter's own loop waits
//! for. On other systems, and if the kernel provides no timer, it is tokio's.

use std::time::Duration;

/// One timer, for one task.
#[derive(Debug)]
pub(crate) struct Alarm {
    #[cfg(target_os = "linux")]
    timer: Option<kernel::Timer>,
}

impl Alarm {
    /// Creates a timer. Must be called inside a runtime.
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            timer: kernel::Timer::new().ok(),
        }
    }

    /// Resolves after this time. May resolve earlier if an earlier wait was cancelled.
    pub(crate) async fn after(&self, wait: Duration) {
        #[cfg(target_os = "linux")]
        if let Some(timer) = &self.timer
            && !crate::clock::is_virtual()
            && timer.after(wait).await.is_ok()
        {
            return;
        }
        crate::clock::sleep(wait).await;
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    #[derive(Debug)]
    pub(super) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        pub(super) fn new() -> io::Result<Self> {
            let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
            #[expect(
                deprecated,
                reason = "the new function is unsafe, for types that change their descriptor; an `OwnedFd` never changes its descriptor"
            )]
            AsyncFd::with_interest(timer, Interest::READABLE).map(Self)
        }

        pub(super) async fn after(&self, wait: Duration) -> io::Result<()> {
            const NEVER_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
            // A zero duration would stop the timer.
            let wait = wait.max(Duration::from_nanos(1));
            let it_value = Timespec::try_from(wait).map_err(|_| io::ErrorKind::InvalidInput)?;
            timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &Itimerspec { it_interval: NEVER_AGAIN, it_value })?;
            // There is no need to read the expiration count: setting the timer clears it, and the next expiration is reported anyway.
            self.0.readable().await?.clear_ready();
            Ok(())
        }
    }
}
