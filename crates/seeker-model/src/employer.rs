//! The employer that decides on one application.
//!
//! | state | input | event | next |
//! |---|---|---|---|
//! | reading the application | started | | wait for the day of the interview |
//! | inviting | woke | `INTERVIEW_GRANTED` | wait for the decision, or leave |
//! | deciding | woke | `HIRED` | leave |
//!
//! Both events have the request id of the application, so their cause is in the stream.

use client_event::EventType;
use rand::RngExt;

use crate::application::Application;
use crate::event::{EventJobs, SeekerEvent};
use crate::ids::EventKey;
use crate::model::Model;
use crate::random_stream::{Purpose, RandomStream, draw_u128, stream};
use crate::search_context::SearchContext;
use crate::sim_time::SimTime;
use crate::source::Source;
use crate::step::{Input, Next, Step};

const DAY_S: f64 = 24.0 * 3600.0;

/// The employer of an application that leads to an interview.
#[derive(Debug)]
pub(crate) struct Employer {
    stream: RandomStream,
    application: Application,
    state: State,
}

#[derive(Debug)]
enum State {
    Reading,
    Inviting,
    Deciding,
}

impl Employer {
    /// The employer, if the application leads to an interview. Other applications get no answer.
    pub(crate) fn of(application: Application, model: &Model) -> Option<Self> {
        let mut stream = stream(application.event.low_bits(), Purpose::Employer, 0);
        let invites = stream.random_bool(model.behaviour().interview_per_application);
        invites.then_some(Self { stream, application, state: State::Reading })
    }

    /// The applicant. An employer does not search.
    pub(crate) fn search_context(&self) -> SearchContext {
        SearchContext { seeker: self.application.seeker, session: self.application.session, device: None }
    }

    pub(crate) fn handle<P>(&mut self, input: Input, now: SimTime, model: &Model) -> Step<P> {
        let behaviour = model.behaviour();
        match (&self.state, input) {
            (State::Reading, Input::Started) => {
                self.state = State::Inviting;
                Step::to(Next::SleepUntil(now.after_seconds(behaviour.interview_days.draw(&mut self.stream) * DAY_S)))
            }
            (State::Inviting, Input::Woke) => {
                let event = self.event(EventType::InterviewGranted, now);
                if !self.stream.random_bool(behaviour.hire_per_interview) {
                    return Step::with(Some(event), Next::Leave);
                }
                self.state = State::Deciding;
                let decided = now.after_seconds(behaviour.hire_days.draw(&mut self.stream) * DAY_S);
                Step::with(Some(event), Next::SleepUntil(decided))
            }
            (State::Deciding, Input::Woke) => Step::with(Some(self.event(EventType::Hired, now)), Next::Leave),
            (_, input) => Step::after_misuse("an employer", &input),
        }
    }

    fn event(&mut self, event_type: EventType, at: SimTime) -> SeekerEvent {
        SeekerEvent {
            seeker: self.application.seeker,
            session: self.application.session,
            source: Source::Employer,
            event: EventKey::from_bits(draw_u128(&mut self.stream)),
            event_type,
            request: self.application.request,
            jobs: EventJobs::One(self.application.posting, None),
            at,
            device: None,
        }
    }
}
