//! The state that all requests of a receiver share, and the responses that depend on it.

use std::rc::Rc;
use std::sync::Arc;

use actix_http::StatusCode;
use tokio::time::{Instant, sleep_until};

use crate::answer::{self, Answer, AnswerBody};
use crate::api_error::{APPLICATION_JSON, ApiError};
use crate::body::BodyError;
use crate::exchange::Exchange;
use crate::impairment_queue::{ImpairmentQueue, PlannedAnswer};
use crate::ingest::Ingest;
use crate::large_answer::{ANSWER_PIECE_BYTES, LargeAnswer};
use crate::shared::Shared;
use crate::summary::Summary;
use crate::transfers::AbortReason;

/// The state that all requests of a receiver share.
pub(crate) struct ReceiverState {
    pub(crate) ingest: Ingest,
    pub(crate) shared: Arc<Shared>,
    /// `None` for a receiver without impairments.
    pub(crate) impairment: Option<ImpairmentQueue>,
}

/// A worker's reference to the state. Cloning it needs no atomic operation.
pub(crate) type WorkerState = Rc<Arc<ReceiverState>>;

impl ReceiverState {
    /// The counts so far.
    pub(crate) fn summary(&self) -> Summary {
        Summary { limits: self.shared.counters.counts(), ..self.ingest.summary() }
    }

    /// Answers a request with this number of events, with the configured delay and errors. Events of an injected error are not ingested.
    pub(crate) async fn answer_events(
        &self,
        exchange: &Exchange,
        events: usize,
        answer: impl FnOnce(&Ingest) -> Answer,
    ) -> Answer {
        let Some(impairment) = &self.impairment else { return answer(&self.ingest) };
        let arrived_at = Instant::now();
        let PlannedAnswer { answer_at, is_error } = impairment.queue(arrived_at, events);
        let response = if is_error { ApiError::injected().answer() } else { answer(&self.ingest) };
        // The timer rounds up to whole milliseconds, also for a wait of zero.
        if answer_at > arrived_at {
            exchange.connection().state().pause();
            sleep_until(answer_at).await;
            exchange.connection().state().resume();
        }
        response
    }

    /// The response to a request whose body could not be read.
    pub(crate) fn answer_body_error(&self, exchange: &mut Exchange, error: BodyError) -> Answer {
        match error {
            BodyError::BrokeOff => ApiError::broke_off().answer(),
            BodyError::Aborted(AbortReason::TooSlow) => {
                self.shared.counters.count_too_slow();
                ApiError::too_slow(self.shared.limits.bytes_per_s.get()).answer_before_end(exchange.rest())
            }
            BodyError::Aborted(AbortReason::NoMemory) => {
                self.shared.counters.count_no_memory();
                ApiError::no_memory().answer_before_end(exchange.rest())
            }
        }
    }

    /// A response in JSON of any size.
    pub(crate) fn json_answer(&self, exchange: &Exchange, json: Vec<u8>) -> Answer {
        let body = if json.len() <= ANSWER_PIECE_BYTES || exchange.is_http2() {
            AnswerBody::Whole(json.into())
        } else if let Ok(large) = LargeAnswer::new(json.into(), exchange.connection()) {
            AnswerBody::Large(large)
        } else {
            self.shared.counters.count_no_memory();
            return ApiError::no_memory().answer();
        };
        answer::new(StatusCode::OK, APPLICATION_JSON, body)
    }
}
