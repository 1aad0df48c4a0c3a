//! Requests to end the program: SIGINT (Ctrl-C), SIGTERM and SIGHUP on Unix, Ctrl-C elsewhere, and Ctrl-C or `q` on the screen of a run,
//! where they are keys.
//!
//! A thread of its own receives the signals, so that a request counts at any time: also while no runtime runs, as between the
//! trials of a search for the capacity.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::sync::mpsc;

/// How many requests may wait. The first two end the program; echoes may come with them.
const REQUESTS_MAX: usize = 16;

/// The same signal so soon after the last one is that one again: `timeout`, `npm` and others send to the process and to its group,
/// and nobody asks twice as fast as this.
const ECHO_MAX: Duration = Duration::from_millis(200);

/// Receives requests to end, one after the other. None is lost, whenever it comes.
pub(crate) struct Signals {
    requests: mpsc::Receiver<Request>,
    /// Kept, so that waiting never finds the channel closed.
    sender: mpsc::Sender<Request>,
    /// The last request, unless it was an echo.
    last: Option<Request>,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    kind: Kind,
    at: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Interrupt,
    #[cfg(unix)]
    Terminate,
    #[cfg(unix)]
    HangUp,
    ByHand,
}

/// Asks to end, just like a signal.
#[derive(Clone, Debug)]
pub(crate) struct ByHand(mpsc::Sender<Request>);

impl ByHand {
    pub(crate) fn end(&self) {
        send(&self.0, Kind::ByHand);
    }
}

impl Signals {
    /// From now on the signals do not end the process. Not to be called inside a runtime.
    ///
    /// # Errors
    ///
    /// The system refuses the signal handlers or the thread.
    pub(crate) fn new() -> io::Result<Self> {
        let (sender, requests) = mpsc::channel(REQUESTS_MAX);
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let mut handlers = {
            let _entered = runtime.enter();
            Handlers::new()?
        };
        let to_owner = sender.clone();
        // The thread ends when its owner is gone.
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(async move {
                while !to_owner.is_closed() {
                    tokio::select! {
                        kind = handlers.next() => send(&to_owner, kind),
                        () = to_owner.closed() => {}
                    }
                }
            });
        })?;
        Ok(Self { requests, sender, last: None })
    }

    pub(crate) fn by_hand(&self) -> ByHand {
        ByHand(self.sender.clone())
    }

    /// Resolves at the next request that is not an echo of the last one.
    pub(crate) async fn next(&mut self) {
        loop {
            let request = self.requests.recv().await.expect("one sender is kept here");
            if self.accept(request) {
                return;
            }
        }
    }

    /// Whether the program was ever asked to end, including requests that [`Signals::next`] has returned.
    pub(crate) fn is_end_requested(&mut self) -> bool {
        while let Ok(request) = self.requests.try_recv() {
            self.accept(request);
        }
        self.last.is_some()
    }

    /// Whether this is not an echo.
    fn accept(&mut self, request: Request) -> bool {
        let is_echo =
            self.last.is_some_and(|last| last.kind == request.kind && request.at.saturating_duration_since(last.at) < ECHO_MAX);
        if !is_echo {
            self.last = Some(request);
        }
        !is_echo
    }
}

fn send(requests: &mpsc::Sender<Request>, kind: Kind) {
    // A full channel holds more requests than it takes to end.
    let _ = requests.try_send(Request { kind, at: Instant::now() });
}

/// The handlers of the signals.
struct Handlers {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// `None` where the process was started to survive a hang-up.
    #[cfg(unix)]
    hang_up: Option<tokio::signal::unix::Signal>,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Handlers {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: (!is_hang_up_ignored()).then(|| signal(SignalKind::hangup())).transpose()?,
        })
    }

    #[cfg(windows)]
    fn new() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Kind {
        let hang_up = async {
            match &mut self.hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Kind::Interrupt,
            _ = self.terminate.recv() => Kind::Terminate,
            _ = hang_up => Kind::HangUp,
        }
    }

    #[cfg(windows)]
    async fn next(&mut self) -> Kind {
        self.interrupt.recv().await;
        Kind::Interrupt
    }
}

/// Whether the process was started with SIGHUP ignored, as `nohup` does. A handler would undo that.
#[cfg(target_os = "linux")]
fn is_hang_up_ignored() -> bool {
    // Bit 0 of the mask is signal 1, SIGHUP: proc_pid_status(5).
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}

/// The same where the system does not tell without unsafe code: `nohup` leaves no standard stream on a terminal.
#[cfg(all(unix, not(target_os = "linux")))]
fn is_hang_up_ignored() -> bool {
    use std::io::IsTerminal;
    !(io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request and its time after the first, in milliseconds.
    fn request(start: Instant, kind: Kind, millis: u64) -> Request {
        Request { kind, at: start + Duration::from_millis(millis) }
    }

    #[test]
    fn an_echo_is_no_request() {
        let mut signals = Signals::new().unwrap();
        assert!(!signals.is_end_requested());
        let start = Instant::now();
        for (kind, millis, is_accepted) in [
            (Kind::Interrupt, 0, true),
            (Kind::Interrupt, 199, false),
            (Kind::ByHand, 199, true),
            (Kind::ByHand, 399, true),
            (Kind::ByHand, 400, false),
        ] {
            assert_eq!(signals.accept(request(start, kind, millis)), is_accepted, "{kind:?} {millis}");
            assert!(signals.is_end_requested());
        }
    }

    #[test]
    fn a_request_counts_without_a_runtime() {
        let mut signals = Signals::new().unwrap();
        signals.by_hand().end();
        assert!(signals.is_end_requested());
        assert!(signals.is_end_requested(), "it is not forgotten");
    }
}
