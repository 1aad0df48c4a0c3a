//! Used processor time; `None` if the system does not report it.

use std::time::Duration;

/// The processor time of this process, over all threads.
pub(crate) fn of_process() -> Option<Duration> {
    used(CpuClock::Process)
}

/// The processor time of this thread.
pub(crate) fn of_thread() -> Option<Duration> {
    used(CpuClock::Thread)
}

#[derive(Clone, Copy)]
enum CpuClock {
    Process,
    Thread,
}

#[cfg(unix)]
fn used(clock: CpuClock) -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    let clock = match clock {
        CpuClock::Process => ClockId::ProcessCPUTime,
        CpuClock::Thread => ClockId::ThreadCPUTime,
    };
    Duration::try_from(clock_gettime(clock)).ok()
}

#[cfg(not(unix))]
fn used(_: CpuClock) -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_uses_no_more_than_its_process() {
        let Some(before) = of_thread() else { return };
        let work: u64 = (0..3_000_000_u64).map(std::hint::black_box).sum();
        assert!(work > 0);
        let (thread, process) = (of_thread().unwrap(), of_process().unwrap());
        assert!(before < thread && thread <= process);
    }
}
