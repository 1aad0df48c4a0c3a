use client_event::EventType;
use load_plan::EventOutcome;
use proptest::prelude::*;

use super::*;
use crate::latency::Latencies;
use crate::time_histogram::time_histogram;
use crate::windows::WindowCounts;

const SECONDS: u64 = 4;

/// The second, the latency and the outcome of an event.
type Event = (u64, u64, EventOutcome);

fn events() -> impl Strategy<Value = Vec<Event>> {
    let outcome = prop::sample::select(vec![
        EventOutcome::Acknowledged,
        EventOutcome::Acknowledged,
        EventOutcome::Refused,
        EventOutcome::Unknown,
        EventOutcome::NotSent,
    ]);
    prop::collection::vec((0..SECONDS, 0_u64..200_000, outcome), 0..80)
}

fn settled(&(second, latency, outcome): &Event) -> Settled {
    let scheduled = Moment::from_micros(second * SECOND_MICROS + 17);
    let is_answered = !matches!(outcome, EventOutcome::Unknown | EventOutcome::NotSent);
    let answered_request = is_answered.then_some(scheduled);
    Settled { at: scheduled.plus(latency), scheduled, event_type: EventType::View, outcome, answered_request }
}

/// Judges the events, with pauses of `pauses` microseconds near each second.
fn judged(threshold: &str, events: &[Event], pauses: [u64; 4]) -> Option<bool> {
    let threshold: Threshold = threshold.parse().unwrap();
    let mut outside = OutsidePauses::new(&[threshold], Moment::default());
    outside.add(&Observations { settled: events.iter().map(settled).collect(), ..Observations::default() });
    for (number, paused_near) in (0..SECONDS).zip(pauses) {
        let row = WindowCounts { paused_near, ..WindowCounts::default() };
        let (mut answered, mut unanswered) = (time_histogram::<u32>(), time_histogram::<u32>());
        for event in events.iter().filter(|(second, ..)| *second == number).map(settled) {
            let histogram = if event.answered_request.is_some() { &mut answered } else { &mut unanswered };
            histogram.saturating_record(event.latency_micros());
        }
        let latencies = Latencies::new(&answered, Some(&unanswered));
        outside.close(&ClosedSecond { number, row: &row, latencies, unsettled: 0, unsettled_micros: 0 });
    }
    outside.holds(&threshold)
}

proptest! {
    /// For all events and bounds: without pauses, a percentile and a ratio hold exactly if they hold by the definition.
    #[test]
    fn without_pauses_nothing_is_left_out(events in events(), bound in 1_u64..200, percent in 0_u32..100) {
        let within = events.iter().map(settled).filter(|settled| {
            settled.answered_request.is_some() && settled.latency_micros() < bound * 1000
        });
        let within = within.count() as u64;
        let rank = rank(0.9, events.len() as u64);
        prop_assert_eq!(judged(&format!("latency.p90 < {bound}ms"), &events, [0; 4]), Some(rank.is_none_or(|rank| within >= rank)));
        let acknowledged = events.iter().filter(|event| event.2 == EventOutcome::Acknowledged).count();
        let holds = acknowledged * 100 >= percent as usize * events.len();
        prop_assert_eq!(judged(&format!("acknowledged_ratio >= {percent}%"), &events, [0; 4]), Some(holds));
    }
}

/// A pause of 100 ms explains an event that took 100 ms longer, and the events that queued behind it. It does not explain a
/// delay of one second.
#[test]
fn a_pause_explains_as_much_as_it_was_long() {
    let slow = |latency| (1, latency, EventOutcome::Acknowledged);
    let fast: Vec<Event> = (0..20).map(|number| (number % SECONDS, 5_000, EventOutcome::Acknowledged)).collect();
    let with = |event: Event| [&fast[..], &[event]].concat();
    let pause = [0, 100_000, 0, 0];
    assert_eq!(judged("latency.max < 50ms", &with(slow(150_000)), [0; 4]), Some(false));
    assert_eq!(judged("latency.max < 50ms", &with(slow(150_000)), pause), Some(true));
    assert_eq!(judged("latency.max < 50ms", &with(slow(1_000_000)), pause), Some(false));
    // A pause never makes a target refuse, but an answer may be seen too late.
    assert_eq!(judged("refused == 0", &with((1, 5_000, EventOutcome::Refused)), pause), Some(false));
    assert_eq!(judged("unknown == 0", &with((1, 5_000, EventOutcome::Unknown)), pause), Some(true));
    assert_eq!(judged("unknown == 0", &with((2, 5_000, EventOutcome::Unknown)), pause), Some(false));
    assert_eq!(judged("latency.mean < 50ms", &fast, pause), None);
}
