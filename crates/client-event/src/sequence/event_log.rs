//! The events of a small request in one list of words, which is searched from its start.

use super::job_state::JobState;
use super::relations::{CauseKind, is_display};
use crate::event_type::EventType;

/// The events of a request that changed the state of a job, in the order of arrival. Each event is a header word (the event type, and
/// either the number of jobs that follow or the index of the word that already holds its only job), its position, its time if the type
/// is a cause, and its jobs.
#[derive(Debug, Default)]
pub(super) struct EventLog {
    words: Vec<u64>,
}

/// An event in the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) event_type: EventType,
    pub(super) position: u64,
    /// 0 if the type is not a cause.
    pub(super) time: i64,
    pub(super) jobs: &'a [u64],
    /// The index of the word that holds the first job.
    jobs_start: usize,
}

/// The header bit that marks the upper half of the header as the index of the job's word.
const JOB_BY_INDEX: u64 = 1 << 8;

/// Spare words per growth: enough for two actions on jobs that were shown.
const SPARE_WORDS: usize = 4;

/// The index of the word that holds a job, so that an action on the job need not store it again. Invalid after the next change of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LogPosition(pub(super) Option<usize>);

const fn has_time(event_type: EventType) -> bool {
    CauseKind::of(event_type).is_some()
}

impl EventLog {
    /// The number of words.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }

    /// All events, in the order of arrival.
    pub(super) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let (header, position) = (*self.words.get(next)?, self.words[next + 1]);
            let event_type = EventType::ALL[usize::from(header.to_le_bytes()[0])];
            next += 2;
            let mut time = 0;
            if has_time(event_type) {
                time = self.words[next].cast_signed();
                next += 1;
            }
            let number = (header >> 32) as usize;
            let (jobs_start, count) = if header & JOB_BY_INDEX == 0 { (next, number) } else { (number, 1) };
            if header & JOB_BY_INDEX == 0 {
                next += count;
            }
            Some(Record { event_type, position, time, jobs: &self.words[jobs_start..jobs_start + count], jobs_start })
        })
    }

    /// The state of a job, and the word that holds the job.
    pub(super) fn find(&self, job: u64) -> (JobState, LogPosition) {
        let (mut state, mut log_position) = (JobState::default(), LogPosition(None));
        for record in self.records() {
            if let Some(number) = record.jobs.iter().position(|other| *other == job) {
                state.record(record.event_type, record.position, record.time);
                log_position = LogPosition(Some(record.jobs_start + number));
            }
        }
        (state, log_position)
    }

    /// Records an event that shows jobs if it changes anything; returns whether it does.
    pub(super) fn record_display(&mut self, event_type: EventType, position: u64, time: i64, jobs: &[u64]) -> bool {
        if self.words.is_empty() {
            self.push(event_type, position, time, jobs, LogPosition(None));
            return true;
        }
        let new_jobs: Vec<_> = jobs.iter().copied().filter(|job| self.find(*job).0.would_change(event_type, time)).collect();
        let first =
            |is_such: fn(EventType) -> bool| is_such(event_type) && !self.records().any(|record| is_such(record.event_type));
        let changed = !new_jobs.is_empty() || first(is_display) || first(|event_type| event_type == EventType::Impression);
        if changed {
            self.push(event_type, position, time, &new_jobs, LogPosition(None));
        }
        changed
    }

    /// Adds an event. With a log position, the event is about the job stored there.
    pub(super) fn push(
        &mut self,
        event_type: EventType,
        position: u64,
        time: i64,
        jobs: &[u64],
        LogPosition(job_word): LogPosition,
    ) {
        let (number, flag, stored_jobs) = match job_word {
            Some(index) => (index, JOB_BY_INDEX, &[][..]),
            None => (jobs.len(), 0, jobs),
        };
        let timed = has_time(event_type);
        let words = 2 + usize::from(timed) + stored_jobs.len();
        if self.words.capacity() - self.words.len() < words {
            self.words.reserve_exact(words + SPARE_WORDS);
        }
        self.words.push((number as u64) << 32 | flag | event_type.index() as u64);
        self.words.push(position);
        if timed {
            self.words.push(time.cast_unsigned());
        }
        self.words.extend_from_slice(stored_jobs);
    }
}
