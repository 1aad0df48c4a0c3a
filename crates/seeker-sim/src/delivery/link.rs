//! What the requests of a lane travel on: a connection of its own, or places on the connections of the pool. Each request is sent once, on
//! another connection only if the target has not looked at it.

use std::cell::Cell;
use std::rc::Rc;

use tokio::sync::Notify;

use crate::clock::Moment;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::pool::{Place, Pool};
use crate::delivery::retries::Flight;
use crate::http::{Answer, Connection, Endpoint, ExchangeError, LocalLimit, OpenError};

/// On how many connections of HTTP/2 a request is tried that their servers do not look at. One after the other may be about to go.
const PLACES_MAX: u32 = 3;

/// What requests travel on.
pub(super) enum Link {
    /// A connection of HTTP/1.1, if it is open.
    Own(Option<Connection>),
    /// The pool, and the place for the next request.
    Shared(Rc<Pool>, Option<Place>),
}

/// Why there was no answer.
pub(super) enum Unanswered {
    Open(OpenError),
    Exchange(ExchangeError),
}

impl Unanswered {
    pub(super) fn local_limit(&self) -> Option<LocalLimit> {
        match self {
            Self::Open(error) => error.local_limit(),
            Self::Exchange(error) => error.local_limit(),
        }
    }

    /// What is told of it.
    pub(super) fn line(&self, endpoint: &Endpoint) -> String {
        match self {
            Self::Open(error) => endpoint.error_line(error),
            Self::Exchange(error) => endpoint.error_line(error),
        }
    }
}

/// The moment at which a request went out, if it did.
pub(super) struct Sent<'a> {
    dispatch: &'a Dispatch,
    endpoint: &'a Endpoint,
    flights: &'a [Flight],
    at: Cell<Option<Moment>>,
    /// Whether a connection is being opened for it.
    is_opening: Cell<bool>,
}

impl<'a> Sent<'a> {
    /// A request with these events that is not sent yet.
    pub(super) fn new(dispatch: &'a Dispatch, endpoint: &'a Endpoint, flights: &'a [Flight]) -> Self {
        Self { dispatch, endpoint, flights, at: Cell::default(), is_opening: Cell::default() }
    }

    /// When it was sent, if it was.
    pub(super) fn at(&self) -> Option<Moment> {
        self.at.get()
    }

    /// Whether it waits for a connection that is being opened.
    pub(super) fn is_opening(&self) -> bool {
        self.is_opening.get()
    }

    fn note(&self, at: Moment) {
        self.at.set(Some(at));
        self.dispatch.note_sent(self.flights, at);
    }

    /// A connection for it, or why there is none.
    async fn opened<C>(&self, opening: impl Future<Output = Result<C, OpenError>>) -> Result<C, Unanswered> {
        self.is_opening.set(true);
        let opened = opening.await;
        self.is_opening.set(false);
        opened.map_err(|error| {
            self.dispatch.note_failed_connection();
            Unanswered::Open(error)
        })
    }

    /// It did not, as was found before anything else ran.
    fn take_back(&self) {
        if let Some(at) = self.at.take() {
            self.dispatch.take_back_sent(self.flights, at);
        }
    }
}

impl Link {
    /// Makes sure that a request could be sent, if there are events for one; whether it can.
    pub(super) async fn get_ready(&mut self, dispatch: &Dispatch) -> bool {
        if let Self::Shared(pool, place) = self
            && place.is_none()
        {
            if dispatch.ready() == 0 {
                return false;
            }
            *place = Some(pool.place().await);
        }
        true
    }

    /// Waits for work, and lets go of a connection that the target closes meanwhile.
    pub(super) async fn wait_for(&mut self, work: &Notify) {
        match self {
            Self::Own(own) => {
                if let Some(connection) = own {
                    tokio::select! {
                        biased;
                        () = work.notified() => return,
                        () = connection.until_closed() => *own = None,
                    }
                }
            }
            // Another lane may have work for it.
            Self::Shared(_, place) => *place = None,
        }
        work.notified().await;
    }

    /// Lets go of a connection that cannot be used again.
    pub(super) fn tidy(&mut self) {
        if let Self::Own(own) = self
            && own.as_ref().is_some_and(|connection| !connection.is_reusable())
        {
            *own = None;
        }
    }

    /// Sends a body and reads the answer.
    pub(super) async fn exchange(
        &mut self,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
        attempted: Moment,
        sent: &Sent<'_>,
    ) -> Result<Answer, Unanswered> {
        match self {
            Self::Own(own) => exchange_over_own(own, body, kept, attempted, sent).await,
            Self::Shared(pool, place) => exchange_over_pool(pool, place.take(), body, kept, attempted, sent).await,
        }
    }
}

/// Over a new connection if there is none that can be used.
async fn exchange_over_own(
    own: &mut Option<Connection>,
    body: &[u8],
    mut kept: Option<&mut Vec<u8>>,
    attempted: Moment,
    sent: &Sent<'_>,
) -> Result<Answer, Unanswered> {
    let sending = &sent.dispatch.sending;
    if let Some(connection) = own {
        sent.note(attempted);
        match connection.post_keeping(sent.endpoint, body, kept.as_deref_mut()).await {
            // Nothing went out: the target had closed the connection while it was idle.
            Err(ExchangeError::NotReusable) => sent.take_back(),
            answered => return answered.map_err(Unanswered::Exchange),
        }
    }
    *own = None;
    let connection = sent.opened(Connection::open(sent.endpoint)).await?;
    sent.dispatch.note_connection(connection.open_times());
    let connection = own.insert(connection);
    sent.note(sending.clock.now());
    connection.post_keeping(sent.endpoint, body, kept).await.map_err(Unanswered::Exchange)
}

/// In this place, and in another one if the connection is about to go and the target has not looked at the request.
async fn exchange_over_pool(
    pool: &Rc<Pool>,
    mut place: Option<Place>,
    body: &[u8],
    mut kept: Option<&mut Vec<u8>>,
    attempted: Moment,
    sent: &Sent<'_>,
) -> Result<Answer, Unanswered> {
    let sending = &sent.dispatch.sending;
    let mut now = Some(attempted);
    let mut left = PLACES_MAX;
    loop {
        let stream = match place.take() {
            Some(Place::Open(stream)) => stream,
            Some(Place::Opening(opening)) => {
                now = None;
                let stream = sent.opened(opening.open(sent.endpoint)).await?;
                sent.dispatch.note_connection(stream.connection().open_times());
                stream
            }
            None => {
                now = None;
                place = Some(pool.place().await);
                continue;
            }
        };
        let is_first = sent.at.get().is_none();
        if is_first {
            sent.note(now.unwrap_or_else(|| sending.clock.now()));
        }
        left -= 1;
        let answered = stream.connection().post(sent.endpoint, body, kept.as_deref_mut()).await;
        if let Err(error @ (ExchangeError::NotReusable | ExchangeError::NotTaken)) = &answered {
            // What went out once went out, whoever takes it in the end.
            if is_first && matches!(error, ExchangeError::NotReusable) {
                sent.take_back();
            }
            stream.retire();
            if left > 0 {
                continue;
            }
        }
        return answered.map_err(Unanswered::Exchange);
    }
}
