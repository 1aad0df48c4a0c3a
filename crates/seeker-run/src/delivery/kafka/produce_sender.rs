//! A sender: one task with one connection to a broker, which carries several requests at once. The task opens the connection for the first
//! event and reopens it after a loss.

use std::collections::VecDeque;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use load_plan::{EventOutcome, Moment};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep, sleep_until};
use transport::http::Endpoint;

use super::broker_queue::BrokerQueue;
use super::conclusion::Conclusion;
use super::connection::{Connection, LostError};
use super::error_code::ErrorCode;
use super::handshake::HandshakeError;
use super::messages::{self, PartitionAnswer, RequestKind};
use super::produce_request::{PartitionFlights, RequestBuilder};
use super::producer::Producer;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::retries::Flight;
use crate::delivery::socket_buffers::Progress;

/// A request that is sent and not answered.
struct Unanswered {
    /// Empty if the events are concluded. The answer may still come.
    partitions: Vec<PartitionFlights>,
    sent: Moment,
    limit: Moment,
}

struct ProduceSender {
    producer: Rc<Producer>,
    queue: Rc<BrokerQueue>,
    dispatch: Rc<Dispatch>,
    endpoint: Arc<Endpoint>,
    /// The version of requests on this connection.
    version: i16,
    work: Rc<Notify>,
    /// Whether the queue has `work` in its list.
    is_idle: bool,
    /// In the order in which they are answered.
    unanswered: VecDeque<Unanswered>,
    /// The number of last requests whose bytes are not written yet.
    begun: usize,
    /// When bytes arrived last.
    heard: Moment,
    /// Whether the connection gets no more requests. It ends when the last one is concluded.
    is_retired: bool,
    /// Ends when a request has waited too long, or earlier. All requests share one timer.
    timer: Pin<Box<Sleep>>,
    builder: RequestBuilder,
}

/// Sends events until the connection is retired or the task is aborted.
pub(super) async fn run(producer: Rc<Producer>, queue: Rc<BrokerQueue>) {
    let dispatch = Rc::clone(&producer.dispatch);
    let mut sender = ProduceSender {
        endpoint: producer.cluster.service.endpoint(),
        version: 0,
        work: Rc::default(),
        is_idle: false,
        unanswered: VecDeque::new(),
        begun: 0,
        heard: Moment::default(),
        is_retired: false,
        timer: Box::pin(sleep(dispatch.sending.timeout)),
        builder: RequestBuilder::default(),
        dispatch,
        producer,
        queue,
    };
    while !sender.is_retired {
        if sender.queue.is_empty() {
            sender.become_idle();
            sender.work.notified().await;
            sender.is_idle = false;
            continue;
        }
        sender.leave_idle();
        if let Some(again) = sender.queue.opens_again_at(sender.dispatch.sending.timeout) {
            sleep_until(again).await;
        }
        if let Some(connection) = sender.open().await {
            sender.queue.open.update(|open| open + 1);
            sender.serve(connection).await;
            sender.queue.open.update(|open| open - 1);
        }
    }
}

impl ProduceSender {
    fn become_idle(&mut self) {
        if !mem::replace(&mut self.is_idle, true) {
            self.queue.become_idle(&self.work);
        }
    }

    /// From now on, others are woken for new events.
    fn leave_idle(&mut self) {
        if mem::take(&mut self.is_idle) {
            self.queue.leave_idle(&self.work);
        }
    }

    /// Opens a connection for the events that wait. If that fails and the broker has no other connection, the events are concluded.
    async fn open(&mut self) -> Option<Connection> {
        let limit = Instant::now() + self.dispatch.sending.timeout;
        self.queue.opening.update(|opening| opening + 1);
        let server = self.queue.server.borrow().clone();
        let cluster = Arc::clone(&self.producer.cluster);
        let opened = match cluster.endpoint(&server) {
            Ok(endpoint) => {
                self.endpoint = Arc::new(endpoint);
                tokio::select! {
                    biased;
                    opened = cluster.open_producer(&self.endpoint) => opened.map_err(Some),
                    () = sleep_until(limit) => Err(None),
                }
            }
            Err(error) => Err(Some(HandshakeError::Advertised { server: server.to_string(), source: Box::new(error) })),
        };
        self.queue.opening.update(|opening| opening - 1);
        match opened {
            Ok((connection, version)) => {
                self.dispatch.note_connection(connection.open_times());
                self.version = version;
                self.heard = self.dispatch.sending.clock.now();
                Some(connection)
            }
            Err(error) => {
                self.dispatch.note_failed_connection();
                self.queue.note_failure();
                self.producer.refresh();
                if self.queue.open.get() == 0 {
                    self.conclude_unsent(error.as_ref());
                } else {
                    self.producer.hand_over(&self.queue);
                }
                None
            }
        }
    }

