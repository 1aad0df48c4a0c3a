//! The connection of a sender: its own, or places on the connections of the pool. A request is sent once, and again only if the target has
//! not processed it.

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
use crate::delivery::trace::Trace;

/// The maximum number of times that an HTTP/2 or HTTP/3 request is sent if servers do not process it. A closing connection returns all its requests
/// unprocessed, and the next connection may do the same.
const SENDS_MAX: u32 = 20;

/// The pause before a request is sent for the third time. It doubles each time, up to a limit. All pauses together take two and a half
/// seconds.
const PAUSE: Duration = Duration::from_millis(10);

/// The maximum number of times that the pause doubles.
const PAUSE_DOUBLINGS_MAX: u32 = 4;

/// The connection that carries requests.
pub(super) enum Link {
    /// An HTTP/1.1 connection, if it is open.
    Own(Option<Connection>),
    /// The pool, and the place for the next request.
    Shared(Rc<Pool>, Option<Place>),
}

/// Why there is no response.
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

    /// The error line for reports.
    pub(super) fn line(&self, endpoint: &Endpoint) -> String {
        match self {
            Self::Open(error) => endpoint.error_line(error),
            Self::Exchange(error) => endpoint.error_line(error),
        }
    }
}

/// The moment at which a request was sent, if it was.
pub(super) struct Sent<'a> {
    dispatch: &'a Dispatch,
    endpoint: &'a Endpoint,
    flights: &'a [Flight],
    at: Cell<Option<Moment>>,
    /// The current wait of the request.
    waits_for: Cell<WaitsFor>,
}

/// The current wait of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum WaitsFor {
    /// Its response, or a place.
    #[default]
    Nothing,
    /// A connection that is being opened.
    Connection,
    /// The target's permission to send any request.
    Permission,
    /// The next attempt. The target has not processed the request.
    Resend,
}

impl<'a> Sent<'a> {
    /// A request with these events that is not sent yet.
    pub(super) fn new(dispatch: &'a Dispatch, endpoint: &'a Endpoint, flights: &'a [Flight]) -> Self {
        Self { dispatch, endpoint, flights, at: Cell::default(), waits_for: Cell::default() }
    }

    /// When the request was sent, if it was.
    pub(super) fn at(&self) -> Option<Moment> {
        self.at.get()
    }

    /// The current wait of the request.
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

    /// Waits for its connection. Returns the connection or the error.
    async fn opened<C>(&self, opening: impl Future<Output = Result<C, OpenError>>) -> Result<C, Unanswered> {
        self.waiting(WaitsFor::Connection, opening).await.map_err(|error| {
            self.dispatch.note_failed_connection();
            Unanswered::Open(error)
        })
    }

    /// Reverts the sent state: the request was not sent. Must be called before any other task runs.
    fn take_back(&self) {
        if let Some(at) = self.at.take() {
            self.dispatch.take_back_sent(self.flights, at);
        }
    }
}

impl Link {
    /// Prepares to send a request if there are events. Returns whether a request can be sent.
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

    /// Waits for work, and drops a connection that the target closes meanwhile.
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
            // Another sender may have work for the place.
            Self::Shared(_, place) => *place = None,
        }
        work.notified().await;
    }

    /// The status of a response to a request that was cancelled before it was sent completely.
    pub(super) fn early_status(&self) -> Option<u16> {
        match self {
            Self::Own(own) => own.as_ref()?.early_status(),
            Self::Shared(..) => None,
        }
    }

    /// Drops a connection that cannot be reused.
    pub(super) fn tidy(&mut self) {
        if let Self::Own(own) = self
            && own.as_ref().is_some_and(|connection| !connection.is_reusable())
        {
            *own = None;
        }
    }

    /// Sends a body and reads the response.
    pub(super) async fn exchange<T: Trace>(
        &mut self,
        trace: T,
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
        attempted: Moment,
        sent: &Sent<'_>,
    ) -> Result<Answer, Unanswered> {
        match self {
            Self::Own(own) => exchange_over_own(own, trace, body, kept, attempted, sent).await,
            Self::Shared(pool, place) => exchange_over_pool(pool, place.take(), trace, body, kept, attempted, sent).await,
        }
    }
}

/// Uses a new connection if no usable one is open.
async fn exchange_over_own<T: Trace>(
    own: &mut Option<Connection>,
    trace: T,
    body: &[u8],
    mut kept: Option<&mut Vec<u8>>,
    attempted: Moment,
    sent: &Sent<'_>,
) -> Result<Answer, Unanswered> {
    let sending = &sent.dispatch.sending;
    if let Some(connection) = own {
        sent.note(attempted);
        match trace.post(connection, sent.endpoint, body, kept.as_deref_mut()).await {
            // Nothing was sent: the target had closed the idle connection.
            Err(ExchangeError::NotReusable) => sent.take_back(),
            answered => return answered.map_err(Unanswered::Exchange),
        }
    }
    *own = None;
    let connection = sent.opened(Box::pin(Connection::open(sent.endpoint))).await?;
    sent.dispatch.note_connection(connection.open_times());
    let connection = own.insert(connection);
    sent.note(sending.clock.now());
    trace.post(connection, sent.endpoint, body, kept).await.map_err(Unanswered::Exchange)
}

/// Sends the request in this place. Uses other places as long as the target has not processed the request.
async fn exchange_over_pool<T: Trace>(
    pool: &Rc<Pool>,
    mut place: Option<Place>,
    trace: T,
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
                // Boxed, because it is rare and ten times as large as the rest of a sender's state.
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
        let answered = trace.post_shared(stream.connection(), sent.endpoint, body, kept.as_deref_mut()).await;
        let error = match answered {
            Err(error) if error.is_unprocessed() => error,
            answered => return answered.map_err(Unanswered::Exchange),
        };
        let has_gone_out = !matches!(error, ExchangeError::NotReusable);
        // A request that was sent once counts as sent, whichever connection finally carries it.
        if is_first && !has_gone_out {
            sent.take_back();
        }
        if error.is_refusal() {
            drop(stream);
        } else {
            stream.retire();
        }
        // A connection that was lost while idle does not count: it is tried only once.
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
