//! The journey of one job seeker: visits over days, each with searches, and returns to postings that were seen before. A state
//! machine as described in [`crate::Party`].
//!
//! | doing | input | event | begins | next |
//! |---|---|---|---|---|
//! | arriving | started | | the seeker's alerts, if there are any | search |
//! | returning | woke | | | search |
//! | answering an alert | started, woke | | | look down the postings of the alert |
//! | searching | search answered, some | IMPRESSION | | look down the page |
//! | searching | search answered, none | | | search again or end the visit |
//! | opening a posting | woke | VIEW | | bookmark, apply or look on |
//! | opening an aggregator's posting | woke | `VIEW_DIRECT` | | look on |
//! | bookmarking | woke | BOOKMARK | | apply or look on |
//! | applying | woke | `APPLICATION_START` | | finish or look on |
//! | applying | woke | `APPLICATION_QUICK_SUBMISSION` | perhaps the employer | look on |
//! | applying | woke | `APPLICATION_REDIRECT` | | look on |
//! | applying from the results | woke | `APPLICATION_START_FROM_START` | | finish or look on |
//! | applying from the results | woke | `APPLICATION_QUICK_SUBMISSION` | perhaps the employer | look on |
//! | applying from the results | woke | `APPLICATION_REDIRECT_FROM_START` | | look on |
//! | finishing a form | woke | `APPLICATION_FINISH` | perhaps the employer | look on |
//! | turning the page, rethinking | woke | | | search |
//!
//! *Look down the page* and *look on* run through the lines of results in one go, up to the next click, and sleep until then; at
//! the end of the page or of the seeker's patience they turn the page, rethink or end the visit: the seeker sleeps until the next,
//! or leaves when that lies after the model's end. Each line is looked at once, and what is opened again is opened under another
//! request, so a posting meets at most one of the ways through this table under one request, and none of them breaks a rule
//! of the message.

use std::hint::black_box;

use client_event::EventType;
use rand::{Rng, RngExt};

use crate::alerts::Alerts;
use crate::catalogue::{ApplyType, Posting, PostingId};
use crate::employer::{Application, Employer};
use crate::event::{EventJobs, SeekerEvent, Session, Source};
use crate::ids::{EventKey, RequestKey};
use crate::model::Model;
use crate::opened_postings::OpenedPostings;
use crate::party::{FORTNIGHT_S, Input, Next, Party, Step, Who, misused, next_visit};
use crate::quantiles;
use crate::search::{Query, ResultsPage};
use crate::stream::{Stream, draw_u128};
use crate::time::SimTime;
use crate::traits::Traits;

/// What the seeker is about to do when the next input comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Arriving,
    Returning,
    AnsweringAlert,
    Searching,
    Opening,
    Bookmarking { applies: bool },
    Applying,
    ApplyingFromResults,
    Finishing,
    TurningPage,
    Rethinking,
}

/// One job seeker, or one answer to an alert.
#[derive(Debug)]
pub struct Journey {
    stream: Stream,
    seeker: u64,
    seed: u64,
    traits: Traits,
    session: Session,
    /// When the last event of the session was.
    last_event: SimTime,
    /// What is searched for again and again.
    lasting_interest: u64,
    /// What is searched for now.
    interest: u64,
    results: Option<ResultsPage>,
    page: u16,
    /// The line in hand, from 0.
    line: u16,
    doing: Doing,
    /// The postings opened last and those applied to.
    opened: OpenedPostings,
}

impl Journey {
    /// The journey of the seeker with this number; the stream goes on from what decided that it is a seeker.
    pub(crate) fn new(model: &Model, mut stream: Stream, seed: u64, seeker: u64) -> Self {
        let traits = Traits::draw(model.behaviour(), &mut stream);
        let lasting_interest = stream.random();
        Self::begun(stream, seeker, seed, traits, Session::Visit(0), lasting_interest, Doing::Arriving)
    }

    /// What a seeker does who opens an alert with these postings.
    pub(crate) fn from_alert(mut stream: Stream, seeker: u64, traits: Traits, session: Session, postings: ResultsPage) -> Self {
        let interest = stream.random();
        let journey = Self::begun(stream, seeker, 0, traits, session, interest, Doing::AnsweringAlert);
        Self { results: Some(postings), ..journey }
    }

