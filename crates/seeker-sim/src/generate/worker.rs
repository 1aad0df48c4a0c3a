//! A worker: plays its cells through one slice of time after another and writes what happens as lines, sorted.

use std::sync::mpsc::{Receiver, SyncSender};

use client_event::{EventTimestamp, EventType};
use seeker_model::{Cell, EventJobs, Model, SeekerEvent, SimTime};

use crate::generate::{EventForm, GeneratePlan};

/// What happens in a slice of time.
#[derive(Debug, Default)]
pub(crate) struct Slice {
    pub(crate) events: Lines,
    pub(crate) searches: Lines,
    /// When something happens next in the worker's cells.
    pub(crate) next: Option<SimTime>,
}

/// Lines, each with what it is sorted by.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(crate) text: Vec<u8>,
    /// The key of each line and where it ends.
    pub(crate) ends: Vec<(Key, usize)>,
}

/// What lines are sorted by: the milliseconds since the start, then the text of the event id, which as numbers have the same order.
pub(crate) type Key = (u64, u128);

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
    cells: Vec<Cell<'m>>,
    form: EventForm,
    start: EventTimestamp,
    wants_searches: bool,
    /// The events of a slice as they came, and the order in which they are written.
    events: Vec<SeekerEvent>,
    order: Vec<(Key, u32)>,
}

impl<'m> Worker<'m> {
    pub(crate) fn new(model: &'m Model, plan: &GeneratePlan, cells: &[u64], wants_searches: bool) -> Self {
        let cells = cells.iter().map(|number| Cell::new(model, plan.seed, plan.seekers, *number)).collect();
        Self {
            model,
            cells,
            form: plan.form,
            start: plan.scenario.start(),
            wants_searches,
            events: Vec::new(),
            order: Vec::new(),
        }
    }

    /// Answers until nobody asks any more.
    pub(crate) fn serve(mut self, asked: &Receiver<(SimTime, Slice)>, answer: &SyncSender<Slice>) {
        while let Ok((until, mut slice)) = asked.recv() {
            self.play(until, &mut slice);
            if answer.send(slice).is_err() {
                return;
            }
        }
    }

    fn play(&mut self, until: SimTime, slice: &mut Slice) {
        self.events.clear();
        for cell in &mut self.cells {
            cell.advance(until, &mut self.events);
        }
        self.order.clear();
        self.order.extend((0..).zip(&self.events).map(|(place, event)| (key_of(event), place)));
        self.order.sort_unstable();
        slice.events.clear();
        slice.searches.clear();
        for (key, place) in &self.order {
            self.write(*key, &self.events[*place as usize], slice);
        }
        slice.next = self.cells.iter().filter_map(Cell::next_time).min();
    }

    fn write(&self, key: Key, event: &SeekerEvent, slice: &mut Slice) {
        let line = slice.events.text.len();
        let millis = self.start.as_millis().saturating_add_unsigned(key.0);
        event.write_json(self.model, EventTimestamp::from_millis(millis), &mut slice.events.text);
        self.form.convert(&mut slice.events.text, line);
        slice.events.end_line(key);
        if self.wants_searches && matches!(event.event_type, EventType::Impression | EventType::Notification) {
            self.write_search(event, &mut slice.searches);
            slice.searches.end_line(key);
        }
    }

    /// Writes the search that an impression or a notification shows the result of.
    fn write_search(&self, event: &SeekerEvent, searches: &mut Lines) {
        let text = &mut searches.text;
        text.extend_from_slice(b"{\"requestId\":\"");
        text.extend_from_slice(&event.request.text());
        text.extend_from_slice(b"\",\"jobs\":[");
        let EventJobs::Page(postings) = &event.jobs else { unreachable!("it shows a page") };
        self.model.catalogue().write_job_names(postings, text);
        text.extend_from_slice(b"]}");
    }
}

fn key_of(event: &SeekerEvent) -> Key {
    (event.at.as_micros() / 1000, event.event.sort_key())
}
