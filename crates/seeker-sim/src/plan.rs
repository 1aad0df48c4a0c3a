//! The plan of a run: everything that was asked for, checked, before anything is opened or started.

use std::num::NonZeroUsize;
use std::time::Duration;

use thiserror::Error;
use url::{Host, Url};

use crate::event_form::{BatchForm, Batching, BodyForm, EventForm, PathError, PathNames};
use crate::http::{Header, Trust};
use crate::load::{Load, LoadError, LoadKind, LoadSpec, TIME_MAX};
use crate::metrics::{MetricsPlan, PushPlan};
use crate::progress::Showing;
use crate::scenario::{SPEED, Scenario};
use crate::threshold::Threshold;
use crate::token::TokenSource;

/// The most retries of an event: at ten seconds each a quarter of an hour.
const RETRIES_MAX: u32 = 100;

/// The most events in one request: as many as the receiver takes.
const BATCH_MAX: u64 = 10_000;

/// How long events may wait for others at most. Waiting counts as latency.
const BATCH_WAIT_MAX: Duration = Duration::from_mins(1);
/// How often metrics are pushed at most: more often, nothing new is known.
const PUSH_INTERVAL_MIN: Duration = Duration::from_millis(100);

/// The most requests at once over HTTP/2; each takes about 2 KB before there is any.
const REQUESTS_MAX: u64 = 200_000;