    fn begun(stream: Stream, seeker: u64, seed: u64, traits: Traits, session: Session, interest: u64, doing: Doing) -> Self {
        Self {
            stream,
            seeker,
            seed,
            traits,
            session,
            // Nothing comes later, so the first event begins no other session.
            last_event: SimTime::from_micros(u64::MAX),
            lasting_interest: interest,
            interest,
            results: None,
            page: 0,
            line: 0,
            doing,
            opened: OpenedPostings::default(),
        }
    }

    /// How many visits the seeker makes between the start and the model's end, in the mean, without those soon after another.
    pub(crate) fn visits_until_end(&self, model: &Model) -> f64 {
        f64::from(self.traits.visits) * model.end().since_start().as_secs_f64() / FORTNIGHT_S
    }

    /// Reads a little of each line of the cache. Rust has no other prefetch that is safe: the processor goes on before a value is there
    /// that nothing is made of.
    pub(crate) fn prefetch(&self) {
        black_box((self.results.is_some(), self.seeker, self.traits.visits, self.opened.is_empty(), self.last_event, self.doing));
    }

    /// The same for what a journey refers to, once it is there itself.
    pub(crate) fn prefetch_results(&self) {
        black_box(self.results.as_ref().and_then(|results| results.postings.first().copied()));
        self.opened.prefetch();
    }

    pub(crate) fn handle(&mut self, input: Input, now: SimTime, model: &Model) -> Step {
        match (self.doing, input) {
            (Doing::Arriving, Input::Started) => {
                let mut step = self.search_anew(now, model);
                if self.traits.has_alert {
                    let alerts = Alerts::new(self.seed, self.seeker, self.traits, self.lasting_interest);
                    step.begins = Some(Party::Alerts(Box::new(alerts)));
                }
                step
            }
            (Doing::Returning | Doing::Rethinking, Input::Woke) => self.search_anew(now, model),
            (Doing::AnsweringAlert, Input::Started) => {
                let opened = now.after_seconds(model.behaviour().alert_opened_s.draw(&mut self.stream));
                self.sleep(None, Doing::AnsweringAlert, opened)
            }
            (Doing::AnsweringAlert, Input::Woke) => self.open_one_of_alert(now, model),
            (Doing::TurningPage, Input::Woke) => {
                self.page += 1;
                self.search(now, model)
            }
            (Doing::Searching, Input::SearchAnswered(results)) => self.see(results, now, model),
            (Doing::Opening, Input::Woke) => self.open(now, model),
            (Doing::Bookmarking { applies }, Input::Woke) => {
                let event = self.event_in_hand(EventType::Bookmark, now, model);
                let then = now.after_seconds(model.behaviour().pause_s.draw(&mut self.stream));
                if applies {
                    return self.sleep(Some(event), Doing::Applying, then);
                }
                self.look_on(Some(event), then, model)
            }
            (Doing::Applying, Input::Woke) => self.apply(now, model, false),
            (Doing::ApplyingFromResults, Input::Woke) => self.apply(now, model, true),
            (Doing::Finishing, Input::Woke) => {
                let event = self.event_in_hand(EventType::ApplicationFinish, now, model);
                self.submit(event, now, model)
            }
            (_, input) => misused("a seeker", &input),
        }
    }

    /// Opens an alert on one of its postings, and goes on from there.
    fn open_one_of_alert(&mut self, now: SimTime, model: &Model) -> Step {
        let postings = self.results.as_ref().map_or(0, |results| results.postings.len());
        // From the top, the first one that attracts; if none does, the first.
        self.line = (0..postings)
            .find(|line| {
                let posting = self.results.as_ref().expect("an alert has postings").postings[*line];
                self.stream.random::<f32>() < ALERT_ATTENTION * model.catalogue().posting(posting).attractiveness
            })
            .unwrap_or(0)
            .try_into()
            .expect("an alert has at most 100 postings");
        self.open(now, model)
    }

    fn search_anew(&mut self, now: SimTime, model: &Model) -> Step {
        let same = self.stream.random_bool(model.behaviour().same_interest);
        self.interest = if same { self.lasting_interest } else { self.stream.random() };
        self.page = 0;
        self.search(now, model)
    }

    fn search(&mut self, now: SimTime, model: &Model) -> Step {
        self.doing = Doing::Searching;
        let page_size = model.behaviour().page_size;
        let call = self.stream.random();
        Step::to(Next::Search(Query { interest: self.interest, day: now.day(), call, page: self.page, page_size }))
    }

    fn see(&mut self, results: ResultsPage, now: SimTime, model: &Model) -> Step {
        self.line = 0;
        if results.postings.is_empty() {
            self.results = None;
            return self.rethink_or_go(None, now, model);
        }
        let event = self.event(EventType::Impression, results.request, EventJobs::Page(results.postings.clone()), now, model);
        self.results = Some(results);
        self.look_down(Some(event), now, model)
    }