    /// Concludes the events that waited for a connection.
    fn conclude_unsent(&self, error: Option<&HandshakeError>) {
        let mut flights: Vec<Flight> = self.queue.take_all().into_iter().map(|held| held.flight).collect();
        let (outcome, text, again) = match error {
            None => {
                let limit = humantime::format_duration(self.dispatch.sending.timeout);
                (EventOutcome::Failed, format!("no connection within {limit}"), true)
            }
            Some(error) => {
                let text = format!("failed to {}", self.endpoint.error_line(error));
                match error.local_limit() {
                    None => (EventOutcome::Failed, text, !error.is_lasting()),
                    Some(limit) => {
                        self.dispatch.note_local_error(&flights);
                        (EventOutcome::NotSent, format!("{text}; {limit}"), true)
                    }
                }
            }
        };
        let now = self.dispatch.sending.clock.now();
        self.conclude_at(&mut flights, &Conclusion::without_answer(outcome, text, again), now);
        self.producer.pull();
    }

    /// Sends events over a connection until it ends.
    async fn serve(&mut self, mut connection: Connection) {
        loop {
            if self.is_retired && self.unanswered.iter().all(|request| request.partitions.is_empty()) {
                connection.end().await;
                return;
            }
            self.fill(&mut connection);
            let progress = tokio::select! {
                biased;
                progress = connection.progress() => progress,
                () = self.work.notified() => {
                    self.is_idle = false;
                    continue;
                }
                () = self.timer.as_mut() => {
                    self.conclude_overdue();
                    continue;
                }
            };
            let lost = match progress {
                Ok(Progress::Written) => continue,
                Ok(Progress::Read) => self.read(&mut connection).err(),
                Err(error) => Some(error),
            };
            if let Some(error) = lost {
                self.conclude_lost(&error);
                return;
            }
        }
    }

    fn is_full(&self) -> bool {
        self.unanswered.len() >= self.producer.cluster.requests_max
    }

    /// Sends what waits, in as many requests as the connection may carry. While earlier bytes wait for the broker, events wait too.
    fn fill(&mut self, connection: &mut Connection) {
        if !self.is_retired && connection.expires.is_some_and(|expires| expires <= Instant::now()) {
            self.retire();
        }
        if self.is_retired || connection.is_blocked() {
            return self.producer.hand_over(&self.queue);
        }
        loop {
            while !self.is_full() && !self.queue.is_empty() {
                self.begin(connection);
            }
            if self.dispatch.ready() == 0 || !self.producer.pull() {
                break;
            }
        }
        if self.is_full() {
            self.producer.hand_over(&self.queue);
        } else {
            self.become_idle();
        }
        self.stamp_sent();
    }

    /// Writes a request to the output of the connection.
    fn begin(&mut self, connection: &mut Connection) {
        let Self { producer, builder, version, .. } = self;
        let partitions = builder.take(&producer.dispatch, &producer.cluster, &self.queue);
        let compressor = &mut *producer.compressor.borrow_mut();
        connection.write(RequestKind::Produce, *version, |out| builder.write(out, &producer.cluster, &partitions, compressor));
        self.unanswered.push_back(Unanswered { partitions, sent: Moment::default(), limit: Moment::default() });
        self.begun += 1;
    }

    /// Records the requests begun since the last call as sent: they are written next.
    fn stamp_sent(&mut self) {
        if self.begun == 0 {
            return;
        }
        let now = self.dispatch.sending.clock.now();
        let limit = now.plus(micros(self.dispatch.sending.timeout));
        let first = self.unanswered.len() - mem::take(&mut self.begun);
        for request in self.unanswered.range_mut(first..) {
            (request.sent, request.limit) = (now, limit);
            self.dispatch.note_sent_in_parts(request.partitions.iter().map(|partition| &partition.flights[..]), now);
        }
    }

    /// Handles all answers that have arrived.
    fn read(&mut self, connection: &mut Connection) -> Result<(), LostError> {
        let now = self.dispatch.sending.clock.now();
        self.heard = now;
        while let Some(answer) = connection.next_answer()? {
            messages::read_produced(answer, self.version, |_| {})?;
            let request = self.unanswered.pop_front().ok_or(LostError::OtherRequest)?;
            self.queue.note_answer();
            if !request.partitions.is_empty() {
                self.conclude_answered(request, answer, now)?;
            }
        }
        self.producer.pull();
        // Events that are due by now are sent without waiting for the timer.
        if self.dispatch.ready() == 0 {
            self.dispatch.release(now);
        }
        Ok(())
    }

