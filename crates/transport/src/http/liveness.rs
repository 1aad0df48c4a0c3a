//! Detects dead HTTP/2 connections. A silent connection with outstanding responses gets a PING. If nothing at all comes back, the
//! connection is dead. A connection with traffic costs only one flag per read.

/// The number of silent checks after which a PING is sent.
const PING_AFTER: u32 = 10;

/// The number of silent checks after which the connection is dead. A stall of this process, of any length, counts as one check.
const DEAD_AFTER: u32 = 20;

/// The liveness state of one connection: the number of consecutive silent checks.
#[derive(Debug, Default)]
pub(super) struct Liveness {
    checks: u32,
    /// Whether responses were outstanding at one of these checks.
    is_owed: bool,
}

/// What a check demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Wait,
    Ping,
    Dead,
}

impl Liveness {
    /// Checks the connection; the caller chooses the interval. `has_heard` tells whether anything was read since the last check.
    pub(super) fn check(&mut self, has_heard: bool, owes_answers: bool) -> Step {
        if has_heard {
            *self = Self::default();
        }
        // The response to a request that was cancelled meanwhile is still outstanding.
        self.is_owed |= owes_answers;
        if !self.is_owed {
            return Step::Wait;
        }
        self.checks = self.checks.saturating_add(1);
        match self.checks {
            PING_AFTER => Step::Ping,
            DEAD_AFTER.. => Step::Dead,
            _ => Step::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all histories, a connection is dead only after as many consecutive silent checks, a PING among them, and only if a response
        /// was outstanding.
        #[test]
        fn only_silence_that_was_broken_by_nothing_is_death(
            checks in prop::collection::vec((prop::bool::weighted(0.05), any::<bool>()), 0..100),
        ) {
            let mut silence = Liveness::default();
            let (mut steps, mut owed) = (Vec::new(), false);
            for (has_heard, owes_answers) in checks {
                if has_heard {
                    (steps, owed) = (Vec::new(), false);
                }
                let step = silence.check(has_heard, owes_answers);
                owed |= owes_answers;
                if !owed {
                    prop_assert_eq!(step, Step::Wait);
                    continue;
                }
                steps.push(step);
                let expected = match steps.len() {
                    10 => Step::Ping,
                    20.. => Step::Dead,
                    _ => Step::Wait,
                };
                prop_assert_eq!(step, expected, "{:?}", steps);
            }
        }
    }

    #[test]
    fn an_idle_connection_is_left_alone() {
        let mut silence = Liveness::default();
        assert!((0..1000).all(|_| silence.check(false, false) == Step::Wait));
        // One request that was cancelled between two checks is enough.
        silence.check(false, true);
        assert!((0..8).all(|_| silence.check(false, false) == Step::Wait));
        assert_eq!(silence.check(false, false), Step::Ping);
    }
}
