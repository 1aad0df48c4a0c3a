//! Tests of the screen at all sizes.

use load_plan::strategies::any_threshold;
use measure::outcome_counts::OutcomeCounts;
use measure::thresholds::current_figure::CurrentFigure;
use measure::windows::{Quantiles, WindowCounts};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::live::snapshot::PastWindow;

fn heading() -> Heading {
    let target = "http://127.0.0.1:8080/clientEvents".to_owned();
    Heading { target, shard: None, seed: 7, speed: 60.0, duration: Duration::from_secs(90) }
}

fn quantiles() -> impl Strategy<Value = Option<Quantiles>> {
    prop::option::of(prop_oneof![0_u64..10_000_000, any::<u64>()]).prop_map(|of| {
        of.map(|most| Quantiles { p50: most / 4, p90: most / 3, p99: most / 2, max: most, lower_bound_above: None })
    })
}

fn rates() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), 0.0..1.0, 0.0..1e6]
}

fn snapshots() -> impl Strategy<Value = Snapshot> {
    let past = prop::collection::vec((rates(), rates(), quantiles()), 0..40).prop_map(|past| {
        let past = past.into_iter().enumerate().map(|(second, (planned_per_s, achieved_per_s, latency))| PastWindow {
            at_s: f64::from(u32::try_from(second).unwrap()) + 0.5,
            planned_per_s,
            achieved_per_s,
            latency,
        });
        past.collect::<Vec<_>>()
    });
    let count = || prop_oneof![Just(0), 0_u64..1_000, 0..1_u64 << 50].boxed();
    let outcomes =
        (count(), count(), count(), count(), count()).prop_map(|(acknowledged, refused, failed, unknown, not_sent)| {
            OutcomeCounts { acknowledged, refused, failed, unknown, not_sent }
        });
    let errors = prop::collection::vec((".{0,60}", any::<u64>(), 0_u64..1 << 40), 0..22).prop_map(|errors| {
        let errors = errors.into_iter();
        errors.map(|(what, count, last)| ErrorEntry { what, count, last: Duration::from_micros(last) }).collect::<Vec<_>>()
    });
    let phase = prop_oneof![Just(Phase::WarmUp), Just(Phase::Measured), Just(Phase::Ending)];
    let value = prop::option::of((0.0_f64..1e6, any::<bool>()));
    let so_far = (any_threshold(), value).prop_map(|(threshold, value)| CurrentFigure { threshold, value });
    let thresholds = prop::collection::vec(so_far, 0..8);
    let times = (quantiles(), quantiles(), quantiles());
    (0_u64..400_000, phase, past, prop::collection::vec(outcomes, 16), times, errors, (count(), thresholds))
        .prop_map(|(elapsed_s, phase, past, outcomes, (latency, service_time, lag), errors, (live, thresholds))| {
            let mut sum = WindowCounts::default();
            for of in &outcomes {
                sum.outcomes.add(*of);
            }
            Snapshot {
                elapsed: Duration::from_secs(elapsed_s),
                phase,
                achieved_per_s: past.last().map_or(0.0, |past| past.achieved_per_s),
                thresholds,
                wanted: past.last().map_or(0.0, |past| past.planned_per_s),
                unit: "/s",
                changed: (live > 1).then(|| "120 % of the plan".to_owned()),
                past,
                sum,
                outcomes: outcomes.try_into().unwrap(),
                latency,
                service_time,
                lag,
                live,
                cores_used: (live > 0).then_some(0.5),
                errors,
            }
        })
        .boxed()
}

fn text_of(terminal: &Terminal<TestBackend>) -> String {
    terminal.backend().buffer().content().iter().map(ratatui::buffer::Cell::symbol).collect()
}

proptest! {
    /// For all sizes, and for all changes of size: drawing works, and the elapsed time is visible if it fits.
    #[test]
    fn every_size_is_drawn(
        sizes in prop::collection::vec((0_u16..160, 0_u16..60), 1..4),
        snapshot in snapshots(),
        is_plain in any::<bool>(),
    ) {
        let palette = if is_plain { Palette::plain() } else { Palette::coloured() };
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let elapsed = clock_text(snapshot.elapsed);
        let message = is_plain.then_some("load: as now +10 %");
        for (width, height) in sizes {
            terminal.backend_mut().resize(width, height);
            terminal.draw(|frame| draw(frame, &heading(), &snapshot, message, palette)).unwrap();
            if usize::from(width) >= elapsed.len() && height > 0 {
                let text = text_of(&terminal);
                prop_assert!(text.starts_with(&elapsed), "{width}x{height}: {text}");
            }
        }
    }

    /// For all sizes with room for them, the keys, the message about the keys and the changed load are shown.
    #[test]
    fn keys_and_changes_of_the_load_are_shown(width in 76_u16..160, height in 14_u16..60, mut snapshot in snapshots()) {
        snapshot.changed = Some("120 % of the plan".to_owned());
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        for (message, shown) in [(None, "+/- change the load, 0 resets it"), (Some("load: as now +10 %"), "load: as now +10 %")] {
            terminal.draw(|frame| draw(frame, &heading(), &snapshot, message, Palette::plain())).unwrap();
            let text = text_of(&terminal);
            prop_assert!(text.contains(shown) && text.contains("  load 120 % of the plan"), "{width}x{height}: {text}");
        }
    }

    /// For all errors, the latest one is shown if there is a line for it.
    #[test]
    fn errors_are_shown(width in 40_u16..160, height in 12_u16..60, mut snapshot in snapshots()) {
        snapshot.errors = vec![ErrorEntry { what: "connection refused".to_owned(), count: 12_345, last: Duration::from_secs(61) }];
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, &heading(), &snapshot, None, Palette::plain())).unwrap();
        let text = text_of(&terminal);
        prop_assert!(text.contains("1:01") && text.contains("connection refused"), "{width}x{height}: {text}");
    }
}
