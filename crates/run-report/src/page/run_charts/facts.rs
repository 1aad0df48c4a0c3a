//! The values in the sentences under the charts, computed only from the windows and rows that are drawn.

use crate::{TimesAtPercentile, Window};

/// The part of its plan by which a window must be behind to fall short.
const SHORTFALL_MIN: f64 = 0.05;

/// The 99th percentiles of latency of all windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Latency {
    /// The median of the percentiles.
    pub(super) median_p99: f64,
    /// The window with the greatest percentile.
    pub(super) worst: Window,
    pub(super) worst_p99: f64,
    /// Whether the greatest percentile is a lower bound.
    pub(super) is_lower_bound: bool,
}

/// Returns the latency of the windows, if any event was scheduled.
pub(super) fn latency(windows: &[Window]) -> Option<Latency> {
    let with_latency: Vec<_> = windows.iter().filter_map(|window| Some((window, window.latency_ms?))).collect();
    let (worst, slowest) = with_latency.iter().max_by(|(_, one), (_, other)| one.p99.total_cmp(&other.p99))?;
    let mut p99s: Vec<_> = with_latency.iter().map(|(_, latency)| latency.p99).collect();
    p99s.sort_by(f64::total_cmp);
    Some(Latency {
        median_p99: p99s[(p99s.len() - 1) / 2],
        worst: **worst,
        worst_p99: slowest.p99,
        is_lower_bound: slowest.is_lower_bound(99.0),
    })
}

/// Returns the times during which events were due and nothing was answered, from the first to the last such window.
pub(super) fn silences(windows: &[Window]) -> Vec<[f64; 2]> {
    joined(windows, |window| window.planned > 0 && window.acknowledged + window.refused + window.failed == 0)
}

/// Returns the windows in which the generator paused.
pub(super) fn pauses(windows: &[Window]) -> Vec<[f64; 2]> {
    joined(windows, |window| window.generator_pause_ms > 0.0)
}

/// The total pause of the generator, in milliseconds.
pub(super) fn paused_ms(windows: &[Window]) -> f64 {
    windows.iter().map(|window| window.generator_pause_ms).sum()
}

/// Returns the windows whose 99th percentile of latency is a lower bound.
pub(super) fn lower_bounds(windows: &[Window]) -> Vec<[f64; 2]> {
    joined(windows, |window| window.latency_ms.is_some_and(|latency| latency.is_lower_bound(99.0)))
}

/// Returns the windows that satisfy the condition; adjacent windows are joined.
fn joined(windows: &[Window], is_so: impl Fn(&Window) -> bool) -> Vec<[f64; 2]> {
    let mut joined: Vec<[f64; 2]> = Vec::new();
    for window in windows.iter().filter(|window| is_so(window)) {
        match joined.last_mut() {
            #[expect(clippy::float_cmp, reason = "the same number, copied")]
            Some([_, to]) if *to == window.from_s => *to = window.to_s,
            _ => joined.push([window.from_s, window.to_s]),
        }
    }
    joined
}

/// Mean rates over the windows for which events were planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rates {
    pub(super) planned_per_s: f64,
    pub(super) sent_per_s: f64,
}

/// Returns the mean rates of the windows.
pub(super) fn rates(windows: &[Window]) -> Rates {
    let planned = || windows.iter().filter(|window| window.planned > 0);
    let seconds: f64 = planned().map(Window::seconds).sum();
    let per_second = |events: u64| if seconds > 0.0 { precise(events) / seconds } else { 0.0 };
    Rates {
        planned_per_s: per_second(planned().map(|window| window.planned).sum()),
        sent_per_s: per_second(planned().map(|window| window.sent).sum()),
    }
}

/// Returns the window that sent the smallest part of its plan, if it fell short.
pub(super) fn farthest_behind(windows: &[Window]) -> Option<Window> {
    let shortfall = |window: &Window| precise(window.planned.saturating_sub(window.sent)) / precise(window.planned);
    let planned = windows.iter().filter(|window| window.planned > 0);
    let worst = planned.max_by(|one, other| shortfall(one).total_cmp(&shortfall(other)))?;
    (shortfall(worst) > SHORTFALL_MIN).then_some(*worst)
}

/// Events that were not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Losses {
    pub(super) refused: u64,
    pub(super) failed: u64,
    pub(super) unknown: u64,
    pub(super) not_sent: u64,
    /// The start of the first window with losses.
    pub(super) from_s: f64,
    /// The end of the last window with losses.
    pub(super) to_s: f64,
}

/// Returns the events of the windows that were not acknowledged, if any.
pub(super) fn losses(windows: &[Window]) -> Option<Losses> {
    let lost: Vec<_> =
        windows.iter().filter(|window| window.refused + window.failed + window.unknown + window.not_sent > 0).collect();
    let sum = |of: fn(&Window) -> u64| lost.iter().map(|window| of(window)).sum();
    Some(Losses {
        refused: sum(|window| window.refused),
        failed: sum(|window| window.failed),
        unknown: sum(|window| window.unknown),
        not_sent: sum(|window| window.not_sent),
        from_s: lost.first()?.from_s,
        to_s: lost.last()?.to_s,
    })
}

/// Returns the minimum and the maximum number of live seekers in any window.
pub(super) fn live_seekers(windows: &[Window]) -> (u64, u64) {
    let live = || windows.iter().map(|window| window.live_seekers);
    (live().min().unwrap_or(0), live().max().unwrap_or(0))
}

/// Returns the time at a percentile, or at the next drawn percentile above it.
pub(super) fn time_at(rows: &[TimesAtPercentile], percentile: f64, of: fn(&TimesAtPercentile) -> Option<f64>) -> Option<f64> {
    rows.iter().find(|row| row.percentile >= percentile).and_then(of)
}

