//! The state of each job of one request. Most requests are small: they keep their events in an [`EventLog`] and search it. A large
//! request has a map from jobs to states, so that the cost of an event does not grow with the number of earlier events.

use hashbrown::HashTable;

use super::event_log::{EventLog, LogPosition};
use super::job_state::JobState;
use super::relations::is_display;
use crate::event_type::EventType;

/// The state of each job of one request.
#[derive(Debug)]
pub(super) enum RequestHistory {
    Log(EventLog),
    Map(Box<JobMap>),
}

impl Default for RequestHistory {
    fn default() -> Self {
        Self::Log(EventLog::default())
    }
}

/// The size in words at which a log becomes a map: a dozen pages of results, or a few hundred actions. Searching a log of this size
/// takes less than a microsecond.
const LOG_WORDS_MAX: usize = 512;

impl RequestHistory {
    /// The state of a job.
    pub(super) fn state(&self, job: u64) -> JobState {
        self.find(job).0
    }

    /// The state of a job, and where the log holds the job.
    pub(super) fn find(&self, job: u64) -> (JobState, LogPosition) {
        match self {
            Self::Log(log) => log.find(job),
            Self::Map(map) => (map.state(job).cloned().unwrap_or_default(), LogPosition(None)),
        }
    }

    /// The first event that showed jobs.
    pub(super) fn first_display(&self) -> Option<(u64, EventType)> {
        match self {
            Self::Log(log) => {
                log.records().find(|record| is_display(record.event_type)).map(|record| (record.position, record.event_type))
            }
            Self::Map(map) => map.first_display,
        }
    }

    /// The first IMPRESSION.
    pub(super) fn first_impression(&self) -> Option<u64> {
        match self {
            Self::Log(log) => {
                log.records().find(|record| record.event_type == EventType::Impression).map(|record| record.position)
            }
            Self::Map(map) => map.first_impression,
        }
    }

    /// Records an action on a job that [`Self::find`] found at this log position. The action must change the state of the job.
    pub(super) fn record_action(&mut self, event_type: EventType, position: u64, time: i64, job: u64, log_position: LogPosition) {
        match self {
            Self::Log(log) => log.push(event_type, position, time, &[job], log_position),
            Self::Map(map) => map.state_mut(job).record(event_type, position, time),
        }
        self.limit_log();
    }

    /// Records an event that shows jobs; returns whether it changed any state. A job that is named twice counts once.
    pub(super) fn record_display(&mut self, event_type: EventType, position: u64, time: i64, jobs: &[u64]) -> bool {
        let changed = match self {
            Self::Log(log) => log.record_display(event_type, position, time, jobs),
            Self::Map(map) => map.record_display(event_type, position, time, jobs),
        };
        self.limit_log();
        changed
    }

    /// Turns a log that has grown too large into a map.
    fn limit_log(&mut self) {
        if let Self::Log(log) = self
            && log.len() > LOG_WORDS_MAX
        {
            *self = Self::Map(Box::new(JobMap::from(&*log)));
        }
    }

    /// The bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Log(log) => log.heap_bytes(),
            Self::Map(map) => size_of::<JobMap>() + map.states.allocation_size(),
        }
    }
}

/// The states of the jobs of a large request.
#[derive(Debug, Default)]
pub(super) struct JobMap {
    states: HashTable<(u64, JobState)>,
    first_display: Option<(u64, EventType)>,
    first_impression: Option<u64>,
}

impl JobMap {
    fn state(&self, job: u64) -> Option<&JobState> {
        self.states.find(job, |(other, _)| *other == job).map(|(_, state)| state)
    }

    fn state_mut(&mut self, job: u64) -> &mut JobState {
        let entry = self.states.entry(job, |(other, _)| *other == job, |(job, _)| *job);
        &mut entry.or_insert_with(|| (job, JobState::default())).into_mut().1
    }