/// What a run is to do.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct RunPlan {
    /// Where events are sent; `None` for a receiver in the same process.
    pub target: Option<Url>,
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
    pub showing: Showing,
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
            if self.target.as_ref().is_some_and(is_open_to_others) {
                warnings.push(format!("{}: without https the token can be read on its way", option_of(token)));
            }
        }
        warnings
    }

    /// How many requests there can be at once.
    pub(crate) fn requests_max(&self) -> usize {
        self.connections.get() * self.streams.map_or(1, NonZeroUsize::get)
    }

    /// The form of the bodies that are sent.
    pub(crate) fn body_form(&self) -> BodyForm {
        BodyForm::of(self.format, self.batching.as_ref())
    }

    /// Makes sure that every value lies in its range and that there is something to do; the load, which is sound.
    ///
    /// # Errors
    ///
    /// [`PlanError`] names the option and what was expected.
    pub fn validate(&self) -> Result<Load, PlanError> {
        let load = self.load.check()?;
        if self.timeout.is_zero() || self.timeout > TIME_MAX {
            return Err(PlanError::Duration { option: "--timeout", value: self.timeout, expected: "a time above 0 and" });
        }
        if self.drain > TIME_MAX {
            return Err(PlanError::Duration { option: "--drain", value: self.drain, expected: "a time" });
        }
        if let Some(PushPlan { every, .. }) = self.metrics.push
            && !(PUSH_INTERVAL_MIN..=TIME_MAX).contains(&every)
        {
            return Err(PlanError::Duration {
                option: "--otlp-interval",
                value: every,
                expected: "a time of at least 100ms and",
            });
        }
        #[expect(clippy::cast_precision_loss, reason = "only shown")]
        let within = |option, value: u64, most: u64, expected| {
            if (1..=most).contains(&value) { Ok(()) } else { Err(PlanError::Range { option, value: value as f64, expected }) }
        };
        within("--seekers-max", self.seekers_max, 100_000_000, "1 to 100000000")?;
        within("--connections", self.connections.get() as u64, 50_000, "1 to 50000")?;
        if let Some(streams) = self.streams {
            within("--streams", streams.get() as u64, 10_000, "1 to 10000")?;
            within("--connections times --streams", self.requests_max() as u64, REQUESTS_MAX, "at most 200000")?;
        }
        if self.retries > RETRIES_MAX {
            within("--retries", self.retries.into(), RETRIES_MAX.into(), "0 to 100")?;
        }
        if self.seed >= Self::SEED_END {
            within("--seed", self.seed, Self::SEED_END - 1, "0 to 9007199254740991")?;
        }
        if !(SPEED[0]..=SPEED[1]).contains(&self.speed) {
            return Err(PlanError::Range { option: "--speed", value: self.speed, expected: "0.01 to 10000" });
        }
        if let Some(Batching { events_max, form, wait }) = self.batching {
            within("--batch", events_max.get() as u64, BATCH_MAX, "1 to 10000")?;
            match (self.format, form) {
                (EventForm::Message, _) | (EventForm::Pubsub, None) => {}
                (EventForm::V3 | EventForm::V4, _) => return Err(PlanError::NoBatches { form: self.format }),
                (EventForm::Pubsub, Some(form)) => return Err(PlanError::BatchFormOfPubsub { form }),
            }
            if wait > BATCH_WAIT_MAX {
                return Err(PlanError::BatchWait(wait));
            }
        }
        let PathNames { project, tenant, topic } = &self.names;
        let needs_target = [
            ("--format", self.format != EventForm::Message),
            ("--project", project.is_some()),
            ("--tenant", tenant.is_some()),
            ("--topic", topic.is_some()),
        ];
        match (&self.target, needs_target.into_iter().find(|(_, is_given)| *is_given)) {
            (Some(url), _) => drop(self.body_form().url(url, &self.names)?),
            (None, Some((option, _))) => return Err(PlanError::NeedsTarget { option }),
            (None, None) => {}
        }
        if let Some(token) = &self.token
            && self.headers.iter().any(|header| header.is("authorization"))
        {
            return Err(PlanError::HeaderTwice { option: option_of(token), header: "Authorization" });
        }
        if self.gzip && self.headers.iter().any(|header| header.is("content-encoding")) {
            return Err(PlanError::HeaderTwice { option: "--gzip", header: "Content-Encoding" });
        }
        let option = match &self.trust {
            Trust::System => None,
            Trust::SystemAnd(_) => Some("--ca"),
            Trust::Unchecked => Some("--insecure"),
        };
        if let Some(option) = option
            && self.target.as_ref().is_none_or(|target| target.scheme() != "https")
        {
            return Err(PlanError::NoTls { option, target: self.target.clone() });
        }
        #[expect(clippy::cast_precision_loss, reason = "a bound of at most 100,000,000")]
        let seekers_max = self.seekers_max as f64;
        if load.kind() == LoadKind::Seekers && load.peak() > seekers_max {
            return Err(PlanError::SeekersMax { wanted: load.peak(), seekers_max: self.seekers_max });
        }
        let other_load = [
            ("--stage", !self.load.stages.is_empty()),
            ("--arrivals", self.load.arrivals.is_some()),
            ("--seekers", self.load.seekers.is_some()),
        ];
        if let Some((option, _)) = other_load.into_iter().find(|(_, is_given)| self.find_capacity && *is_given) {
            return Err(PlanError::CapacityOf { option });
        }
        let measured = load.duration().saturating_sub(load.warm_up());
        for threshold in &self.thresholds {
            if let Some(over) = threshold.over.filter(|over| *over > measured) {
                return Err(PlanError::Window { threshold: *threshold, over, measured });
            }
        }
        if self.abort_on_threshold && !self.thresholds.iter().any(Threshold::can_be_lost) {
            return Err(PlanError::NothingToAbortOn);
        }
        Ok(load)
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
mod tests {
    use super::*;
    use crate::load::Rate;

    fn plan() -> RunPlan {
        RunPlan {
            target: None,
            format: EventForm::Message,
            batching: None,
            gzip: false,
            names: PathNames::default(),
            headers: Vec::new(),
            token: None,
            trust: Trust::System,
            scenario: Scenario::default(),
            load: LoadSpec::rate(Rate::per_second(1.0).unwrap(), Duration::from_secs(1)),
            seekers_max: 1,
            seed: 0,
            speed: 1.0,
            timeout: Duration::from_secs(1),
            retries: 0,
            drain: Duration::from_secs(1),
            connections: NonZeroUsize::MIN,
            streams: None,
            check_sent: false,
            showing: Showing::Nothing,
            thresholds: Vec::new(),
            abort_on_threshold: false,
            find_capacity: false,
            metrics: MetricsPlan::default(),
        }
    }

    fn batching(events_max: usize, form: Option<BatchForm>, wait_s: u64) -> Batching {
        Batching { events_max: NonZeroUsize::new(events_max).unwrap(), form, wait: Duration::from_secs(wait_s) }
    }

    #[test]
    fn a_token_that_others_could_see_is_warned_of() {
        let plan = |target: &str| RunPlan {
            token: Some(TokenSource::Variable("TOKEN".to_owned())),
            target: Some(target.parse().unwrap()),
            ..plan()
        };
        for target in ["https://jobs.example", "http://localhost:1", "http://127.0.0.2:1", "http://[::1]:1"] {
            assert_eq!(plan(target).warnings(), Vec::<String>::new(), "{target}");
        }
        for target in ["http://jobs.example", "http://10.0.0.1", "http://[2001:db8::1]:1"] {
            assert_eq!(plan(target).warnings(), ["--token-env: without https the token can be read on its way"], "{target}");
        }
    }

    #[test]
    fn every_bound_is_named() {
        assert_eq!(plan().validate().unwrap().total(), 1);
        let load = |rate, millis| LoadSpec::rate(Rate::per_second(rate).unwrap(), Duration::from_millis(millis));
        let cases = vec![
            (RunPlan { load: load(1.0, 0), ..plan() }, "--duration is 0s; expected a time above 0 and of at most 365 days"),
            (RunPlan { timeout: Duration::ZERO, ..plan() }, "--timeout is 0s; expected a time above 0 and of at most 365 days"),
            (
                RunPlan { format: EventForm::V3, ..plan() },
                "--format is for services of your own; expected a --target, for the receiver in this process takes messages at its own \
                 path",
            ),
            (
                RunPlan { format: EventForm::V3, target: Some("http://h".parse().unwrap()), ..plan() },
                "--target: the path /v3/projects/{project}/clientEvents wants a project; name it with --project, or give the URL \
                 another path",
            ),
            (
                RunPlan {
                    token: Some(TokenSource::Variable("TOKEN".to_owned())),
                    headers: vec!["authorization: secret".parse().unwrap()],
                    ..plan()
                },
                "--token-env and --header Authorization contradict each other; leave one of them out",
            ),
            (
                RunPlan { trust: Trust::Unchecked, ..plan() },
                "--insecure is about certificates, but the receiver in this process has none; expected a --target that begins with https://",
            ),
            (
                RunPlan { trust: Trust::SystemAnd("ca.pem".into()), target: Some("http://h".parse().unwrap()), ..plan() },
                "--ca is about certificates, but the target speaks http; expected a --target that begins with https://",
            ),
            (
                RunPlan { format: EventForm::V3, batching: Some(batching(2, None, 0)), ..plan() },
                "--batch with --format v3: that API has no call for several events; expected --format message or pubsub",
            ),
            (
                RunPlan { format: EventForm::Pubsub, batching: Some(batching(2, Some(BatchForm::Array), 0)), ..plan() },
                "--batch-form array is about several messages; a call of --format pubsub holds a list of them already",
            ),
            (RunPlan { batching: Some(batching(10_001, None, 0)), ..plan() }, "--batch is 10001; expected 1 to 10000"),
            (
                RunPlan { batching: Some(batching(1, None, 61)), ..plan() },
                "--batch-wait is 1m 1s; expected a time of at most 1 minute",
            ),
            (RunPlan { retries: 101, ..plan() }, "--retries is 101; expected 0 to 100"),
            (RunPlan { seekers_max: 0, ..plan() }, "--seekers-max is 0; expected 1 to 100000000"),
            (
                RunPlan { connections: NonZeroUsize::new(50_001).unwrap(), ..plan() },
                "--connections is 50001; expected 1 to 50000",
            ),
            (
                RunPlan { connections: NonZeroUsize::new(2001).unwrap(), streams: NonZeroUsize::new(100), ..plan() },
                "--connections times --streams is 200100; expected at most 200000",
            ),
            (RunPlan { seed: 1 << 53, ..plan() }, "--seed is 9007199254740992; expected 0 to 9007199254740991"),
            (RunPlan { speed: f64::NAN, ..plan() }, "--speed is NaN; expected 0.01 to 10000"),
            (
                RunPlan { abort_on_threshold: true, thresholds: vec!["latency.p99 < 5ms".parse().unwrap()], ..plan() },
                "--abort-on-threshold has nothing to wait for; expected a --threshold that can be lost for good: over a window, or with \
                 <, <= or == on acknowledged, refused, failed, unknown or a .max, such as 'refused == 0'",
            ),
            (
                RunPlan { find_capacity: true, load: LoadSpec { seekers: Some(1), ..LoadSpec::default() }, ..plan() },
                "--find-capacity and --seekers contradict each other: it tries one rate after the other; leave --seekers out, and say with \
                 --rate where to begin",
            ),
            (
                RunPlan { thresholds: vec!["latency.p99 < 5ms over 2s".parse().unwrap()], ..plan() },
                "--threshold 'latency.p99 < 5ms over 2s' looks at windows of 2s, but only 1s are measured; lengthen the run, or shorten \
                 the window",
            ),
            (RunPlan { load: load(0.1, 1000), ..plan() }, "no event is due: 1s:0.1/s comes to less than one"),
            (
                RunPlan { drain: Duration::from_hours(8766 * 2), ..plan() },
                "--drain is 2years; expected a time of at most 365 days",
            ),
            (
                RunPlan { load: LoadSpec { seekers: Some(2), ..LoadSpec::default() }, ..plan() },
                "the load wants 2 seekers at once, but --seekers-max is 1; raise --seekers-max, or want fewer",
            ),
        ];
        for (plan, message) in cases {
            assert_eq!(plan.validate().unwrap_err().to_string(), message);
        }
    }
}
