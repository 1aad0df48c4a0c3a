//! The streaming checker against the oracle, and properties of both.

use client_event::rules::RuleId;
use client_event::sequence::{Finding, Fingerprints, Place, Searches, SequenceChecker, Totals, request_hash};
use client_event::strategies::{
    BrokenMessage, BrokenStream, EARLIEST_TIMESTAMP, EventStream, SEQUENCE_RULES, any_stream, broken_message_by, broken_stream,
    broken_stream_by, valid_stream,
};
use client_event::{ClientEvent, EventTimestamp, EventType, Reader, Reason};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::oracle::{Setting, all_pairs, streamed};

/// Valid, broken and arbitrary streams, in order or shuffled.
fn stream() -> impl Strategy<Value = EventStream> {
    let broken = broken_stream().prop_map(|broken| broken.stream);
    let stream = prop_oneof![1 => valid_stream(), 2 => broken, 4 => any_stream()].boxed();
    let shuffled = stream.clone().prop_flat_map(|EventStream { events, searches }| {
        Just(events).prop_shuffle().prop_map(move |events| EventStream { events, searches: searches.clone() })
    });
    prop_oneof![stream, shuffled]
}

/// Windows that close no requests, some requests, or nearly all requests of a stream.
fn window_ms() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![Just(None), Just(Some(0)), (0..60_000_i64).prop_map(Some), (0..36_000_000_i64).prop_map(Some)]
}

fn setting(stream: &EventStream, window_ms: Option<i64>, with_searches: bool, now: Option<EventTimestamp>) -> Setting {
    Setting { window_ms, searches: with_searches.then(|| stream.searches.clone()), now }
}

fn rules(findings: &[Finding]) -> Vec<RuleId> {
    let mut rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
    rules.dedup();
    rules
}

