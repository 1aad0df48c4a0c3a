//! Overlays the windows of several runs by their distance from the start. Widths can differ, because a long run keeps fewer windows: the
//! wider windows set the grid. Counts are added. Percentiles cannot be computed from percentiles, so each is the percentile of the worst
//! run. Likewise, a window longer than one second has the percentile of its worst second.

use std::collections::BTreeMap;

use crate::Window;

/// The tolerated rounding error of a moment, as a part of a window.
const ROUNDING: f64 = 1e-6;

pub(super) fn merge(runs: &[&[Window]]) -> Vec<Window> {
    let all = || runs.iter().copied().flatten();
    let start = all().map(|window| window.from_s).fold(f64::INFINITY, f64::min);
    let width = all().map(Window::seconds).fold(1.0, f64::max);
    let place = |window: &Window| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and the largest where it is too large"
        )]
        let place = ((window.from_s - start) / width + ROUNDING) as u64;
        place
    };
    let mut grid: BTreeMap<u64, Window> = BTreeMap::new();
    for run in runs {
        let mut of_run: BTreeMap<u64, Window> = BTreeMap::new();
        for window in *run {
            of_run.entry(place(window)).and_modify(|sum| *sum = sum.with_next(*window)).or_insert(*window);
        }
        for (place, window) in of_run {
            grid.entry(place).and_modify(|sum| *sum = sum.with_another(window)).or_insert(window);
        }
    }
    let mut windows: Vec<_> = grid.into_values().collect();
    // If warm-ups differ by parts of a window, one window begins before the other has ended.
    for place in 1..windows.len() {
        windows[place - 1].to_s = windows[place - 1].to_s.min(windows[place].from_s);
    }
    windows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::WindowPercentiles;

    fn window(from_s: u32, width: u32, count: u64) -> Window {
        let times = (count > 0).then(|| {
            let time = f64::from(u32::try_from(count).unwrap());
            WindowPercentiles { p50: time, p90: time, p99: time, max: time, lower_bound_above: None }
        });
        Window {
            from_s: f64::from(from_s),
            to_s: f64::from(from_s + width),
            planned: count,
            begun: count,
            sent: count,
            acknowledged: count,
            refused: 0,
            failed: 0,
            unknown: 0,
            not_sent: 0,
            latency_ms: times,
            service_time_ms: None,
            schedule_lag_p99_ms: times.map(|times| times.p99),
            generator_lag_p99_ms: None,
            generator_pause_ms: 0.0,
            live_seekers: count,
        }
    }

    /// A run after a warm-up of `warm_up` seconds, with windows of `width` seconds.
    fn run(counts: &[u64], width: u32, warm_up: u32) -> Vec<Window> {
        let windows = counts.chunks(width as usize).zip(0_u32..).map(|(chunk, place)| {
            let seconds = chunk.iter().zip(0_u32..).map(|(count, second)| window(warm_up + place * width + second, 1, *count));
            seconds.reduce(Window::with_next).unwrap()
        });
        windows.collect()
    }

    proptest! {
        /// For all runs, window widths and warm-ups: no event is lost or counted twice, windows follow one another, none is worse than the
        /// worst second, and a single run stays unchanged.
        #[test]
        fn nothing_is_lost(runs in prop::collection::vec((prop::collection::vec(0_u64..50, 0..30), 0_usize..3, 0_u32..3), 0..5)) {
            let runs: Vec<_> = runs.iter().map(|(counts, width, warm_up)| run(counts, [1, 2, 4][*width], *warm_up)).collect();
            let merged = merge(&runs.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let sum = |of: fn(&Window) -> u64| {
                (merged.iter().map(of).sum::<u64>(), runs.iter().flatten().map(of).sum::<u64>())
            };
            for (merged, before) in [sum(|window| window.planned), sum(|window| window.sent), sum(|window| window.acknowledged)] {
                prop_assert_eq!(merged, before);
            }
            prop_assert!(merged.is_sorted_by(|one, next| one.to_s <= next.from_s && one.from_s < one.to_s), "{:?}", merged);
            let worst = |windows: &mut dyn Iterator<Item = &Window>| {
                windows.filter_map(|window| window.latency_ms).map(|latency| latency.p99).reduce(f64::max)
            };
            prop_assert_eq!(worst(&mut merged.iter()), worst(&mut runs.iter().flatten()));
            for run in runs {
                prop_assert_eq!(merge(&[run.as_slice()]), run);
            }
        }
    }

    #[test]
    fn seconds_are_laid_upon_wider_windows() {
        let merged = merge(&[run(&[1, 2, 3, 4], 1, 0).as_slice(), run(&[10, 20, 30], 2, 0).as_slice()]);
        let figures: Vec<_> =
            merged.iter().map(|window| (window.from_s, window.to_s, window.sent, window.live_seekers)).collect();
        assert_eq!(figures, [(0.0, 2.0, 33, 22), (2.0, 4.0, 37, 34)]);
        assert_eq!(merged[1].latency_ms, window(0, 1, 30).latency_ms);
    }
}
