//! The parties that cause events.

use rand::RngExt;

use crate::alerts::Alerts;
use crate::employer::Employer;
use crate::model::Model;
use crate::random_stream::{Purpose, stream};
use crate::recruiter::Recruiter;
use crate::search_context::SearchContext;
use crate::seeker::Seeker;
use crate::sim_time::SimTime;
use crate::step::{Input, Step};

/// A party that causes events: a job seeker, the alerts of a seeker, a recruiter or staffing agency, or an employer.
///
/// Each party is a state machine without clock and I/O. A driver calls [`Party::handle`] with an input and the time. The answer holds at
/// most one event, at most one new party, and the next action:
///
/// - After [`Next::Search`](crate::Next::Search), the driver gives [`Input::SearchAnswered`].
/// - After [`Next::SleepUntil`](crate::Next::SleepUntil), the driver gives [`Input::Woke`] at that time.
/// - After [`Next::Leave`](crate::Next::Leave), the driver gives no further input.
///
/// If the driver cannot accept an event, it gives [`Input::DeliveryRefused`] in place of the next input and does not start the new
/// party of that step. The party then leaves, since later events would lack their cause.
///
/// ```
/// use seeker_model::{Input, Model, Next, Party, SimTime};
///
/// let model = Model::with_defaults();
/// let mut party = Party::arriving(&model, 7, 0);
/// let step = party.handle(Input::Started, SimTime::ZERO, &model);
/// let Next::Search(query) = step.next else { panic!("a seeker starts with a search") };
/// let results = model.catalogue().search(&query);
/// let step = party.handle(Input::SearchAnswered(results), SimTime::ZERO, &model);
/// assert!(step.event.is_some());
/// ```
#[derive(Debug)]
pub struct Party(Kind);

#[derive(Debug)]
enum Kind {
    Seeker(Box<Seeker>),
    Alerts(Box<Alerts>),
    Recruiter(Box<Recruiter>),
    Employer(Box<Employer>),
}

impl Party {
    /// The party with this number under this seed: mostly a job seeker, sometimes a recruiter or a staffing agency.
    pub fn arriving(model: &Model, seed: u64, number: u64) -> Self {
        let behaviour = model.behaviour();
        let mut stream = stream(seed, Purpose::Seeker, number);
        let kind: f64 = stream.random();
        if kind < behaviour.recruiter_share + behaviour.agency_share {
            let of_agency = kind < behaviour.agency_share;
            return Self(Kind::Recruiter(Box::new(Recruiter::new(stream, number, of_agency))));
        }
        Self(Kind::Seeker(Box::new(Seeker::new(model, stream, seed, number))))
    }

    /// The time of the first visit, for a party with at least one visit before the end of the model.
    pub fn first_arrival(&self, model: &Model, seed: u64, number: u64) -> SimTime {
        let mut stream = stream(seed, Purpose::Arrival, number);
        let behaviour = model.behaviour();
        if behaviour.campaign_share > 0.0 && stream.random_bool(behaviour.campaign_share) {
            let start = SimTime::ZERO.after_seconds(behaviour.campaign_after_h * 3600.0).min(model.end());
            let fades_s = behaviour.campaign_fades_h * 3600.0;
            let until_end_s = (model.end() - start).as_secs_f64();
            return start.after_seconds(exponential_within(stream.random(), until_end_s / fades_s) * until_end_s);
        }
        let visits = self.as_seeker().map_or(0.0, |seeker| seeker.visits_until_end(model));
        let share = exponential_within(stream.random(), visits);
        model.week().after(SimTime::ZERO, share * model.end().since_start().as_secs_f64())
    }

    /// The person that [`Next::Search`](crate::Next::Search) searches for at this time. A driver with a search service passes it on.
    pub fn search_context(&self, now: SimTime, model: &Model) -> SearchContext {
        match &self.0 {
            Kind::Seeker(seeker) => seeker.search_context(now, model),
            Kind::Alerts(alerts) => alerts.search_context(),
            Kind::Recruiter(recruiter) => recruiter.search_context(),
            Kind::Employer(employer) => employer.search_context(),
        }
    }

    /// Advances the state machine by one step. [`Party`] describes the order of calls. An input that the order does not allow is a bug
    /// of the driver: the party leaves, and the call panics in builds with debug assertions.
    pub fn handle(&mut self, input: Input, now: SimTime, model: &Model) -> Step<Self> {
        if let Input::DeliveryRefused = input {
            return Step::leave();
        }
        match &mut self.0 {
            Kind::Seeker(seeker) => match input {
                Input::Started => Self::start_seeker(seeker, now, model),
                // The step is returned as it is: a copy of each would be measurable.
                input => seeker.handle(input, now, model),
            },
            Kind::Alerts(alerts) => alerts.handle(input, now, model),
            Kind::Recruiter(recruiter) => recruiter.handle(input, now, model),
            Kind::Employer(employer) => employer.handle(input, now, model),
        }
    }

    /// The first step of a seeker, which also starts the alerts of the seeker.
    fn start_seeker(seeker: &mut Seeker, now: SimTime, model: &Model) -> Step<Self> {
        let alerts = Alerts::of(seeker);
        let mut step = seeker.handle(Input::Started, now, model);
        if let Some(alerts) = alerts {
            step.new_party = Some(Self(Kind::Alerts(Box::new(alerts))));
        }
        step
    }

    pub(crate) fn as_seeker(&self) -> Option<&Seeker> {
        match &self.0 {
            Kind::Seeker(seeker) => Some(seeker),
            _ => None,
        }
    }
}

impl From<Seeker> for Party {
    fn from(seeker: Seeker) -> Self {
        Self(Kind::Seeker(Box::new(seeker)))
    }
}

impl From<Employer> for Party {
    fn from(employer: Employer) -> Self {
        Self(Kind::Employer(Box::new(employer)))
    }
}

/// An exponentially distributed time within a span, as a share of the span, by inversion of the distribution. The span is `means` times the
/// mean.
fn exponential_within(uniform: f64, means: f64) -> f64 {
    if means < 1e-6 { uniform } else { -(-uniform * -(-means).exp_m1()).ln_1p() / means }
}
