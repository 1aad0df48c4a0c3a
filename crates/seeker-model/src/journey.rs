//! The journey of one job seeker, as a state machine without clock and I/O.
//!
//! The driver calls [`Journey::handle`] with what happened and the time; the journey answers with at most one event, which
//! happens at that time, and with what comes next. Every answer but [`Next::Leave`] asks for exactly one further call:
//! [`Next::Search`] for [`Input::SearchAnswered`], [`Next::SleepUntil`] for [`Input::Woke`] at the time it names. In place of the next
//! call the driver may at any time say [`Input::DeliveryRefused`]: the event could not be taken on, and since later events would
//! lack their cause, the seeker leaves.
//!
//! | doing | input | event | next |
//! |---|---|---|---|
//! | arriving | started | | search |
//! | searching | search answered, some | IMPRESSION | look down the page |
//! | searching | search answered, none | | search again or leave |
//! | opening a posting | woke | VIEW | bookmark, apply or look on |
//! | opening an aggregator's posting | woke | `VIEW_DIRECT` | look on |
//! | bookmarking | woke | BOOKMARK | apply or look on |
//! | applying | woke | `APPLICATION_START` | finish or look on |
//! | applying | woke | `APPLICATION_QUICK_SUBMISSION` or `APPLICATION_REDIRECT` | look on |
//! | applying from the results | woke | `APPLICATION_START_FROM_START` | finish or look on |
//! | applying from the results | woke | `APPLICATION_QUICK_SUBMISSION` or `APPLICATION_REDIRECT_FROM_START` | look on |
//! | finishing a form | woke | `APPLICATION_FINISH` | look on |
//! | turning the page, rethinking | woke | | search |
//! | any | delivery refused | | leave |
//!
//! *Look down the page* and *look on* run through the lines of results in one go, up to the next click, and sleep until then; at
//! the end of the page or of the seeker's patience they turn the page, rethink or leave. Each line is looked at once, so a posting
//! meets at most one of the ways through this table under one request, and none of them breaks a rule of the message.

use client_event::EventType;
use rand::RngExt;

use crate::catalogue::{ApplyType, PostingId};
use crate::event::{Device, EventJobs, SeekerEvent};
use crate::ids::EventKey;
use crate::model::Model;
use crate::search::{Query, ResultsPage};
use crate::stream::{Purpose, Stream, draw_u128, stream};
use crate::time::SimTime;

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The seeker arrives. First and once.
    Started,
    /// The time that the seeker slept until has come.
    Woke,
    /// The search answered.
    SearchAnswered(ResultsPage),
    /// The last event could not be taken on.
    DeliveryRefused,
}

/// What the seeker does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Searches, and waits for the answer.
    Search(Query),
    /// Does nothing until then.
    SleepUntil(SimTime),
    /// Is done; there is nothing more to call.
    Leave,
}

/// The answer to an input.
#[derive(Debug)]
pub struct Step {
    /// An event that happens now.
    pub event: Option<SeekerEvent>,
    /// What comes next.
    pub next: Next,
}

/// What the seeker is about to do when the next input comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Arriving,
    Searching,
    Opening,
    Bookmarking { applies: bool },
    Applying,
    ApplyingFromResults,
    Finishing,
    TurningPage,
    Rethinking,
    Gone,
}

/// One job seeker.
#[derive(Debug)]
pub struct Journey {
    stream: Stream,
    seeker: u64,
    /// What is searched for; changes with each new search.
    interest: u64,
    results: Option<ResultsPage>,
    page: u16,
    /// The line in hand, from 0.
    line: u16,
    doing: Doing,
    device: Device,
}

impl Journey {
    /// The journey of the seeker with this number under this seed.
    pub fn new(model: &Model, seed: u64, seeker: u64) -> Self {
        let mut stream = stream(seed, Purpose::Seeker, seeker);
        let device = if stream.random_bool(model.behaviour().mobile_share) { Device::Mobile } else { Device::Desktop };
        Self { stream, seeker, interest: 0, results: None, page: 0, line: 0, doing: Doing::Arriving, device }
    }

