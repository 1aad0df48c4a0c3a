//! The employer that decides on one application.
//!
//! | doing | input | event | next |
//! |---|---|---|---|
//! | reading the application | started | | wait for the day of the interview |
//! | inviting | woke | `INTERVIEW_GRANTED` | wait for the decision, or nothing |
//! | deciding | woke | `HIRED` | nothing |
//!
//! Both events are sent under the request that the application began with, so they have their cause in the stream.

use client_event::EventType;
use rand::RngExt;

use crate::catalogue::PostingId;
use crate::event::{EventJobs, SeekerEvent, Session, Source};
use crate::ids::{EventKey, RequestKey};
use crate::model::Model;
use crate::party::{Input, Next, Step, Who, misused};
use crate::stream::{Purpose, Stream, draw_u128, stream};
use crate::time::SimTime;

const DAY_S: f64 = 24.0 * 3600.0;

/// An application that was submitted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Application {
    /// The event that submitted it.
    pub(crate) event: EventKey,
    pub(crate) request: RequestKey,
    pub(crate) posting: PostingId,
    pub(crate) seeker: u64,
    pub(crate) session: Session,
}

/// One employer and one application that leads to an interview.
#[derive(Debug)]
pub struct Employer {
    stream: Stream,
    application: Application,
    doing: Doing,
}

#[derive(Debug)]
enum Doing {
    Reading,
    Inviting,
    Deciding,
}

impl Employer {
    /// The employer, if the application leads to an interview; otherwise nothing is ever heard of it.
    pub(crate) fn of(application: Application, model: &Model) -> Option<Self> {
        let mut stream = stream(application.event.low_bits(), Purpose::Employer, 0);
        let invites = stream.random_bool(model.behaviour().interview_per_application);
        invites.then_some(Self { stream, application, doing: Doing::Reading })
    }

    /// Employers do not search; this is whom they decide on.
    pub(crate) fn who(&self) -> Who {
        Who { seeker: self.application.seeker, session: self.application.session, device: None }
    }

    pub(crate) fn handle(&mut self, input: Input, now: SimTime, model: &Model) -> Step {
        let behaviour = model.behaviour();
        match (&self.doing, input) {
            (Doing::Reading, Input::Started) => {
                self.doing = Doing::Inviting;
                Step::to(Next::SleepUntil(now.after_seconds(behaviour.interview_days.draw(&mut self.stream) * DAY_S)))
            }
            (Doing::Inviting, Input::Woke) => {
                let event = self.event(EventType::InterviewGranted, now);
                if !self.stream.random_bool(behaviour.hire_per_interview) {
                    return Step::with(Some(event), Next::Leave);
                }
                self.doing = Doing::Deciding;
                let decided = now.after_seconds(behaviour.hire_days.draw(&mut self.stream) * DAY_S);
                Step::with(Some(event), Next::SleepUntil(decided))
            }
            (Doing::Deciding, Input::Woke) => Step::with(Some(self.event(EventType::Hired, now)), Next::Leave),
            (_, input) => misused("an employer", &input),
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
