//! What the requests of a sender travel on: a connection of its own, or places on the connections of the pool. A request is sent once, and again
//! only if the target has not looked at it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use load_plan::Moment;
use tokio::sync::Notify;
use tokio::time::sleep;
use transport::http::{Answer, Connection, Endpoint, ExchangeError, LocalLimit, OpenError};

use crate::delivery::dispatch::Dispatch;
use crate::delivery::pool::{Place, Pool};
use crate::delivery::retries::Flight;

/// How often a request is sent over HTTP/2 that servers do not look at. A connection that is about to go returns all of its requests, and so may
/// the next one.
const SENDS_MAX: u32 = 20;

/// How long the request waits before it is sent for the third time; twice as long each time after that, up to a bound. All pauses together take
/// two and a half seconds.
const PAUSE: Duration = Duration::from_millis(10);

/// That bound, as a power of two.
const PAUSE_DOUBLINGS_MAX: u32 = 4;

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
    /// What it waits for.
    waits_for: Cell<WaitsFor>,
}

/// What a request waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum WaitsFor {
    /// Its answer, or a place.
    #[default]
    Nothing,
    /// A connection that is being opened.
    Connection,
    /// The target's permission to send any request.
    Permission,
    /// The next time that it is sent. The target has not looked at it.
    Resend,
}

impl<'a> Sent<'a> {
    /// A request with these events that is not sent yet.
    pub(super) fn new(dispatch: &'a Dispatch, endpoint: &'a Endpoint, flights: &'a [Flight]) -> Self {
        Self { dispatch, endpoint, flights, at: Cell::default(), waits_for: Cell::default() }
    }

    /// When it was sent, if it was.
    pub(super) fn at(&self) -> Option<Moment> {
        self.at.get()
    }

    /// What it waits for.
    pub(super) fn waits_for(&self) -> WaitsFor {
        self.waits_for.get()
    }

    async fn waiting<T>(&self, waits_for: WaitsFor, future: impl Future<Output = T>) -> T {
        let before = self.waits_for.replace(waits_for);
        let output = future.await;
        self.waits_for.set(before);
        output
    }

    fn note(&self, at: Moment) {
        self.at.set(Some(at));
        self.dispatch.note_sent(self.flights, at);
    }

    /// A connection for it, or why there is none.
    async fn opened<C>(&self, opening: impl Future<Output = Result<C, OpenError>>) -> Result<C, Unanswered> {
        self.waiting(WaitsFor::Connection, opening).await.map_err(|error| {
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
            // Another sender may have work for it.
            Self::Shared(_, place) => *place = None,
        }
        work.notified().await;
    }

    /// The status of an answer to a request that was given up before it was sent whole.
    pub(super) fn early_status(&self) -> Option<u16> {
        match self {
            Self::Own(own) => own.as_ref()?.early_status(),
            Self::Shared(..) => None,
        }
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
    let connection = sent.opened(Box::pin(Connection::open(sent.endpoint))).await?;
    sent.dispatch.note_connection(connection.open_times());
    let connection = own.insert(connection);
    sent.note(sending.clock.now());
    connection.post_keeping(sent.endpoint, body, kept).await.map_err(Unanswered::Exchange)
}

/// In this place, and in others as long as the target has not looked at the request.
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
    let mut sends = 0;
    loop {
        let (mut stream, is_new) = match place.take() {
            Some(Place::Open(stream)) => (stream, false),
            Some(Place::Opening(opening)) => {
                now = None;
                // Rare, and ten times as large as all else that a sender holds.
                let stream = sent.opened(Box::pin(opening.open(sent.endpoint))).await?;
                sent.dispatch.note_connection(stream.connection().open_times());
                (stream, true)
            }
            None => {
                now = None;
                place = Some(pool.place().await);
                continue;
            }
        };
        if !stream.is_allowed() {
            now = None;
            sent.waiting(WaitsFor::Permission, stream.until_allowed()).await;
        }
        let is_first = sent.at.get().is_none();
        if is_first {
            sent.note(now.take().unwrap_or_else(|| sending.clock.now()));
        }
        let answered = stream.connection().post(sent.endpoint, body, kept.as_deref_mut()).await;
        let error = match answered {
            Err(error @ (ExchangeError::NotReusable | ExchangeError::NotTaken(_) | ExchangeError::Refused)) => error,
            answered => return answered.map_err(Unanswered::Exchange),
        };
        let has_gone_out = !matches!(error, ExchangeError::NotReusable);
        // What went out once went out, whoever takes it in the end.
        if is_first && !has_gone_out {
            sent.take_back();
        }
        if matches!(error, ExchangeError::Refused) {
            drop(stream);
        } else {
            stream.retire();
        }
        // Each connection that was lost while it was idle is met once.
        sends += u32::from(has_gone_out || is_new);
        if sends == SENDS_MAX {
            return Err(Unanswered::Exchange(error));
        }
        sent.waits_for.set(WaitsFor::Resend);
        if sends > 1 {
            sleep(PAUSE * (1 << (sends - 2).min(PAUSE_DOUBLINGS_MAX))).await;
        }
        place = Some(pool.place().await);
        sent.waits_for.set(WaitsFor::Nothing);
        if has_gone_out {
            sent.dispatch.note_resent();
        }
    }
}
