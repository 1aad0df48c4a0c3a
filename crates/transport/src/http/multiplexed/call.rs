//! One request and the part of its response that the caller needs.

use std::{mem, ops::ControlFlow, task::Waker, time::Instant};

use http2_client::{Ending, RequestError, Response};

use super::super::{decoder::MAX_BODY, exchange::Answer, grpc_status::GrpcStatus, retry_after::RetryAfter};

/// The state of one request.
#[derive(Debug)]
pub(super) struct Call {
    /// The buffer for the body, if the body is kept.
    kept: Option<Vec<u8>>,
    /// The number of body bytes that may still be read.
    budget: usize,
    status: u16,
    retry_after: Option<RetryAfter>,
    /// The status of a gRPC call, as far as it has arrived; `None` for other requests.
    grpc: Option<GrpcStatus>,
    sent_at: Option<Instant>,
    /// When the headers of the response arrived.
    head_at: Option<Instant>,
    ended: Option<(Result<Ending, RequestError>, Instant)>,
    is_cut: bool,
    waker: Option<Waker>,
}

impl Call {
    /// A request whose response body goes to this buffer, if any.
    pub(super) fn new(is_grpc: bool, mut kept: Option<Vec<u8>>) -> Self {
        if let Some(kept) = &mut kept {
            kept.clear();
        }
        Self {
            kept,
            budget: MAX_BODY,
            status: 0,
            retry_after: None,
            grpc: is_grpc.then(GrpcStatus::default),
            sent_at: None,
            head_at: None,
            ended: None,
            is_cut: false,
            waker: None,
        }
    }

    /// Sets the task to wake at the end.
    pub(super) fn set_waker(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    /// The body, or the error message of a gRPC call in its place.
    pub(super) fn take_kept(&mut self) -> Option<Vec<u8>> {
        let mut kept = mem::take(&mut self.kept)?;
        if let Some(grpc) = &self.grpc
            && grpc.code().is_some_and(|code| code > 0)
        {
            kept.clear();
            kept.extend(grpc.message());
        }
        Some(kept)
    }

    /// The response, or why there is none.
    pub(super) fn answer(&self) -> Result<Answer, RequestError> {
        let (ending, ended_at) = self.ended.expect("only an ended request is taken");
        let ending = ending?;
        Ok(Answer {
            status: self.status,
            retry_after: self.retry_after,
            is_whole: ending == Ending::Complete && !self.is_cut,
            grpc_status: self.grpc.as_ref().and_then(GrpcStatus::code),
            sent_at: self.sent_at.unwrap_or(ended_at),
            // What is read together has the same time.
            first_byte_at: self.head_at.filter(|at| *at != ended_at),
        })
    }
}

impl Response for Call {
    type Moment = Instant;

    fn sent(&mut self, at: Instant) {
        self.sent_at = Some(at);
    }

    fn head(&mut self, status: u16, at: Instant) {
        (self.status, self.head_at) = (status, Some(at));
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        if name == b"retry-after" && self.retry_after.is_none() {
            self.retry_after = RetryAfter::parse(value);
        }
        if let Some(grpc) = &mut self.grpc {
            grpc.read(name, value);
        }
    }

    fn data(&mut self, data: &[u8]) -> ControlFlow<()> {
        self.is_cut = data.len() > self.budget;
        let data = &data[..data.len().min(self.budget)];
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(data);
        }
        self.budget -= data.len();
        if self.budget == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn ended(&mut self, ending: Result<Ending, RequestError>, at: Instant) {
        self.ended = Some((ending, at));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
