use std::time::Duration;

use client_event::EventType;
use proptest::prelude::*;

use super::*;
use crate::load::{LoadSpec, Rate};
use crate::notes::{Sent, Settled, Times};
use crate::tally::Fate;
use crate::threshold::Counted;
use crate::threshold::tests::any_threshold;

/// When something happened, to what, what became of it, and how long it took.
type Note = (u64, EventType, Fate, u64);

fn notes(seconds: u64) -> impl Strategy<Value = Vec<Note>> {
    let fate = prop::sample::select(vec![Fate::Acknowledged, Fate::Refused, Fate::Failed, Fate::Unknown]);
    let event_type = prop::sample::select(vec![EventType::View, EventType::Bookmark]);
    prop::collection::vec((0..(seconds + 3) * SECOND_MICROS, event_type, fate, 1_u64..10_000_000), 0..120)
}

/// Each event as if it was sent and settled at the same moment.
fn told(notes: &[Note]) -> Notes {
    let moment = |at: u64| Moment::from_micros(at);
    let settled = notes.iter().map(|&(at, event_type, fate, micros)| {
        let times = Some(Times { latency_micros: micros, service_micros: micros });
        Settled { at: moment(at), event_type, fate, times }
    });
    Notes {
        attempted: notes.iter().map(|note| moment(note.0)).collect(),
        sent: notes.iter().map(|note| Sent { at: moment(note.0), lag_micros: note.3 }).collect(),
        settled: settled.collect(),
        ..Notes::default()
    }
}

/// The value over one window, by the definition.
fn value_by_definition(threshold: &Threshold, in_window: &[Note], seconds: f64) -> Option<f64> {
    let of_type = |note: &&Note| threshold.event_type.is_none_or(|wanted| wanted == note.1);
    let of: Vec<_> = in_window.iter().filter(of_type).collect();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let exact = |count: usize| count as f64;
    let with = |counted: Counted| {
        let fate = match counted {
            Counted::Acknowledged => Fate::Acknowledged,
            Counted::Refused => Fate::Refused,
            Counted::Failed => Fate::Failed,
            Counted::Unknown | Counted::NotSent => Fate::Unknown,
        };
        exact(of.iter().filter(|note| note.2 == fate).count())
    };
    match threshold.figure {
        Figure::Time(_, quantile) => {
            let mut histogram = time_histogram();
            for note in &of {
                histogram.saturating_record(note.3);
            }
            (!histogram.is_empty()).then(|| millis(histogram.value_at_quantile(quantile.part())))
        }
        Figure::Count(counted) => Some(with(counted)),
        Figure::Ratio(counted) => (!of.is_empty()).then(|| with(counted) / exact(of.len())),
        Figure::Rate => Some(exact(in_window.len()) / seconds),
        Figure::AchievedRatio => None,
    }
}

proptest! {
    /// For all thresholds over a window and all that is told, in whatever pieces, and whenever it is looked at: what is found is the worst
    /// value over any window, and there is a miss exactly if that does not hold.
    #[test]
    fn the_worst_of_all_windows_is_found(
        threshold in any_threshold().prop_filter("is known of a window", |threshold| threshold.figure.is_of_any_time()),
        over in 1_u64..6,
        due_millis in 6_000_u64..12_000,
        mut notes in notes(12),
        pieces in 1_usize..20,
    ) {
        notes.sort_unstable_by_key(|note| note.0);
        let threshold = Threshold { over: Some(Duration::from_secs(over)), ..threshold };
        let load = LoadSpec::rate(Rate::per_second(10.0).unwrap(), Duration::from_millis(due_millis)).check().unwrap();
        let mut sliding = SlidingWindows::new(&[threshold], &load);
        for piece in notes.chunks(pieces) {
            sliding.add(&told(piece));
            sliding.advance(Moment::from_micros(piece[piece.len() - 1].0));
        }
        let found = sliding.finish(load.end()).of(&threshold);

        let last = due_millis / 1000 - 1;
        let second = |note: &Note| note.0 / SECOND_MICROS;
        let worst = (0..=last + 1 - over).filter_map(|from| {
            let is_in = |note: &&Note| match threshold.figure {
                Figure::Rate => (from..from + over).contains(&second(note)),
                _ => (from..from + over).contains(&second(note).min(last)),
            };
            let in_window: Vec<_> = notes.iter().filter(is_in).copied().collect();
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            value_by_definition(&threshold, &in_window, over as f64).map(|value| Worst { value, from })
        });
        let worst = worst.reduce(|worst, one| if threshold.is_worse(one.value, worst.value) { one } else { worst });
        prop_assert_eq!(found, worst);
        prop_assert_eq!(sliding.has_miss(), worst.is_some_and(|worst| !threshold.holds(worst.value)));
    }
}

/// A run that was ended in its fourth second: what had not begun is no window of nothing.
#[test]
fn seconds_that_did_not_come_count_for_nothing() {
    let load = LoadSpec::rate(Rate::per_second(1.0).unwrap(), Duration::from_mins(1)).check().unwrap();
    let threshold: Threshold = "rate >= 1/s over 2s".parse().unwrap();
    let mut sliding = SlidingWindows::new(&[threshold], &load);
    let notes: Vec<_> = (0..4).map(|second| (second * SECOND_MICROS, EventType::View, Fate::Acknowledged, 1)).collect();
    sliding.add(&told(&notes));
    let worst = sliding.finish(Moment::from_micros(3_500_000)).of(&threshold);
    assert_eq!(worst, Some(Worst { value: 1.0, from: 0 }));
}
