//! The plan of a run: all requested settings, validated (in [`check`]) before the run opens or starts anything.

mod check;
mod http3;
pub(crate) mod metrics;

use std::time::Duration;

use event_request::{BatchForm, BodyForm, EventForm, PathError};
use jiff::Timestamp;
use load_plan::load::{LoadError, LoadSpec};
use load_plan::threshold::Threshold;
use scenario::Scenario;
use seeker_model::{Model, ParameterErrors, Shard};
use thiserror::Error;
use transport::http::{ConnectTo, Resolve, Trust, without_values};
use transport::token::TokenSource;
use url::{Host, Url};

use crate::delivery::targets::TargetAddress;
use crate::live::StatusDisplay;
use crate::plan::http3::Http3Refusal;
use crate::plan::metrics::MetricsPlan;
use crate::target::kafka_settings::Mechanism;
use crate::target::settings::DeliverySettings;

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// The version of the program. All generators of a run must have the same.
    pub version: &'static str,
    /// The target of events; `None` for a receiver in the same process.
    pub target: Option<TargetAddress>,
    /// The requests and connections.
    pub delivery: DeliverySettings,
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
    /// How long the run still sends waiting events after the last event was due.
    pub drain: Duration,
    /// Whether sent events are checked against the rules of the message.
    pub check_sent: bool,
    /// The status display during the run.
    pub status_display: StatusDisplay,
    /// The thresholds of the figures, in addition to the built-in conditions.
    pub thresholds: Vec<Threshold>,
    /// Whether the run ends once a threshold is lost.
    pub abort_on_threshold: bool,
    /// Whether to search for the highest rate that holds the thresholds. The load is then the first tested rate.
    pub find_capacity: bool,
    /// The part of the load that this generator sends; `None` for the whole load.
    pub shard: Option<Shard>,
    /// When events begin to be due; `None` for as soon as the target is reached.
    pub start_at: Option<Timestamp>,
    /// The URL whose `Date` is compared with the clock; `None` for the target.
    pub clock_check: Option<Url>,
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
        "{option} needs a target: the receiver in this process accepts messages at its own path; pass the URL of your service"
    )]
    NeedsTarget {
        /// The option of the command line.
        option: &'static str,
    },
    /// The form has no call for batches.
    #[error("--batch with --format {form}: this API has no request for several events; use --format message or pubsub")]
    NoBatches {
        /// The form of events.
        form: EventForm,
    },
    /// Pub/Sub requests already contain several messages and have no other batch form.
    #[error("--batch-form {form} does not apply to --format pubsub, whose requests have only one form; leave --batch-form out")]
    BatchFormOfPubsub {
        /// The requested form.
        form: BatchForm,
    },
    /// The wait for more events is too long.
    #[error("--batch-wait is {}; expected at most 1 minute", humantime::format_duration(*.0))]
    BatchWait(Duration),
    /// An option does not apply to the kind of target.
    #[error("{option} does not apply to {target}: {reason}; leave the option out, or name a service with --target")]
    NotApplicable {
        /// The option of the command line.
        option: &'static str,
        /// The target.
        target: String,
        /// Why it does not apply.
        reason: &'static str,
    },
    /// The messages have no ordering key.
    #[error("--ordering-key applies to messages of Pub/Sub; use --format pubsub or a pubsub:// target")]
    NoOrderingKey,
    /// A connection of HTTP/1.1 carries one request at a time.
    #[error("--streams applies to HTTP/2, HTTP/3, gRPC, NATS and Kafka, but the run uses HTTP/1.1; add --http2 or --http3")]
    StreamsOfHttp1,
    /// HTTP/3 is not possible.
    #[error(transparent)]
    Http3(#[from] Http3Refusal),
    /// A user of NATS has no password.
    #[error("--nats-user has no password; pass it with --token-file or --token-env")]
    UserWithoutPassword,
    /// A login with SASL has no password.
    #[error("--sasl has no password; pass it with --token-file or --token-env")]
    SaslWithoutPassword,
    /// A password has no user.
    #[error("{option} is the password of a login over Kafka; add --sasl and --sasl-user, or leave {option} out")]
    TokenWithoutSasl {
        /// The option of the command line.
        option: &'static str,
    },
    /// The target does not have the format.
    #[error("--format: {0}")]
    Format(String),
    /// Two options set the same header.
    #[error("{option} and --header {header} set the same header; leave one of them out")]
    HeaderTwice {
        /// The option that sets the header.
        option: &'static str,
        /// The header.
        header: &'static str,
    },
    /// An option configures certificates, but the run uses no TLS.
    #[error("{option} applies to https, but {}; use a target that begins with https://", no_tls(.target.as_ref()))]
    NoTls {
        /// The option of the command line.
        option: &'static str,
        /// The target of events; `None` for a receiver in the same process.
        target: Option<Url>,
    },
    /// Addresses for a host that the run does not contact.
    #[error("--resolve {resolve} matches neither the target nor --search; expected the host and port of one of them")]
    ResolveOfOther {
        /// The host and port.
        resolve: Resolve,
    },
    /// A host and port to connect to in place of others that the run does not contact.
    #[error(
        "--connect-to {connect_to} is not used; expected the host and port of the target or of --search first, and one value for \
         each of them"
    )]
    ConnectToOfOther {
        /// The hosts and ports.
        connect_to: ConnectTo,
    },
    /// An environment variable is not the URL of a proxy. The error omits the value, which may hold a password.
    #[error(
        "{0}: expected the URL of an HTTP proxy, such as http://proxy.example:3128; correct the variable, or pass --no-proxy"
    )]
    ProxyVariable(&'static str),
    /// The load needs more seekers than may be live.
    #[error("the load needs {wanted} live seekers, but --seekers-max is {seekers_max}; raise --seekers-max, or lower the load")]
    SeekersMax {
        /// The maximum that the load needs.
        wanted: f64,
        /// The limit.
        seekers_max: u64,
    },
    /// No threshold can end the run early.
    #[error(
        "--abort-on-threshold has no effect: no threshold can fail early; add a --threshold over a window, or with <, \
         <= or == on acknowledged, refused, failed, unknown or a .max, such as 'refused == 0'"
    )]
    NothingToAbortOn,
    /// A part of the load has no events.
    #[error("shard {shard} has nothing to do: the load has fewer than {} {what} after the warm-up; use fewer shards", .shard.of())]
    EmptyShard {
        /// The shard.
        shard: Shard,
        /// `events`, `arrivals` or `seekers`.
        what: &'static str,
    },
    /// The start is too far away.
    #[error("--start-at {0} is more than 24 hours away; expected an earlier time. Check the date and the offset from UTC")]
    StartTooFar(Timestamp),
    /// A capacity search conflicts with an option of the load.
    #[error(
        "--find-capacity and {option} exclude each other: the search chooses the rates; leave {option} out, and set the first rate with \
         --rate"
    )]
    CapacityOf {
        /// The option of the command line.
        option: &'static str,
    },
    /// Without acknowledgements, no rate is known to be too high.
    #[error(
        "--find-capacity and --no-ack exclude each other: without acknowledgements, no figure shows what the target can take"
    )]
    CapacityWithoutAcks,
    /// The figure of a threshold needs acknowledgements.
    #[error(
        "--threshold '{threshold}' cannot be judged with --no-ack: nobody acknowledges the events; use a threshold on unknown, refused, \
         failed, not_sent, schedule_lag or rate"
    )]
    ThresholdWithoutAcks {
        /// The threshold.
        threshold: Threshold,
    },
    /// A capacity search runs on one generator.
    #[error(
        "--find-capacity and --shard exclude each other: each generator would choose its own rates; leave --shard out, or use a fixed load"
    )]
    CapacityOfShard,
    /// The window of a threshold is longer than the run.
    #[error(
        "--threshold '{threshold}' needs windows of {}, but only {} are measured; lengthen the run, or shorten the window",
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
    #[error("{option} is {}; expected {expected} at most 365 days", humantime::format_duration(*.value))]
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
        if self.delivery.trust == Trust::Unchecked {
            warnings.push(
                "--insecure disables the check of certificates: anyone between this machine and the target can read the requests"
                    .to_owned(),
            );
        }
        if let Some(file) = self.delivery.nats_credentials.as_ref().filter(|file| file.is_readable_by_everyone()) {
            warnings
                .push(format!("{}: every user of this machine can read {file}; make it private with chmod 600", file.option()));
        }
        if let Some(listen) = self.metrics.listen.filter(|listen| self.metrics.allows_load_changes && !listen.ip().is_loopback())
        {
            warnings
                .push(format!("--allow-load-changes: anyone who can reach {listen} can change the load; use a loopback address"));
        }
        if self.clock_check.is_some() && self.shard.is_none() && self.start_at.is_none() {
            warnings.push("--clock-check has no effect without --shard or --start-at".to_owned());
        }
        if let Some(token) = &self.delivery.token {
            if token.is_readable_by_everyone() {
                warnings
                    .push(format!("--token-file: every user of this machine can read {token}; make it private with chmod 600"));
            }
            // SCRAM proves the password and does not send it.
            let sends_token = self.delivery.kafka.sasl.as_ref().is_none_or(|sasl| sasl.mechanism == Mechanism::Plain);
            let of_target = self.server_urls().iter().filter(|_| sends_token);
            let open = of_target.chain(&self.delivery.search).find(|url| is_open_to_others(url));
            if let Some(url) = open {
                let is_http = self.target_url().into_iter().chain(&self.delivery.search).any(|other| other == url);
                let remedy = self.target.as_ref().filter(|_| !is_http).map_or("https", TargetAddress::encrypted_scheme);
                warnings.push(format!("{}: the token is sent unencrypted; use {remedy}", option_of(token)));
            }
        }
        warnings
    }

    /// Returns notes for the user before the run, one sentence each.
    pub fn notes(&self) -> Vec<String> {
        let services = self.target_url().into_iter().chain(&self.delivery.search);
        let routes = services.filter_map(|url| Some((url, self.delivery.proxies.for_url(url).ok()??)));
        let notes = routes.filter_map(|(url, (proxy, variable))| {
            let url = without_values(url);
            Some(format!("requests to {url} go through the proxy {proxy} ({}); --no-proxy connects directly", variable?))
        });
        notes.collect()
    }

    /// The thresholds of the run, with the default.
    pub(crate) fn thresholds_in_force(&self) -> Vec<Threshold> {
        if self.delivery.awaits_acks {
            Threshold::in_force(&self.thresholds)
        } else {
            Threshold::in_force_without_acks(&self.thresholds)
        }
    }

    /// What the run does not measure, one sentence each.
    pub(crate) fn not_measured(&self) -> Vec<String> {
        const WITHOUT_ACKS: &str = "not measured (--no-ack): latency, and whether a subscriber received or stored the events; unknown counts \
                                    the events whose messages the server has read";
        if self.delivery.awaits_acks { Vec::new() } else { vec![WITHOUT_ACKS.to_owned()] }
    }

    /// The URL of the service that receives events, if events are sent in HTTP requests.
    pub(crate) fn target_url(&self) -> Option<&Url> {
        self.target.as_ref().and_then(TargetAddress::url)
    }

    /// The servers of the target. They count for addresses, certificates and tokens.
    pub(crate) fn server_urls(&self) -> &[Url] {
        self.target.as_ref().map(TargetAddress::server_urls).unwrap_or_default()
    }

    /// The maximum number of concurrent requests; `None` without connections.
    pub(crate) fn requests_max(&self) -> Option<usize> {
        let has_connections = self.target.as_ref().is_none_or(|target| target.files_per_connection() > 0);
        has_connections.then(|| self.delivery.requests_max())
    }

    /// The number of ends of each connection in this process: 2 for the receiver in the process; plus 1 with a search service.
    pub(crate) fn ends_of_connections(&self) -> u64 {
        let of_target = self.target.as_ref().map_or(2, TargetAddress::files_per_connection);
        of_target + u64::from(self.delivery.search.is_some())
    }

    /// Creates the model of a run of this many simulated days. Its jobs belong to the parent of the calls that send events.
    pub(crate) fn model(&self, days: u32) -> Result<Model, ParameterErrors> {
        let model = self.scenario.model(self.seed, days)?;
        let url = self.target_url().and_then(|url| self.delivery.target_url(url).ok());
        Ok(match self.delivery.format.job_parent(url.as_ref(), &self.delivery.names) {
            Some(parent) => model.with_job_parent(&parent),
            None => model,
        })
    }

    /// The form of the sent bodies.
    pub(crate) fn body_form(&self) -> BodyForm {
        self.target.as_ref().map_or_else(|| self.delivery.request_form(), |target| target.body_form(&self.delivery))
    }

    /// The URL of searches, with its path; `None` for the built-in catalogue.
    pub(crate) fn search_url(&self) -> Option<Result<Url, PathError>> {
        self.delivery.search_url(self.target_url())
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
        None => "the receiver in this process uses http".to_owned(),
        Some(target) => format!("the target uses {}", target.scheme()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
