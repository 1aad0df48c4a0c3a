//! What is known of one request: of each job what its [`Trace`] says. Small requests, which nearly all are, keep their telling events in
//! one short list of numbers and search it; large ones have a map, so that an event costs the same however many came before it.

use std::collections::HashMap;

use super::keys::AlreadyHashed;
use super::relations::is_showing;
use super::trace::Trace;
use crate::event_type::EventType;

/// What is known of one request.
#[derive(Debug)]
pub(super) enum Trail {
    Log(Log),
    Map(Box<Map>),
}

impl Default for Trail {
    fn default() -> Self {
        Self::Log(Log::default())
    }
}

/// The size of a log in numbers at which it becomes a map: a dozen pages of results, or a few hundred acts. Own choice: searching
/// it takes less than a microsecond.
const LOG_MAX: usize = 512;

impl Trail {
    /// What is known of a job.
    pub(super) fn trace(&self, job: u64) -> Trace {
        match self {
            Self::Log(log) => log.trace(job),
            Self::Map(map) => map.traces.get(&job).cloned().unwrap_or_default(),
        }
    }

    /// The first event to show jobs.
    pub(super) fn first_showing(&self) -> Option<(u64, EventType)> {
        match self {
            Self::Log(log) => {
                log.records().find(|record| is_showing(record.event_type)).map(|record| (record.at, record.event_type))
            }
            Self::Map(map) => map.first_showing,
        }
    }

    /// The first IMPRESSION.
    pub(super) fn first_impression(&self) -> Option<u64> {
        match self {
            Self::Log(log) => log.records().find(|record| record.event_type == EventType::Impression).map(|record| record.at),
            Self::Map(map) => map.first_impression,
        }
    }

    /// Takes an event that arrived after all that were taken, as far as it tells something new; the answer is whether it does.
    /// A job that is named twice is as one that is named once.
    pub(super) fn take(&mut self, event_type: EventType, at: u64, time: i64, jobs: &[u64]) -> bool {
        let map = match self {
            Self::Map(map) => map,
            Self::Log(log) => {
                let learned = log.take(event_type, at, time, jobs);
                if log.words.len() > LOG_MAX {
                    *self = Self::Map(Box::new(Map::from(&*log)));
                }
                return learned;
            }
        };
        map.take(event_type, at, time, jobs)
    }

    /// The bytes that are held besides the trail itself.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Log(log) => log.words.capacity() * size_of::<u64>(),
            // A place of a hash map is an entry and a byte.
            Self::Map(map) => size_of::<Map>() + map.traces.capacity() * 8 / 7 * (size_of::<(u64, Trace)>() + 1),
        }
    }
}

/// The trail of a large request.
#[derive(Debug, Default)]
pub(super) struct Map {
    traces: HashMap<u64, Trace, AlreadyHashed>,
    first_showing: Option<(u64, EventType)>,
    first_impression: Option<u64>,
}

impl Map {
    fn take(&mut self, event_type: EventType, at: u64, time: i64, jobs: &[u64]) -> bool {
        let mut learned = false;
        if is_showing(event_type) {
            learned |= self.first_showing.is_none();
            self.first_showing.get_or_insert((at, event_type));
        }
        if event_type == EventType::Impression {
            learned |= self.first_impression.is_none();
            self.first_impression.get_or_insert(at);
        }
        for job in jobs {
            // What tells nothing of a job makes no entry for it.
            if self
                .traces
                .get(job)
                .map_or_else(|| Trace::default().learns(event_type, time), |trace| trace.learns(event_type, time))
            {
                self.traces.entry(*job).or_default().take(event_type, at, time);
                learned = true;
            }
        }
        learned
    }
}

impl From<&Log> for Map {
    fn from(log: &Log) -> Self {
        let mut map = Self::default();
        for record in log.records() {
            map.take(record.event_type, record.at, record.time, record.jobs);
        }
        map
    }
}

/// The trail of a small request: its telling events, one after the other. Each is a head (type, and how many jobs follow or where in
/// the list its one job stands already), the position, the time where the type is a cause, and the jobs.
#[derive(Debug, Default)]
pub(super) struct Log {
    words: Vec<u64>,
}

/// An event in the log.
#[derive(Debug, PartialEq, Eq)]
struct Record<'a> {
    event_type: EventType,
    at: u64,
    /// 0 where the type is no cause.
    time: i64,
    jobs: &'a [u64],
    /// Where in the log the jobs begin.
    jobs_at: usize,
}

/// The bit of a head that says that the job stands at the place in the upper half of the head.
const REFERS: u64 = 1 << 8;

/// How much room is made at once: four acts on jobs that were shown.
const ROOM: usize = 8;

const fn has_time(event_type: EventType) -> bool {
    super::relations::CauseKind::of(event_type).is_some()
}