    fn open(&mut self, now: SimTime, model: &Model) -> Step {
        let behaviour = model.behaviour();
        let apply_type = self.type_in_hand(model);
        let [shortest, longest] = behaviour.reading_range_s;
        let reading_s = behaviour.reading_s.draw(&mut self.stream).clamp(shortest, longest);
        let read = now.after_seconds(reading_s);
        if apply_type == ApplyType::Aggregator {
            let event = self.event_in_hand(EventType::ViewDirect, now, model);
            return self.look_on(Some(event), read, model);
        }
        let event = self.event_in_hand(EventType::View, now, model);
        let bookmarks = self.draw(behaviour.bookmark_per_view, self.traits.bookmarks);
        let applies = self.draw(model.apply_after_view(apply_type), self.traits.applies);
        let (_, posting, _) = self.in_hand();
        self.opened.opened(posting);
        match (bookmarks, applies) {
            (true, _) => self.sleep(Some(event), Doing::Bookmarking { applies }, read),
            (false, true) => self.sleep(Some(event), Doing::Applying, read),
            (false, false) => self.look_on(Some(event), read, model),
        }
    }

    fn draw(&mut self, probability: f64, factor: f32) -> bool {
        self.stream.random_bool((probability * f64::from(factor)).min(1.0))
    }

    /// The probability that the seeker who looks at the line of a posting clicks on it: one that was applied to is left alone, one that
    /// was opened before is more likely to be opened than another.
    fn attraction(&self, id: PostingId, posting: Posting, model: &Model) -> f32 {
        match self.opened.applied_to(id) {
            None => posting.attractiveness,
            Some(true) => 0.0,
            #[expect(clippy::cast_possible_truncation, reason = "a probability needs no more precision")]
            Some(false) => model.behaviour().returns_to_seen as f32,
        }
    }

    fn apply(&mut self, now: SimTime, model: &Model, from_results: bool) -> Step {
        let behaviour = model.behaviour();
        let event_type = match (self.type_in_hand(model), from_results) {
            (ApplyType::MultiStep, false) => EventType::ApplicationStart,
            (ApplyType::MultiStep, true) => EventType::ApplicationStartFromStart,
            (ApplyType::Quick, _) => EventType::ApplicationQuickSubmission,
            (ApplyType::Redirect | ApplyType::Aggregator, false) => EventType::ApplicationRedirect,
            (ApplyType::Redirect | ApplyType::Aggregator, true) => EventType::ApplicationRedirectFromStart,
        };
        let (_, posting, _) = self.in_hand();
        self.opened.applied(posting);
        let event = self.event_in_hand(event_type, now, model);
        match event_type {
            EventType::ApplicationQuickSubmission => {
                let then = now.after_seconds(behaviour.pause_s.draw(&mut self.stream));
                self.submit(event, then, model)
            }
            EventType::ApplicationStart | EventType::ApplicationStartFromStart => {
                let form_s = behaviour.form_s.draw(&mut self.stream);
                if self.stream.random_bool(self.traits.finishes.into()) {
                    return self.sleep(Some(event), Doing::Finishing, now.after_seconds(form_s));
                }
                // Given up somewhere on the way through the form.
                let given_up_s = form_s * self.stream.random::<f64>();
                self.look_on(Some(event), now.after_seconds(given_up_s), model)
            }
            _ => {
                let then = now.after_seconds(behaviour.pause_s.draw(&mut self.stream));
                self.look_on(Some(event), then, model)
            }
        }
    }

    /// An application is with the employer; the seeker looks on.
    fn submit(&mut self, event: SeekerEvent, then: SimTime, model: &Model) -> Step {
        let (request, posting, _) = self.in_hand();
        let application = Application { event: event.event, request, posting, seeker: self.seeker, session: self.session };
        let mut step = self.look_on(Some(event), then, model);
        step.begins = Employer::of(application, model).map(|employer| Party::Employer(Box::new(employer)));
        step
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
        let mut looked_s = 0.0;
        let lines = self.results.as_ref().map_or(&[][..], |results| &results.postings);
        for id in lines.iter().skip(self.line.into()) {
            // One word for how long the line is looked at and for whether it is clicked on.
            let word = self.stream.next_u64();
            looked_s += model.glances().at(word >> (64 - quantiles::BITS), &mut self.stream);
            let posting = *model.catalogue().posting(*id);
            #[expect(clippy::cast_precision_loss, reason = "24 bits")]
            let chance = (word % (1 << 24)) as f32 / (1_u32 << 24) as f32;
            if chance < self.attraction(*id, posting, model) {
                let at_once = posting.apply_type != ApplyType::Aggregator
                    && self.draw(behaviour.apply_per_view * behaviour.apply_from_results_share, self.traits.applies);
                let doing = if at_once { Doing::ApplyingFromResults } else { Doing::Opening };
                return self.sleep(event, doing, from.after_seconds(looked_s));
            }
            self.line += 1;
            if !self.stream.random_bool(behaviour.continue_after_skip) {
                break;
            }
        }
        self.page_done(event, from.after_seconds(looked_s), model)
    }

