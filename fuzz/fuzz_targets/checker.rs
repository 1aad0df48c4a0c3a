//! The checker: for all events, hashes and times, it counts every event, and its findings name only events of the stream.
#![no_main]

use arbitrary::Arbitrary;
use client_event::sequence::{Fingerprints, Place, Search, Searches, SequenceChecker};
use client_event::{EventFields, EventTimestamp, EventType};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Stream {
    window_ms: Option<i64>,
    now: Option<i64>,
    searches: Option<Vec<(u8, Vec<u8>)>>,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Event(Event),
    /// An event with the hashes of another event.
    Mixed(Event, Event),
    /// Many equal events, to reach the code that follows repeated times.
    Many(u16, Event),
    Now(i64),
}

#[derive(Arbitrary, Debug)]
struct Event {
    /// 0 means no event id.
    event_id: u8,
    event_type: u8,
    /// 0 means no request id.
    request_id: u8,
    jobs: Vec<u8>,
    time: Time,
    detail: Option<u8>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Time {
    Any(i64),
    Second(u32),
    Unknown,
}

struct Texts {
    event_id: String,
    event_type: EventType,
    request_id: String,
    jobs: Vec<String>,
    time: EventTimestamp,
    detail: Option<String>,
}

impl Texts {
    fn of(event: &Event, number: u32) -> Self {
        let named = |prefix: &str, id: u8| if id == 0 { String::new() } else { format!("{prefix}-{}", id % 16) };
        let time = match event.time {
            Time::Any(millis) => millis.saturating_add(number.into()),
            Time::Second(second) => i64::from(second) * 1_000 + i64::from(number),
            Time::Unknown => i64::MIN,
        };
        let event_id = named("e", event.event_id);
        Self {
            event_id: if number > 0 && !event_id.is_empty() { format!("{event_id}-{number}") } else { event_id },
            event_type: EventType::ALL[usize::from(event.event_type) % EventType::ALL.len()],
            request_id: named("r", event.request_id),
            jobs: event.jobs.iter().map(|job| named("jobs/", *job)).collect(),
            time: EventTimestamp::from_millis(time),
            detail: event.detail.map(|detail| detail.to_string()),
        }
    }
}

impl EventFields for Texts {
    fn event_id(&self) -> &str {
        &self.event_id
    }

    fn event_type(&self) -> EventType {
        self.event_type
    }

    fn request_id(&self) -> &str {
        &self.request_id
    }

    fn jobs(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.jobs.iter().map(String::as_str)
    }

    fn timestamp(&self) -> EventTimestamp {
        self.time
    }

    fn details(&self) -> impl Iterator<Item = (&str, &str)> {
        self.detail.iter().map(|detail| ("detail", detail.as_str()))
    }
}

fuzz_target!(|stream: Stream| {
    let searches = stream.searches.map(|made| {
        let mut searches = Searches::default();
        for ((request, jobs), at) in made.into_iter().zip(0..) {
            let search = Search {
                request_id: format!("r-{}", request % 16).into(),
                jobs: jobs.iter().map(|job| format!("jobs/-{}", job % 16).into()).collect(),
            };
            searches.add(&search.request_id, search.jobs.iter().map(AsRef::as_ref), at);
        }
        searches
    });
    let count = searches.as_ref().map_or(0, Searches::len);
    let now = stream.now.map(EventTimestamp::from_millis);
    let mut checker = SequenceChecker::builder().window_ms(stream.window_ms).searches(searches).now(now).build();
    let (mut findings, mut events) = (Vec::new(), 0_u64);
    for step in &stream.steps {
        match step {
            Step::Event(event) => {
                checker.observe(&Texts::of(event, 0), &mut findings);
                events += 1;
            }
            Step::Mixed(event, other) => {
                checker.observe_at(&Texts::of(event, 0), &Fingerprints::of(&Texts::of(other, 0)), events, &mut findings);
                events += 1;
            }
            Step::Many(count, event) => {
                for number in 0..u32::from(*count % 2_048) {
                    checker.observe(&Texts::of(event, number), &mut findings);
                    events += 1;
                }
            }
            Step::Now(millis) => checker.set_now(EventTimestamp::from_millis(*millis)),
        }
    }
    checker.heap_bytes();
    let totals = checker.finish(&mut findings);
    assert_eq!(totals.events, events);
    assert!(totals.retries + totals.late <= events && totals.requests <= events && totals.closed <= events);
    for finding in findings {
        match finding.place {
            Place::Event(at) => assert!(at < events),
            Place::Search(at) => assert!(at < 1_000_000 && count > 0),
        }
        assert!(finding.related.is_none_or(|at| at < events));
        assert!(!finding.to_string().is_empty());
    }
});
