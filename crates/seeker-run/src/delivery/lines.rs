//! Sends events as lines of a file. One task per arbiter writes the events that are due. Events that become due during a write go into the
//! next piece. An event counts as acknowledged once the operating system has accepted it.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use event_request::BodyForm;
use load_plan::EventOutcome;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::delivery::body::write_body;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::line_sink::{LineSink, Pieces};
use crate::delivery::receipt::Receipt;
use crate::delivery::transport::{Destination, LocalFuture, NotReady, Senders, Transport};
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;

/// The maximum number of events in one piece.
const EVENTS_MAX: usize = 1_000;

/// The options of `run` that only requests have.
const REQUEST_OPTIONS: [&str; 24] = [
    "--gzip",
    "--traceparent",
    "--retries",
    "--batch",
    "--http2",
    "--http3",
    "--no-keep-alive",
    "--header",
    "--token-file",
    "--token-env",
    "--ca",
    "--insecure",
    "--cert",
    "--proxy",
    "--project",
    "--tenant",
    "--topic",
    "--nats-user",
    "--no-ack",
    "--nats-creds",
    "--nats-nkey",
    "--acks",
    "--compression",
    "--sasl",
];

/// A file or standard output.
#[derive(Debug)]
pub(crate) enum LineDestination {
    /// A file. The run replaces its content.
    File(PathBuf),
    StandardOutput,
}

impl LineDestination {
    pub(crate) const EXAMPLES: &[&str] = &["file:events.ndjson for a file", "- for standard output"];

    /// Reads `file:PATH` or `-`.
    pub(crate) fn read(text: &str) -> Option<Result<Arc<dyn Destination>, String>> {
        let address = match text.strip_prefix("file:") {
            Some("") => return Some(Err("expected a path, such as file:events.ndjson".to_owned())),
            Some(path) => Self::File(path.into()),
            None if text == "-" => Self::StandardOutput,
            None => return None,
        };
        Some(Ok(Arc::new(address)))
    }
}

impl fmt::Display for LineDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::StandardOutput => f.write_str("standard output"),
        }
    }
}

impl Destination for LineDestination {
    fn refusal(&self, option: &str) -> Option<&'static str> {
        REQUEST_OPTIONS.contains(&option).then_some("events are written as lines, without requests")
    }

    fn body_form(&self, settings: &DeliverySettings) -> BodyForm {
        BodyForm::Lines(settings.format)
    }

    fn files_per_connection(&self) -> u64 {
        0
    }

    fn is_standard_output(&self) -> bool {
        matches!(self, Self::StandardOutput)
    }

    fn open(&self, _: &mut Services<'_>) -> Result<Arc<dyn Transport>, TargetError> {
        let path = match self {
            Self::File(path) => Some(path.clone()),
            Self::StandardOutput => None,
        };
        let sink = LineSink::open(self.to_string(), path).map_err(|error| TargetError::Unusable(Box::new(error)))?;
        Ok(Arc::new(sink))
    }
}

impl Transport for LineSink {
    fn address(&self) -> String {
        self.name().to_owned()
    }

    fn reach(&self, limit: Duration) -> LocalFuture<'_, Result<(), NotReady>> {
        Box::pin(async move {
            match timeout(limit, self.opened()).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(NotReady::Unusable(Box::new(error))),
                // Regular files open immediately, so this is a pipe.
                Err(_) => Err(NotReady::Unreachable(format!(
                    "{} has no reader: not opened within {}; start the program that reads from the pipe first",
                    self.name(),
                    humantime::format_duration(limit)
                ))),
            }
        })
    }

    /// The batch size does not apply to lines.
    fn batch_max(&self, _: usize) -> usize {
        EVENTS_MAX
    }

    fn start(&self, dispatch: Rc<Dispatch>, _: NonZeroUsize) -> Rc<dyn Senders> {
        Rc::new(Writer(actix::spawn(write_events(dispatch, self.pieces()))))
    }
}

/// The task that writes the events of one arbiter.
struct Writer(JoinHandle<()>);

impl Senders for Writer {
    fn abort(&self) {
        self.0.abort();
    }
}

/// Writes events until it is aborted.
async fn write_events(dispatch: Rc<Dispatch>, sink: Pieces) {
    let clock = dispatch.sending.clock;
    let (mut flights, mut lines) = (Vec::new(), Vec::new());
    let work = Rc::new(Notify::new());
    loop {
        while dispatch.take(&mut flights) {
            write_body(&dispatch, &flights, &mut lines);
            let sent = clock.now();
            dispatch.note_attempt(&flights, sent);
            dispatch.note_sent(&flights, sent);
            let written = sink.write(&mut lines).await;
            let at = clock.now();
            dispatch.note_ended(at);
            let receipt = match written {
                Ok(()) => Receipt {
                    outcome: EventOutcome::Acknowledged,
                    at,
                    answered_after: Some(sent),
                    error: None,
                    again_after: None,
                },
                Err(error) => {
                    let error = Some(format!("failed to write: {error}"));
                    Receipt { outcome: EventOutcome::Failed, at, answered_after: None, error, again_after: None }
                }
            };
            dispatch.conclude_all(&mut flights, &receipt, BTreeMap::new(), || None);
            dispatch.release(at);
        }
        dispatch.become_idle(&work);
        work.notified().await;
    }
}