    /// The number of the seeker.
    pub fn seeker(&self) -> u64 {
        self.seeker
    }

    /// Takes what happened at this time; the order of calls is described above. An input that the order does not allow is a
    /// mistake of the driver: it ends the journey, and panics in builds with debug assertions.
    pub fn handle(&mut self, input: Input, now: SimTime, model: &Model) -> Step {
        match (self.doing, input) {
            (_, Input::DeliveryRefused) => self.leave(),
            (Doing::Arriving, Input::Started) | (Doing::Rethinking, Input::Woke) => self.search_anew(model),
            (Doing::TurningPage, Input::Woke) => {
                self.page += 1;
                self.search(model)
            }
            (Doing::Searching, Input::SearchAnswered(results)) => self.see(results, now, model),
            (Doing::Opening, Input::Woke) => self.open(now, model),
            (Doing::Bookmarking { applies }, Input::Woke) => {
                let event = self.event_of_line(EventType::Bookmark, now);
                let then = now.after_seconds(model.behaviour().pause_s.draw_s(&mut self.stream));
                if applies {
                    return self.sleep(Some(event), Doing::Applying, then);
                }
                self.look_on(Some(event), then, model)
            }
            (Doing::Applying, Input::Woke) => self.apply(now, model, false),
            (Doing::ApplyingFromResults, Input::Woke) => self.apply(now, model, true),
            (Doing::Finishing, Input::Woke) => {
                let event = self.event_of_line(EventType::ApplicationFinish, now);
                self.look_on(Some(event), now, model)
            }
            (doing, input) => {
                debug_assert!(false, "a seeker that is {doing:?} was given {input:?}");
                self.leave()
            }
        }
    }

    fn search_anew(&mut self, model: &Model) -> Step {
        self.interest = self.stream.random();
        self.page = 0;
        self.search(model)
    }

    fn search(&mut self, model: &Model) -> Step {
        self.doing = Doing::Searching;
        let page_size = model.behaviour().page_size;
        let query = Query { interest: self.interest, call: self.stream.random(), page: self.page, page_size };
        Step { event: None, next: Next::Search(query) }
    }

    fn see(&mut self, results: ResultsPage, now: SimTime, model: &Model) -> Step {
        self.line = 0;
        if results.postings.is_empty() {
            self.results = None;
            return self.rethink_or_leave(None, now, model);
        }
        let event = self.event(EventType::Impression, &results, EventJobs::Page(results.postings.clone()), now);
        self.results = Some(results);
        self.look_down(Some(event), now, model)
    }

    fn open(&mut self, now: SimTime, model: &Model) -> Step {
        let behaviour = model.behaviour();
        let apply_type = self.posting_type(model);
        let [shortest, longest] = behaviour.reading_range_s;
        let reading_s = behaviour.reading_s.draw_s(&mut self.stream).clamp(shortest, longest);
        let read = now.after_seconds(reading_s);
        if apply_type == ApplyType::Aggregator {
            let event = self.event_of_line(EventType::ViewDirect, now);
            return self.look_on(Some(event), read, model);
        }
        let event = self.event_of_line(EventType::View, now);
        let bookmarks = self.stream.random_bool(behaviour.bookmark_per_view);
        let applies = self.stream.random_bool(model.apply_after_view(apply_type));
        match (bookmarks, applies) {
            (true, _) => self.sleep(Some(event), Doing::Bookmarking { applies }, read),
            (false, true) => self.sleep(Some(event), Doing::Applying, read),
            (false, false) => self.look_on(Some(event), read, model),
        }
    }

