//! One job seeker: visits over days, each with searches, and returns to postings of earlier searches.
//!
//! | state | input | event | new party | next |
//! |---|---|---|---|---|
//! | arriving | started | | the alerts of the seeker, if any | search |
//! | returning | woke | | | search |
//! | answering an alert | started, woke | | | scan the postings of the alert |
//! | searching | search answered with results | IMPRESSION | | scan the page |
//! | searching | search answered without results | | | search again or end the visit |
//! | opening a posting | woke | VIEW | | bookmark, apply or continue |
//! | opening an aggregator's posting | woke | `VIEW_DIRECT` | | continue |
//! | bookmarking | woke | BOOKMARK | | apply or continue |
//! | applying | woke | `APPLICATION_START` | | finish or continue |
//! | applying | woke | `APPLICATION_QUICK_SUBMISSION` | perhaps the employer | continue |
//! | applying | woke | `APPLICATION_REDIRECT` | | continue |
//! | applying from the results | woke | `APPLICATION_START_FROM_START` | | finish or continue |
//! | applying from the results | woke | `APPLICATION_QUICK_SUBMISSION` | perhaps the employer | continue |
//! | applying from the results | woke | `APPLICATION_REDIRECT_FROM_START` | | continue |
//! | finishing a form | woke | `APPLICATION_FINISH` | perhaps the employer | continue |
//! | turning the page, searching again | woke | | | search |
//!
//! *Scan* and *continue* go through the lines of the page in one step, up to the next click, and sleep until then. At the end of the page,
//! or when the seeker stops scanning, the seeker turns the page, searches again or ends the visit. After a visit the seeker sleeps until the
//! next one, or leaves if it lies after the end of the model.
//!
//! The file is long because a transition and the state that it leads to are best read together.
//!
//! A seeker looks at each line once, and opens a posting again only in another search. So a posting goes through this table at most once
//! under one request id, and no path breaks a rule of the message.

use client_event::EventType;
use rand::{Rng, RngExt};

use crate::application::Application;
use crate::employer::Employer;
use crate::event::{EventJobs, SeekerEvent};
use crate::ids::{EventKey, RequestKey};
use crate::model::Model;
use crate::opened_postings::OpenedPostings;
use crate::posting::{ApplyType, Posting, PostingId};
use crate::quantile_table::DRAW_BITS;
use crate::random_stream::{RandomStream, draw_u128};
use crate::search::{Query, ResultsPage};
use crate::search_context::SearchContext;
use crate::seeker_traits::SeekerTraits;
use crate::session::Session;
use crate::session_clock::SessionClock;
use crate::sim_time::SimTime;
use crate::source::Source;
use crate::step::{Input, Next, Step};
use crate::visits::{FORTNIGHT_S, next_visit};

/// The action of the seeker at the next input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Arriving,
    Returning,
    AnsweringAlert,
    Searching { begins_session: bool },
    Opening,
    Bookmarking { applies: bool },
    Applying,
    ApplyingFromResults,
    Finishing,
    TurningPage,
    SearchingAgain,
}

/// One job seeker, or one answer to an alert.
#[derive(Debug)]
pub(crate) struct Seeker {
    stream: RandomStream,
    number: u64,
    seed: u64,
    traits: SeekerTraits,
    sessions: SessionClock,
    /// The interest of most searches.
    lasting_interest: u64,
    /// The interest of the current search.
    interest: u64,
    results: Option<ResultsPage>,
    page: u16,
    /// The current line of the page, from 0.
    line: u16,
    state: State,
    /// The postings opened last and the postings with an application.
    opened: OpenedPostings,
}

impl Seeker {
    /// The seeker with this number. `stream` is the random stream that selected the kind of the party.
    pub(crate) fn new(model: &Model, mut stream: RandomStream, seed: u64, number: u64) -> Self {
        let traits = SeekerTraits::draw(model.behaviour(), &mut stream);
        let lasting_interest = stream.random();
        Self::in_state(stream, number, seed, traits, Session::Visit(0), lasting_interest, State::Arriving)
    }

    /// A visit of the seeker with this number who opens an alert with these postings.
    pub(crate) fn from_alert(
        mut stream: RandomStream,
        number: u64,
        traits: SeekerTraits,
        session: Session,
        postings: ResultsPage,
    ) -> Self {
        let interest = stream.random();
        let seeker = Self::in_state(stream, number, 0, traits, session, interest, State::AnsweringAlert);
        Self { results: Some(postings), ..seeker }
    }

    fn in_state(
        stream: RandomStream,
        number: u64,
        seed: u64,
        traits: SeekerTraits,
        session: Session,
        interest: u64,
        state: State,
    ) -> Self {
        Self {
            stream,
            number,
            seed,
            traits,
            sessions: SessionClock::new(session),
            lasting_interest: interest,
            interest,
            results: None,
            page: 0,
            line: 0,
            state,
            opened: OpenedPostings::default(),
        }
    }

