//! Panics on purpose, for tests that run the program. `SEEKER_SIM_PANIC=recorder:5` makes every fifth call of `hit("recorder")` on a thread
//! panic. Builds without debug assertions have no fail points.

/// Panics if the environment asks for it.
#[inline]
pub(crate) fn hit(point: &str) {
    #[cfg(debug_assertions)]
    enabled::hit(point);
    #[cfg(not(debug_assertions))]
    let _ = point;
}

#[cfg(debug_assertions)]
mod enabled {
    use std::cell::Cell;
    use std::sync::OnceLock;

    /// Set to the name of a fail point and how often it is passed for each panic.
    const VARIABLE: &str = "SEEKER_SIM_PANIC";

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