impl Log {
    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut place = 0;
        std::iter::from_fn(move || {
            let (head, at) = (*self.words.get(place)?, self.words[place + 1]);
            let event_type = EventType::ALL[usize::from(head.to_le_bytes()[0])];
            place += 2;
            let mut time = 0;
            if has_time(event_type) {
                time = self.words[place].cast_signed();
                place += 1;
            }
            let number = (head >> 32) as usize;
            let (jobs_at, count) = if head & REFERS == 0 { (place, number) } else { (number, 1) };
            if head & REFERS == 0 {
                place += count;
            }
            Some(Record { event_type, at, time, jobs: &self.words[jobs_at..jobs_at + count], jobs_at })
        })
    }

    fn trace(&self, job: u64) -> Trace {
        let mut trace = Trace::default();
        for record in self.records() {
            if record.jobs.contains(&job) {
                trace.take(record.event_type, record.at, record.time);
            }
        }
        trace
    }

    fn take(&mut self, event_type: EventType, at: u64, time: i64, jobs: &[u64]) -> bool {
        if is_showing(event_type) {
            return self.take_showing(event_type, at, time, jobs);
        }
        let mut learned = false;
        for job in jobs {
            if self.trace(*job).learns(event_type, time) {
                self.push(event_type, at, time, &[*job]);
                learned = true;
            }
        }
        learned
    }

    fn take_showing(&mut self, event_type: EventType, at: u64, time: i64, jobs: &[u64]) -> bool {
        if self.words.is_empty() {
            self.push(event_type, at, time, jobs);
            return true;
        }
        let telling: Vec<_> = jobs.iter().copied().filter(|job| self.trace(*job).learns(event_type, time)).collect();
        let first =
            |is_such: fn(EventType) -> bool| is_such(event_type) && !self.records().any(|record| is_such(record.event_type));
        let learned = !telling.is_empty() || first(is_showing) || first(|event_type| event_type == EventType::Impression);
        if learned {
            self.push(event_type, at, time, &telling);
        }
        learned
    }

    fn push(&mut self, event_type: EventType, at: u64, time: i64, jobs: &[u64]) {
        let known = match jobs {
            [job] => self
                .records()
                .find_map(|record| record.jobs.iter().position(|known| known == job).map(|number| record.jobs_at + number)),
            _ => None,
        };
        let words = 2 + usize::from(has_time(event_type)) + if known.is_some() { 0 } else { jobs.len() };
        if self.words.capacity() - self.words.len() < words {
            self.words.reserve_exact(words + ROOM);
        }
        let number = known.unwrap_or(jobs.len()) as u64;
        let refers = if known.is_some() { REFERS } else { 0 };
        self.words.push(number << 32 | refers | event_type.index() as u64);
        self.words.push(at);
        if has_time(event_type) {
            self.words.push(time.cast_unsigned());
        }
        if known.is_none() {
            self.words.extend_from_slice(jobs);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    type Event = (EventType, i64, Vec<u64>);

    /// What a search of all events says of a job.
    fn trace_of(events: &[Event], job: u64) -> Trace {
        let mut trace = Trace::default();
        for ((event_type, time, jobs), at) in events.iter().zip(0..) {
            if jobs.contains(&job) {
                trace.take(*event_type, at, *time);
            }
        }
        trace
    }

    fn assert_agrees(trail: &Trail, events: &[Event]) {
        let first = |is_such: fn(EventType) -> bool| {
            let first = events.iter().zip(0..).find(|((event_type, ..), _)| is_such(*event_type));
            first.map(|((event_type, ..), at)| (at, *event_type))
        };
        assert_eq!(trail.first_showing(), first(is_showing));
        assert_eq!(trail.first_impression(), first(|event_type| event_type == EventType::Impression).map(|(at, _)| at));
        for job in 0..10 {
            assert_eq!(trail.trace(job), trace_of(events, job), "job {job}");
        }
    }

    fn event() -> impl Strategy<Value = Event> {
        (select(&EventType::ALL), 0_i64..20, vec(0_u64..8, 0..4))
    }

    proptest! {
        /// For all events of a request, the list, the map and a map made of the list after any number of events say of every job what a
        /// search of all events says; and the same events again tell nothing.
        #[test]
        fn list_and_map_agree_with_a_search(events in vec(event(), 0..40), before: usize) {
            let before = before % (events.len() + 1);
            let mut list = Trail::default();
            let mut map = Trail::Map(Box::default());
            let mut turned = Trail::default();
            for (number, (event_type, time, jobs)) in events.iter().enumerate() {
                if number == before && let Trail::Log(log) = &turned {
                    turned = Trail::Map(Box::new(Map::from(log)));
                }
                let learned: Vec<_> = [&mut list, &mut map, &mut turned]
                    .into_iter()
                    .map(|trail| trail.take(*event_type, number as u64, *time, jobs))
                    .collect();
                prop_assert!(learned.iter().all(|one| *one == learned[0]), "{:?}", learned);
            }
            for trail in [&list, &map, &turned] {
                assert_agrees(trail, &events);
            }
            for ((event_type, time, jobs), at) in events.iter().zip(1000..) {
                prop_assert!(!list.take(*event_type, at, *time, jobs), "an event of the same time as before tells nothing");
            }
            assert_agrees(&list, &events);
        }
    }

    #[test]
    fn a_large_request_has_a_map() {
        let mut trail = Trail::default();
        let events: Vec<_> = (0..200_u32).map(|job| (EventType::ApplicationStart, 0, vec![job.into()])).collect();
        for ((event_type, time, jobs), at) in events.iter().zip(0..) {
            trail.take(*event_type, at, *time, jobs);
        }
        assert!(matches!(trail, Trail::Map(_)));
        assert_agrees(&trail, &events);
    }
}
