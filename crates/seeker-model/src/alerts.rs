//! The alerts that are sent to one seeker: at most one a day, in the morning, from a search of the seeker's own.
//!
//! | doing | input | event | begins | next |
//! |---|---|---|---|---|
//! | waiting | started, woke | | | search, or wait for the next morning |
//! | searching | search answered, some | NOTIFICATION | perhaps a visit of the seeker to its postings | wait for the next morning |
//! | searching | search answered, none | | | wait for the next morning |

use client_event::EventType;
use rand::RngExt;

use crate::event::{EventJobs, SeekerEvent, Session, Source};
use crate::ids::EventKey;
use crate::journey::Journey;
use crate::model::Model;
use crate::party::{Input, Next, Party, Step, Who, misused};
use crate::search::{Query, ResultsPage};
use crate::stream::{Purpose, Stream, draw_u128, mix, stream};
use crate::time::SimTime;
use crate::traits::Traits;

/// The hours of the day between which the alerts of a seeker are sent. Own estimate.
const HOURS: [f64; 2] = [6.0, 9.0];

/// The alerts of one seeker.
#[derive(Debug)]
pub struct Alerts {
    stream: Stream,
    seed: u64,
    seeker: u64,
    traits: Traits,
    interest: u64,
    /// The hour of the day at which they are sent.
    hour: f64,
    sent: u32,
    searching: bool,
}

impl Alerts {
    pub(crate) fn new(seed: u64, seeker: u64, traits: Traits, interest: u64) -> Self {
        let mut stream = stream(seed, Purpose::Alerts, seeker);
        let hour = stream.random_range(HOURS[0]..HOURS[1]);
        Self { stream, seed, seeker, traits, interest, hour, sent: 0, searching: false }
    }

    pub(crate) fn who(&self) -> Who {
        Who { seeker: self.seeker, session: Session::Alert(self.sent), device: None }
    }

    pub(crate) fn handle(&mut self, input: Input, now: SimTime, model: &Model) -> Step {
        match (self.searching, input) {
            (false, Input::Started) => self.wait(None, now, model),
            (false, Input::Woke) => {
                let behaviour = model.behaviour();
                if !self.stream.random_bool(behaviour.alert_per_day) {
                    return self.wait(None, now, model);
                }
                self.searching = true;
                Step::to(Next::Search(Query {
                    interest: self.interest,
                    day: now.day(),
                    call: self.stream.random(),
                    page: 0,
                    page_size: behaviour.alert_size,
                }))
            }
            (true, Input::SearchAnswered(results)) => {
                self.searching = false;
                if results.postings.is_empty() {
                    return self.wait(None, now, model);
                }
                self.send(results, now, model)
            }
            (_, input) => misused("an alert", &input),
        }
    }

    fn send(&mut self, results: ResultsPage, now: SimTime, model: &Model) -> Step {
        let event = SeekerEvent {
            seeker: self.seeker,
            session: Session::Alert(self.sent),
            source: Source::Alert,
            event: EventKey::from_bits(draw_u128(&mut self.stream)),
            event_type: EventType::Notification,
            request: results.request,
            jobs: EventJobs::Page(results.postings.clone()),
            at: now,
            device: None,
        };
        let clicked = self.stream.random_bool(model.behaviour().alert_clicked);
        let mut step = self.wait(Some(event), now, model);
        if clicked {
            let visit = stream(self.seed, Purpose::AlertVisit, mix(self.seeker).wrapping_add(self.sent.into()));
            let journey = Journey::from_alert(visit, self.seeker, self.traits, Session::Alert(self.sent), results);
            step.begins = Some(Party::Seeker(Box::new(journey)));
        }
        self.sent += 1;
        step
    }

    fn wait(&mut self, event: Option<SeekerEvent>, now: SimTime, model: &Model) -> Step {
        let morning = model.week().next_hour_of_day(now.after_seconds(3600.0), self.hour);
        Step::with(event, if morning < model.end() { Next::SleepUntil(morning) } else { Next::Leave })
    }
}
