//! A recruiter, who sends the CVs of candidates to fitting postings, or a staffing agency, which submits candidates for a vacancy.
//!
//! | state | input | event | new party | next |
//! |---|---|---|---|---|
//! | arriving | started, woke | | | search |
//! | searching | search answered with results | IMPRESSION | | select a posting |
//! | searching | search answered without results | | | return later or leave |
//! | working | woke | `SENT_CV`, or `APPLICATION_COMPANY_SUBMIT` of an agency | perhaps the employer | the next candidate, return later or leave |
//!
//! A recruiter goes down the page with one CV for each posting. An agency has several candidates for one posting.

use client_event::EventType;
use rand::RngExt;

use crate::application::Application;
use crate::device::Device;
use crate::employer::Employer;
use crate::event::{EventJobs, SeekerEvent};
use crate::ids::EventKey;
use crate::model::Model;
use crate::random_stream::{RandomStream, draw_u128};
use crate::search::{Query, ResultsPage};
use crate::search_context::SearchContext;
use crate::session::Session;
use crate::sim_time::SimTime;
use crate::source::Source;
use crate::step::{Input, Next, Step};
use crate::visits::next_visit;

/// The mean number of visits of recruiters and agencies in 14 days: one on each working day. Own estimate.
const VISITS: f64 = 10.0;

/// A recruiter or a staffing agency.
#[derive(Debug)]
pub(crate) struct Recruiter {
    stream: RandomStream,
    number: u64,
    of_agency: bool,
    visit: u32,
    state: State,
    results: Option<ResultsPage>,
    /// The current line of the page, from 0.
    line: u16,
}

#[derive(Debug)]
enum State {
    Arriving,
    Searching,
    Working,
}

impl Recruiter {
    pub(crate) fn new(stream: RandomStream, number: u64, of_agency: bool) -> Self {
        Self { stream, number, of_agency, visit: 0, state: State::Arriving, results: None, line: 0 }
    }

    pub(crate) fn search_context(&self) -> SearchContext {
        SearchContext { seeker: self.number, session: Session::Visit(self.visit), device: Some(Device::Desktop) }
    }

    pub(crate) fn handle<P: From<Employer>>(&mut self, input: Input, now: SimTime, model: &Model) -> Step<P> {
        match (&self.state, input) {
            (State::Arriving, Input::Started | Input::Woke) => {
                self.state = State::Searching;
                Step::to(Next::Search(Query {
                    interest: self.stream.random(),
                    day: now.day(),
                    call: self.stream.random(),
                    page: 0,
                    page_size: model.behaviour().page_size,
                }))
            }
            (State::Searching, Input::SearchAnswered(results)) => {
                if results.postings.is_empty() {
                    return self.return_later(None, now, model);
                }
                let event = self.event(EventType::Impression, &results, EventJobs::Page(results.postings.clone()), now);
                let last = u16::try_from(results.postings.len() - 1).expect("a page has at most 100 postings");
                self.line = if self.of_agency { self.stream.random_range(0..=last) } else { 0 };
                self.results = Some(results);
                self.work(event, now, model)
            }
            (State::Working, Input::Woke) => self.submit(now, model),
            (_, input) => Step::after_misuse("a recruiter", &input),
        }
    }

    fn work<P>(&mut self, event: SeekerEvent, now: SimTime, model: &Model) -> Step<P> {
        self.state = State::Working;
        let done = now.after_seconds(model.behaviour().candidate_s.draw(&mut self.stream));
        Step::with(Some(event), Next::SleepUntil(done))
    }

    fn submit<P: From<Employer>>(&mut self, now: SimTime, model: &Model) -> Step<P> {
        let behaviour = model.behaviour();
        let (event_type, mean) = if self.of_agency {
            (EventType::ApplicationCompanySubmit, behaviour.candidates_per_vacancy)
        } else {
            (EventType::SentCv, behaviour.cvs_per_search)
        };
        let results = self.results.take().expect("results are set while working");
        let posting = results.postings[usize::from(self.line)];
        let event = self.event(event_type, &results, EventJobs::One(posting, Some(self.line + 1)), now);
        let application =
            Application { event: event.event, request: event.request, posting, seeker: event.seeker, session: event.session };
        if !self.of_agency {
            self.line += 1;
        }
        // The number of candidates is geometric with this mean.
        let more = usize::from(self.line) < results.postings.len() && !self.stream.random_bool(1.0 / mean);
        let mut step = if more {
            self.results = Some(results);
            self.work(event, now, model)
        } else {
            self.return_later(Some(event), now, model)
        };
        step.new_party = Employer::of(application, model).map(P::from);
        step
    }

    fn return_later<P>(&mut self, event: Option<SeekerEvent>, now: SimTime, model: &Model) -> Step<P> {
        self.state = State::Arriving;
        self.visit += 1;
        let next = next_visit(model, now, VISITS, &mut self.stream);
        Step::with(event, if next < model.end() { Next::SleepUntil(next) } else { Next::Leave })
    }

    fn event(&mut self, event_type: EventType, results: &ResultsPage, jobs: EventJobs, at: SimTime) -> SeekerEvent {
        SeekerEvent {
            seeker: self.number,
            session: Session::Visit(self.visit),
            source: if self.of_agency { Source::Agency } else { Source::Recruiter },
            event: EventKey::from_bits(draw_u128(&mut self.stream)),
            event_type,
            request: results.request,
            jobs,
            at,
            device: Some(Device::Desktop),
        }
    }
}
