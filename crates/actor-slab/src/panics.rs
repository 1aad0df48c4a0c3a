//! Panics of actors. A panic inside [`contain`] ends one call and prints nothing: [`contain`] returns the panic message. Any other panic
//! on a watched thread is printed as usual and immediately reported to the watcher, whichever task or actor it ends.
//!
//! Both need the panic hook of the process, because only the hook sees the message and the location of every panic. Its only state is
//! thread-local, and it calls the previous hook.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use tokio::sync::mpsc::UnboundedSender;

thread_local! {
    /// The nesting depth of [`contain`] on this thread.
    static CONTAINED: Cell<u32> = const { Cell::new(0) };
    /// The message of the last contained panic.
    static MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Receives the panics that are not contained.
    static WATCHER: RefCell<Option<UnboundedSender<String>>> = const { RefCell::new(None) };
}

/// Calls a function. Returns a panic in it as its message and location.
///
/// Changes made by the function remain, so the caller must drop the changed value or know that it is still valid.
///
/// # Errors
///
/// The message of the panic.
pub fn contain<R>(call: impl FnOnce() -> R) -> Result<R, String> {
    CONTAINED.set(CONTAINED.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(call));
    CONTAINED.set(CONTAINED.get() - 1);
    result.map_err(|_| MESSAGE.take().unwrap_or_else(|| "panicked without a message".to_owned()))
}

/// Whether a panic on this thread would be contained.
pub fn is_contained() -> bool {
    CONTAINED.get() > 0
}

/// Reports every panic on this thread that is not contained, as its message and location.
pub fn watch_thread(watcher: UnboundedSender<String>) {
    install_hook();
    WATCHER.set(Some(watcher));
}

/// The watcher of this thread, for use on the threads that it starts.
pub fn watcher_of_thread() -> Option<UnboundedSender<String>> {
    WATCHER.with_borrow(Clone::clone)
}

/// Installs the hook that makes [`contain`] silent and [`watch_thread`] work. Call it once before either; further calls do nothing.
pub fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            if is_contained() {
                MESSAGE.set(Some(describe(info)));
                return;
            }
            previous(info);
            // A thread that is ending has no watcher, and a dropped watcher needs no report.
            let _ = WATCHER.try_with(|watcher| watcher.borrow().as_ref().map(|watcher| watcher.send(describe(info))));
        }));
    });
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("a panic without a message");
    match info.location() {
        Some(place) => format!("{message} ({}:{})", place.file(), place.line()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[test]
    fn contained_panics_are_results_and_are_not_reported() {
        let (watcher, mut reported) = unbounded_channel();
        thread::spawn(|| {
            watch_thread(watcher);
            assert_eq!(contain(|| 7), Ok(7));
            let message = contain(|| -> u8 { panic!("number {}", 7) }).unwrap_err();
            assert!(message.starts_with("number 7 (") && message.contains("panics.rs:"), "{message}");
            let nested = contain(|| contain(|| -> u8 { panic!("inner") }).unwrap_err()).unwrap();
            assert!(nested.starts_with("inner"), "{nested}");
            assert!(!is_contained());
        })
        .join()
        .unwrap();
        assert!(reported.try_recv().is_err());
    }

    #[test]
    fn other_panics_of_a_watched_thread_are_reported() {
        let (watcher, mut reported) = unbounded_channel();
        let ended = thread::spawn(|| {
            watch_thread(watcher);
            panic!("to be reported");
        });
        assert!(ended.join().is_err());
        assert!(reported.try_recv().unwrap().starts_with("to be reported ("));
    }
}
