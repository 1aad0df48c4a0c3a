//! The calibrated model against the published numbers that it is made from, on enough seekers for the tolerances below.

use client_event::EventType::{
    self, ApplicationFinish, ApplicationQuickSubmission, ApplicationRedirect, ApplicationRedirectFromStart, ApplicationStart,
    ApplicationStartFromStart, Bookmark, Impression, View, ViewDirect,
};
use seeker_model::{Playback, SimTime};

use crate::DEFAULT_MODEL;

fn counts(seed: u64, seekers: u64) -> [f64; 16] {
    let mut counts = [0.0; 16];
    for seeker in 0..seekers {
        for event in Playback::new(&DEFAULT_MODEL, seed, seeker, SimTime::ZERO) {
            counts[event.event_type.index()] += 1.0;
        }
    }
    counts
}

#[test]
fn shares_are_those_of_the_sources() {
    for seed in [1, 2, 3] {
        let counts = counts(seed, 40_000);
        let of = |types: &[EventType]| types.iter().map(|event_type| counts[event_type.index()]).sum::<f64>();
        let views = of(&[View]);
        let intents = of(&[
            ApplicationStart,
            ApplicationQuickSubmission,
            ApplicationRedirect,
            ApplicationStartFromStart,
            ApplicationRedirectFromStart,
        ]);
        for (name, value, target, tolerance) in [
            ("bookmarks per view", of(&[Bookmark]) / views, 0.028, 0.004),
            ("intents to apply per view", intents / views, 0.061, 0.010),
            ("finished per started", of(&[ApplicationFinish]) / of(&[ApplicationStart, ApplicationStartFromStart]), 0.678, 0.05),
            ("views per page of results", of(&[View, ViewDirect]) / of(&[Impression]), 0.76, 0.08),
        ] {
            assert!((value - target).abs() <= tolerance, "{name}, seed {seed}: {value}, expected {target} +- {tolerance}");
        }
    }
}

#[test]
fn ten_types_occur() {
    let counts = counts(4, 5_000);
    let found: Vec<_> = EventType::ALL.into_iter().filter(|event_type| counts[event_type.index()] > 0.0).collect();
    assert_eq!(
        found,
        [
            ApplicationStart,
            ApplicationFinish,
            ApplicationQuickSubmission,
            ApplicationRedirect,
            View,
            Bookmark,
            Impression,
            ApplicationStartFromStart,
            ApplicationRedirectFromStart,
            ViewDirect,
        ]
    );
}