    fn apply(&mut self, now: SimTime, model: &Model, from_results: bool) -> Step {
        let behaviour = model.behaviour();
        let event_type = match (self.posting_type(model), from_results) {
            (ApplyType::MultiStep, false) => EventType::ApplicationStart,
            (ApplyType::MultiStep, true) => EventType::ApplicationStartFromStart,
            (ApplyType::Quick, _) => EventType::ApplicationQuickSubmission,
            (ApplyType::Redirect | ApplyType::Aggregator, false) => EventType::ApplicationRedirect,
            (ApplyType::Redirect | ApplyType::Aggregator, true) => EventType::ApplicationRedirectFromStart,
        };
        let event = self.event_of_line(event_type, now);
        if !matches!(event_type, EventType::ApplicationStart | EventType::ApplicationStartFromStart) {
            let then = now.after_seconds(behaviour.pause_s.draw_s(&mut self.stream));
            return self.look_on(Some(event), then, model);
        }
        let form_s = behaviour.form_s.draw_s(&mut self.stream);
        if self.stream.random_bool(behaviour.finish_per_start) {
            return self.sleep(Some(event), Doing::Finishing, now.after_seconds(form_s));
        }
        // Given up somewhere on the way through the form.
        let given_up_s = form_s * self.stream.random::<f64>();
        self.look_on(Some(event), now.after_seconds(given_up_s), model)
    }

    /// Returns to the results from the line in hand.
    fn look_on(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step {
        self.line += 1;
        if self.stream.random_bool(model.behaviour().continue_after_click) {
            self.look_down(event, from, model)
        } else {
            self.page_done(event, from, model)
        }
    }

    /// Looks at one line after the other until one draws a click, the page ends or patience does.
    fn look_down(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step {
        let behaviour = model.behaviour();
        let mut time = from;
        while let Some(posting) = self.posting_in_hand() {
            time = time.after_seconds(behaviour.glance_s.draw_s(&mut self.stream));
            let posting = model.catalogue().posting(posting);
            if self.stream.random::<f32>() < posting.attractiveness {
                let at_once = posting.apply_type != ApplyType::Aggregator
                    && self.stream.random_bool(behaviour.apply_per_view * behaviour.apply_from_results_share);
                let doing = if at_once { Doing::ApplyingFromResults } else { Doing::Opening };
                return self.sleep(event, doing, time);
            }
            self.line += 1;
            if !self.stream.random_bool(behaviour.continue_after_skip) {
                break;
            }
        }
        self.page_done(event, time, model)
    }

    fn page_done(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step {
        let behaviour = model.behaviour();
        let turns = if self.page == 0 { behaviour.second_page } else { behaviour.further_page };
        if self.page < u16::MAX && self.stream.random_bool(turns) {
            let then = from.after_seconds(behaviour.pause_s.draw_s(&mut self.stream));
            return self.sleep(event, Doing::TurningPage, then);
        }
        self.rethink_or_leave(event, from, model)
    }

    fn rethink_or_leave(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step {
        let behaviour = model.behaviour();
        if self.stream.random_bool(behaviour.search_again) {
            let then = from.after_seconds(behaviour.rethink_s.draw_s(&mut self.stream));
            return self.sleep(event, Doing::Rethinking, then);
        }
        Step { event, ..self.leave() }
    }

    fn sleep(&mut self, event: Option<SeekerEvent>, then: Doing, until: SimTime) -> Step {
        self.doing = then;
        Step { event, next: Next::SleepUntil(until) }
    }

    fn leave(&mut self) -> Step {
        self.doing = Doing::Gone;
        self.results = None;
        Step { event: None, next: Next::Leave }
    }

    fn posting_in_hand(&self) -> Option<PostingId> {
        self.results.as_ref()?.postings.get(usize::from(self.line)).copied()
    }

    fn posting_type(&self, model: &Model) -> ApplyType {
        let posting = self.posting_in_hand().expect("only a line of the results is opened");
        model.catalogue().posting(posting).apply_type
    }

    fn event_of_line(&mut self, event_type: EventType, now: SimTime) -> SeekerEvent {
        let posting = self.posting_in_hand().expect("only a line of the results has events");
        let results = self.results.take().expect("there is a posting in hand");
        let event = self.event(event_type, &results, EventJobs::One(posting, self.line + 1), now);
        self.results = Some(results);
        event
    }

    fn event(&mut self, event_type: EventType, results: &ResultsPage, jobs: EventJobs, now: SimTime) -> SeekerEvent {
        SeekerEvent {
            seeker: self.seeker,
            event: EventKey::from_bits(draw_u128(&mut self.stream)),
            event_type,
            request: results.request,
            jobs,
            at: now,
            device: self.device,
        }
    }
}
