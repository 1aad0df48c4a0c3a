//! The alerts of one seeker: at most one a day, in the morning, from a search for the interest of the seeker.
//!
//! | state | input | event | new party | next |
//! |---|---|---|---|---|
//! | waiting | started, woke | | | search, or wait for the next morning |
//! | searching | search answered with results | NOTIFICATION | perhaps a visit of the seeker to the postings | wait for the next morning |
//! | searching | search answered without results | | | wait for the next morning |

use client_event::EventType;
use rand::RngExt;

use crate::event::{EventJobs, SeekerEvent};
use crate::ids::EventKey;
use crate::model::Model;
use crate::random_stream::{Purpose, RandomStream, draw_u128, mix, stream};
use crate::search::{Query, ResultsPage};
use crate::search_context::SearchContext;
use crate::seeker::Seeker;
use crate::seeker_traits::SeekerTraits;
use crate::session::Session;
use crate::sim_time::SimTime;
use crate::source::Source;
use crate::step::{Input, Next, Step};

/// The hours of the day between which alerts are sent. Own estimate.
const HOURS: [f64; 2] = [6.0, 9.0];

/// The alerts of one seeker.
#[derive(Debug)]
pub(crate) struct Alerts {
    stream: RandomStream,
    seed: u64,
    seeker: u64,
    traits: SeekerTraits,
    interest: u64,
    /// The hour of the day at which the alerts are sent.
    hour: f64,
    sent: u32,
    searching: bool,
}

impl Alerts {
    /// The alerts of a seeker before the first step, if the seeker has alerts.
    pub(crate) fn of(seeker: &Seeker) -> Option<Self> {
        let (seed, number) = (seeker.seed(), seeker.number());
        seeker.starts_alerts().then(|| {
            let mut stream = stream(seed, Purpose::Alerts, number);
            let hour = stream.random_range(HOURS[0]..HOURS[1]);
            let (traits, interest) = (seeker.traits(), seeker.lasting_interest());
            Self { stream, seed, seeker: number, traits, interest, hour, sent: 0, searching: false }
        })
    }

    pub(crate) fn search_context(&self) -> SearchContext {
        SearchContext { seeker: self.seeker, session: Session::Alert(self.sent), device: None }
    }

    pub(crate) fn handle<P: From<Seeker>>(&mut self, input: Input, now: SimTime, model: &Model) -> Step<P> {
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
            (_, input) => Step::after_misuse("an alert", &input),
        }
    }

    fn send<P: From<Seeker>>(&mut self, results: ResultsPage, now: SimTime, model: &Model) -> Step<P> {
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
            let seeker = Seeker::from_alert(visit, self.seeker, self.traits, Session::Alert(self.sent), results);
            step.new_party = Some(seeker.into());
        }
        self.sent += 1;
        step
    }

    fn wait<P>(&mut self, event: Option<SeekerEvent>, now: SimTime, model: &Model) -> Step<P> {
        let morning = model.week().next_hour_of_day(now.after_seconds(3600.0), self.hour);
        Step::with(event, if morning < model.end() { Next::SleepUntil(morning) } else { Next::Leave })
    }
}
