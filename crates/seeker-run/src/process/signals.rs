//! Requests to end the program: SIGINT (Ctrl-C), SIGTERM and SIGHUP on Unix; Ctrl-C, Ctrl-Break and a closed console on Windows; the keys
//! Ctrl-C and `q` on the screen of a run.
//!
//! A separate thread receives the requests, so none is lost or waits for the work of another thread. The first request starts a graceful
//! shutdown. The second request ends the process, and so does the expiry of [`ORDERLY_END_MAX`] after the first. The signal thread itself
//! ends the process, so nothing that blocks elsewhere can prevent it.

mod handlers;

use std::future::pending;
use std::time::Duration;
use std::{io, thread};

use atomic_output::forced_end::end_process;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use handlers::Handlers;

/// The exit code of a program that a signal ended: 128 and the number of SIGINT, as shells count.
pub const INTERRUPTED_EXIT_CODE: u8 = 130;

/// The maximum duration of a graceful shutdown. It takes longer only if something is stuck: the program waits 2 s for responses, and the rest
/// takes milliseconds. `docker stop` kills after the same time.
const ORDERLY_END_MAX: Duration = Duration::from_secs(10);

/// A repeat of the same request within this time is an echo: `timeout`, `npm` and others send a signal to the process and to its group.
const ECHO_MAX: Duration = Duration::from_millis(200);

/// The maximum number of queued requests by key.
const END_REQUESTS_MAX: usize = 16;

/// Receives requests to end the program. From its creation to the end of the process, the second request ends the process.
#[derive(Debug)]
pub struct Signals {
    requested: watch::Receiver<bool>,
    end_requester: mpsc::Sender<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Interrupt,
    Terminate,
    HangUp,
    Request,
}

/// Requests the end of the program, just like a signal.
#[derive(Clone, Debug)]
pub(crate) struct EndRequester(mpsc::Sender<()>);

impl EndRequester {
    pub(crate) fn end(&self) {
        // A full channel already holds enough requests.
        let _ = self.0.try_send(());
    }
}

impl Signals {
    /// Starts to handle signals. Must not be called inside a runtime.
    ///
    /// # Errors
    ///
    /// If the system refuses the signal handlers or the thread.
    pub fn new() -> io::Result<Self> {
        let (requested_sender, requested) = watch::channel(false);
        let (end_requester, end_requests) = mpsc::channel(END_REQUESTS_MAX);
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let handlers = {
            let _entered = runtime.enter();
            Handlers::new()?
        };
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(receive(handlers, end_requests, requested_sender)))?;
        Ok(Self { requested, end_requester })
    }

    /// Makes the first signal end the process. It removes drafts of files and does nothing else. Must not be called inside a runtime.
    ///
    /// # Errors
    ///
    /// If the system refuses the signal handlers or the thread.
    pub fn end_at_first() -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let mut handlers = {
            let _entered = runtime.enter();
            Handlers::new()?
        };
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(handlers.next());
            end_process(
                "ended by a signal; unfinished files were discarded, and existing files are unchanged".to_owned(),
                INTERRUPTED_EXIT_CODE.into(),
            )
        })?;
        Ok(())
    }

    pub(crate) fn end_requester(&self) -> EndRequester {
        EndRequester(self.end_requester.clone())
    }

    /// Resolves when the end of the program is requested, or immediately if it already was.
    pub async fn end_requested(&self) {
        if self.requested.clone().wait_for(|is_requested| *is_requested).await.is_err() {
            // Without the thread there are no requests.
            pending::<()>().await;
        }
    }

    /// Whether the end of the program was requested.
    pub(crate) fn is_end_requested(&self) -> bool {
        *self.requested.borrow()
    }
}

/// Receives requests until their owner is dropped.
async fn receive(mut handlers: Handlers, mut end_requests: mpsc::Receiver<()>, requested: watch::Sender<bool>) {
    let mut requests = Requests::default();
    let mut deadline = None;
    loop {
        let kind = tokio::select! {
            kind = handlers.next() => kind,
            Some(()) = end_requests.recv() => Kind::Request,
            () = until(deadline) => {
                let limit = humantime::format_duration(ORDERLY_END_MAX);
                end_process(format!("no graceful shutdown within {limit}: the process was ended without the rest of its output"), INTERRUPTED_EXIT_CODE.into());
            }
            () = requested.closed() => return,
        };
        match requests.accept(kind, Instant::now()) {
            Repetition::First => {
                deadline = Some(Instant::now() + ORDERLY_END_MAX);
                requested.send_replace(true);
            }
            Repetition::Echo => {}
            Repetition::Second => end_process(
                "no graceful shutdown: a second signal requested an immediate end".to_owned(),
                INTERRUPTED_EXIT_CODE.into(),
            ),
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

/// The requests so far.
#[derive(Debug, Default)]
struct Requests {
    first: Option<(Kind, Instant)>,
}

/// The meaning of a request after the previous requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repetition {
    First,
    Echo,
    Second,
}

impl Requests {
    fn accept(&mut self, kind: Kind, at: Instant) -> Repetition {
        match self.first {
            None => {
                self.first = Some((kind, at));
                Repetition::First
            }
            Some((first, first_at)) if first == kind && at.saturating_duration_since(first_at) < ECHO_MAX => Repetition::Echo,
            Some(_) => Repetition::Second,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_of_the_first_request_is_ignored() {
        use Kind::{HangUp, Interrupt, Request, Terminate};
        let start = Instant::now();
        for (kind, millis, expected) in [
            (Interrupt, 0, Repetition::Echo),
            (Interrupt, 199, Repetition::Echo),
            (Interrupt, 200, Repetition::Second),
            (Terminate, 0, Repetition::Second),
            (HangUp, 199, Repetition::Second),
            (Request, 199, Repetition::Second),
        ] {
            let mut requests = Requests::default();
            assert_eq!(requests.accept(Interrupt, start), Repetition::First);
            assert_eq!(requests.accept(kind, start + Duration::from_millis(millis)), expected, "{kind:?} {millis}");
        }
    }

    #[test]
    fn a_request_counts_whenever_it_is_looked_for() {
        let signals = Signals::new().unwrap();
        assert!(!signals.is_end_requested());
        signals.end_requester().end();
        let runtime = Builder::new_current_thread().build().unwrap();
        for _ in 0..2 {
            runtime.block_on(signals.end_requested());
            assert!(signals.is_end_requested(), "the request is kept");
        }
    }
}
