//! The plan of a run: everything that was asked for, checked (in [`check`]) before anything is opened or started.

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

/// What a run is to do.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct RunPlan {
    /// Where events are sent; `None` for a receiver in the same process.
    pub target: Option<TargetAddress>,
    /// The service that answers searches; `None` where the built-in catalogue does.
    pub search: Option<Url>,
    /// The form in which events are sent.
    pub format: EventForm,
    /// That several events go in one request, and how; `None` for one event in each.
    pub batching: Option<Batching>,
    /// Whether bodies are packed with gzip.
    pub gzip: bool,
    /// The names that belong in the path of the target.
    pub names: PathNames,
    /// Headers that each request carries beside the usual ones.
    pub headers: Vec<Header>,
    /// Where the token is found that each request carries, if it carries one.
    pub token: Option<TokenSource>,
    /// Addresses of the target and of the search that are used in place of those that the name service knows.
    pub resolves: Vec<Resolve>,
    /// To whom an https target has to prove itself.
    pub trust: Trust,
    /// Who comes and how they behave. Its load and speed are not looked at: the command line may say otherwise.
    pub scenario: Scenario,
    /// How much is wanted, and when.
    pub load: LoadSpec,
    /// The most job seekers that may be live at once.
    pub seekers_max: u64,
    /// What the random numbers are drawn from; below 2^53, so that every JSON reader keeps it exact.
    pub seed: u64,
    /// Simulated seconds per second, 0.01 to 10,000.
    pub speed: f64,
    /// How long an answer may take, from the moment of sending.
    pub timeout: Duration,
    /// How often an event is sent again at most, 0 to 100.
    pub retries: u32,
    /// How long waiting events are still sent after the last one was due.
    pub drain: Duration,
    /// The most connections to the target at once.
    pub connections: NonZeroUsize,
    /// How many requests a connection of HTTP/2 carries at once, at most; `None` for HTTP/1.1.
    pub streams: Option<NonZeroUsize>,
    /// Whether what is sent is held against the rules of the message.
    pub check_sent: bool,
    /// What is shown while the run goes on.
    pub status_display: StatusDisplay,
    /// Whether it is shown what the target said of errors.
    pub shows_answers: bool,
    /// What the figures must hold, beside what holds without being said.
    pub thresholds: Vec<Threshold>,
    /// Whether the run ends once a threshold is lost.
    pub abort_on_threshold: bool,
    /// Whether the highest rate is searched that holds the thresholds; the load is then the first one that is tried.
    pub find_capacity: bool,
    /// Where metrics go while the run goes on.
    pub metrics: MetricsPlan,
}

/// A plan that contradicts itself or asks for the impossible.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PlanError {
    /// The load is unsound.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The path of the target and the names that belong in it do not fit together.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The receiver in the same process is asked for what it cannot do.
    #[error(
        "{option} is for services of your own; expected a --target, for the receiver in this process takes messages at its own path"
    )]
    NeedsTarget {
        /// The option of the command line.
        option: &'static str,
    },
    /// Events go together in a form that has no call for that.
    #[error("--batch with --format {form}: that API has no call for several events; expected --format message or pubsub")]
    NoBatches {
        /// The form of events.
        form: EventForm,
    },
    /// A form of several messages where they have one already.
    #[error("--batch-form {form} is about several messages; a call of --format pubsub holds a list of them already")]
    BatchFormOfPubsub {
        /// The form that was asked for.
        form: BatchForm,
    },
    /// A time to wait for more events that is too long.
    #[error("--batch-wait is {}; expected a time of at most 1 minute", humantime::format_duration(*.0))]
    BatchWait(Duration),
    /// Something is said of requests, and there are none.
    #[error("{option} is about requests, and {target} gets lines; leave it out, or name a service with --target")]
    NoRequests {
        /// The option of the command line.
        option: &'static str,
        /// Where the lines go.
        target: TargetAddress,
    },
    /// Two options name the same header.
    #[error("{option} and --header {header} contradict each other; leave one of them out")]
    HeaderTwice {
        /// The option that stands for the header.
        option: &'static str,
        /// The header.
        header: &'static str,
    },
    /// Certificates are spoken of, and there will be none.
    #[error("{option} is about certificates, but {}; expected a --target that begins with https://", no_tls(.target.as_ref()))]
    NoTls {
        /// The option of the command line.
        option: &'static str,
        /// Where events are sent, if not to a receiver in the same process.
        target: Option<Url>,
    },
    /// Addresses for a host that is not spoken to.
    #[error("--resolve {resolve} is neither the host and port of --target nor of --search; expected one of these")]
    ResolveOfOther {
        /// The host and port.
        resolve: Resolve,
    },
    /// More seekers are wanted than may be live.
    #[error("the load wants {wanted} seekers at once, but --seekers-max is {seekers_max}; raise --seekers-max, or want fewer")]
    SeekersMax {
        /// The most that the load wants.
        wanted: f64,
        /// The bound.
        seekers_max: u64,
    },
    /// No threshold for which a run would end.
    #[error(
        "--abort-on-threshold has nothing to wait for; expected a --threshold that can be lost for good: over a window, or with <, <= \
         or == on acknowledged, refused, failed, unknown or a .max, such as 'refused == 0'"
    )]
    NothingToAbortOn,
    /// A rate is searched, and the load says another thing.
    #[error(
        "--find-capacity and {option} contradict each other: it tries one rate after the other; leave {option} out, and say with --rate where to begin"
    )]
    CapacityOf {
        /// The option of the command line.
        option: &'static str,
    },
    /// A threshold over a window that is longer than the run.
    #[error(
        "--threshold '{threshold}' looks at windows of {}, but only {} are measured; lengthen the run, or shorten the window",
        humantime::format_duration(*.over),
        humantime::format_duration(*.measured)
    )]
    Window {
        /// The threshold.
        threshold: Threshold,
        /// Its window.
        over: Duration,
        /// How long the load lasts after the warm-up.
        measured: Duration,
    },
    /// A duration that is not above 0 or too long.
    #[error("{option} is {}; expected {expected} of at most 365 days", humantime::format_duration(*.value))]
    Duration {
        /// The option of the command line.
        option: &'static str,
        /// What it held.
        value: Duration,
        /// What it is to be, beside its upper bound.
        expected: &'static str,
    },
    /// A number outside its range.
    #[error("{option} is {value}; expected {expected}")]
    Range {
        /// The option of the command line.
        option: &'static str,
        /// What it held.
        value: f64,
        /// Its range.
        expected: &'static str,
    },
}

