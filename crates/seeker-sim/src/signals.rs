//! What asks the program to end: SIGINT (Ctrl-C) and SIGTERM, elsewhere than on Unix Ctrl-C alone; and the user at the screen, where
//! Ctrl-C is a key.

use std::io;

use tokio::sync::mpsc;

/// More than two ask for nothing more.
const BY_HAND_MAX: usize = 2;

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
            Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, by_hand, sender })
        }
        #[cfg(windows)]
        {
            Ok(Self { interrupt: tokio::signal::windows::ctrl_c()?, by_hand, sender })
        }
    }

    pub(crate) fn by_hand(&self) -> ByHand {
        ByHand(self.sender.clone())
    }

    /// Resolves at the next signal.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.by_hand.recv() => {}
        }
        #[cfg(windows)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.by_hand.recv() => {}
        }
    }
}
