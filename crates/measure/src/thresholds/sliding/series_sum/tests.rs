//! Compares the windows of several generators together with the windows of one recorder that has seen all events.

use std::time::Duration;

use client_event::EventType;
use load_plan::load::{Load, LoadSpec, Rate};
use load_plan::strategies::any_threshold;
use load_plan::{EventOutcome, Moment};
use proptest::prelude::*;

use super::*;
use crate::latency::Latencies;
use crate::observations::{Observations, Sent, Settled};
use crate::thresholds::sliding::SlidingWindows;
use crate::time_histogram::time_histogram;
use crate::windows::{ClosedSecond, SECOND_MICROS, WindowCounts};

/// An event: its scheduled time, type, outcome, duration and generator.
type Event = (u64, EventType, EventOutcome, u64, usize);

const GENERATORS: usize = 4;

fn events() -> impl Strategy<Value = Vec<Event>> {
    let outcome = prop::sample::select(EventOutcome::ALL.to_vec());
    let event_type = prop::sample::select(vec![EventType::View, EventType::Bookmark]);
    prop::collection::vec((0..12 * SECOND_MICROS, event_type, outcome, 1_u64..10_000_000, 0..GENERATORS), 0..120)
}

fn observed(&(scheduled, event_type, outcome, micros, _): &Event) -> Observations {
    let scheduled = Moment::from_micros(scheduled);
    let is_answered = !matches!(outcome, EventOutcome::Unknown | EventOutcome::NotSent);
    let answered_request = is_answered.then_some(scheduled);
    Observations {
        attempted: vec![scheduled],
        sent: vec![Sent { at: scheduled.plus(micros), lag_micros: micros }],
        settled: vec![Settled { at: scheduled.plus(micros), scheduled, event_type, outcome, answered_request }],
        ..Observations::default()
    }
}

/// The windows of a recorder that has seen these events, which come in the order of their schedule.
fn recorded(thresholds: &[Threshold], load: &Load, events: &[Event]) -> SlidingWindows {
    let mut sliding = SlidingWindows::new(thresholds, load).keep_seconds();
    let nothing = time_histogram::<u32>();
    let mut closed = 0;
    for event in events {
        while closed < event.0 / SECOND_MICROS {
            let row = WindowCounts::default();
            let latencies = Latencies::new(&nothing, None);
            sliding.close(&ClosedSecond { number: closed, row: &row, latencies, unsettled: 0, unsettled_micros: 0 });
            closed += 1;
        }
        sliding.add(&observed(event));
    }
    sliding
}

proptest! {
    /// For all thresholds over a window and all ways to divide the events among generators, the worst window of the sum is exactly the worst
    /// window of a single recorder. The same holds after each series was written and read.
    #[test]
    fn the_sum_of_the_parts_has_the_windows_of_the_whole(
        threshold in any_threshold().prop_filter("is known of a window", |threshold| threshold.figure.is_of_any_time()),
        over in 1_u64..6,
        due_millis in 6_000_u64..12_000,
        mut events in events(),
    ) {
        events.sort_unstable_by_key(|event| event.0);
        let threshold = Threshold { over: Some(Duration::from_secs(over)), ..threshold };
        let load = LoadSpec::rate(Rate::per_second(10.0).unwrap(), Duration::from_millis(due_millis)).check().unwrap();
        let whole = recorded(&[threshold], &load, &events).finish(load.end()).of(&threshold);
        let mut sum = SeriesSum::new(SeriesCounts::of(&threshold));
        for generator in 0..GENERATORS {
            let own: Vec<_> = events.iter().filter(|event| event.4 == generator).copied().collect();
            let mut sliding = recorded(&[threshold], &load, &own);
            sliding.finish(load.end());
            let series = sliding.take_series();
            prop_assert_eq!(series.len(), 1);
            prop_assert_eq!(series[0].seconds, due_millis / 1_000);
            let text = serde_json::to_string(&series[0]).unwrap();
            sum.add(&serde_json::from_str(&text).unwrap()).unwrap();
        }
        prop_assert_eq!(sum.worst(&threshold), whole);
    }

    /// For all series, a changed text is read as an error or as other counts, without a panic.
    #[test]
    fn damaged_series_are_read_without_a_panic(events in events(), at in any::<prop::sample::Index>(), byte in any::<u8>(), seconds in 0_u64..20) {
        let threshold: Threshold = "latency.p99 < 1s over 2s".parse().unwrap();
        let load = LoadSpec::rate(Rate::per_second(10.0).unwrap(), Duration::from_secs(9)).check().unwrap();
        let mut sliding = recorded(&[threshold], &load, &events);
        sliding.finish(load.end());
        let mut value = serde_json::to_value(&sliding.take_series()[0]).unwrap();
        let mut text = value["packed"].as_str().unwrap().as_bytes().to_vec();
        let at = at.index(text.len());
        text[at] = b'A' + byte % 26;
        value["packed"] = String::from_utf8(text).unwrap().into();
        value["seconds"] = seconds.into();
        if let Ok(series) = serde_json::from_value(value) {
            let mut sum = SeriesSum::new(SeriesCounts::of(&threshold));
            if sum.add(&series).is_ok() {
                sum.worst(&threshold);
            }
        }
    }
}

/// Thresholds on the same events share one series.
#[test]
fn series_are_kept_once() {
    let thresholds: Vec<Threshold> = [
        "latency.p99 < 1s over 2s",
        "latency.p50 < 1s over 5s",
        "VIEW.latency.p50 < 1s over 5s",
        "refused < 3 over 1s",
        "failed_ratio < 1% over 9s",
        "rate > 5/s over 3s",
        "latency.p99 < 1s",
    ]
    .iter()
    .map(|text| text.parse().unwrap())
    .collect();
    let load = LoadSpec::default().check().unwrap();
    let mut sliding = recorded(&thresholds, &load, &[]);
    sliding.finish(load.end());
    let counts: Vec<_> = sliding.take_series().iter().map(|series| series.counts.to_string()).collect();
    assert_eq!(counts, ["latency", "VIEW.latency", "outcomes", "sent"]);
    for name in counts {
        assert_eq!(name.parse::<SeriesCounts>().unwrap().to_string(), name);
    }
    assert!(SlidingWindows::new(&thresholds, &load).take_series().is_empty());
}

#[test]
fn series_that_are_no_series_are_refused() {
    let threshold: Threshold = "rate > 5/s over 3s".parse().unwrap();
    let load = LoadSpec::rate(Rate::per_second(10.0).unwrap(), Duration::from_secs(5)).check().unwrap();
    let mut sliding = recorded(&[threshold], &load, &[]);
    sliding.finish(load.end());
    let series = serde_json::to_value(&sliding.take_series()[0]).unwrap();
    for (key, value, expected) in [
        ("seconds", serde_json::json!(4), "there are more seconds than `seconds` says"),
        ("seconds", serde_json::json!(6), "the input ends too early"),
        ("seconds", serde_json::json!(1_u64 << 40), "there are more than 31 days"),
        ("packed", serde_json::json!("AAAA"), "corrupt deflate stream"),
        ("packed", serde_json::json!("?"), "Invalid"),
        ("counts", serde_json::json!("lag"), "expected sent, outcomes, latency"),
    ] {
        let mut changed = series.clone();
        changed[key] = value;
        let error = match serde_json::from_value::<SecondSeries>(changed) {
            Ok(series) => SeriesSum::new(series.counts).add(&series).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(expected), "{error}");
    }
}
