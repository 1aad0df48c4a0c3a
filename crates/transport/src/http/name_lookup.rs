//! Resolves host names on detached threads. The system resolver blocks its thread, for 20 s or more without a name server, and cannot be
//! cancelled. On a runtime thread it would delay the end of the program; here it runs on a thread that can be abandoned.
//!
//! Concurrent look-ups of the same name share one thread and its result, so an unresponsive name server costs one thread per name.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::{io, thread};

use tokio::sync::oneshot;

type Outcome = io::Result<Vec<IpAddr>>;

/// The waiting callers, by name. A name has an entry while a thread looks it up.
static WAITING: LazyLock<Mutex<HashMap<String, Vec<oneshot::Sender<Outcome>>>>> = LazyLock::new(Mutex::default);

fn waiting() -> MutexGuard<'static, HashMap<String, Vec<oneshot::Sender<Outcome>>>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the addresses of a host, in the order of the system resolver. The future can be dropped at any time.
///
/// # Errors
///
/// The error of the resolver or the system.
pub(super) async fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let addresses = addresses_of(host, resolve).await?;
    Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

fn resolve(host: &str) -> Outcome {
    fail_point::stall("name-lookup");
    Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

async fn addresses_of(host: &str, resolve: fn(&str) -> Outcome) -> Outcome {
    let (sender, outcome) = oneshot::channel();
    join_or_start(host, sender, resolve)?;
    outcome.await.unwrap_or_else(|_| Err(io::Error::other("the look-up thread ended without a result")))
}

fn join_or_start(host: &str, sender: oneshot::Sender<Outcome>, resolve: fn(&str) -> Outcome) -> io::Result<()> {
    let mut by_name = waiting();
    if let Some(senders) = by_name.get_mut(host) {
        // Callers that have given up are removed, even while the look-up still runs.
        senders.retain(|sender| !sender.is_closed());
        senders.push(sender);
        return Ok(());
    }
    let name = host.to_owned();
    thread::Builder::new().name("name-lookup".to_owned()).spawn(move || {
        let lookup = Lookup { name: Some(name.clone()) };
        let outcome = resolve(&name);
        lookup.finish(&outcome);
    })?;
    by_name.insert(host.to_owned(), vec![sender]);
    Ok(())
}

/// A running look-up. Removes its name exactly once, even if the resolver panics.
struct Lookup {
    name: Option<String>,
}

impl Lookup {
    fn finish(mut self, outcome: &Outcome) {
        for sender in self.take_senders() {
            // A caller may have given up.
            let _ = sender.send(match outcome {
                Ok(addresses) => Ok(addresses.clone()),
                Err(error) => Err(copy_of(error)),
            });
        }
    }

    fn take_senders(&mut self) -> Vec<oneshot::Sender<Outcome>> {
        self.name.take().and_then(|name| waiting().remove(&name)).unwrap_or_default()
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        drop(self.take_senders());
    }
}

/// Copies the error. Keeps the operating system's error number, which identifies limits of this machine.
fn copy_of(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_name_has_addresses() {
        let addresses = look_up("localhost", 7).await.unwrap();
        assert!(!addresses.is_empty() && addresses.iter().all(|address| address.ip().is_loopback() && address.port() == 7));
    }

    #[tokio::test]
    async fn an_error_is_passed_on() {
        let limit = |_: &str| Err(io::Error::from_raw_os_error(24));
        assert_eq!(addresses_of("limit.test", limit).await.unwrap_err().raw_os_error(), Some(24));
        let failing = |_: &str| Err(io::Error::other("no such name"));
        assert_eq!(addresses_of("failing.test", failing).await.unwrap_err().to_string(), "no such name");
        let panicking = |_: &str| panic!("on purpose");
        assert!(addresses_of("panicking.test", panicking).await.is_err());
        assert!(
            addresses_of("panicking.test", failing).await.unwrap_err().to_string().contains("no such name"),
            "a panic leaves the name free for the next look-up"
        );
    }

    /// Ten callers, three of which give up, cost one look-up. No caller gets a result before the resolver returns.
    #[tokio::test]
    async fn look_ups_of_one_name_are_shared_and_can_be_given_up() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        static GATE: Mutex<Option<mpsc::Receiver<()>>> = Mutex::new(None);
        #[expect(clippy::unnecessary_wraps, reason = "has the signature of a resolver")]
        fn gated(_: &str) -> Outcome {
            CALLS.fetch_add(1, Ordering::SeqCst);
            let gate = GATE.lock().unwrap().take();
            // Dropping the sender opens the gate.
            let _ = gate.unwrap().recv();
            Ok(vec!["192.0.2.1".parse().unwrap()])
        }
        let (open, gate) = mpsc::channel::<()>();
        *GATE.lock().unwrap() = Some(gate);
        let mut asked: Vec<_> = (0..13).map(|_| Box::pin(addresses_of("gated.test", gated))).collect();
        for one in &mut asked {
            assert!(poll_once(one.as_mut()).is_pending());
        }
        asked.truncate(10);
        drop(open);
        for one in asked {
            assert_eq!(one.await.unwrap(), ["192.0.2.1".parse::<IpAddr>().unwrap()]);
        }
        assert_eq!(CALLS.load(Ordering::SeqCst), 1);
    }

    fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
        future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
    }
}
