//! The interface between a run and its target. A new kind of target needs one file that implements [`Destination`] and [`Transport`], and one
//! line in `delivery::targets::KINDS`.
//!
//! A [`Destination`] is the target as `--target` names it: it states which options apply, and opens the transport.
//! [`Dispatch`] decides which events are sent and when. A transport takes the events (`take`), reports when a request begins and when it is
//! sent (`note_attempt`, `note_sent`), and reports the response (`conclude_all`). `delivery/lines.rs` is the shortest example. There is one
//! virtual call when a run starts and one when it ends, and none per request.

use std::error::Error;
use std::fmt::{Debug, Display};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::rc::Rc;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use event_request::{BodyForm, EventForm};
use url::Url;

use crate::delivery::dispatch::Dispatch;
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;

/// The usual number of concurrent requests on a connection that carries several.
pub const DEFAULT_STREAMS: NonZeroUsize = NonZeroUsize::new(100).expect("100 is not 0");

/// Why an option that only one kind of target has does not apply to the other kinds; `None` for all other options.
pub(crate) fn of_other_target(option: &str) -> Option<&'static str> {
    match option {
        "--nats-user" | "--nats-creds" | "--nats-nkey" | "--no-ack" => Some("the target is not a NATS server"),
        "--acks" | "--compression" | "--sasl" => Some("the target is not a Kafka cluster"),
        _ => None,
    }
}

/// A future on the thread of its caller.
pub(crate) type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A target as `--target` names it, before the run opens it. It is displayed without secrets.
pub(crate) trait Destination: Debug + Display + Send + Sync {
    /// The URL of the service, if events are sent in HTTP requests.
    fn url(&self) -> Option<&Url> {
        None
    }

    /// The servers of the target as URLs of HTTP or HTTPS. They count for addresses, certificates and tokens.
    fn server_urls(&self) -> &[Url] {
        self.url().map(slice::from_ref).unwrap_or_default()
    }

    /// The format of events, if the user asks for `asked`.
    ///
    /// # Errors
    ///
    /// The target has no such format. States what was expected.
    fn format(&self, asked: EventForm) -> Result<EventForm, String> {
        Ok(asked)
    }

    /// The maximum number of events in a request.
    fn batch_limit(&self) -> u64 {
        10_000
    }

    /// Whether the cluster of the target may have servers that the address does not name.
    fn has_other_servers(&self) -> bool {
        false
    }

    /// The scheme of the same target with TLS.
    fn encrypted_scheme(&self) -> &'static str {
        "https"
    }

    /// The maximum number of requests at once on a connection without `--streams`. `None` if a connection does not always carry several.
    fn default_streams(&self) -> Option<NonZeroUsize> {
        None
    }

    /// Why this option of `run` does not apply to the target; `None` if it applies. The text completes "--gzip does not apply: ...".
    fn refusal(&self, option: &str) -> Option<&'static str>;

    /// The form of the bodies that the target receives.
    fn body_form(&self, settings: &DeliverySettings) -> BodyForm;

    /// The number of open files that each connection needs.
    fn files_per_connection(&self) -> u64 {
        1
    }

    /// Whether events go to standard output, so the summary cannot.
    fn is_standard_output(&self) -> bool {
        false
    }

    /// Opens the transport. Does not wait for the target: [`Transport::reach`] does.
    fn open(&self, services: &mut Services<'_>) -> Result<Arc<dyn Transport>, TargetError>;
}

/// A way to send events to a target. All arbiters of a run share it.
pub(crate) trait Transport: Send + Sync {
    /// The address of the target, without secrets.
    fn address(&self) -> String;

    /// Checks that events can be sent, before any seeker starts. Takes no longer than the limit.
    fn reach(&self, limit: Duration) -> LocalFuture<'_, Result<(), NotReady>>;

    /// The maximum number of events per request, if the plan asks for `asked`.
    fn batch_max(&self, asked: usize) -> usize {
        asked
    }

    /// Starts sending the events of one arbiter, over at most this many connections.
    fn start(&self, dispatch: Rc<Dispatch>, connections: NonZeroUsize) -> Rc<dyn Senders>;
}

/// The tasks that send the events of one arbiter.
pub(crate) trait Senders {
    /// Checks connections, about ten times a second. Returns how many have stopped responding since the last call.
    fn check_connections(&self) -> u64 {
        0
    }

    /// Stops sending immediately. Called at least once.
    fn abort(&self);

    /// Closes connections gracefully, after sending has stopped.
    fn close(&self) -> LocalFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// Why a target is not ready for a run.
#[derive(Debug)]
pub(crate) enum NotReady {
    /// The target cannot be reached. A sentence: the reason and the remedy.
    Unreachable(String),
    /// This machine lacks a resource for the connection. A sentence: the resource and the remedy.
    LocalLimit(String),
    /// The target cannot be used at all.
    Unusable(Box<dyn Error + Send + Sync>),
}