proptest! {
    /// For all streams, windows and times of checking, with and without searches, the streaming checker has exactly the findings and
    /// counts of the oracle, including every text.
    #[test]
    fn finds_the_findings_of_the_oracle(stream in stream(), window_ms in window_ms(), with_searches: bool, now in prop::option::of(0..900_i64)) {
        let now = now.map(|second| EventTimestamp::from_millis(EARLIEST_TIMESTAMP.as_millis() + second * 1000 - 300_000));
        let setting = setting(&stream, window_ms, with_searches, now);
        prop_assert_eq!(streamed(&stream.events, &setting), all_pairs(&stream.events, &setting));
    }

    /// For all valid streams, there are no findings, with and without searches, and each message passes the checks.
    #[test]
    fn valid_streams_give_nothing(stream in valid_stream(), with_searches: bool) {
        let (findings, totals) = streamed(&stream.events, &setting(&stream, None, with_searches, None));
        prop_assert_eq!(findings, []);
        prop_assert_eq!((totals.late, totals.closed), (0, 0));
        prop_assert!(stream.events.iter().all(|event| event.check(None).is_empty()));
    }

    /// For all streams that break one rule, the findings are of that rule and of no other.
    #[test]
    fn a_mutation_is_found_under_its_rule_alone(broken in broken_stream()) {
        let BrokenStream { stream, rule } = broken;
        // Without an impression, the search was never shown either.
        let with_searches = rule != RuleId::RequestHasImpression;
        let (findings, _) = streamed(&stream.events, &setting(&stream, None, with_searches, None));
        prop_assert_eq!(rules(&findings), [rule], "{:?}", findings);
        prop_assert!(stream.events.iter().all(|event| event.check(None).is_empty()));
    }

    /// For all pairs of streams without a common id, the findings of any mix of both are the findings of each.
    #[test]
    fn independent_requests_do_not_matter_to_each_other(one in stream(), other in stream(), mixing: [Index; 64]) {
        let none = Setting::default();
        let renamed: Vec<_> = other.events.into_iter().map(|event| ClientEvent {
            event_id: format!("other {}", event.event_id).parse().unwrap(),
            request_id: format!("other {}", event.request_id).parse().unwrap(),
            ..event
        }).collect();
        // For each event of the mix, its position in its own stream.
        let (mut mixed, mut origins) = (Vec::new(), Vec::new());
        let (mut first, mut second) = (one.events.iter().zip(0_u64..).peekable(), renamed.iter().zip(0_u64..).peekable());
        for step in 0.. {
            let from_first = second.peek().is_none() || first.peek().is_some() && mixing[step % mixing.len()].index(2) == 0;
            let Some((event, at)) = (if from_first { first.next() } else { second.next() }) else { break };
            mixed.push(event.clone());
            origins.push(at);
        }
        let origin = |at: u64| origins[usize::try_from(at).unwrap()];
        let mut together: Vec<_> = streamed(&mixed, &none).0.into_iter().map(|finding| Finding {
            place: Place::Event(origin(finding.place.position())),
            related: finding.related.map(origin),
            ..finding
        }).collect();
        let mut apart = streamed(&one.events, &none).0;
        apart.extend(streamed(&renamed, &none).0);
        let key = |finding: &Finding| format!("{finding:?}");
        together.sort_by_key(key);
        apart.sort_by_key(key);
        prop_assert_eq!(together, apart);
    }

    /// For all streams, all increasing positions and all ways to cut the stream into pieces, the findings are those of the whole stream at
    /// these positions. This holds for new hashes and for hashes that reuse memory.
    #[test]
    fn positions_are_the_callers(stream in stream(), gaps: [u8; 16], reuse: bool) {
        let (expected, totals) = streamed(&stream.events, &Setting::default());
        let mut positions: Vec<u64> = Vec::new();
        for (_, gap) in stream.events.iter().zip(gaps.iter().cycle()) {
            positions.push(positions.last().map_or(0, |last| last + 1) + u64::from(*gap) * u64::from(u32::MAX));
        }
        let options = SequenceChecker::builder().window_ms(None);
        let (mut checker, mut findings) = (options.build(), Vec::new());
        let mut fingerprints = Fingerprints::default();
        for (event, at) in stream.events.iter().zip(&positions) {
            if reuse {
                fingerprints.recompute(event);
            } else {
                fingerprints = Fingerprints::of(event);
            }
            checker.observe_at(event, &fingerprints, *at, &mut findings);
        }
        prop_assert_eq!(checker.finish(&mut findings), totals);
        let number = |at: u64| positions.binary_search(&at).unwrap() as u64;
        for finding in &mut findings {
            finding.place = Place::Event(number(finding.place.position()));
            finding.related = finding.related.map(number);
        }
        findings.sort_by_key(|finding| format!("{finding:?}"));
        let mut expected = expected;
        expected.sort_by_key(|finding| format!("{finding:?}"));
        prop_assert_eq!(findings, expected);
    }

    /// For all streams, windows, times of checking and numbers of parts, with and without searches, the checkers of the parts together have
    /// the findings and the counts of one checker.
    #[test]
    fn parts_find_what_the_whole_finds(
        stream in stream(),
        window_ms in window_ms(),
        with_searches: bool,
        now in prop::option::of(0..900_i64),
        of in 1..=64_u64,
    ) {
        let now = now.map(|second| EventTimestamp::from_millis(EARLIEST_TIMESTAMP.as_millis() + second * 1000 - 300_000));
        let setting = setting(&stream, window_ms, with_searches, now);
        let (mut expected, expected_totals) = streamed(&stream.events, &setting);
        let (mut findings, mut sum) = (Vec::new(), Totals::default());
        for part in 0..of {
            let of_part = |request_hash: u64| request_hash % of == part;
            let mut searches = Searches::default();
            for (search, at) in setting.searches.iter().flatten().zip(0..) {
                if of_part(request_hash(&search.request_id)) {
                    searches.add(&search.request_id, search.jobs.iter().map(AsRef::as_ref), at);
                }
            }
            let builder = SequenceChecker::builder().window_ms(window_ms).searches(with_searches.then_some(searches));
            let mut checker = if let Some(now) = now { builder.now(now) } else { builder }.build();
            for (event, at) in stream.events.iter().zip(0..) {
                let fingerprints = Fingerprints::of(event);
                if of_part(fingerprints.request_hash()) {
                    checker.observe_at(event, &fingerprints, at, &mut findings);
                } else {
                    checker.observe_of_other_part(event, &fingerprints, at, &mut findings);
                }
            }
            let totals = checker.finish(&mut findings);
            sum.events += totals.events;
            sum.requests += totals.requests;
            sum.retries += totals.retries;
            sum.closed += totals.closed;
            sum.late += totals.late;
        }
        findings.sort_by_key(|finding| format!("{finding:?}"));
        expected.sort_by_key(|finding| format!("{finding:?}"));
        prop_assert_eq!(findings, expected);
        prop_assert_eq!(sum, expected_totals);
    }

    /// For all times that can be written and all windows, the checker counts every event and does not panic.
    #[test]
    fn no_time_is_too_far(stream in any_stream(), times: [i64; 8], window_ms: Option<i64>, now: Option<i64>) {
        let mut events = stream.events;
        for (event, time) in events.iter_mut().zip(times.iter().chain(&[i64::MAX, i64::MIN]).cycle()) {
            event.event_timestamp_millis = EventTimestamp::from_millis(*time);
        }
        let setting = Setting { window_ms, searches: Some(stream.searches), now: now.map(EventTimestamp::from_millis) };
        let (_, totals) = streamed(&events, &setting);
        prop_assert_eq!(totals.events, events.len() as u64);
    }

    /// For all streams in which no request is idle for longer than the window, the window changes nothing.
    #[test]
    fn a_window_longer_than_every_gap_changes_nothing(stream in stream(), with_searches: bool) {
        let times = || stream.events.iter().map(|event| event.event_timestamp_millis.as_millis()).filter(|time| *time >= EARLIEST_TIMESTAMP.as_millis());
        let window_ms = times().max().unwrap_or(0) - times().min().unwrap_or(0);
        let within = streamed(&stream.events, &setting(&stream, Some(window_ms), with_searches, None));
        prop_assert_eq!(within, streamed(&stream.events, &setting(&stream, None, with_searches, None)));
    }

    /// For all streams that are valid or break one rule, in the order of time, and for all windows: there is no finding of another rule,
    /// whichever requests were closed in between. If no event was late, the broken rule has a finding.
    #[test]
    fn a_window_invents_nothing(broken in broken_stream(), window_ms in window_ms()) {
        let BrokenStream { mut stream, rule } = broken;
        // If the first event of a conflict is forgotten, the second one counts as new. A cause after its window does not count as a cause.
        if matches!(rule, RuleId::UniqueEventId | RuleId::TimeOrder) {
            return Ok(());
        }
        stream.events.sort_by_key(|event| event.event_timestamp_millis);
        let with_searches = rule != RuleId::RequestHasImpression;
        let (findings, totals) = streamed(&stream.events, &setting(&stream, window_ms, with_searches, None));
        prop_assert!(findings.iter().all(|finding| finding.rule == rule), "{:?}", findings);
        prop_assert!(totals.late > 0 || rules(&findings) == [rule], "{:?}", totals);
        prop_assert!(totals.late == 0 || totals.closed > 0);
    }
}

