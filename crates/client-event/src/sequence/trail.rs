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

/// Where the trail names a job, so that an act on it takes less room; of no meaning once the trail has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot(Option<usize>);

impl Trail {
    /// What is known of a job.
    pub(super) fn trace(&self, job: u64) -> Trace {
        self.find(job).0
    }

    /// What is known of a job, and where.
    pub(super) fn find(&self, job: u64) -> (Trace, Spot) {
        match self {
            Self::Log(log) => log.find(job),
            Self::Map(map) => (map.traces.get(&job).cloned().unwrap_or_default(), Spot(None)),
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

    /// Takes an act that arrived after all that was taken, on a job that was found there, whose trace learns of it.
    pub(super) fn take_act(&mut self, event_type: EventType, at: u64, time: i64, job: u64, spot: Spot) {
        match self {
            Self::Log(log) => log.push(event_type, at, time, &[job], spot),
            Self::Map(map) => map.traces.entry(job).or_default().take(event_type, at, time),
        }
        self.grow();
    }

    /// Takes an event that shows jobs and arrived after all that was taken, as far as it tells something new; the answer is whether it
    /// does. A job that is named twice is as one that is named once.
    pub(super) fn take_showing(&mut self, event_type: EventType, at: u64, time: i64, jobs: &[u64]) -> bool {
        let learned = match self {
            Self::Log(log) => log.take_showing(event_type, at, time, jobs),
            Self::Map(map) => map.take_showing(event_type, at, time, jobs),
        };
        self.grow();
        learned
    }

    /// Becomes a map once it is large.
    fn grow(&mut self) {
        if let Self::Log(log) = self
            && log.words.len() > LOG_MAX
        {
            *self = Self::Map(Box::new(Map::from(&*log)));
        }
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
    fn take_showing(&mut self, event_type: EventType, at: u64, time: i64, jobs: &[u64]) -> bool {
        let mut learned = self.first_showing.is_none();
        self.first_showing.get_or_insert((at, event_type));
        if event_type == EventType::Impression {
            learned |= self.first_impression.is_none();
            self.first_impression.get_or_insert(at);
        }
        for job in jobs {
            let trace = self.traces.entry(*job).or_default();
            learned |= trace.learns(event_type, time);
            trace.take(event_type, at, time);
        }
        learned
    }
}

impl From<&Log> for Map {
    fn from(log: &Log) -> Self {
        let mut map = Self::default();
        for record in log.records() {
            if is_showing(record.event_type) {
                map.take_showing(record.event_type, record.at, record.time, record.jobs);
            } else {
                for job in record.jobs {
                    map.traces.entry(*job).or_default().take(record.event_type, record.at, record.time);
                }
            }
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

/// How much room is made at once: two acts on jobs that were shown.
const ROOM: usize = 4;

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

    fn find(&self, job: u64) -> (Trace, Spot) {
        let (mut trace, mut spot) = (Trace::default(), Spot(None));
        for record in self.records() {
            if let Some(number) = record.jobs.iter().position(|named| *named == job) {
                trace.take(record.event_type, record.at, record.time);
                spot = Spot(Some(record.jobs_at + number));
            }
        }
        (trace, spot)
    }

    fn take_showing(&mut self, event_type: EventType, at: u64, time: i64, jobs: &[u64]) -> bool {
        if self.words.is_empty() {
            self.push(event_type, at, time, jobs, Spot(None));
            return true;
        }
        let telling: Vec<_> = jobs.iter().copied().filter(|job| self.find(*job).0.learns(event_type, time)).collect();
        let first =
            |is_such: fn(EventType) -> bool| is_such(event_type) && !self.records().any(|record| is_such(record.event_type));
        let learned = !telling.is_empty() || first(is_showing) || first(|event_type| event_type == EventType::Impression);
        if learned {
            self.push(event_type, at, time, &telling, Spot(None));
        }
        learned
    }

    /// Adds an event. One with a spot is about the one job there.
    fn push(&mut self, event_type: EventType, at: u64, time: i64, jobs: &[u64], Spot(spot): Spot) {
        let (number, refers, named) = match spot {
            Some(place) => (place, REFERS, &[][..]),
            None => (jobs.len(), 0, jobs),
        };
        let timed = has_time(event_type);
        let words = 2 + usize::from(timed) + named.len();
        if self.words.capacity() - self.words.len() < words {
            self.words.reserve_exact(words + ROOM);
        }
        self.words.push((number as u64) << 32 | refers | event_type.index() as u64);
        self.words.push(at);
        if timed {
            self.words.push(time.cast_unsigned());
        }
        self.words.extend_from_slice(named);
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

    /// Takes an event as the checker does; the answer is whether it tells something new.
    fn take(trail: &mut Trail, event_type: EventType, at: u64, time: i64, jobs: &[u64]) -> bool {
        if is_showing(event_type) {
            return trail.take_showing(event_type, at, time, jobs);
        }
        let mut learned = false;
        for job in jobs {
            let (trace, spot) = trail.find(*job);
            if trace.learns(event_type, time) {
                trail.take_act(event_type, at, time, *job, spot);
                learned = true;
            }
        }
        learned
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
                    .map(|trail| take(trail, *event_type, number as u64, *time, jobs))
                    .collect();
                prop_assert!(learned.iter().all(|one| *one == learned[0]), "{:?}", learned);
            }
            for trail in [&list, &map, &turned] {
                assert_agrees(trail, &events);
            }
            for ((event_type, time, jobs), at) in events.iter().zip(1000..) {
                prop_assert!(!take(&mut list, *event_type, at, *time, jobs), "an event of the same time as before tells nothing");
            }
            assert_agrees(&list, &events);
        }
    }

    #[test]
    fn a_large_request_has_a_map() {
        let mut trail = Trail::default();
        let events: Vec<_> = (0..200_u32).map(|job| (EventType::ApplicationStart, 0, vec![job.into()])).collect();
        for ((event_type, time, jobs), at) in events.iter().zip(0..) {
            take(&mut trail, *event_type, at, *time, jobs);
        }
        assert!(matches!(trail, Trail::Map(_)));
        assert_agrees(&trail, &events);
    }
}
