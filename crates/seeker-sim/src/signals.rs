//! What asks the program to end: SIGINT (Ctrl-C) and SIGTERM, elsewhere than on Unix Ctrl-C alone; and the user at the screen, where
//! Ctrl-C is a key.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

/// More than two ask for nothing more.
const BY_HAND_MAX: usize = 2;

/// The same signal so soon after the last one is that one again: `timeout`, `npm` and others send to the process and to its group,
/// and nobody asks twice as fast as this.
const ECHO_MAX: Duration = Duration::from_millis(200);

/// Waits for signals, one after the other; none that comes between two waits is lost.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
    by_hand: mpsc::Receiver<()>,
    /// Kept, so that there always is one and waiting goes on.
    sender: mpsc::Sender<()>,
    /// What asked last, and when.
    last: Option<(Kind, Instant)>,
}

/// What asks to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Interrupt,
    #[cfg(unix)]
    Terminate,
    ByHand,
}

/// Asks to end, just like a signal.
#[derive(Clone, Debug)]
pub(crate) struct ByHand(mpsc::Sender<()>);

impl ByHand {
    pub(crate) fn end(&self) {
        // What finds no room was asked for already.
        let _ = self.0.try_send(());
    }
}

impl Signals {
    /// From now on the signals do not end the process. To be called inside a runtime.
    pub(crate) fn new() -> io::Result<Self> {
        let (sender, by_hand) = mpsc::channel(BY_HAND_MAX);
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let (interrupt, terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
            Ok(Self { interrupt, terminate, by_hand, sender, last: None })
        }
        #[cfg(windows)]
        {
            Ok(Self { interrupt: tokio::signal::windows::ctrl_c()?, by_hand, sender, last: None })
        }
    }

    pub(crate) fn by_hand(&self) -> ByHand {
        ByHand(self.sender.clone())
    }

    /// Resolves at the next signal, unless it is the last one again.
    pub(crate) async fn next(&mut self) {
        loop {
            let kind = self.any().await;
            let now = Instant::now();
            let is_echo = self.last.is_some_and(|(last, at)| last == kind && now.duration_since(at) < ECHO_MAX);
            if !is_echo {
                self.last = Some((kind, now));
                return;
            }
        }
    }

    #[cfg(unix)]
    async fn any(&mut self) -> Kind {
        tokio::select! {
            _ = self.interrupt.recv() => Kind::Interrupt,
            _ = self.terminate.recv() => Kind::Terminate,
            _ = self.by_hand.recv() => Kind::ByHand,
        }
    }

    #[cfg(windows)]
    async fn any(&mut self) -> Kind {
        tokio::select! {
            _ = self.interrupt.recv() => Kind::Interrupt,
            _ = self.by_hand.recv() => Kind::ByHand,
        }
    }
}
