//! Panics and stalls on purpose, for tests that run the program. With `SEEKER_SIM_PANIC=recorder:5`, every fifth call of `hit("recorder")`
//! on a thread panics. With `SEEKER_SIM_STALL=name-lookup`, `stall("name-lookup")` writes a line to standard error and never returns.
//! Builds without debug assertions have no fail points.

/// Panics if the environment variable selects this point.
#[inline]
pub fn hit(point: &str) {
    #[cfg(debug_assertions)]
    enabled::hit(point);
    #[cfg(not(debug_assertions))]
    let _ = point;
}

/// Blocks the thread forever if the environment variable selects this point.
#[inline]
pub fn stall(point: &str) {
    #[cfg(debug_assertions)]
    enabled::stall(point);
    #[cfg(not(debug_assertions))]
    let _ = point;
}

#[cfg(debug_assertions)]
mod enabled {
    use std::cell::Cell;
    use std::io::{self, Write};
    use std::sync::OnceLock;

    /// The variable with the name of a fail point and the number of calls per panic.
    const VARIABLE: &str = "SEEKER_SIM_PANIC";

    /// The variable with the name of a point at which threads block forever.
    const STALL_VARIABLE: &str = "SEEKER_SIM_STALL";

    pub(super) fn stall(point: &str) {
        if std::env::var_os(STALL_VARIABLE).is_some_and(|stalled| stalled == point) {
            let _ = writeln!(io::stderr(), "stalled at {point}");
            loop {
                std::thread::park();
            }
        }
    }

    thread_local! {
        static HITS: Cell<u64> = const { Cell::new(0) };
    }

    pub(super) fn hit(point: &str) {
        static ACTIVE: OnceLock<Option<(String, u64)>> = OnceLock::new();
        let active = ACTIVE.get_or_init(|| {
            let value = std::env::var(VARIABLE).ok()?;
            let (point, every) = value.split_once(':')?;
            Some((point.to_owned(), every.parse().ok()?))
        });
        if let Some((active, every)) = active
            && active == point
        {
            HITS.set(HITS.get() + 1);
            assert!(!HITS.get().is_multiple_of(*every), "{VARIABLE} asks for a panic in {point}");
        }
    }
}