    fn page_done(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step {
        let behaviour = model.behaviour();
        if let Session::Alert(_) = self.session {
            return Step::with(event, Next::Leave);
        }
        let turns = if self.page == 0 { behaviour.second_page } else { behaviour.further_page };
        if self.page < PAGE_MAX && self.stream.random_bool(turns) {
            let then = from.after_seconds(behaviour.pause_s.draw(&mut self.stream));
            return self.sleep(event, Doing::TurningPage, then);
        }
        self.rethink_or_go(event, from, model)
    }

    fn rethink_or_go(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step {
        let behaviour = model.behaviour();
        if self.stream.random_bool(self.traits.searches_again.into()) {
            let then = from.after_seconds(behaviour.rethink_s.draw(&mut self.stream));
            return self.sleep(event, Doing::Rethinking, then);
        }
        self.results = None;
        let next = if self.stream.random_bool(behaviour.returns_soon) {
            from.after_seconds(behaviour.soon_s.draw(&mut self.stream))
        } else {
            next_visit(model, from, self.traits.visits.into(), &mut self.stream)
        };
        if next < model.end() { self.sleep(event, Doing::Returning, next) } else { Step::with(event, Next::Leave) }
    }

    fn sleep(&mut self, event: Option<SeekerEvent>, then: Doing, until: SimTime) -> Step {
        self.doing = then;
        Step::with(event, Next::SleepUntil(until))
    }

    /// The posting in hand, the request that it was found under, and its line.
    fn in_hand(&self) -> (RequestKey, PostingId, u16) {
        let results = self.results.as_ref().expect("only a line of the results is opened");
        (results.request, results.postings[usize::from(self.line)], self.line)
    }

    fn type_in_hand(&self, model: &Model) -> ApplyType {
        model.catalogue().posting(self.in_hand().1).apply_type
    }

    fn event_in_hand(&mut self, event_type: EventType, now: SimTime, model: &Model) -> SeekerEvent {
        let (request, posting, line) = self.in_hand();
        self.event(event_type, request, EventJobs::One(posting, Some(line + 1)), now, model)
    }

    pub(crate) fn who(&self, now: SimTime, model: &Model) -> Who {
        Who { seeker: self.seeker, session: self.session_at(now, model), device: Some(self.traits.device) }
    }

    /// The session of what happens at that time: one ends when nothing has happened for so long, in the middle of a visit too.
    fn session_at(&self, now: SimTime, model: &Model) -> Session {
        match self.session {
            Session::Visit(number) if (now - self.last_event).as_secs_f64() > model.behaviour().session_timeout_s => {
                Session::Visit(number + 1)
            }
            session => session,
        }
    }

    fn event(&mut self, event_type: EventType, request: RequestKey, jobs: EventJobs, now: SimTime, model: &Model) -> SeekerEvent {
        self.session = self.session_at(now, model);
        self.last_event = now;
        SeekerEvent {
            seeker: self.seeker,
            session: self.session,
            source: if matches!(self.session, Session::Alert(_)) { Source::Alert } else { Source::Search },
            event: EventKey::from_bits(draw_u128(&mut self.stream)),
            event_type,
            request,
            jobs,
            at: now,
            device: Some(self.traits.device),
        }
    }
}

/// How many times as likely a posting draws the click of who opened an alert as that of who looks down a page. Own estimate.
const ALERT_ATTENTION: f32 = 3.0;

/// The last page that is turned to, from 0. A bound, far beyond what the probabilities lead to.
const PAGE_MAX: u16 = 99;

#[cfg(test)]
mod tests {
    use super::*;

    /// A live seeker's own memory; a hundred thousand of them are nothing special.
    #[test]
    fn a_journey_is_small() {
        assert!(size_of::<Journey>() <= 176, "{} bytes", size_of::<Journey>());
    }
}
