//! A recruiter, who sends the CVs of candidates to fitting postings, or a staffing agency, which submits candidates for a vacancy.
//!
//! | doing | input | event | begins | next |
//! |---|---|---|---|---|
//! | arriving | started, woke | | | search |
//! | searching | search answered, some | IMPRESSION | | choose a posting |
//! | searching | search answered, none | | | come again or leave |
//! | working | woke | `SENT_CV`, or `APPLICATION_COMPANY_SUBMIT` of an agency | perhaps the employer | the next candidate, or come again or leave |
//!
//! A recruiter goes down the page, one CV for a posting; an agency has several candidates for one posting.

use client_event::EventType;
use rand::RngExt;

use crate::employer::{Application, Employer};
use crate::event::{Device, EventJobs, SeekerEvent, Session, Source};
use crate::ids::EventKey;
use crate::model::Model;
use crate::party::{Input, Next, Party, Step, Who, misused, next_visit};
use crate::search::{Query, ResultsPage};
use crate::stream::{Stream, draw_u128};
use crate::time::SimTime;

/// How often recruiters and agencies come in 14 days: on every working day. Own estimate.
const VISITS: f64 = 10.0;

/// A recruiter or a staffing agency.
#[derive(Debug)]
pub struct Recruiter {
    stream: Stream,
    number: u64,
    of_agency: bool,
    visit: u32,
    doing: Doing,
    results: Option<ResultsPage>,
    /// The line in hand, from 0.
    line: u16,
}

#[derive(Debug)]
enum Doing {
    Arriving,
    Searching,
    Working,
}

impl Recruiter {
    pub(crate) fn new(stream: Stream, number: u64, of_agency: bool) -> Self {
        Self { stream, number, of_agency, visit: 0, doing: Doing::Arriving, results: None, line: 0 }
    }

    pub(crate) fn who(&self) -> Who {
        Who { seeker: self.number, session: Session::Visit(self.visit), device: Some(Device::Desktop) }
    }

    pub(crate) fn handle(&mut self, input: Input, now: SimTime, model: &Model) -> Step {
        match (&self.doing, input) {
            (Doing::Arriving, Input::Started | Input::Woke) => {
                self.doing = Doing::Searching;
                Step::to(Next::Search(Query {
                    interest: self.stream.random(),
                    day: now.day(),
                    call: self.stream.random(),
                    page: 0,
                    page_size: model.behaviour().page_size,
                }))
            }
            (Doing::Searching, Input::SearchAnswered(results)) => {
                if results.postings.is_empty() {
                    return self.come_again(None, now, model);
                }
                let event = self.event(EventType::Impression, &results, EventJobs::Page(results.postings.clone()), now);
                let last = u16::try_from(results.postings.len() - 1).expect("a page has at most 100 postings");
                self.line = if self.of_agency { self.stream.random_range(0..=last) } else { 0 };
                self.results = Some(results);
                self.work(event, now, model)
            }
            (Doing::Working, Input::Woke) => self.submit(now, model),
            (_, input) => misused("a recruiter", &input),
        }
    }

    fn work(&mut self, event: SeekerEvent, now: SimTime, model: &Model) -> Step {
        self.doing = Doing::Working;
        let done = now.after_seconds(model.behaviour().candidate_s.draw(&mut self.stream));
        Step::with(Some(event), Next::SleepUntil(done))
    }

    fn submit(&mut self, now: SimTime, model: &Model) -> Step {
        let behaviour = model.behaviour();
        let (event_type, mean) = if self.of_agency {
            (EventType::ApplicationCompanySubmit, behaviour.candidates_per_vacancy)
        } else {
            (EventType::SentCv, behaviour.cvs_per_search)
        };
        let results = self.results.take().expect("who works has results");
        let posting = results.postings[usize::from(self.line)];
        let event = self.event(event_type, &results, EventJobs::One(posting, Some(self.line + 1)), now);
        let application =
            Application { event: event.event, request: event.request, posting, seeker: event.seeker, session: event.session };
        if !self.of_agency {
            self.line += 1;
        }
        // A geometric number of candidates with that mean.
        let more = usize::from(self.line) < results.postings.len() && !self.stream.random_bool(1.0 / mean);
        let mut step = if more {
            self.results = Some(results);
            self.work(event, now, model)
        } else {
            self.come_again(Some(event), now, model)
        };
        step.begins = Employer::of(application, model).map(|employer| Party::Employer(Box::new(employer)));
        step
    }

    fn come_again(&mut self, event: Option<SeekerEvent>, now: SimTime, model: &Model) -> Step {
        self.doing = Doing::Arriving;
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