#[expect(clippy::cast_precision_loss, reason = "only shown")]
fn precise(events: u64) -> f64 {
    events as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::WindowPercentiles;

    fn windows() -> impl Strategy<Value = Vec<Window>> {
        let latency = prop::option::of((0.1_f64..500.0, prop::option::of(0.0_f64..100.0)));
        let counts = (0_u64..50, 0_u64..50, 0_u64..50, 0_u64..3, 0_u64..3, 0_u64..3);
        let window = (latency, counts, 0_u64..3, 0_u64..90, prop_oneof![3 => Just(0.0), 1 => 5.0_f64..400.0]);
        prop::collection::vec(window, 1..30).prop_map(|windows| {
            let windows = windows.into_iter().zip(0_u32..).map(|((latency, counts, not_sent, live_seekers, pause), second)| {
                let (planned, sent, acknowledged, refused, failed, unknown) = counts;
                Window {
                    from_s: f64::from(second),
                    to_s: f64::from(second + 1),
                    planned,
                    begun: planned,
                    sent,
                    acknowledged,
                    refused,
                    failed,
                    unknown,
                    not_sent,
                    latency_ms: latency.map(|(p99, lower_bound_above)| WindowPercentiles {
                        p50: p99 / 3.0,
                        p90: p99 / 2.0,
                        p99,
                        max: p99 * 2.0,
                        lower_bound_above,
                    }),
                    service_time_ms: None,
                    schedule_lag_p99_ms: None,
                    generator_lag_p99_ms: None,
                    generator_pause_ms: pause,
                    live_seekers,
                }
            });
            windows.collect()
        })
    }

    proptest! {
        /// For all windows: half of them have a p99 of at most the median, none has a p99 above the worst, and the worst is one of them.
        #[test]
        fn latency_is_of_the_windows(windows in windows()) {
            let p99s: Vec<_> = windows.iter().filter_map(|window| window.latency_ms).map(|latency| latency.p99).collect();
            match latency(&windows) {
                None => prop_assert!(p99s.is_empty()),
                Some(found) => {
                    prop_assert!(p99s.iter().filter(|p99| **p99 <= found.median_p99).count() * 2 >= p99s.len());
                    prop_assert!(p99s.iter().filter(|p99| **p99 < found.median_p99).count() * 2 <= p99s.len());
                    prop_assert!(p99s.iter().all(|p99| *p99 <= found.worst_p99));
                    prop_assert_eq!(found.worst.latency_ms.map(|latency| latency.p99), Some(found.worst_p99));
                    let above = found.worst.latency_ms.and_then(|latency| latency.lower_bound_above);
                    prop_assert_eq!(found.is_lower_bound, above.is_some_and(|above| above < 99.0));
                }
            }
        }

        /// For all windows: none sent a smaller part of its plan than the reported window; if none is reported, all sent 95 %.
        #[test]
        fn no_window_is_farther_behind(windows in windows()) {
            let part = |window: &Window| precise(window.sent) / precise(window.planned);
            let planned = || windows.iter().filter(|window| window.planned > 0);
            match farthest_behind(&windows) {
                Some(worst) => {
                    prop_assert!(part(&worst) < 0.95 + 1e-12);
                    prop_assert!(planned().all(|window| part(window) >= part(&worst)));
                }
                None => prop_assert!(planned().all(|window| part(window) >= 0.95 - 1e-12)),
            }
            let Rates { planned_per_s, sent_per_s } = rates(&windows);
            let (events, sent): (u64, u64) =
                planned().fold((0, 0), |(events, sent), window| (events + window.planned, sent + window.sent));
            let seconds = precise(planned().count() as u64);
            prop_assert!((planned_per_s * seconds - precise(events)).abs() < 1e-6 && (sent_per_s * seconds - precise(sent)).abs() < 1e-6);
        }

        /// For all windows: a moment lies in a silence, or in a pause, exactly if its window does; and all losses are counted.
        #[test]
        fn bands_cover_their_windows(windows in windows()) {
            let covers = |bands: &[[f64; 2]], window: &Window| {
                let middle = f64::midpoint(window.from_s, window.to_s);
                bands.iter().filter(|[from, to]| (*from..*to).contains(&middle)).count() == 1
            };
            let (silences, pauses, bounds) = (silences(&windows), pauses(&windows), lower_bounds(&windows));
            for window in &windows {
                let is_answered = window.acknowledged > 0 || window.refused > 0 || window.failed > 0;
                prop_assert_eq!(covers(&silences, window), window.planned > 0 && !is_answered);
                prop_assert_eq!(covers(&pauses, window), window.generator_pause_ms > 0.0);
                let above = window.latency_ms.and_then(|latency| latency.lower_bound_above);
                prop_assert_eq!(covers(&bounds, window), above.is_some_and(|above| above < 99.0));
            }
            let lost: u64 = windows.iter().map(|window| window.refused + window.failed + window.unknown + window.not_sent).sum();
            let found = losses(&windows);
            prop_assert_eq!(found.map_or(0, |found| found.refused + found.failed + found.unknown + found.not_sent), lost);
            if let Some(found) = found {
                let outside = windows.iter().filter(|window| window.from_s < found.from_s || window.to_s > found.to_s);
                prop_assert!(outside.map(|window| window.refused + window.failed + window.unknown + window.not_sent).all(|lost| lost == 0));
            }
            let (fewest, most) = live_seekers(&windows);
            prop_assert!(windows.iter().all(|window| (fewest..=most).contains(&window.live_seekers)));
            prop_assert!(windows.iter().any(|window| window.live_seekers == most));
        }
    }
}
