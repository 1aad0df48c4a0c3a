use std::time::Duration;

use client_event::EventType;
use load_plan::EventOutcome;
use load_plan::load::{LoadSpec, Rate};
use load_plan::strategies::any_threshold;
use load_plan::threshold::{Comparison, FigureKind};
use proptest::prelude::*;

use super::*;
use crate::latency::Latencies;
use crate::observations::{Sent, Settled};
use crate::time_histogram::time_histogram;
use crate::windows::WindowCounts;
use load_plan::threshold::Statistic;

/// Scheduled time, type, outcome and duration of an event.
type Note = (u64, EventType, EventOutcome, u64);

fn observations(seconds: u64) -> impl Strategy<Value = Vec<Note>> {
    let outcome = prop::sample::select(vec![
        EventOutcome::Acknowledged,
        EventOutcome::Refused,
        EventOutcome::Failed,
        EventOutcome::Unknown,
        EventOutcome::NotSent,
    ]);
    let event_type = prop::sample::select(vec![EventType::View, EventType::Bookmark]);
    prop::collection::vec((0..(seconds + 3) * SECOND_MICROS, event_type, outcome, 1_u64..10_000_000), 0..120)
}

fn is_answered(outcome: EventOutcome) -> bool {
    !matches!(outcome, EventOutcome::Unknown | EventOutcome::NotSent)
}

/// Converts events to observations. Sending begins at the scheduled time, and the event is sent when it is settled.
fn told(observations: &[Note]) -> Observations {
    let moment = |at: u64| Moment::from_micros(at);
    let settled = observations.iter().map(|&(scheduled, event_type, outcome, micros)| {
        let scheduled = moment(scheduled);
        let answered_request = is_answered(outcome).then_some(scheduled);
        Settled { at: scheduled.plus(micros), scheduled, event_type, outcome, answered_request }
    });
    Observations {
        attempted: observations.iter().map(|note| moment(note.0)).collect(),
        sent: observations.iter().map(|note| Sent { at: moment(note.0 + note.3), lag_micros: note.3 }).collect(),
        settled: settled.collect(),
        ..Observations::default()
    }
}

/// Closes all seconds before `second`.
fn close_before(sliding: &mut SlidingWindows, closed: &mut u64, second: u64, paused: &[u64]) {
    let nothing = time_histogram::<u32>();
    while *closed < second {
        let row =
            WindowCounts { paused_near: if paused.contains(closed) { SECOND_MICROS } else { 0 }, ..WindowCounts::default() };
        let latencies = Latencies::new(&nothing, None);
        sliding.close(&ClosedSecond { number: *closed, row: &row, latencies, unsettled: 0, unsettled_micros: 0 });
        *closed += 1;
    }
}

/// Returns the value over one window by the definition, and whether it is a lower bound.
fn value_by_definition(threshold: &Threshold, in_window: &[Note], seconds: f64) -> Option<(f64, bool)> {
    let of_type = |note: &&Note| threshold.event_type.is_none_or(|wanted| wanted == note.1);
    let of: Vec<_> = in_window.iter().filter(of_type).collect();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let exact = |count: usize| count as f64;
    let with = |counted: EventOutcome| exact(of.iter().filter(|note| counted == note.2).count());
    match threshold.figure {
        Figure::Time(time, statistic) => {
            let (mut answered, mut unanswered) = (time_histogram::<u64>(), time_histogram::<u64>());
            for note in &of {
                match time {
                    TimeFigure::ScheduleLag => answered.saturating_record(note.3),
                    _ if is_answered(note.2) => answered.saturating_record(note.3),
                    TimeFigure::Latency => unanswered.saturating_record(note.3),
                    _ => {}
                }
            }
            Latencies::new(&answered, Some(&unanswered)).statistic(statistic)
        }
        Figure::Count(counted) => Some((with(counted), false)),
        Figure::Ratio(counted) => (!of.is_empty()).then(|| (with(counted) / exact(of.len()), false)),
        Figure::Rate => Some((exact(in_window.len()) / seconds, false)),
        Figure::AchievedRatio => None,
    }
}