/// Each rule between events has a mutation whose streams break that rule and no other. Each other rule has broken messages that are refused
/// because of it.
#[test]
fn every_rule_can_be_broken() {
    let mut runner = proptest::test_runner::TestRunner::default();
    for rule in RuleId::ALL {
        if SEQUENCE_RULES.contains(&rule) {
            let with_searches = rule != RuleId::RequestHasImpression;
            let breaks_it = |broken: BrokenStream| {
                prop_assert_eq!(broken.rule, rule);
                let (findings, _) = streamed(&broken.stream.events, &setting(&broken.stream, None, with_searches, None));
                prop_assert_eq!(rules(&findings), [rule], "{:?}", findings);
                Ok(())
            };
            runner.run(&broken_stream_by(rule), breaks_it).unwrap();
        } else {
            let reasons: Vec<_> = Reason::OF_MESSAGES.into_iter().filter(|reason| RuleId::of(*reason) == rule).collect();
            assert!(!reasons.is_empty(), "{rule} is about neither messages nor streams");
            let breaks_it = |broken: BrokenMessage| {
                let refusal = Reader::new().check(broken.now).read(&broken.json).unwrap_err();
                let mut found = refusal.problems().iter().map(|problem| RuleId::of(problem.reason));
                prop_assert!(found.any(|found| found == rule), "{}", refusal);
                Ok(())
            };
            runner.run(&select(reasons).prop_flat_map(broken_message_by), breaks_it).unwrap();
        }
    }
}

/// The bytes of the checker in the middle and at the end of a stream with a page of this many jobs and four VIEWs every second.
#[expect(clippy::default_trait_access, reason = "the type of the empty details does not matter")]
fn memory(pages: i64, jobs: usize, window_ms: Option<i64>) -> [usize; 2] {
    let mut checker = SequenceChecker::builder().window_ms(window_ms).build();
    let mut findings = Vec::new();
    let mut half = 0;
    for page in 0..pages {
        let names: Vec<_> = (0..jobs).map(|job| format!("jobs/{page}-{job}").parse().unwrap()).collect();
        for number in 0..5 {
            let event = ClientEvent {
                event_id: format!("{page}-{number}").parse().unwrap(),
                event_type: if number == 0 { EventType::Impression } else { EventType::View },
                request_id: format!("{page}").parse().unwrap(),
                related_job_names: if number == 0 { names.clone() } else { vec![names[number].clone()] },
                event_timestamp_millis: EventTimestamp::from_millis(EARLIEST_TIMESTAMP.as_millis() + page * 1000),
                details: Default::default(),
            };
            checker.observe(&event, &mut findings);
        }
        if page == pages / 2 {
            half = checker.heap_bytes();
        }
    }
    let all = checker.heap_bytes();
    checker.finish(&mut findings);
    assert_eq!(findings, []);
    [half, all]
}

#[test]
fn memory_is_that_of_open_requests_and_of_the_ids_of_two_windows() {
    // 14,336 requests and 71,680 ids; a hash map is at most half empty.
    let [_, all] = memory(14_336, 15, None);
    assert!(all <= 14_336 * 310 + 71_680 * 48, "{all} bytes, where a request may take 310 and an event id 48");
    // A closed request leaves only its hash: 9 bytes in a set that is at most half empty, in two generations.
    let [half, all] = memory(20_000, 15, Some(500_000));
    assert!(all - half <= 10_000 * 2 * 18, "{half} bytes grew to {all}");
}

proptest! {
    /// For all events with the hashes of other events, every event is counted.
    #[test]
    fn hashes_of_another_event_do_no_harm(stream in stream(), others: [Index; 16]) {
        let (mut checker, mut findings) = (SequenceChecker::new(), Vec::new());
        for ((event, at), other) in stream.events.iter().zip(0..).zip(others.iter().cycle()) {
            checker.observe_at(event, &Fingerprints::of(other.get(&stream.events)), at, &mut findings);
        }
        prop_assert_eq!(checker.finish(&mut findings).events, stream.events.len() as u64);
        prop_assert!(findings.iter().all(|finding| !finding.to_string().is_empty()));
    }
}
