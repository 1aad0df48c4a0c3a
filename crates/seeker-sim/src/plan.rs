//! The plan of a run: all requested settings, validated (in [`check`]) before the run opens or starts anything.

mod check;
pub(crate) mod metrics;

use std::num::NonZeroUsize;
use std::time::Duration;

use event_request::{BatchForm, Batching, BodyForm, EventForm, PathError, PathNames};
use load_plan::load::{LoadError, LoadSpec};
use load_plan::threshold::Threshold;
use scenario::Scenario;
use seeker_model::{Model, ParameterErrors};
use thiserror::Error;
use transport::http::{Header, Resolve, Trust};
use transport::token::TokenSource;
use url::{Host, Url};

use crate::live::StatusDisplay;
use crate::plan::metrics::MetricsPlan;
use crate::search::service::{DEFAULT_PATH as SEARCH_PATH, search_url};
use crate::target::address::TargetAddress;

/// The settings of a run.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct RunPlan {
    /// The target of events; `None` for a receiver in the same process.
    pub target: Option<TargetAddress>,
    /// The service that answers searches; `None` for the built-in catalogue.
    pub search: Option<Url>,
    /// The format of sent events.
    pub format: EventForm,
    /// The batching of several events into one request; `None` for one event per request.
    pub batching: Option<Batching>,
    /// Whether bodies are compressed with gzip.
    pub gzip: bool,
    /// The names for the path of the target.
    pub names: PathNames,
    /// Additional headers of each request.
    pub headers: Vec<Header>,
    /// The source of the token of each request, if requests carry one.
    pub token: Option<TokenSource>,
    /// Addresses of the target and of the search that replace the addresses of the name service.
    pub resolves: Vec<Resolve>,
    /// The certificates that the run accepts from an https target.
    pub trust: Trust,
    /// The population and its behaviour. The load and speed of the scenario are ignored, because the command line can override them.
    pub scenario: Scenario,
    /// The load over time.
    pub load: LoadSpec,
    /// The maximum number of live job seekers.
    pub seekers_max: u64,
    /// The seed of the random numbers; below 2^53, so that every JSON reader keeps it exact.
    pub seed: u64,
    /// Simulated seconds per second, 0.01 to 10,000.
    pub speed: f64,
    /// The timeout of an answer, from the moment of sending.
    pub timeout: Duration,
    /// The maximum number of retries of an event, 0 to 100.
    pub retries: u32,
    /// How long the run still sends waiting events after the last event was due.
    pub drain: Duration,
    /// The maximum number of connections to the target.
    pub connections: NonZeroUsize,
    /// The maximum number of concurrent requests on an HTTP/2 connection; `None` for HTTP/1.1.
    pub streams: Option<NonZeroUsize>,
    /// Whether sent events are checked against the rules of the message.
    pub check_sent: bool,
    /// The status display during the run.
    pub status_display: StatusDisplay,
    /// Whether to show the target's answers with errors.
    pub shows_answers: bool,
    /// The thresholds of the figures, in addition to the built-in conditions.
    pub thresholds: Vec<Threshold>,
    /// Whether the run ends once a threshold is lost.
    pub abort_on_threshold: bool,
    /// Whether to search for the highest rate that holds the thresholds. The load is then the first tested rate.
    pub find_capacity: bool,
    /// The export of metrics during the run.
    pub metrics: MetricsPlan,
}

/// Why a plan is contradictory or impossible.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PlanError {
    /// The load is invalid.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The path of the target and the names for the path do not match.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The receiver in the same process does not support an option.
    #[error(
        "{option} is for services of your own; expected a --target, for the receiver in this process takes messages at its own path"
    )]
    NeedsTarget {
        /// The option of the command line.
        option: &'static str,
    },
    /// The form has no call for batches.
    #[error("--batch with --format {form}: that API has no call for several events; expected --format message or pubsub")]
    NoBatches {
        /// The form of events.
        form: EventForm,
    },
    /// Pub/Sub requests already contain several messages and have no other batch form.
    #[error("--batch-form {form} is about several messages; a call of --format pubsub holds a list of them already")]
    BatchFormOfPubsub {
        /// The requested form.
        form: BatchForm,
    },
    /// The wait for more events is too long.
    #[error("--batch-wait is {}; expected a time of at most 1 minute", humantime::format_duration(*.0))]
    BatchWait(Duration),
    /// An option configures requests, but the run sends none.
    #[error("{option} is about requests, and {target} gets lines; leave it out, or name a service with --target")]
    NoRequests {
        /// The option of the command line.
        option: &'static str,
        /// The target of the lines.
        target: TargetAddress,
    },
    /// Two options set the same header.
    #[error("{option} and --header {header} contradict each other; leave one of them out")]
    HeaderTwice {
        /// The option that sets the header.
        option: &'static str,
        /// The header.
        header: &'static str,
    },
    /// An option configures certificates, but the run uses no TLS.
    #[error("{option} is about certificates, but {}; expected a --target that begins with https://", no_tls(.target.as_ref()))]
    NoTls {
        /// The option of the command line.
        option: &'static str,
        /// The target of events; `None` for a receiver in the same process.
        target: Option<Url>,
    },
    /// Addresses for a host that the run does not contact.
    #[error("--resolve {resolve} is neither the host and port of --target nor of --search; expected one of these")]
    ResolveOfOther {
        /// The host and port.
        resolve: Resolve,
    },
    /// The load needs more seekers than may be live.
    #[error("the load wants {wanted} seekers at once, but --seekers-max is {seekers_max}; raise --seekers-max, or want fewer")]
    SeekersMax {
        /// The maximum that the load needs.
        wanted: f64,
        /// The limit.
        seekers_max: u64,
    },
    /// No threshold can end the run early.
    #[error(
        "--abort-on-threshold has nothing to wait for; expected a --threshold that can be lost for good: over a window, or with <, <= \
         or == on acknowledged, refused, failed, unknown or a .max, such as 'refused == 0'"
    )]
    NothingToAbortOn,
    /// A capacity search conflicts with an option of the load.
    #[error(
        "--find-capacity and {option} contradict each other: it tries one rate after the other; leave {option} out, and say with --rate where to begin"
    )]
    CapacityOf {
        /// The option of the command line.
        option: &'static str,
    },
    /// The window of a threshold is longer than the run.
    #[error(
        "--threshold '{threshold}' looks at windows of {}, but only {} are measured; lengthen the run, or shorten the window",
        humantime::format_duration(*.over),
        humantime::format_duration(*.measured)
    )]
    Window {
        /// The threshold.
        threshold: Threshold,
        /// The window of the threshold.
        over: Duration,
        /// The length of the load after the warm-up.
        measured: Duration,
    },
    /// A duration is not above 0, or is too long.
    #[error("{option} is {}; expected {expected} of at most 365 days", humantime::format_duration(*.value))]
    Duration {
        /// The option of the command line.
        option: &'static str,
        /// The value.
        value: Duration,
        /// The expectation, without the upper bound.
        expected: &'static str,
    },
    /// A number is outside its range.
    #[error("{option} is {value}; expected {expected}")]
    Range {
        /// The option of the command line.
        option: &'static str,
        /// The value.
        value: f64,
        /// The range.
        expected: &'static str,
    },
}

