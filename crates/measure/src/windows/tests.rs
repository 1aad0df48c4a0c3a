use client_event::EventType;
use load_plan::EventOutcome;
use proptest::prelude::*;

use super::*;

/// An event scheduled at `scheduled` and answered after `latency_micros`. It waits half of that time to be sent.
fn settled(scheduled: Moment, outcome: EventOutcome, latency_micros: u64) -> Settled {
    let at = scheduled.plus(latency_micros);
    Settled { at, scheduled, event_type: EventType::View, outcome, answered_request: Some(scheduled.plus(latency_micros / 2)) }
}

proptest! {
    /// For all runs of any length, with observations in any order and seconds closed at any time: rows follow one another
    /// without a gap, and the number of rows stays within the bound. Every observation is counted once, in its own window,
    /// and the latency of a second is that of the events scheduled in it.
    #[test]
    fn windows_count_everything_once(
        observations in prop::collection::vec((0_u64..40_000_000, 1_u64..5_000_000, any::<bool>()), 1..400),
        rows_max in 2_usize..20,
        from in 0_u64..3_000_000,
        is_in_order in any::<bool>(),
        closing in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let mut observations = observations;
        if is_in_order {
            observations.sort_unstable();
        }
        let closing: Vec<_> = closing.iter().map(|index| index.index(observations.len())).collect();
        let mut windows = Windows::with_bound(Moment::from_micros(from), rows_max);
        let mut closed = Vec::new();
        for (number, &(at, latency, is_answered)) in observations.iter().enumerate() {
            let at = Moment::from_micros(from + at);
            windows.begun(at);
            windows.attempted(at);
            windows.sent(&Sent { at, lag_micros: latency });
            windows.released(&Release { at, late_micros: latency });
            let settled = settled(at, if is_answered { EventOutcome::Acknowledged } else { EventOutcome::Unknown }, latency);
            windows.settled(&Settled { answered_request: settled.answered_request.filter(|_| is_answered), ..settled });
            windows.live(at, latency);
            if is_in_order && closing.contains(&number) {
                windows.close_settled(at, |_, _| 0, |second| closed.push(second.number));
            }
        }
        let (sum, latest) = (windows.sum(), windows.latest(usize::MAX, Moment::from_micros(u64::MAX)));
        let last = windows.latest(2, Moment::from_micros(u64::MAX));
        let rows = windows.finish(|second| closed.push(second.number));
        let count = observations.len() as u64;
        prop_assert_eq!((sum.begun, sum.sent, sum.outcomes.sent()), (count, count, count));
        prop_assert_eq!(&last[..], &latest[latest.len() - last.len()..]);
        prop_assert!(latest.iter().map(|(_, row)| row.begun).sum::<u64>() == sum.begun);
        prop_assert!(latest.windows(2).all(|pair| pair[0].0 + pair[0].1.seconds == pair[1].0), "{:?}", latest);
        prop_assert!(closed.iter().zip(0..).all(|(second, number)| *second == number), "{:?}", closed);
        prop_assert!(rows.len() <= rows_max);
        let width = rows[0].seconds;
        prop_assert!(width.is_power_of_two() && rows[..rows.len() - 1].iter().all(|row| row.seconds == width));
        let second_of = |micros: u64| micros / SECOND_MICROS;
        let mut begins = 0;
        for row in &rows {
            let ends = begins + row.seconds;
            let within: Vec<_> = observations.iter().filter(|note| (begins..ends).contains(&second_of(note.0))).collect();
            let settled = observations.iter().filter(|note| (begins..ends).contains(&second_of(note.0 + note.1))).count() as u64;
            prop_assert_eq!((row.begun, row.sent, row.outcomes.sent()), (within.len() as u64, within.len() as u64, settled));
            prop_assert_eq!(row.live, within.iter().map(|note| note.1).max().unwrap_or(0));
            // The worst of all seconds, to three digits.
            let close = |micros: u64, most: u64| micros.abs_diff(most) <= most / 1000 + 1;
            let most = within.iter().map(|note| note.1).max();
            prop_assert_eq!(row.latency.is_some(), most.is_some());
            let is_bound = row.latency.is_some_and(|latency| latency.lower_bound_above.is_some());
            prop_assert_eq!(is_bound, within.iter().any(|note| !note.2));
            if let (Some(latency), Some(most), false) = (row.latency, most, is_bound) {
                prop_assert!(close(latency.max, most), "{:?} {:?}", row, most);
            }
            prop_assert!(row.lag_p99.zip(most).is_none_or(|(lag, most)| lag <= most + most / 1000 + 1));
            prop_assert!(row.generator_lag_p99.zip(most).is_none_or(|(lag, most)| lag <= most + most / 1000 + 1));
            begins = ends;
        }
        prop_assert!(observations.iter().all(|note| second_of(note.0) < begins));
    }

    /// For all settled and unsettled events of a second: the second stays open until all events are settled, but no longer
    /// than the bound. The rest then counts as unanswered.
    #[test]
    fn a_second_waits_for_its_events(begun in 1_u64..40, answered in 0_u64..40, planned in 0_u64..100, waited in 0_u64..100) {
        let answered = answered.min(begun);
        let mut windows = Windows::new(Moment::default());
        (0..begun).for_each(|number| windows.begun(Moment::from_micros(number)));
        (0..answered).for_each(|number| windows.settled(&settled(Moment::from_micros(number), EventOutcome::Acknowledged, 100)));
        let now = Moment::from_micros((1 + waited) * SECOND_MICROS);
        let mut closed = Vec::new();
        windows.close_settled(now, |_, _| planned, |second| closed.push((second.unsettled, second.latencies.len())));
        let is_settled = answered == begun && begun + planned / 50 + 16 >= planned;
        let expected = if waited >= OPEN_SECONDS_MAX {
            Some((begun.max(planned) - answered, begun.max(planned)))
        } else if waited >= OPEN_SECONDS_MIN && is_settled {
            Some((0, begun))
        } else {
            None
        };
        prop_assert_eq!(closed, expected.into_iter().collect::<Vec<_>>());
    }

    /// For all merged seconds, each quantile is that of the worst second.
    #[test]
    fn merged_windows_show_the_worst_second(latencies in prop::collection::vec(1_u64..1_000_000, 2..40)) {
        let play = |rows_max| {
            let mut windows = Windows::with_bound(Moment::default(), rows_max);
            for (second, &latency) in latencies.iter().enumerate() {
                let at = Moment::from_micros(second as u64 * SECOND_MICROS);
                windows.settled(&settled(at, EventOutcome::Acknowledged, latency));
                windows.settled(&settled(at, EventOutcome::Acknowledged, latency / 3));
            }
            windows.finish(|_| ())
        };
        let (seconds, merged) = (play(1000), play(2));
        let width = usize::try_from(merged[0].seconds).unwrap();
        for (row, seconds) in merged.iter().zip(seconds.chunks(width)) {
            let worst = seconds.iter().filter_map(|row| row.latency).reduce(Quantiles::worse);
            prop_assert_eq!(row.latency, worst);
        }
    }
}