    fn conclude_answered(&self, request: Unanswered, answer: &[u8], now: Moment) -> Result<(), LostError> {
        let Unanswered { mut partitions, sent, .. } = request;
        self.dispatch.note_ended(now);
        // Brokers answer in the order of the request, usually.
        let mut next = 0;
        messages::read_produced(answer, self.version, |stored| {
            let is_it = |place: &usize| partitions.get(*place).is_some_and(|one| one.partition == stored.partition);
            let place = Some(next).filter(is_it).or_else(|| (0..partitions.len()).find(is_it));
            let Some(place) = place else { return };
            next = place + 1;
            self.conclude_stored(&mut partitions[place].flights, &stored, sent, now);
        })?;
        for left in partitions.iter_mut().filter(|partition| !partition.flights.is_empty()) {
            let error = "the broker answered, but not for the partition of the event".to_owned();
            let conclusion = Conclusion::without_answer(EventOutcome::Unknown, error, true);
            self.conclude_at(&mut left.flights, &conclusion, now);
        }
        Ok(())
    }

    /// Concludes the events of a partition.
    fn conclude_stored(&self, flights: &mut Vec<Flight>, stored: &PartitionAnswer<'_>, sent: Moment, now: Moment) {
        let code = ErrorCode(stored.code);
        if code.is_about_the_leader() {
            self.producer.refresh();
        }
        let error = match code {
            ErrorCode(0) => None,
            ErrorCode::MESSAGE_TOO_LARGE if flights.len() > 1 => Some(format!(
                "answered {code}: the events of a partition are more than the topic takes at once (max.message.bytes); lower --batch"
            )),
            code => Some(format!("answered {code}")),
        };
        let (outcome, again) = (code.outcome(), code.is_worth_a_retry());
        self.conclude_at(flights, &Conclusion { outcome, error, again, sent: Some(sent), explanation: stored.explanation }, now);
    }

    /// Concludes the requests without an answer in time. A connection that has been silent since such a request was sent is replaced.
    fn conclude_overdue(&mut self) {
        let (clock, timeout) = (self.dispatch.sending.clock, self.dispatch.sending.timeout);
        let now = clock.now();
        let error = format!("no acknowledgement within {}", humantime::format_duration(timeout));
        let conclusion =
            Conclusion { outcome: EventOutcome::Unknown, error: Some(error), again: true, sent: None, explanation: None };
        let is_waiting = |request: &&mut Unanswered| !request.partitions.is_empty();
        let (mut is_silent, mut overdue) = (false, Vec::new());
        for request in self.unanswered.iter_mut().filter(is_waiting).take_while(|request| request.limit <= now) {
            is_silent |= request.sent >= self.heard;
            overdue.push(mem::take(&mut request.partitions));
        }
        for partitions in overdue {
            self.dispatch.note_ended(now);
            for mut partition in partitions {
                self.conclude_at(&mut partition.flights, &conclusion, now);
            }
        }
        if is_silent && !self.is_retired {
            self.retire();
            self.producer.silent.update(|silent| silent + 1);
            self.producer.refresh();
        }
        self.producer.pull();
        let next = self.unanswered.iter().find(|request| !request.partitions.is_empty()).map(|request| request.limit);
        let next = next.unwrap_or_else(|| now.plus(micros(timeout)));
        self.timer.as_mut().reset(clock.instant_of(next).into());
    }

    /// Gives the connection no more requests. Another sender takes the place of this one.
    fn retire(&mut self) {
        self.is_retired = true;
        self.leave_idle();
        self.queue.senders.update(|senders| senders - 1);
        self.producer.hand_over(&self.queue);
    }

    /// Concludes all requests of a connection that was lost.
    fn conclude_lost(&mut self, error: &LostError) {
        let limit = error.local_limit();
        let line = format!("failed to read the acknowledgement: {}", self.endpoint.error_line(error));
        let again = !matches!(error, LostError::Malformed(_) | LostError::OtherRequest);
        let (outcome, error) = match limit {
            None => (EventOutcome::Failed, line),
            Some(limit) => (EventOutcome::Unknown, format!("{line}; {limit}")),
        };
        let conclusion = Conclusion::without_answer(outcome, error, again);
        let now = self.dispatch.sending.clock.now();
        for request in mem::take(&mut self.unanswered).into_iter().filter(|request| !request.partitions.is_empty()) {
            self.dispatch.note_ended(now);
            for mut partition in request.partitions {
                if limit.is_some() {
                    self.dispatch.note_local_error(&partition.flights);
                }
                self.conclude_at(&mut partition.flights, &conclusion, now);
            }
        }
        self.queue.note_failure();
        self.producer.refresh();
        self.producer.pull();
    }

    fn conclude_at(&self, flights: &mut Vec<Flight>, conclusion: &Conclusion<'_>, at: Moment) {
        conclusion.conclude(&self.dispatch, &self.endpoint, flights, at);
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
