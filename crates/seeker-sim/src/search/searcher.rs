//! Makes the searches of one arbiter, over connections of its own, at most so many at once. All on one thread; no borrow is held while
//! anything waits.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use seeker_model::{Model, Query, RequestKey, Who};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::clock::{Moment, RunClock};
use crate::http::{Connection, ExchangeError, OpenError};
use crate::notes::Notes;
use crate::one_line::one_line;
use crate::search::answer::{Answer, AnswerError};
use crate::search::figures::SearchFigures;
use crate::search::request::write_request;
use crate::search::service::SearchService;

/// What the searches of an arbiter need.
#[derive(Clone)]
pub(crate) struct Searching {
    pub(crate) service: SearchService,
    pub(crate) model: Arc<Model>,
    pub(crate) clock: RunClock,
    /// How long an answer may take, from the moment of sending.
    pub(crate) timeout: Duration,
    /// The most searches at once.
    pub(crate) connections: usize,
    /// When the warm-up ends.
    pub(crate) measured_from: Moment,
}

/// Asks the service.
pub(crate) struct Searcher {
    searching: Searching,
    /// One for each search at once.
    permits: Semaphore,
    /// Connections without work. The last to become idle is the first to be used, so that no more are kept busy than needed.
    idle: RefCell<Vec<Connection>>,
    /// How long searches took lately, in microseconds.
    usual_micros: Cell<u64>,
    /// Searches so far, in the model's numbers.
    keys: Cell<u64>,
    figures: RefCell<SearchFigures>,
    /// Where errors are noted.
    notes: Rc<RefCell<Notes>>,
}

/// Why a search has no page.
#[derive(Debug, Error)]
enum SearchError {
    #[error("no answer within {}", humantime::format_duration(*.0))]
    Timeout(Duration),
    #[error("failed to {}", one_line(.0))]
    Open(OpenError),
    #[error("failed to {}", one_line(.0))]
    Exchange(ExchangeError),
    #[error("answered {0}: redirections are not followed")]
    Redirection(u16),
    #[error("answered {0}")]
    Status(u16),
    #[error("failed to read the answer, {}", one_line(.0))]
    Answer(#[from] AnswerError),
}

impl Searcher {
    pub(crate) fn new(searching: Searching, notes: Rc<RefCell<Notes>>) -> Self {
        Self {
            permits: Semaphore::new(searching.connections),
            searching,
            idle: RefCell::default(),
            usual_micros: Cell::default(),
            keys: Cell::default(),
            figures: RefCell::default(),
            notes,
        }
    }

    /// The answer to a search, if it finds anything.
    pub(crate) async fn search(&self, query: Query, who: Who) -> Option<Arc<Answer>> {
        let asked = self.searching.clock.now();
        let is_measured = asked >= self.searching.measured_from;
        if is_measured {
            self.figures.borrow_mut().made += 1;
        }
        // The run is over when there are no permits any more.
        let _permit = self.permits.acquire().await.ok()?;
        let found = self.find(&query, &who).await;
        let took_micros = self.searching.clock.now().micros_since(asked);
        self.usual_micros.set(smoothed(self.usual_micros.get(), took_micros));
        // What the end of the run cuts off counts as that, however it ends.
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
                    self.notes.borrow_mut().error(format!("search: {error}"));
                }
            }
        }
        found.ok().flatten().map(Arc::new)
    }

    async fn find(&self, query: &Query, who: &Who) -> Result<Option<Answer>, SearchError> {
        let Searching { service, model, timeout: limit, .. } = &self.searching;
        let (mut request, mut answer) = (Vec::new(), Vec::new());
        write_request(query, who, service.page_size_field, &mut request);
        let status = timeout(*limit, self.exchange(&request, &mut answer)).await.map_err(|_| SearchError::Timeout(*limit))??;
        match status {
            200..300 => Ok(Answer::read(&answer, query.page_size, self.next_key(), model.catalogue())?),
            300..400 => Err(SearchError::Redirection(status)),
            _ => Err(SearchError::Status(status)),
        }
    }

    /// Sends a request and keeps the answer's body; its status.
    async fn exchange(&self, request: &[u8], answer: &mut Vec<u8>) -> Result<u16, SearchError> {
        let endpoint = &self.searching.service.endpoint;
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
                // Nothing went out: the service had closed the connection while it was idle.
                Err(ExchangeError::NotReusable) if !is_new => {}
                Err(error) => return Err(SearchError::Exchange(error)),
            }
        }
    }

    /// What stands for the next answer in the model, which needs no more than that it is another one for each.
    fn next_key(&self) -> RequestKey {
        let key = self.keys.get();
        self.keys.set(key + 1);
        RequestKey::from_bits(key.into())
    }

    /// How long a search takes at the moment, about, in microseconds.
    pub(crate) fn usual_micros(&self) -> u64 {
        self.usual_micros.get()
    }

    /// No search is begun from now on; those that wait for a connection find nothing.
    pub(crate) fn close(&self) {
        self.permits.close();
    }

    /// What came of the searches so far.
    pub(crate) fn figures(&self) -> SearchFigures {
        self.figures.borrow().clone()
    }
}

/// The mean of the last times, more or less: a new one counts for an eighth.
fn smoothed(mean_micros: u64, micros: u64) -> u64 {
    if mean_micros == 0 { micros } else { (mean_micros * 7 + micros) / 8 }
}
