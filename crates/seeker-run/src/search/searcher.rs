//! Sends the searches of one arbiter over its own connections, with a limit on concurrent searches. The searcher is used on one thread
//! only. No borrow is held across an await.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use load_plan::Moment;
use measure::observations::Observations;
use measure::search_figures::SearchFigures;
use seeker_model::{Model, Query, RequestKey, SearchContext};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use transport::http::{Connection, Endpoint, ExchangeError, OpenError};

use crate::clock::RunClock;
use crate::search::answer::{Answer, AnswerError};
use crate::search::request::write_request;
use crate::search::service::SearchService;
use crate::target::service::Service;

/// The settings of an arbiter's searches.
#[derive(Clone)]
pub(crate) struct Searching {
    pub(crate) service: SearchService,
    pub(crate) model: Arc<Model>,
    pub(crate) clock: RunClock,
    /// The response timeout, from the moment of sending.
    pub(crate) timeout: Duration,
    /// The maximum number of concurrent searches.
    pub(crate) connections: usize,
    /// When the warm-up ends.
    pub(crate) measured_from: Moment,
}

/// Sends searches to the service.
pub(crate) struct Searcher {
    searching: Searching,
    /// One permit for each concurrent search.
    permits: Semaphore,
    /// Idle connections. The last one to become idle is the first one to be used, so that no more are kept busy than needed.
    idle: RefCell<Vec<Connection>>,
    /// The recent duration of searches in microseconds.
    usual_micros: Cell<u64>,
    /// The number of searches so far, used for the model's keys.
    keys: Cell<u64>,
    figures: RefCell<SearchFigures>,
    /// Receives the errors.
    observations: Rc<RefCell<Observations>>,
}

/// Why a search has no page.
#[derive(Debug)]
enum SearchError {
    Timeout(Duration),
    Open(OpenError),
    Exchange(ExchangeError),
    Status(u16),
    Answer(AnswerError),
}

impl SearchError {
    /// The error line for reports.
    fn line(&self, service: &Service, endpoint: &Endpoint) -> String {
        match self {
            Self::Timeout(limit) => format!("no answer within {}", humantime::format_duration(*limit)),
            Self::Open(error) => format!("failed to {}", endpoint.error_line(error)),
            Self::Exchange(error) => format!("failed to {}", endpoint.error_line(error)),
            Self::Status(status @ 300..=399) => format!("answered {status}: redirections are not followed"),
            Self::Status(401) => format!("answered 401: {}", service.credentials.refused()),
            Self::Status(status) => format!("answered {status}"),
            Self::Answer(error) => format!("failed to read the answer: {}", endpoint.error_line(error)),
        }
    }
}

impl Searcher {
    pub(crate) fn new(searching: Searching, observations: Rc<RefCell<Observations>>) -> Self {
        Self {
            permits: Semaphore::new(searching.connections),
            searching,
            idle: RefCell::default(),
            usual_micros: Cell::default(),
            keys: Cell::default(),
            figures: RefCell::default(),
            observations,
        }
    }

    /// Searches, and returns the response if it finds anything.
    pub(crate) async fn search(&self, query: Query, who: SearchContext) -> Option<Arc<Answer>> {
        let asked = self.searching.clock.now();
        let is_measured = asked >= self.searching.measured_from;
        if is_measured {
            self.figures.borrow_mut().made += 1;
        }
        // No permit is left once the run is over.
        let _permit = self.permits.acquire().await.ok()?;
        let service = &self.searching.service.service;
        let endpoint = service.endpoint();
        let found = self.find(&query, &who, &endpoint).await;
        let took_micros = self.searching.clock.now().micros_since(asked);
        self.usual_micros.set(smoothed(self.usual_micros.get(), took_micros));
        // A search that the end of the run cuts off counts as unanswered with any result.
        if is_measured && !self.permits.is_closed() {
            let mut figures = self.figures.borrow_mut();
            match &found {
                Ok(answer) => {
                    figures.answered += 1;
                    figures.empty += u64::from(answer.is_none());
                    figures.times.saturating_record(took_micros);
                }
                Err(error) => {
                    figures.failed += 1;
                    self.observations.borrow_mut().error(format!("search: {}", error.line(service, &endpoint)));
                }
            }
        }
        found.ok().flatten().map(Arc::new)
    }

    async fn find(&self, query: &Query, who: &SearchContext, endpoint: &Endpoint) -> Result<Option<Answer>, SearchError> {
        let Searching { service, model, timeout: limit, .. } = &self.searching;
        let (mut request, mut answer) = (Vec::new(), Vec::new());
        write_request(query, who, service.page_size_field, &mut request);
        let exchanged = timeout(*limit, self.exchange(&request, &mut answer, endpoint)).await;
        match exchanged.map_err(|_| SearchError::Timeout(*limit))?? {
            200..300 => Answer::read(&answer, query.page_size, self.next_key(), model.catalogue()).map_err(SearchError::Answer),
            status => Err(SearchError::Status(status)),
        }
    }

    /// Sends a request, stores the body of the response and returns its status.
    async fn exchange(&self, request: &[u8], answer: &mut Vec<u8>, endpoint: &Endpoint) -> Result<u16, SearchError> {
        loop {
            let idle = self.idle.borrow_mut().pop();
            let is_new = idle.is_none();
            let mut connection = match idle {
                Some(connection) => connection,
                None => Connection::open(endpoint).await.map_err(SearchError::Open)?,
            };
            match connection.post_keeping(endpoint, request, Some(answer)).await {
                Ok(answered) => {
                    if connection.is_reusable() {
                        self.idle.borrow_mut().push(connection);
                    }
                    return Ok(answered.status);
                }
                // Nothing was sent: the service had closed the idle connection.
                Err(ExchangeError::NotReusable) if !is_new => {}
                Err(error) => return Err(SearchError::Exchange(error)),
            }
        }
    }

    /// The model's key of the next response. The model only needs a different key for each.
    fn next_key(&self) -> RequestKey {
        let key = self.keys.get();
        self.keys.set(key + 1);
        RequestKey::from_bits(key.into())
    }

    /// The approximate current duration of a search in microseconds.
    pub(crate) fn usual_micros(&self) -> u64 {
        self.usual_micros.get()
    }

    /// Starts no more searches; searches that wait for a connection find nothing.
    pub(crate) fn close(&self) {
        self.permits.close();
    }

    /// The text to show in place of a text that quotes a response; `None` if responses must not be shown.
    pub(crate) fn said(&self, text: &str) -> Option<String> {
        self.searching.service.service.endpoint().said(text.as_bytes())
    }

    /// The statistics of the searches so far.
    pub(crate) fn figures(&self) -> SearchFigures {
        self.figures.borrow().clone()
    }
}

/// An exponential moving average: a new duration counts for an eighth.
fn smoothed(mean_micros: u64, micros: u64) -> u64 {
    if mean_micros == 0 { micros } else { (mean_micros * 7 + micros) / 8 }
}