    fn record_display(&mut self, event_type: EventType, position: u64, time: i64, jobs: &[u64]) -> bool {
        let mut changed = self.first_display.is_none();
        self.first_display.get_or_insert((position, event_type));
        if event_type == EventType::Impression {
            changed |= self.first_impression.is_none();
            self.first_impression.get_or_insert(position);
        }
        for job in jobs {
            let state = self.state_mut(*job);
            changed |= state.would_change(event_type, time);
            state.record(event_type, position, time);
        }
        changed
    }
}

impl From<&EventLog> for JobMap {
    fn from(log: &EventLog) -> Self {
        let mut map = Self::default();
        for record in log.records() {
            if is_display(record.event_type) {
                map.record_display(record.event_type, record.position, record.time, record.jobs);
            } else {
                for job in record.jobs {
                    map.state_mut(*job).record(record.event_type, record.position, record.time);
                }
            }
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    type Event = (EventType, i64, Vec<u64>);

    /// The state of a job after all events.
    fn state_of(events: &[Event], job: u64) -> JobState {
        let mut state = JobState::default();
        for ((event_type, time, jobs), position) in events.iter().zip(0..) {
            if jobs.contains(&job) {
                state.record(*event_type, position, *time);
            }
        }
        state
    }

    /// Records an event as the checker does; returns whether it changed any state.
    fn record(history: &mut RequestHistory, event_type: EventType, position: u64, time: i64, jobs: &[u64]) -> bool {
        if is_display(event_type) {
            return history.record_display(event_type, position, time, jobs);
        }
        let mut changed = false;
        for job in jobs {
            let (state, log_position) = history.find(*job);
            if state.would_change(event_type, time) {
                history.record_action(event_type, position, time, *job, log_position);
                changed = true;
            }
        }
        changed
    }

    fn assert_agrees(history: &RequestHistory, events: &[Event]) {
        let first = |is_such: fn(EventType) -> bool| {
            let first = events.iter().zip(0..).find(|((event_type, ..), _)| is_such(*event_type));
            first.map(|((event_type, ..), position)| (position, *event_type))
        };
        assert_eq!(history.first_display(), first(is_display));
        assert_eq!(
            history.first_impression(),
            first(|event_type| event_type == EventType::Impression).map(|(position, _)| position)
        );
        for job in 0..10 {
            assert_eq!(history.state(job), state_of(events, job), "job {job}");
        }
    }

    fn event() -> impl Strategy<Value = Event> {
        (select(&EventType::ALL), 0_i64..20, vec(0_u64..8, 0..4))
    }

    proptest! {
        /// For all events of a request, a log, a map, and a log that became a map after any number of events agree with a search of all
        /// events on the state of every job. Repeating the events changes nothing.
        #[test]
        fn list_and_map_agree_with_a_search(events in vec(event(), 0..40), before: usize) {
            let before = before % (events.len() + 1);
            let mut list = RequestHistory::default();
            let mut map = RequestHistory::Map(Box::default());
            let mut turned = RequestHistory::default();
            for (number, (event_type, time, jobs)) in events.iter().enumerate() {
                if number == before && let RequestHistory::Log(log) = &turned {
                    turned = RequestHistory::Map(Box::new(JobMap::from(log)));
                }
                let changed: Vec<_> = [&mut list, &mut map, &mut turned]
                    .into_iter()
                    .map(|history| record(history, *event_type, number as u64, *time, jobs))
                    .collect();
                prop_assert!(changed.iter().all(|one| *one == changed[0]), "{:?}", changed);
            }
            for history in [&list, &map, &turned] {
                assert_agrees(history, &events);
            }
            for ((event_type, time, jobs), position) in events.iter().zip(1000..) {
                prop_assert!(!record(&mut list, *event_type, position, *time, jobs), "an event of the same time as before changes nothing");
            }
            assert_agrees(&list, &events);
        }
    }

    #[test]
    fn a_large_request_has_a_map() {
        let mut history = RequestHistory::default();
        let events: Vec<_> = (0..200_u32).map(|job| (EventType::ApplicationStart, 0, vec![job.into()])).collect();
        for ((event_type, time, jobs), position) in events.iter().zip(0..) {
            record(&mut history, *event_type, position, *time, jobs);
        }
        assert!(matches!(history, RequestHistory::Map(_)));
        assert_agrees(&history, &events);
    }
}