proptest! {
    /// For all thresholds over a window and all observations, split in any way, with seconds closed at any time: the result
    /// is the worst value over all windows. There is a miss exactly if that value does not hold, and a miss without a pause
    /// exactly if a window without a pause misses.
    #[test]
    fn the_worst_of_all_windows_is_found(
        threshold in any_threshold().prop_filter("is known of a window", |threshold| threshold.figure.is_of_any_time()),
        over in 1_u64..6,
        due_millis in 6_000_u64..12_000,
        mut observations in observations(12),
        pieces in 1_usize..20,
        paused in prop::collection::vec(0_u64..12, 0..3),
    ) {
        observations.sort_unstable_by_key(|note| note.0);
        let threshold = Threshold { over: Some(Duration::from_secs(over)), ..threshold };
        let load = LoadSpec::rate(Rate::per_second(10.0).unwrap(), Duration::from_millis(due_millis)).check().unwrap();
        let mut sliding = SlidingWindows::new(&[threshold], &load);
        let mut closed = 0;
        for piece in observations.chunks(pieces) {
            sliding.add(&told(piece));
            // There are no more observations of the seconds before.
            close_before(&mut sliding, &mut closed, piece[piece.len() - 1].0 / SECOND_MICROS, &paused);
        }
        close_before(&mut sliding, &mut closed, 16, &paused);
        let found = sliding.finish(load.end());

        let last = due_millis / 1000 - 1;
        let second = |note: &Note| note.0 / SECOND_MICROS;
        let all: Vec<_> = (0..=last + 1 - over).filter_map(|from| {
            let is_in = |note: &&Note| match threshold.figure {
                Figure::Rate => (from..from + over).contains(&second(note)),
                _ => (from..from + over).contains(&second(note).min(last)),
            };
            let in_window: Vec<_> = observations.iter().filter(is_in).copied().collect();
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let value = value_by_definition(&threshold, &in_window, over as f64);
            value.map(|(value, is_lower_bound)| Worst { value, is_lower_bound, from })
        }).collect();
        let misses = |worst: &Worst| worst.is_lower_bound || !threshold.holds(worst.value);
        let worst = all.iter().copied().reduce(|worst, one| if one.is_worse(&worst, &threshold) { one } else { worst });
        // Times have three digits. A standard deviation is a difference of times, so it is only as exact as the longest
        // time.
        let longest = observations.iter().map(|note| millis(note.3)).fold(0.0, f64::max);
        let is_deviation = matches!(threshold.figure, Figure::Time(_, Statistic::StandardDeviation));
        let resolution = if is_deviation { longest / 1000.0 } else { 0.0 };
        let is_close = |one: f64, other: f64| (one - other).abs() <= other.abs() / 500.0 + resolution + 0.002;
        match (found.of(&threshold), worst) {
            (Some(found), Some(worst)) if matches!(threshold.figure, Figure::Time(..)) => {
                let own = all.iter().find(|one| one.from == found.from).unwrap();
                prop_assert!(is_close(found.value, own.value), "{:?} {:?}", found, own);
                // Two values at about the same distance from a value to avoid, one below and one above it, are equally bad.
                let distance = |one: f64| (one - threshold.amount.value()).abs();
                let is_two_sided = matches!(threshold.comparison, Comparison::Equal | Comparison::NotEqual);
                let allowed = (found.value + worst.value) / 500.0 + resolution + 0.002;
                let is_as_bad = is_two_sided && (distance(found.value) - distance(worst.value)).abs() <= allowed;
                prop_assert!(is_close(found.value, worst.value) || is_as_bad, "{:?} {:?}", found, worst);
                prop_assert_eq!(found.is_lower_bound, worst.is_lower_bound);
            }
            (found, worst) => prop_assert_eq!(found, worst),
        }
        let is_exact = threshold.figure.kind() != FigureKind::Time;
        if is_exact {
            prop_assert_eq!(sliding.has_miss(), worst.is_some_and(|worst| misses(&worst)));
            let is_near = |from: u64| paused.iter().any(|second| (from..from + over).contains(&(*second).min(last)));
            let is_missed = |worst: &&Worst| !is_near(worst.from) && misses(worst);
            prop_assert!(found.is_missed_without_pause(&threshold) || !all.iter().any(|worst| is_missed(&worst)));
            prop_assert!(!found.is_missed_without_pause(&threshold) || all.iter().any(misses));
        }
    }
}

/// A run that ended in its fourth second: seconds that never began do not count as empty windows.
#[test]
fn seconds_that_did_not_come_count_for_nothing() {
    let load = LoadSpec::rate(Rate::per_second(1.0).unwrap(), Duration::from_mins(1)).check().unwrap();
    let threshold: Threshold = "rate >= 1/s over 2s".parse().unwrap();
    let mut sliding = SlidingWindows::new(&[threshold], &load);
    let observations: Vec<_> =
        (0..4).map(|second| (second * SECOND_MICROS, EventType::View, EventOutcome::Acknowledged, 1)).collect();
    sliding.add(&told(&observations));
    close_before(&mut sliding, &mut 0, 3, &[]);
    let worst = sliding.finish(Moment::from_micros(3_500_000)).of(&threshold);
    assert_eq!(worst, Some(Worst { value: 1.0, is_lower_bound: false, from: 0 }));
}