    /// The number of the seeker.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) const fn traits(&self) -> SeekerTraits {
        self.traits
    }

    pub(crate) const fn lasting_interest(&self) -> u64 {
        self.lasting_interest
    }

    /// Whether the alerts of the seeker start with the next step.
    pub(crate) fn starts_alerts(&self) -> bool {
        self.traits.has_alert && self.state == State::Arriving
    }

    /// The mean number of visits between the start and the end of the model, without soon returns.
    pub(crate) fn visits_until_end(&self, model: &Model) -> f64 {
        f64::from(self.traits.visits) * model.end().since_start().as_secs_f64() / FORTNIGHT_S
    }

    /// Loads the seeker into the cache of the processor: reads a value from each cache line.
    #[cfg(feature = "simulator")]
    pub(crate) fn prefetch(&self) {
        std::hint::black_box((
            self.results.is_some(),
            self.number,
            self.traits.visits,
            self.opened.is_empty(),
            self.sessions.session(),
            self.state,
        ));
    }

    /// Loads the memory that the seeker refers to, once the seeker itself is in the cache.
    #[cfg(feature = "simulator")]
    pub(crate) fn prefetch_results(&self) {
        std::hint::black_box(self.results.as_ref().and_then(|results| results.postings.first().copied()));
        self.opened.prefetch();
    }

    pub(crate) fn handle<P: From<Employer>>(&mut self, input: Input, now: SimTime, model: &Model) -> Step<P> {
        match (self.state, input) {
            (State::Arriving, Input::Started) | (State::Returning | State::SearchingAgain, Input::Woke) => {
                self.new_search(now, model)
            }
            (State::AnsweringAlert, Input::Started) => {
                let opened = now.after_seconds(model.behaviour().alert_opened_s.draw(&mut self.stream));
                self.sleep(None, State::AnsweringAlert, opened)
            }
            (State::AnsweringAlert, Input::Woke) => self.open_alert(now, model),
            (State::TurningPage, Input::Woke) => {
                self.page += 1;
                self.search(now, model)
            }
            (State::Searching { begins_session }, Input::SearchAnswered(results)) => {
                self.show_results(results, begins_session, now, model)
            }
            (State::Opening, Input::Woke) => self.open_posting(now, model),
            (State::Bookmarking { applies }, Input::Woke) => {
                let event = self.event_of_posting(EventType::Bookmark, now, model);
                let then = now.after_seconds(model.behaviour().pause_s.draw(&mut self.stream));
                if applies {
                    return self.sleep(Some(event), State::Applying, then);
                }
                self.continue_scan(Some(event), then, model)
            }
            (State::Applying, Input::Woke) => self.apply(now, model, false),
            (State::ApplyingFromResults, Input::Woke) => self.apply(now, model, true),
            (State::Finishing, Input::Woke) => {
                let event = self.event_of_posting(EventType::ApplicationFinish, now, model);
                self.submit(event, now, model)
            }
            (_, input) => Step::after_misuse("a seeker", &input),
        }
    }

    /// Opens one posting of an alert.
    fn open_alert<P>(&mut self, now: SimTime, model: &Model) -> Step<P> {
        let postings = self.results.as_ref().map_or(0, |results| results.postings.len());
        // The first posting from the top that attracts the seeker, or the first of all.
        self.line = (0..postings)
            .find(|line| {
                let posting = self.results.as_ref().expect("an alert has postings").postings[*line];
                self.stream.random::<f32>() < ALERT_ATTENTION * model.catalogue().posting(posting).attractiveness
            })
            .unwrap_or(0)
            .try_into()
            .expect("an alert has at most 100 postings");
        self.open_posting(now, model)
    }

    fn new_search<P>(&mut self, now: SimTime, model: &Model) -> Step<P> {
        let same = self.stream.random_bool(model.behaviour().same_interest);
        self.interest = if same { self.lasting_interest } else { self.stream.random() };
        self.page = 0;
        self.search(now, model)
    }

    fn search<P>(&mut self, now: SimTime, model: &Model) -> Step<P> {
        self.state = State::Searching { begins_session: self.sessions.is_over(now, model.behaviour().session_timeout_s) };
        let page_size = model.behaviour().page_size;
        let call = self.stream.random();
        Step::to(Next::Search(Query { interest: self.interest, day: now.day(), call, page: self.page, page_size }))
    }

    /// Shows results in the session of their search, even if the answer took longer than a session lasts: the search named that session.
    fn show_results<P>(&mut self, results: ResultsPage, begins_session: bool, now: SimTime, model: &Model) -> Step<P> {
        self.line = 0;
        if results.postings.is_empty() {
            self.results = None;
            return self.search_again_or_end_visit(None, now, model);
        }
        let session = self.sessions.note_in_next_if(begins_session, now);
        let event =
            self.event_in(session, EventType::Impression, results.request, EventJobs::Page(results.postings.clone()), now);
        self.results = Some(results);
        self.scan(Some(event), now, model)
    }

    fn open_posting<P>(&mut self, now: SimTime, model: &Model) -> Step<P> {
        let behaviour = model.behaviour();
        let apply_type = self.apply_type(model);
        let [shortest, longest] = behaviour.reading_range_s;
        let reading_s = behaviour.reading_s.draw(&mut self.stream).clamp(shortest, longest);
        let read = now.after_seconds(reading_s);
        if apply_type == ApplyType::Aggregator {
            let event = self.event_of_posting(EventType::ViewDirect, now, model);
            return self.continue_scan(Some(event), read, model);
        }
        let event = self.event_of_posting(EventType::View, now, model);
        let bookmarks = self.draw(behaviour.bookmark_per_view, self.traits.bookmarks);
        let applies = self.draw(model.apply_after_view(apply_type), self.traits.applies);
        let (_, posting, _) = self.current_posting();
        self.opened.add_opened(posting);
        match (bookmarks, applies) {
            (true, _) => self.sleep(Some(event), State::Bookmarking { applies }, read),
            (false, true) => self.sleep(Some(event), State::Applying, read),
            (false, false) => self.continue_scan(Some(event), read, model),
        }
    }

    fn draw(&mut self, probability: f64, factor: f32) -> bool {
        self.stream.random_bool((probability * f64::from(factor)).min(1.0))
    }

    /// The probability of a click on a posting when the seeker looks at its line. A posting with an application gets no click. A posting that
    /// was opened before has a higher probability than others.
    fn click_probability(&self, id: PostingId, posting: Posting, model: &Model) -> f32 {
        match self.opened.has_application(id) {
            None => posting.attractiveness,
            Some(true) => 0.0,
            #[expect(clippy::cast_possible_truncation, reason = "a probability needs no more precision")]
            Some(false) => model.behaviour().returns_to_seen as f32,
        }
    }

    fn apply<P: From<Employer>>(&mut self, now: SimTime, model: &Model, from_results: bool) -> Step<P> {
        let behaviour = model.behaviour();
        let event_type = self.apply_type(model).application_event(from_results);
        let (_, posting, _) = self.current_posting();
        self.opened.add_applied(posting);
        let event = self.event_of_posting(event_type, now, model);
        match event_type {
            EventType::ApplicationQuickSubmission => {
                let then = now.after_seconds(behaviour.pause_s.draw(&mut self.stream));
                self.submit(event, then, model)
            }
            EventType::ApplicationStart | EventType::ApplicationStartFromStart => {
                let form_s = behaviour.form_s.draw(&mut self.stream);
                if self.stream.random_bool(self.traits.finishes.into()) {
                    return self.sleep(Some(event), State::Finishing, now.after_seconds(form_s));
                }
                // Abandoned at a random point of the form.
                let abandoned_s = form_s * self.stream.random::<f64>();
                self.continue_scan(Some(event), now.after_seconds(abandoned_s), model)
            }
            _ => {
                let then = now.after_seconds(behaviour.pause_s.draw(&mut self.stream));
                self.continue_scan(Some(event), then, model)
            }
        }
    }

    /// Submits an application to the employer, and continues the scan.
    fn submit<P: From<Employer>>(&mut self, event: SeekerEvent, then: SimTime, model: &Model) -> Step<P> {
        let (request, posting, _) = self.current_posting();
        let application =
            Application { event: event.event, request, posting, seeker: self.number, session: self.sessions.session() };
        let mut step = self.continue_scan(Some(event), then, model);
        step.new_party = Employer::of(application, model).map(P::from);
        step
    }

    /// Returns to the results page after the current line.
    fn continue_scan<P>(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step<P> {
        self.line += 1;
        if self.stream.random_bool(model.behaviour().continue_after_click) {
            self.scan(event, from, model)
        } else {
            self.end_page(event, from, model)
        }
    }

    /// Looks at the lines of the page until a click, the end of the page, or the end of the scan.
    fn scan<P>(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step<P> {
        let behaviour = model.behaviour();
        let mut looked_s = 0.0;
        let lines = self.results.as_ref().map_or(&[][..], |results| &results.postings);
        for id in lines.iter().skip(self.line.into()) {
            // One word for the time on the line and for the click.
            let word = self.stream.next_u64();
            looked_s += model.glances().duration_at(word >> (64 - DRAW_BITS), &mut self.stream);
            let posting = *model.catalogue().posting(*id);
            #[expect(clippy::cast_precision_loss, reason = "24 bits")]
            let chance = (word % (1 << 24)) as f32 / (1_u32 << 24) as f32;
            if chance < self.click_probability(*id, posting, model) {
                let at_once = posting.apply_type != ApplyType::Aggregator
                    && self.draw(behaviour.apply_per_view * behaviour.apply_from_results_share, self.traits.applies);
                let state = if at_once { State::ApplyingFromResults } else { State::Opening };
                return self.sleep(event, state, from.after_seconds(looked_s));
            }
            self.line += 1;
            if !self.stream.random_bool(behaviour.continue_after_skip) {
                break;
            }
        }
        self.end_page(event, from.after_seconds(looked_s), model)
    }

    fn end_page<P>(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step<P> {
        let behaviour = model.behaviour();
        if let Session::Alert(_) = self.sessions.session() {
            return Step::with(event, Next::Leave);
        }
        let turns = if self.page == 0 { behaviour.second_page } else { behaviour.further_page };
        if self.page < PAGE_MAX && self.stream.random_bool(turns) {
            let then = from.after_seconds(behaviour.pause_s.draw(&mut self.stream));
            return self.sleep(event, State::TurningPage, then);
        }
        self.search_again_or_end_visit(event, from, model)
    }

    fn search_again_or_end_visit<P>(&mut self, event: Option<SeekerEvent>, from: SimTime, model: &Model) -> Step<P> {
        let behaviour = model.behaviour();
        if self.stream.random_bool(self.traits.searches_again.into()) {
            let then = from.after_seconds(behaviour.rethink_s.draw(&mut self.stream));
            return self.sleep(event, State::SearchingAgain, then);
        }
        self.results = None;
        let next = if self.stream.random_bool(behaviour.returns_soon) {
            from.after_seconds(behaviour.soon_s.draw(&mut self.stream))
        } else {
            next_visit(model, from, self.traits.visits.into(), &mut self.stream)
        };
        if next < model.end() { self.sleep(event, State::Returning, next) } else { Step::with(event, Next::Leave) }
    }

    fn sleep<P>(&mut self, event: Option<SeekerEvent>, state: State, until: SimTime) -> Step<P> {
        self.state = state;
        Step::with(event, Next::SleepUntil(until))
    }

    /// The current posting: its request id, its number and its line.
    fn current_posting(&self) -> (RequestKey, PostingId, u16) {
        let results = self.results.as_ref().expect("an open posting is on a page");
        (results.request, results.postings[usize::from(self.line)], self.line)
    }

    fn apply_type(&self, model: &Model) -> ApplyType {
        model.catalogue().posting(self.current_posting().1).apply_type
    }

    fn event_of_posting(&mut self, event_type: EventType, now: SimTime, model: &Model) -> SeekerEvent {
        let (request, posting, line) = self.current_posting();
        self.event(event_type, request, EventJobs::One(posting, Some(line + 1)), now, model)
    }

    pub(crate) fn search_context(&self, now: SimTime, model: &Model) -> SearchContext {
        SearchContext {
            seeker: self.number,
            session: self.sessions.session_at(now, model.behaviour().session_timeout_s),
            device: Some(self.traits.device),
        }
    }

    fn event(&mut self, event_type: EventType, request: RequestKey, jobs: EventJobs, now: SimTime, model: &Model) -> SeekerEvent {
        let session = self.sessions.note_event(now, model.behaviour().session_timeout_s);
        self.event_in(session, event_type, request, jobs, now)
    }

    fn event_in(
        &mut self,
        session: Session,
        event_type: EventType,
        request: RequestKey,
        jobs: EventJobs,
        now: SimTime,
    ) -> SeekerEvent {
        SeekerEvent {
            seeker: self.number,
            session,
            source: if matches!(session, Session::Alert(_)) { Source::Alert } else { Source::Search },
            event: EventKey::from_bits(draw_u128(&mut self.stream)),
            event_type,
            request,
            jobs,
            at: now,
            device: Some(self.traits.device),
        }
    }
}

/// The factor of the click probability for a posting of an alert, compared with a results page. Own estimate.
const ALERT_ATTENTION: f32 = 3.0;

/// The last page, from 0. Far beyond the pages that the default probabilities reach.
const PAGE_MAX: u16 = 99;

#[cfg(test)]
mod tests {
    use super::*;

    /// A simulation has a hundred thousand live seekers.
    #[test]
    fn a_seeker_is_small() {
        assert!(size_of::<Seeker>() <= 176, "{} bytes", size_of::<Seeker>());
    }
}