impl RunPlan {
    /// The exclusive upper bound of seeds.
    pub const SEED_END: u64 = 1 << 53;

    /// Returns warnings for the user before the run, one sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.trust == Trust::Unchecked {
            warnings.push(
                "--insecure: the target's certificate is not checked, so whoever sits in between can read what is sent"
                    .to_owned(),
            );
        }
        if let Some(token) = &self.token {
            if token.is_readable_by_everyone() {
                warnings.push(format!("--token-file: everybody on this machine can read {token}; chmod 600 ends that"));
            }
            if self.service().into_iter().chain(&self.search).any(is_open_to_others) {
                warnings.push(format!("{}: without https the token can be read on its way", option_of(token)));
            }
        }
        warnings
    }

    /// The service that receives events, if any.
    pub(crate) fn service(&self) -> Option<&Url> {
        self.target.as_ref().and_then(TargetAddress::service)
    }

    /// Whether events are written to a file or to standard output.
    pub(crate) fn writes_lines(&self) -> bool {
        self.target.is_some() && self.service().is_none()
    }

    /// The maximum number of concurrent requests.
    pub(crate) fn requests_max(&self) -> usize {
        self.connections.get() * self.streams.map_or(1, NonZeroUsize::get)
    }

    /// The number of ends of each connection in this process: 0 for lines, 1 for a service, 2 for the receiver in the process; plus 1 with
    /// a search service.
    pub(crate) fn ends_of_connections(&self) -> u64 {
        let of_target = match &self.target {
            None => 2,
            Some(_) => u64::from(!self.writes_lines()),
        };
        of_target + u64::from(self.search.is_some())
    }

    /// Creates the model of a run of this many simulated days. Its jobs belong to the parent of the calls that send events.
    pub(crate) fn model(&self, days: u32) -> Result<Model, ParameterErrors> {
        let model = self.scenario.model(self.seed, days)?;
        let url = self.service().and_then(|url| self.target_url(url).ok());
        Ok(match self.format.job_parent(url.as_ref(), &self.names) {
            Some(parent) => model.with_job_parent(&parent),
            None => model,
        })
    }

    /// The form of the sent bodies.
    pub(crate) fn body_form(&self) -> BodyForm {
        if self.writes_lines() { BodyForm::Lines(self.format) } else { BodyForm::of(self.format, self.batching.as_ref()) }
    }

    /// The URL of events, with its path. A name that only the search uses may be missing from the path.
    pub(crate) fn target_url(&self, url: &Url) -> Result<Url, PathError> {
        let names =
            self.search.as_ref().map(|search| self.names.but_for((url, self.body_form().default_path()), (search, SEARCH_PATH)));
        self.body_form().url(url, names.as_ref().unwrap_or(&self.names))
    }

    /// The URL of searches, with its path; `None` for the built-in catalogue.
    pub(crate) fn search_url(&self) -> Option<Result<Url, PathError>> {
        let search = self.search.as_ref()?;
        let names =
            self.service().map(|target| self.names.but_for((search, SEARCH_PATH), (target, self.body_form().default_path())));
        Some(search_url(search, names.as_ref().unwrap_or(&self.names)))
    }
}

/// Whether requests to the target leave this machine unencrypted.
fn is_open_to_others(target: &Url) -> bool {
    let is_here = match target.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    target.scheme() == "http" && !is_here
}

fn option_of(token: &TokenSource) -> &'static str {
    match token {
        TokenSource::File(_) => "--token-file",
        TokenSource::Variable(_) => "--token-env",
    }
}

/// Explains why the run uses no certificates.
fn no_tls(target: Option<&Url>) -> String {
    match target {
        None => "the receiver in this process has none".to_owned(),
        Some(target) => format!("the target speaks {}", target.scheme()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
