//! Passes the lifecycle of a request to the checker, one event at a time.

use client_event::sequence::{EventStatus, Finding, SequenceChecker};
use client_event::strategies::{LifecycleStep, RequestLifecycle};
use proptest_state_machine::{StateMachineTest, prop_state_machine};

/// The checker and its findings.
struct Checked {
    checker: SequenceChecker,
    findings: Vec<Finding>,
}

impl StateMachineTest for Checked {
    type SystemUnderTest = Self;
    type Reference = RequestLifecycle;

    fn init_test(_: &RequestLifecycle) -> Self {
        Self { checker: SequenceChecker::new(), findings: Vec::new() }
    }

    fn apply(mut state: Self, life: &RequestLifecycle, _: LifecycleStep) -> Self {
        let event = life.events.last().unwrap();
        assert_eq!(state.checker.observe(event, &mut state.findings), EventStatus::New { pending: false });
        assert_eq!(state.checker.observe(event, &mut state.findings), EventStatus::Retry);
        state
    }

    fn check_invariants(state: &Self, life: &RequestLifecycle) {
        assert_eq!(state.findings, []);
        let totals = state.checker.totals();
        assert_eq!((totals.events, totals.retries), (2 * life.events.len() as u64, life.events.len() as u64));
    }

    fn teardown(mut state: Self, life: RequestLifecycle) {
        let totals = state.checker.finish(&mut state.findings);
        assert_eq!(state.findings, []);
        assert_eq!(totals.requests, u64::from(!life.events.is_empty()));
    }
}

prop_state_machine! {
    /// For all lifecycles of a request, no event has a finding, no event waits for a cause, and each repeated event is a retry.
    #[test]
    fn no_step_of_a_life_breaks_a_rule(sequential 1..30 => Checked);
}
