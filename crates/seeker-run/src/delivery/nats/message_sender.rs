//! A sender: one task with one connection, which carries many messages without acknowledgement at once. The task opens the connection for
//! the first event and reopens it after a loss.

mod incoming;

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use load_plan::{EventOutcome, Moment};
use slab::Slab;
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep};
use transport::http::Endpoint;

use super::cluster::MemberNumber;
use super::conclusion::Conclusion;
use super::connection::{Connection, LostError, PING};
use super::message_senders::{MessageSenders, NoConnection, Opened};
use super::protocol;
use crate::delivery::body::write_body;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::receipt::Receipt;
use crate::delivery::retries::Flight;
use crate::delivery::socket_buffers::Progress;

/// The answer of the server to `PING`, without acknowledgements.
const CONFIRMATION: &str = "confirmation (PONG) of the server";

/// A message that is sent and not acknowledged.
struct Outstanding {
    flight: Flight,
    /// Distinguishes the message from an earlier one in the same slot, whose late acknowledgement may still arrive.
    sequence: u64,
    sent: Moment,
    limit: Moment,
}

struct MessageSender {
    senders: Rc<MessageSenders>,
    dispatch: Rc<Dispatch>,
    /// The server of the connection, and its endpoint.
    server: MemberNumber,
    endpoint: Arc<Endpoint>,
    work: Rc<Notify>,
    /// Whether the dispatch has `work` in its list.
    is_idle: bool,
    outstanding: Slab<Outstanding>,
    sequence: u64,
    /// For each `PING` without its `PONG`, the sequence number of the last message before it. Empty if messages are acknowledged.
    pings: VecDeque<u64>,
    /// When bytes arrived last.
    heard: Moment,
    /// Whether the connection gets no more messages. It ends when the last one is concluded.
    is_retired: bool,
    /// The last error that the server reported.
    server_error: Option<String>,
    /// Ends when a message has waited too long, or earlier. All messages share one timer.
    timer: Pin<Box<Sleep>>,
    /// Buffers.
    flights: Vec<Flight>,
    begun: Vec<usize>,
    body: Vec<u8>,
    subject: String,
}

/// Sends events until the task is aborted.
pub(super) async fn run(senders: Rc<MessageSenders>) {
    let dispatch = Rc::clone(&senders.dispatch);
    let mut sender = MessageSender {
        server: MemberNumber::default(),
        endpoint: senders.endpoint(),
        work: Rc::default(),
        is_idle: false,
        outstanding: Slab::new(),
        sequence: 0,
        pings: VecDeque::new(),
        heard: Moment::default(),
        is_retired: false,
        server_error: None,
        timer: Box::pin(sleep(dispatch.sending.timeout)),
        flights: Vec::new(),
        begun: Vec::new(),
        body: Vec::new(),
        subject: String::new(),
        senders,
        dispatch,
    };
    loop {
        if !sender.dispatch.take(&mut sender.flights) {
            sender.become_idle();
            sender.work.notified().await;
            sender.is_idle = false;
            continue;
        }
        if let Some(connection) = sender.open().await {
            sender.serve(connection).await;
        }
    }
}

impl MessageSender {
    fn become_idle(&mut self) {
        if !mem::replace(&mut self.is_idle, true) {
            self.dispatch.become_idle(&self.work);
        }
    }

    /// Opens a connection for the event that was taken. If that fails, the event is concluded.
    async fn open(&mut self) -> Option<Connection> {
        let dispatch = Rc::clone(&self.dispatch);
        let sending = &dispatch.sending;
        let attempted = sending.clock.now();
        dispatch.note_attempt(&self.flights, attempted);
        let limit = tokio::time::sleep_until((sending.clock.instant_of(attempted) + sending.timeout).into());
        self.senders.opening.update(|opening| opening + 1);
        let opened = tokio::select! {
            biased;
            opened = self.senders.server.open(sending.timeout) => Some(opened),
            () = limit => None,
            () = pass_on(&dispatch, &self.work, &mut self.is_idle) => None,
        };
        self.senders.opening.update(|opening| opening - 1);
        let error = match opened {
            Some(Ok(Opened { mut connection, endpoint, server, failed })) => {
                (0..failed).for_each(|_| dispatch.note_failed_connection());
                dispatch.note_connection(connection.open_times());
                let now = sending.clock.now();
                (self.endpoint, self.server) = (endpoint, server);
                (self.heard, self.is_retired, self.server_error) = (now, false, None);
                let limit = attempted.plus(micros(sending.timeout));
                let flight = self.flights.pop().expect("an event was taken");
                self.pings.clear();
                self.begin(&mut connection, flight, limit);
                self.stamp_sent(&mut connection);
                return Some(connection);
            }
            Some(Err(error)) => {
                (0..error.failed).for_each(|_| dispatch.note_failed_connection());
                Some(error)
            }
            None => {
                dispatch.note_failed_connection();
                None
            }
        };
        let conclusion = self.without_connection(error.as_ref());
        let flight = self.flights.pop().expect("an event was taken");
        self.conclude(flight, sending.clock.now(), conclusion);
        None
    }

