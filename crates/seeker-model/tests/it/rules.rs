//! No stream of the model violates a rule of `client_event::rules`: documented and inferred rules, of single messages and of sequences. Rules
//! that need the searches are not checked.

use std::collections::BTreeSet;

use client_event::EventType::{
    ApplicationFinish, ApplicationQuickSubmission, ApplicationRedirectFromStart, ApplicationStart, ApplicationStartFromStart,
    Hired, Impression, InterviewGranted, View, ViewDirect,
};
use client_event::rules::RuleId;
use client_event::sequence::SequenceChecker;
use client_event::{ClientEvent, EventTimestamp};
use proptest::prelude::*;

use crate::{DEFAULT_MODEL, messages, model};

/// Returns the rules that a stream violates, with a sentence on each violation.
fn breaches(stream: &[ClientEvent]) -> Vec<(RuleId, String)> {
    let mut checker = SequenceChecker::builder().window_ms(None).build();
    let (mut breaches, mut findings) = (Vec::new(), Vec::new());
    for event in stream {
        breaches.extend(event.check(None).iter().map(|problem| (RuleId::of(problem.reason), problem.to_string())));
        checker.observe(event, &mut findings);
    }
    let totals = checker.finish(&mut findings);
    // Every event was checked in full, and none was mistaken for a retry.
    assert_eq!((totals.events, totals.late, totals.retries), (stream.len() as u64, 0, 0));
    breaches.extend(findings.iter().map(|finding| (finding.rule, finding.to_string())));
    breaches
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// For all seeds, the seekers of the calibrated model violate no rule.
    #[test]
    fn calibrated_seekers_break_no_rule(seed: u64, first in 0_u64..1_000_000) {
        for seeker in first..first + 20 {
            prop_assert_eq!(breaches(&messages(&DEFAULT_MODEL, seed, seeker)), []);
        }
    }

    /// For all models and seeds, no rule is violated.
    #[test]
    fn no_seeker_breaks_a_rule(model in model(), seed: u64) {
        let stream: Vec<_> = (0..5).flat_map(|seeker| messages(&model, seed, seeker)).collect();
        prop_assert_eq!(breaches(&stream), []);
    }
}

/// The test can fail: each change of a valid stream violates the expected rule.
#[test]
fn the_law_can_be_broken() {
    let sound = (0..10_000)
        .map(|seeker| messages(&DEFAULT_MODEL, 1, seeker))
        .find(|stream| stream.iter().any(|event| event.event_type == ApplicationFinish) && stream[1].event_type == View);
    let sound = sound.unwrap();
    assert_eq!(breaches(&sound), []);
    let rules_of = |change: &dyn Fn(&mut Vec<ClientEvent>)| {
        let mut stream = sound.clone();
        change(&mut stream);
        breaches(&stream).into_iter().map(|(rule, _)| rule).collect::<BTreeSet<_>>()
    };
    let copied = |stream: &[ClientEvent], position: usize, event_type| {
        let mut copy = stream[position].clone();
        copy.event_id = format!("{event_type}").parse().unwrap();
        copy.event_type = event_type;
        copy
    };
    let finish = sound.iter().position(|event| event.event_type == ApplicationFinish).unwrap();
    let breaks = |rule: RuleId, change: &dyn Fn(&mut Vec<ClientEvent>)| {
        let rules = rules_of(change);
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    };
    breaks(RuleId::UniqueEventId, &|stream| stream[1].event_id = stream[0].event_id.clone());
    breaks(RuleId::RequestHasImpression, &|stream| drop(stream.remove(0)));
    breaks(RuleId::OneImpressionPerRequest, &|stream| stream.push(copied(stream, 0, Impression)));
    breaks(RuleId::JobWasShown, &|stream| {
        let job = stream[1].related_job_names[0].clone();
        stream[0].related_job_names.retain(|shown| *shown != job);
    });
    breaks(RuleId::TimeOrder, &|stream| {
        let after = stream[1].event_timestamp_millis.as_millis() + 1;
        stream[0].event_timestamp_millis = EventTimestamp::from_millis(after);
    });
    breaks(RuleId::FinishAfterStart, &|stream| stream.retain(|event| event.event_type != ApplicationStart));
    breaks(RuleId::HiredAfterApplication, &|stream| stream.insert(2, copied(stream, 1, Hired)));
    breaks(RuleId::InterviewAfterApplication, &|stream| stream.insert(2, copied(stream, 1, InterviewGranted)));
    for (rule, excluding, beside) in [
        (RuleId::QuickSubmissionExcludesStart, ApplicationQuickSubmission, finish),
        (RuleId::StartFromStartExcludesView, ApplicationStartFromStart, 1),
        (RuleId::RedirectFromStartExcludesOthers, ApplicationRedirectFromStart, 1),
        (RuleId::ViewDirectExcludesView, ViewDirect, 1),
    ] {
        breaks(rule, &|stream| stream.insert(beside, copied(stream, beside, excluding)));
    }
    breaks(RuleId::JobsOfAnEvent, &|stream| stream[1].related_job_names.push("jobs/1".parse().unwrap()));
    breaks(RuleId::JobNameForm, &|stream| stream[1].related_job_names[0] = "1".parse().unwrap());
}
