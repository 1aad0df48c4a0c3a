//! Handles what the server sends: acknowledgements, confirmations, errors and news about the cluster.

use std::time::{Duration, Instant};

use load_plan::{EventOutcome, Moment};

use super::{MessageSender, Outstanding};
use crate::delivery::nats::ack::Meaning;
use crate::delivery::nats::conclusion::Conclusion;
use crate::delivery::nats::connection::{Connection, LostError, PONG, ServerInfo, shown};
use crate::delivery::nats::protocol::{self, Operation};

impl MessageSender {
    /// Handles all operations that have arrived.
    pub(super) fn read(&mut self, connection: &mut Connection) -> Result<(), LostError> {
        let now = self.dispatch.sending.clock.now();
        self.heard = now;
        let (input, output) = connection.input_and_output();
        while let Some(operation) = input.next()? {
            match operation {
                Operation::Message(message) => {
                    let Some((place, sequence)) = protocol::place_of(message.subject) else { continue };
                    if self.outstanding.get(place).is_none_or(|outstanding| outstanding.sequence != sequence) {
                        continue;
                    }
                    let Outstanding { flight, sent, .. } = self.outstanding.remove(place);
                    let meaning = Meaning::of(&message);
                    self.dispatch.note_ended(now);
                    let conclusion = Conclusion {
                        outcome: meaning.outcome,
                        error: meaning.error,
                        again_after: meaning.is_worth_a_retry.then_some(Duration::ZERO),
                        answered_after: (meaning.outcome != EventOutcome::Unknown).then_some(sent),
                        explanation: meaning.explanation.as_deref().map(str::as_bytes),
                    };
                    self.conclude(flight, now, conclusion);
                }
                Operation::Ping => output.extend_from_slice(PONG),
                Operation::Error(text) => self.hear_error(text, now),
                Operation::Info(json) => {
                    let info: ServerInfo = serde_json::from_slice(json).unwrap_or_default();
                    let cluster = &self.senders.server.cluster;
                    cluster.add_named(&self.endpoint, &info.connect_urls);
                    if info.ldm {
                        cluster.note_failed(self.server, Instant::now());
                        self.is_retired = true;
                    }
                }
                Operation::Pong => self.hear_pong(now),
                Operation::Ok => {}
            }
        }
        // Events that are due by now are sent without waiting for the timer.
        if self.dispatch.ready() == 0 {
            self.dispatch.release(now);
        }
        Ok(())
    }

    /// An error belongs to no message, except if a subject is not permitted.
    fn hear_error(&mut self, text: &[u8], now: Moment) {
        const NOT_PERMITTED: &str = "permissions violation for publish to ";
        let reported = String::from_utf8_lossy(text);
        let bare = reported.trim_matches('\'');
        if bare.len() > NOT_PERMITTED.len()
            && bare.is_char_boundary(NOT_PERMITTED.len())
            && bare[..NOT_PERMITTED.len()].eq_ignore_ascii_case(NOT_PERMITTED)
        {
            let subject = bare[NOT_PERMITTED.len()..].trim_matches('"').to_owned();
            let error = "the server permits no messages of this subject to this user";
            self.conclude_each(now, |sender, outstanding| {
                sender.senders.server.subject.write(&outstanding.flight.delivery.event, &mut sender.subject);
                (sender.subject == subject).then(|| Conclusion {
                    answered_after: Some(outstanding.sent),
                    ..Conclusion::failed(EventOutcome::Refused, error.to_owned(), false)
                })
            });
        } else {
            self.server_error = Some(shown(&self.endpoint, text));
        }
    }

    /// Concludes the messages before the `PING` that the server has answered. Without acknowledgements, nothing more will be known of them.
    fn hear_pong(&mut self, now: Moment) {
        let Some(last) = self.pings.pop_front() else { return };
        self.conclude_each(now, |_, outstanding| {
            (outstanding.sequence <= last).then_some(Conclusion {
                outcome: EventOutcome::Unknown,
                error: None,
                again_after: None,
                answered_after: Some(outstanding.sent),
                explanation: None,
            })
        });
    }
}
