//! A worker: simulates its cells in slices of time and writes their events as sorted lines.

use std::sync::mpsc::{Receiver, SyncSender};

use client_event::{EventTimestamp, EventType};
use seeker_model::{EventJobs, Model, Partitions, SeekerEvent, SimTime, simulator};

use crate::generate::{EventForm, GeneratePlan};

/// The events of a slice of time.
#[derive(Debug, Default)]
pub(crate) struct Slice {
    pub events: Lines,
    pub searches: Lines,
    /// The time of the next event in the worker's cells.
    pub next: Option<SimTime>,
}

/// Lines with their sort keys.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub text: Vec<u8>,
    /// The key of each line and its end offset.
    pub ends: Vec<(Key, usize)>,
}

/// The number of parts in which a slice is simulated.
const PARTS: u64 = 64;

/// The sort key of a line: the milliseconds since the start, then the text of the event id as two numbers, which sort like the text.
pub(crate) type Key = (u64, [u64; 2]);

impl Lines {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn end_line(&mut self, key: Key) {
        self.text.push(b'\n');
        self.ends.push((key, self.text.len()));
    }
}

/// A worker.
pub(crate) struct Worker<'m> {
    model: &'m Model,
    cells: Partitions<'m>,
    form: EventForm,
    start: EventTimestamp,
    wants_searches: bool,
    /// The events of a slice.
    events: Vec<SeekerEvent>,
}

impl<'m> Worker<'m> {
    pub(crate) fn new(model: &'m Model, plan: &GeneratePlan, cells: &[u64], wants_searches: bool) -> Self {
        let cells = Partitions::new(model, plan.seed, plan.seekers, cells);
        Self { model, cells, form: plan.form, start: plan.scenario.start(), wants_searches, events: Vec::new() }
    }

    /// Answers requests until the channel is closed.
    pub(crate) fn serve(mut self, asked: &Receiver<(SimTime, Slice)>, answer: &SyncSender<Slice>) {
        while let Ok((until, mut slice)) = asked.recv() {
            self.play(until, &mut slice);
            if answer.send(slice).is_err() {
                return;
            }
        }
    }

    fn play(&mut self, until: SimTime, slice: &mut Slice) {
        slice.events.clear();
        slice.searches.clear();
        // Simulate part by part, so that events are written and their memory is reused while they are still in the cache.
        let mut from = self.cells.next_time().unwrap_or(until).as_micros() / 1000;
        let until = until.as_micros() / 1000;
        let part = until.saturating_sub(from) / PARTS + 1;
        while from < until {
            from = (from + part).min(until);
            self.cells.advance(SimTime::from_micros(from * 1000), &mut self.events);
            // Events arrive in the order of time, but with a higher resolution than the lines.
            for at_once in self.events.chunk_by_mut(|one, other| millis_of(one) == millis_of(other)) {
                at_once.sort_unstable_by_key(key_of);
            }
            for event in &self.events {
                self.write(key_of(event), event, slice);
            }
            self.events.clear();
        }
        slice.next = self.cells.next_time();
    }

    fn write(&self, key: Key, event: &SeekerEvent, slice: &mut Slice) {
        let line = slice.events.text.len();
        let millis = self.start.as_millis().saturating_add_unsigned(key.0);
        simulator::write_json(event, self.model, EventTimestamp::from_millis(millis), &mut slice.events.text);
        self.form.convert(&mut slice.events.text, line);
        slice.events.end_line(key);
        if self.wants_searches && matches!(event.event_type, EventType::Impression | EventType::Notification) {
            self.write_search(event, &mut slice.searches);
            slice.searches.end_line(key);
        }
    }

    /// Writes the search whose result an impression or a notification shows.
    fn write_search(&self, event: &SeekerEvent, searches: &mut Lines) {
        let text = &mut searches.text;
        text.extend_from_slice(b"{\"requestId\":\"");
        text.extend_from_slice(&event.request.text());
        text.extend_from_slice(b"\",\"jobs\":[");
        let EventJobs::Page(postings) = &event.jobs else { unreachable!("the event shows a page") };
        simulator::write_job_names(self.model.catalogue(), postings, text);
        text.extend_from_slice(b"]}");
    }
}

fn millis_of(event: &SeekerEvent) -> u64 {
    event.at.as_micros() / 1000
}

fn key_of(event: &SeekerEvent) -> Key {
    let id = event.event.sort_key();
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    (millis_of(event), [(id >> 64) as u64, id as u64])
}