impl RunPlan {
    /// Seeds lie below this.
    pub const SEED_END: u64 = 1 << 53;

    /// What the user should know before the run, a sentence each.
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

    /// The service that events are sent to, if there is one.
    pub(crate) fn service(&self) -> Option<&Url> {
        self.target.as_ref().and_then(TargetAddress::service)
    }

    /// Whether events go into a file or to standard output.
    pub(crate) fn writes_lines(&self) -> bool {
        self.target.is_some() && self.service().is_none()
    }

    /// How many requests there can be at once.
    pub(crate) fn requests_max(&self) -> usize {
        self.connections.get() * self.streams.map_or(1, NonZeroUsize::get)
    }

    /// How many ends of as many connections as there may be are in this process: none of lines, both of the receiver in it, and those of
    /// searches.
    pub(crate) fn ends_of_connections(&self) -> u64 {
        let of_target = match &self.target {
            None => 2,
            Some(_) => u64::from(!self.writes_lines()),
        };
        of_target + u64::from(self.search.is_some())
    }

    /// The model of a run of so many simulated days. Its jobs belong to the parent of the calls that events are sent as.
    pub(crate) fn model(&self, days: u32) -> Result<Model, ParameterErrors> {
        let model = self.scenario.model(self.seed, days)?;
        let url = self.service().and_then(|url| self.target_url(url).ok());
        Ok(match self.format.job_parent(url.as_ref(), &self.names) {
            Some(parent) => model.with_job_parent(&parent),
            None => model,
        })
    }

    /// The form of the bodies that are sent.
    pub(crate) fn body_form(&self) -> BodyForm {
        if self.writes_lines() { BodyForm::Lines(self.format) } else { BodyForm::of(self.format, self.batching.as_ref()) }
    }

    /// Where events are sent, with a path. A name for which only the search has a place need not stand in it.
    pub(crate) fn target_url(&self, url: &Url) -> Result<Url, PathError> {
        let names =
            self.search.as_ref().map(|search| self.names.but_for((url, self.body_form().default_path()), (search, SEARCH_PATH)));
        self.body_form().url(url, names.as_ref().unwrap_or(&self.names))
    }

    /// Where searches are answered, with a path, if not by the built-in catalogue.
    pub(crate) fn search_url(&self) -> Option<Result<Url, PathError>> {
        let search = self.search.as_ref()?;
        let names =
            self.service().map(|target| self.names.but_for((search, SEARCH_PATH), (target, self.body_form().default_path())));
        Some(search_url(search, names.as_ref().unwrap_or(&self.names)))
    }
}

/// Whether what is sent there leaves this machine as it is.
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

/// Why there will be no certificate.
fn no_tls(target: Option<&Url>) -> String {
    match target {
        None => "the receiver in this process has none".to_owned(),
        Some(target) => format!("the target speaks {}", target.scheme()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