    fn without_connection(&self, error: Option<&NoConnection>) -> Conclusion<'static> {
        let Some(NoConnection { error, endpoint, is_lasting, .. }) = error else {
            let limit = humantime::format_duration(self.dispatch.sending.timeout);
            return Conclusion::failed(EventOutcome::Failed, format!("no connection within {limit}"), true);
        };
        let text = format!("failed to {}", endpoint.error_line(error));
        match error.local_limit() {
            None => Conclusion::failed(EventOutcome::Failed, text, !is_lasting),
            Some(limit) => {
                self.dispatch.note_local_error(&self.flights);
                Conclusion::failed(EventOutcome::NotSent, format!("{text}; {limit}"), true)
            }
        }
    }

    /// Sends events over a connection until it ends.
    async fn serve(&mut self, mut connection: Connection) {
        loop {
            if self.is_retired && self.outstanding.is_empty() {
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
                self.conclude_lost(error);
                return;
            }
        }
    }

    fn is_full(&self) -> bool {
        self.outstanding.len() >= self.senders.server.outstanding_max.get()
    }

    /// Takes the events that are due, as many as the connection may carry. While earlier bytes wait for the server, events wait too.
    fn fill(&mut self, connection: &mut Connection) {
        if self.is_retired || connection.is_blocked() {
            return self.senders.hand_over();
        }
        let timeout = micros(self.dispatch.sending.timeout);
        while !self.is_full() {
            if !self.dispatch.take(&mut self.flights) {
                self.become_idle();
                break;
            }
            let now = self.dispatch.sending.clock.now();
            self.dispatch.note_attempt(&self.flights, now);
            let flight = self.flights.pop().expect("an event was taken");
            self.begin(connection, flight, now.plus(timeout));
        }
        if self.is_full() {
            self.senders.hand_over();
        }
        self.stamp_sent(connection);
    }

    /// Writes the message of an event to the output of the connection.
    fn begin(&mut self, connection: &mut Connection, flight: Flight, limit: Moment) {
        write_body(&self.dispatch, std::slice::from_ref(&flight), &mut self.body);
        let event_id = flight.delivery.event.event.text();
        let (length, max_payload) = (protocol::message_length(&event_id, &self.body), connection.info.max_payload);
        if max_payload > 0 && length > max_payload {
            let error = format!("the message is larger than the server accepts (max_payload is {max_payload} bytes)");
            let now = self.dispatch.sending.clock.now();
            return self.conclude(flight, now, Conclusion::failed(EventOutcome::Refused, error, false));
        }
        self.senders.server.subject.write(&flight.delivery.event, &mut self.subject);
        self.sequence += 1;
        let sequence = self.sequence;
        let place = self.outstanding.insert(Outstanding { flight, sequence, sent: Moment::default(), limit });
        self.begun.push(place);
        let (inbox, output) = connection.inbox_and_output();
        let reply = self.dispatch.sending.awaits_acks.then_some((inbox, place, sequence));
        protocol::write_publish(output, self.subject.as_bytes(), reply, &event_id, &self.body);
    }

    /// Records the messages begun since the last call as sent: they are written next. Without acknowledgements, asks the server to confirm that
    /// it has read them.
    fn stamp_sent(&mut self, connection: &mut Connection) {
        if self.begun.is_empty() {
            return;
        }
        let now = self.dispatch.sending.clock.now();
        for place in self.begun.drain(..) {
            let outstanding = &mut self.outstanding[place];
            outstanding.sent = now;
            self.dispatch.note_sent(std::slice::from_ref(&outstanding.flight), now);
        }
        if !self.dispatch.sending.awaits_acks {
            connection.inbox_and_output().1.extend_from_slice(PING);
            self.pings.push_back(self.sequence);
        }
    }

    /// Concludes the messages without acknowledgement in time. A connection that has been silent since such a message was sent is replaced.
    fn conclude_overdue(&mut self) {
        let sending = &self.dispatch.sending;
        let (now, clock, timeout) = (sending.clock.now(), sending.clock, sending.timeout);
        let (outcome, awaited) =
            if sending.awaits_acks { (EventOutcome::Unknown, "acknowledgement") } else { (EventOutcome::Failed, CONFIRMATION) };
        let error = format!("no {awaited} within {}", humantime::format_duration(timeout));
        let mut is_silent = false;
        let heard = self.heard;
        self.conclude_each(now, |_, outstanding| {
            let is_overdue = outstanding.limit <= now;
            is_silent |= is_overdue && outstanding.sent >= heard;
            is_overdue.then(|| Conclusion::failed(outcome, error.clone(), true))
        });
        if is_silent && !mem::replace(&mut self.is_retired, true) {
            self.senders.server.cluster.note_failed(self.server, Instant::now());
            self.senders.silent.update(|silent| silent + 1);
        }
        let next = self.outstanding.iter().map(|(_, outstanding)| outstanding.limit).min();
        let next = next.unwrap_or_else(|| now.plus(micros(timeout)));
        self.timer.as_mut().reset(clock.instant_of(next).into());
    }

    /// Concludes all messages of a connection that was lost.
    fn conclude_lost(&mut self, error: LostError) {
        let server_error = self.server_error.take();
        let error = match (error, server_error) {
            (LostError::Closed, Some(server_error)) => LostError::ClosedAfter(server_error),
            (error, _) => error,
        };
        let limit = error.local_limit();
        if limit.is_none() {
            self.senders.server.cluster.note_failed(self.server, Instant::now());
        }
        let (of_local_limit, awaited) = if self.dispatch.sending.awaits_acks {
            (EventOutcome::Unknown, "acknowledgement")
        } else {
            (EventOutcome::Failed, CONFIRMATION)
        };
        let line = format!("failed to read the {awaited}: {}", self.endpoint.error_line(&error));
        let again = !matches!(error, LostError::Malformed(_));
        let now = self.dispatch.sending.clock.now();
        self.conclude_each(now, |sender, outstanding| {
            Some(match limit {
                None => Conclusion::failed(EventOutcome::Failed, line.clone(), again),
                Some(limit) => {
                    sender.dispatch.note_local_error(std::slice::from_ref(&outstanding.flight));
                    Conclusion::failed(of_local_limit, format!("{line}; {limit}"), again)
                }
            })
        });
    }

    /// Concludes the messages for which a function returns a conclusion, in the order in which they were sent.
    fn conclude_each(&mut self, now: Moment, mut of: impl FnMut(&mut Self, &Outstanding) -> Option<Conclusion<'static>>) {
        let mut all: Vec<_> = mem::take(&mut self.outstanding).into_iter().collect();
        all.sort_unstable_by_key(|(_, outstanding)| outstanding.sequence);
        let mut left = Vec::new();
        for (place, outstanding) in all {
            match of(self, &outstanding) {
                Some(conclusion) => {
                    self.dispatch.note_ended(now);
                    self.conclude(outstanding.flight, now, conclusion);
                }
                None => left.push((place, outstanding)),
            }
        }
        self.outstanding = left.into_iter().collect();
    }

    fn conclude(&mut self, flight: Flight, at: Moment, conclusion: Conclusion<'_>) {
        let Conclusion { outcome, error, again_after, answered_after, explanation } = conclusion;
        let receipt = Receipt { outcome, at, answered_after, error, again_after };
        self.flights.push(flight);
        self.dispatch.conclude_all(&mut self.flights, &receipt, BTreeMap::new(), || {
            explanation.and_then(|explanation| self.endpoint.said(explanation))
        });
    }
}

/// Passes work on to other senders, as long as it is polled.
async fn pass_on(dispatch: &Dispatch, work: &Notify, is_idle: &mut bool) {
    loop {
        work.notified().await;
        *is_idle = false;
        dispatch.wake_one();
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
