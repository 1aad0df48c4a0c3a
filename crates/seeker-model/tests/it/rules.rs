//! The rule law: no stream that the model makes breaks a rule of the message, be it documented, a sign of misconfiguration or
//! inferred. The rules are those of the message's specification and of Google's guides, checked plainly: all pairs of a request.

use std::collections::{BTreeMap, HashSet};

use client_event::EventType::{
    ApplicationCompanySubmit, ApplicationFinish, ApplicationQuickSubmission, ApplicationRedirectFromStart, ApplicationStart,
    ApplicationStartFromStart, Hired, Impression, InterviewGranted, Notification, View, ViewDirect,
};
use client_event::{ClientEvent, EventType, JobName};
use proptest::prelude::*;

use crate::{DEFAULT_MODEL, messages, model};

/// Types of which the first excludes the second under the same request and job: D4, D5, D6, I5.
const EXCLUSIONS: &[(EventType, &[EventType])] = &[
    (ApplicationQuickSubmission, &[ApplicationStart, ApplicationFinish]),
    (ApplicationStartFromStart, &[View]),
    (ApplicationRedirectFromStart, &[ApplicationStart, ApplicationFinish, View]),
    (ViewDirect, &[View]),
];

/// Types that need one of the others before them, under the same request and job: D7, D8, I2.
const PREREQUISITES: &[(EventType, &[EventType])] = &[
    (ApplicationFinish, &[ApplicationStart, ApplicationStartFromStart]),
    (Hired, &[ApplicationFinish, ApplicationQuickSubmission, ApplicationCompanySubmit]),
    (InterviewGranted, &[ApplicationFinish, ApplicationQuickSubmission, ApplicationCompanySubmit]),
];

/// The rules that a stream breaks, each with the event that shows it.
fn broken_rules(stream: &[ClientEvent]) -> Vec<(&'static str, ClientEvent)> {
    let mut broken = Vec::new();
    let mut ids = HashSet::new();
    let mut by_request: BTreeMap<_, Vec<&ClientEvent>> = BTreeMap::new();
    for event in stream {
        if !event.check(None).is_empty() {
            broken.push(("D1, I3, I4 or I6", event.clone()));
        }
        if !ids.insert(&event.event_id) {
            broken.push(("D2", event.clone()));
        }
        by_request.entry(&event.request_id).or_default().push(event);
    }
    for events in by_request.values() {
        broken_rules_of_request(events, &mut broken);
    }
    broken
}

fn broken_rules_of_request(events: &[&ClientEvent], broken: &mut Vec<(&'static str, ClientEvent)>) {
    let shows = |event: &ClientEvent| matches!(event.event_type, Impression | Notification);
    match events.iter().filter(|event| event.event_type == Impression).count() {
        0 if !events.iter().any(|event| shows(event)) => broken.push(("W2", events[0].clone())),
        0 | 1 => {}
        _ => broken.push(("W1", events[1].clone())),
    }
    for (position, event) in events.iter().enumerate() {
        let earlier = &events[..position];
        if earlier.iter().any(|other| other.event_timestamp_millis > event.event_timestamp_millis) {
            broken.push(("I3", (*event).clone()));
        }
        if shows(event) {
            continue;
        }
        let job = &event.related_job_names[0];
        let about = |other: &ClientEvent, job: &JobName| other.related_job_names.contains(job);
        if !earlier.iter().any(|other| shows(other) && about(other, job)) {
            broken.push(("I1", (*event).clone()));
        }
        for (excluding, excluded) in EXCLUSIONS {
            let found = event.event_type == *excluding
                && events.iter().any(|other| excluded.contains(&other.event_type) && about(other, job));
            if found {
                broken.push(("D4, D5, D6 or I5", (*event).clone()));
            }
        }
        for (later, causes) in PREREQUISITES {
            let missing = event.event_type == *later
                && !earlier.iter().any(|other| causes.contains(&other.event_type) && about(other, job));
            if missing {
                broken.push(("D7, D8 or I2", (*event).clone()));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// For all seeds, no rule is broken by the seekers of the calibrated model.
    #[test]
    fn calibrated_seekers_break_no_rule(seed: u64, first in 0_u64..1_000_000) {
        for seeker in first..first + 20 {
            prop_assert_eq!(broken_rules(&messages(&DEFAULT_MODEL, seed, seeker)), []);
        }
    }

    /// For all models and seeds, no rule is broken.
    #[test]
    fn no_seeker_breaks_a_rule(model in model(), seed: u64) {
        let stream: Vec<_> = (0..5).flat_map(|seeker| messages(&model, seed, seeker)).collect();
        prop_assert_eq!(broken_rules(&stream), []);
    }
}

/// The checks above would notice: each change of a sound stream breaks the rule it should.
#[test]
fn the_checks_can_fail() {
    let sound = (0..10_000)
        .map(|seeker| messages(&DEFAULT_MODEL, 1, seeker))
        .find(|stream| stream.iter().any(|event| event.event_type == ApplicationFinish) && stream[1].event_type == View);
    let sound = sound.unwrap();
    assert_eq!(broken_rules(&sound), []);
    let rules_of = |change: &dyn Fn(&mut Vec<ClientEvent>)| {
        let mut stream = sound.clone();
        change(&mut stream);
        broken_rules(&stream).into_iter().map(|(rule, _)| rule).collect::<HashSet<_>>()
    };
    let copied = |stream: &[ClientEvent], position: usize, event_type| {
        let mut copy = stream[position].clone();
        copy.event_id = format!("{event_type}").parse().unwrap();
        copy.event_type = event_type;
        copy
    };
    let finish = sound.iter().position(|event| event.event_type == ApplicationFinish).unwrap();
    assert!(rules_of(&|stream| stream[1].event_id = stream[0].event_id.clone()).contains("D2"));
    assert!(rules_of(&|stream| drop(stream.remove(0))).is_superset(&["W2", "I1"].into()));
    assert!(rules_of(&|stream| stream.push(copied(stream, 0, Impression))).contains("W1"));
    assert!(rules_of(&|stream| stream.swap(0, 1)).contains("I1"));
    assert!(rules_of(&|stream| stream.retain(|event| event.event_type != ApplicationStart)).contains("D7, D8 or I2"));
    assert!(rules_of(&|stream| stream.insert(2, copied(stream, 1, Hired))).contains("D7, D8 or I2"));
    for (excluding, beside) in
        [(ApplicationQuickSubmission, finish), (ApplicationStartFromStart, 1), (ApplicationRedirectFromStart, 1), (ViewDirect, 1)]
    {
        let rules = rules_of(&|stream| stream.insert(beside, copied(stream, beside, excluding)));
        assert!(rules.contains("D4, D5, D6 or I5"), "{excluding}");
    }
    assert!(rules_of(&|stream| stream[1].related_job_names.push("jobs/1".parse().unwrap())).contains("D1, I3, I4 or I6"));
}
