//! Who causes events: job seekers, the alerts that are sent to them, recruiters, staffing agencies, employers. Each is a state machine
//! without clock and I/O, and all are driven alike.
//!
//! The driver calls [`Party::handle`] with what happened and the time; the party answers with at most one event, which happens at
//! that time, with another party that begins at that time, if any, and with what comes next. Every answer but [`Next::Leave`] asks
//! for exactly one further call: [`Next::Search`] for [`Input::SearchAnswered`], [`Next::SleepUntil`] for [`Input::Woke`] at the time
//! it names. In place of the next call the driver may at any time say [`Input::DeliveryRefused`]: the event could not be taken on,
//! and since later events would lack their cause, the party leaves; what it began with that event must not begin.

use rand::RngExt;
use rand::distr::Distribution;
use rand_distr::Exp1;

use crate::alerts::Alerts;
use crate::employer::Employer;
use crate::event::{Device, SeekerEvent, Session};
use crate::journey::Journey;
use crate::model::Model;
use crate::recruiter::Recruiter;
use crate::search::{Query, ResultsPage};
use crate::stream::{Purpose, Stream, stream};
use crate::time::SimTime;

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The party begins. First and once.
    Started,
    /// The time that the party slept until has come.
    Woke,
    /// The search answered.
    SearchAnswered(ResultsPage),
    /// The last event could not be taken on.
    DeliveryRefused,
}

/// What a party does next.
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
    /// Another party that begins now, because of the event or of who this party is.
    pub begins: Option<Party>,
    /// What comes next.
    pub next: Next,
}

impl Step {
    pub(crate) fn to(next: Next) -> Self {
        Self { event: None, begins: None, next }
    }

    pub(crate) fn leave() -> Self {
        Self::to(Next::Leave)
    }

    pub(crate) fn with(event: Option<SeekerEvent>, next: Next) -> Self {
        Self { event, begins: None, next }
    }
}

/// Who searches: what a search service is told of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// The number of the seeker.
    pub seeker: u64,
    /// The session that the events belong to which follow from the search.
    pub session: Session,
    /// The device, of those who hold one.
    pub device: Option<Device>,
}

/// Whoever causes events.
#[derive(Debug)]
pub enum Party {
    /// A job seeker.
    Seeker(Box<Journey>),
    /// The alerts of one seeker.
    Alerts(Box<Alerts>),
    /// A recruiter or a staffing agency.
    Recruiter(Box<Recruiter>),
    /// The employer that decides on one application.
    Employer(Box<Employer>),
}

impl Party {
    /// Who comes with this number under this seed: mostly job seekers, now and then a recruiter or a staffing agency.
    pub fn arriving(model: &Model, seed: u64, number: u64) -> Self {
        let behaviour = model.behaviour();
        let mut stream = stream(seed, Purpose::Seeker, number);
        let kind: f64 = stream.random();
        if kind < behaviour.recruiter_share + behaviour.agency_share {
            let of_agency = kind < behaviour.agency_share;
            return Self::Recruiter(Box::new(Recruiter::new(stream, number, of_agency)));
        }
        Self::Seeker(Box::new(Journey::new(model, stream, seed, number)))
    }

    /// When a party that comes at least once before the model's end comes first.
    pub fn first_arrival(&self, model: &Model, seed: u64, number: u64) -> SimTime {
        let mut stream = stream(seed, Purpose::Arrival, number);
        let behaviour = model.behaviour();
        if behaviour.campaign_share > 0.0 && stream.random_bool(behaviour.campaign_share) {
            let begins = SimTime::ZERO.after_seconds(behaviour.campaign_after_h * 3600.0).min(model.end());
            let fades_s = behaviour.campaign_fades_h * 3600.0;
            let until_end_s = (model.end() - begins).as_secs_f64();
            return begins.after_seconds(exponential_within(stream.random(), until_end_s / fades_s) * until_end_s);
        }
        let visits = match self {
            Self::Seeker(journey) => journey.visits_until_end(model),
            _ => 0.0,
        };
        let share = exponential_within(stream.random(), visits);
        model.week().after(SimTime::ZERO, share * model.end().since_start().as_secs_f64())
    }

    /// Who searches at this time, for drivers that have a service answer what [`Next::Search`] asks.
    pub fn who(&self, now: SimTime, model: &Model) -> Who {
        match self {
            Self::Seeker(journey) => journey.who(now, model),
            Self::Alerts(alerts) => alerts.who(),
            Self::Recruiter(recruiter) => recruiter.who(),
            Self::Employer(employer) => employer.who(),
        }
    }

    /// Has the processor fetch into its cache what [`Party::handle`] needs of these parties. For drivers of more parties than a cache holds:
    /// to fetch the memory of a dozen at once takes little longer than that of one.
    pub fn prefetch<'a>(parties: impl Iterator<Item = &'a Self> + Clone) {
        // Nearly all are seekers.
        let journeys = parties.filter_map(|party| if let Self::Seeker(journey) = party { Some(journey) } else { None });
        journeys.clone().for_each(|journey| journey.prefetch());
        journeys.for_each(|journey| journey.prefetch_results());
    }

    /// Takes what happened at this time; the order of calls is described above. An input that the order does not allow is a
    /// mistake of the driver: it ends the party, and panics in builds with debug assertions.
    pub fn handle(&mut self, input: Input, now: SimTime, model: &Model) -> Step {
        if let Input::DeliveryRefused = input {
            return Step::leave();
        }
        match self {
            Self::Seeker(journey) => journey.handle(input, now, model),
            Self::Alerts(alerts) => alerts.handle(input, now, model),
            Self::Recruiter(recruiter) => recruiter.handle(input, now, model),
            Self::Employer(employer) => employer.handle(input, now, model),
        }
    }
}

/// An exponential time of which there are `times` means in a span, given that it is not longer than the span, as a share of it: by inversion of
/// the distribution.
fn exponential_within(uniform: f64, times: f64) -> f64 {
    if times < 1e-6 { uniform } else { -(-uniform * -(-times).exp_m1()).ln_1p() / times }
}

/// Tells the driver of a mistake.
pub(crate) fn misused(party: &str, input: &Input) -> Step {
    debug_assert!(false, "{party} was given {input:?}");
    Step::leave()
}

/// The time that numbers of visits are given for, in seconds.
pub(crate) const FORTNIGHT_S: f64 = 14.0 * 24.0 * 3600.0;

/// A wait until the next of so many visits in 14 days, as they are spread over the week.
pub(crate) fn next_visit(model: &Model, from: SimTime, visits: f64, stream: &mut Stream) -> SimTime {
    let mean: f64 = Exp1.sample(stream);
    // Whoever hardly comes back comes back after the end.
    model.week().after(from, (mean * FORTNIGHT_S / visits).min(1e12))
}