impl Windows {
    fn bytes(&self) -> usize {
        let times = |open: &OpenSecond| {
            let OpenSecond { row: _, settled: _, answered, unanswered, service_time, lag, generator_lag } = open;
            let histograms = [answered, unanswered, service_time, lag, generator_lag].map(|times| times.0.as_ref());
            histograms.into_iter().flatten().map(|histogram| histogram.distinct_values() * size_of::<u32>()).sum::<usize>()
        };
        self.open.iter().map(times).sum::<usize>() + self.rows_max * size_of::<WindowCounts>()
    }
}

/// The memory of the histograms of the whole run and of each type, of the open seconds, and of all rows. The bound holds for
/// a run of any length and any target. Here each second has an unsettled event, and other events take up to a minute.
#[test]
fn measurements_have_little_memory() {
    const DAY_MICROS: u64 = 24 * 3_600 * SECOND_MICROS;
    let mut largest = time_histogram::<u64>();
    largest.saturating_record(DAY_MICROS);
    let of_run = (2 * (1 + EventType::ALL.len()) + 3) * largest.distinct_values() * size_of::<u64>();
    let mut windows = Windows::new(Moment::default());
    let mut most = 0;
    for second in 0..300 {
        let at = Moment::from_micros(second * SECOND_MICROS);
        let ago = |seconds: u64| Moment::from_micros(second.saturating_sub(seconds) * SECOND_MICROS);
        (0..7).for_each(|_| windows.begun(at));
        windows.sent(&Sent { at, lag_micros: 50 * SECOND_MICROS });
        windows.released(&Release { at, late_micros: 5 * SECOND_MICROS });
        for late in [0, 30, 59] {
            windows.settled(&settled(ago(late), EventOutcome::Acknowledged, at.micros_since(ago(late)) + 1));
            let given_up = settled(ago(late), EventOutcome::Unknown, at.micros_since(ago(late)) + 1);
            windows.settled(&Settled { answered_request: None, ..given_up });
        }
        windows.close_settled(at, |_, _| 7, |_| {});
        most = most.max(windows.bytes());
    }
    assert!(windows.open.len() > 50, "{}", windows.open.len());
    let bytes = of_run + most;
    assert!(bytes < 20 << 20, "{bytes}");
}

/// The counts equal a run with latencies.
#[test]
fn windows_without_latency_have_all_counts() {
    let at = |second: u64| Moment::from_micros(second * SECOND_MICROS);
    let rows = |mut windows: Windows| {
        for second in 0..3 {
            windows.begun(at(second));
            windows.settled(&settled(at(second), EventOutcome::Unknown, 5));
            windows.never_begun(at(second), 2, at(second + 1));
        }
        windows.finish(|second| assert!(second.row.latency.is_some() || second.latencies.is_empty()))
    };
    let (with, without) = (rows(Windows::new(at(0))), rows(Windows::new(at(0)).without_latency()));
    assert!(with.iter().any(|row| row.latency.is_some()));
    let expected: Vec<_> = with.iter().map(|row| WindowCounts { latency: None, service_time: None, ..*row }).collect();
    assert_eq!(without, expected);
}

/// A pause counts in the seconds in which it lies, and in the seconds whose events it may have delayed.
#[test]
fn pauses_reach_as_far_as_they_are_long() {
    let mut windows = Windows::new(Moment::from_micros(500_000));
    let at = |seconds: u64| Moment::from_micros(500_000 + seconds * SECOND_MICROS);
    (0..8).for_each(|second| windows.begun(at(second)));
    windows.paused(at(3).plus(800_000), at(4).plus(300_000));
    let rows = windows.finish(|_| ());
    let paused: Vec<_> = rows.iter().map(|row| (row.paused, row.paused_near > 0)).collect();
    let none = (0, false);
    assert_eq!(paused, [none, none, none, (200_000, true), (300_000, true), (0, true), none, none]);
}

/// A machine that was asleep for an hour.
#[test]
fn a_leap_is_a_row_of_nothing() {
    let mut windows = Windows::new(Moment::default());
    windows.begun(Moment::default());
    windows.begun(Moment::from_micros(3_599 * SECOND_MICROS));
    let rows = windows.finish(|_| ());
    assert_eq!(
        (rows.len(), rows[0].begun, rows[3_599].begun, rows[5]),
        (3_600, 1, 1, WindowCounts { seconds: 1, ..WindowCounts::default() })
    );
}
