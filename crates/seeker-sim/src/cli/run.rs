//! The options of `run`, and their conversion to a plan.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use event_request::{EventForm, PathName, PathNames};
use load_plan::load::LoadSpec;
use load_plan::threshold::Threshold;
use run_report::file::ReportPath;
use scenario::{Scenario, ScenarioSource};
use transport::http::{Header, Resolve, Trust};
use transport::token::TokenSource;
use url::Url;

use super::choice::Choice;
use super::concealed::Concealed;
use super::{BatchArgs, EXAMPLES, LoadArgs, MetricsArgs, ThresholdArgs, parse_duration, parse_number};
use crate::delivery::targets::TargetAddress;
use crate::live::StatusDisplay;
use crate::plan::RunPlan;
use crate::target::settings::DeliverySettings;
use crate::target::url::service_url;

/// The options of `run`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct RunArgs {
    /// Where events are sent. A URL without a path means its /clientEvents, or what --format says. {project}, {tenant} and {topic} in a
    /// path stand for the names that the options of that name give. Without this option a receiver is started in the same process
    /// on a free loopback port. `file:PATH` is a file and - standard output, which get a line for each event, in the form of --format, when it
    /// is due; the summary goes to standard error then.
    #[arg(long, value_name = "URL|file:PATH|-", allow_hyphen_values = true, value_parser = Concealed::in_url(TargetAddress::from_str))]
    pub target: Option<TargetAddress>,

    /// The target's own search, from whose answers seekers take the ids of requests and the names of jobs, instead of from the built-in
    /// catalogue: jobs:search of version 4 of the API (projects.tenants.jobs.search). A URL without a path means its
    /// /v4/projects/{project}/tenants/{tenant}/jobs:search. Searches carry the token and the headers too, go over connections of
    /// their own, as many as --connections allows, and are no part of the load.
    #[arg(long, value_name = "URL", value_parser = Concealed::in_url(service_url))]
    pub search: Option<Url>,

    /// Who comes, how they behave and how much is sent: the name of a scenario that is part of the program, or a file. `seeker-sim
    /// scenario --help` lists them. Other options go before what it says.
    #[arg(long, value_name = "NAME|FILE", default_value_t)]
    pub scenario: ScenarioSource,

    /// How much is sent, and when.
    #[command(flatten)]
    pub load: LoadArgs,

    /// The most job seekers that may be live at once, what they begin (alerts, employers) counted in; each takes about half a KB.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = parse_number::<u64>)]
    pub seekers_max: u64,

    /// What the random numbers are drawn from. The same seed makes the same seekers and the same event ids; without this option it
    /// is drawn at random, and told.
    #[arg(long, value_name = "N", value_parser = parse_number::<u64>)]
    pub seed: Option<u64>,

    /// Simulated seconds per second. At 1 seekers take as long as people do, and a short run sees only the beginning of their
    /// journeys. Without this option it is what the scenario says, which is 60 if it says nothing.
    #[arg(long, value_name = "FACTOR")]
    pub speed: Option<f64>,

    /// Where to write the report; can be given several times. The ending says the form: .json holds all figures, .html is a page with
    /// charts, .csv has a line for each second, which is written while the run goes on.
    #[arg(long = "report", value_name = "FILE")]
    pub reports: Vec<ReportPath>,

    /// The form in which events are sent: message; v3 or v4, calls of these versions of the API; pubsub, calls to publish. Each has a
    /// default path: /v3/projects/{project}/clientEvents, /v4/projects/{project}/tenants/{tenant}/clientEvents,
    /// /v1/projects/{project}/topics/{topic}:publish.
    #[arg(long, value_name = "FORM", default_value_t, hide_possible_values = true, value_parser = Choice::of(&["message", "v3", "v4", "pubsub"], EventForm::from_str))]
    pub format: EventForm,

    /// How many events go in one request.
    #[command(flatten)]
    pub batches: BatchArgs,

    /// Pack bodies with gzip.
    #[arg(long)]
    pub gzip: bool,

    /// The project whose name belongs in the path of the target.
    #[arg(long, value_name = "NAME")]
    pub project: Option<PathName>,

    /// The tenant whose name belongs in the path of the target.
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<PathName>,

    /// The topic whose name belongs in the path of the target.
    #[arg(long, value_name = "NAME")]
    pub topic: Option<PathName>,

    /// A header that every request carries; can be given several times.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = Concealed::always(Header::from_str))]
    pub headers: Vec<Header>,

    /// A file with a token that every request carries (Authorization: Bearer ...).
    ///
    /// The file is read again every second and after each 401, so a renewed token is sent without a restart. The token is never shown.
    #[arg(long, value_name = "FILE", conflicts_with = "token_env")]
    pub token_file: Option<PathBuf>,

    /// The environment variable that holds such a token.
    #[arg(long, value_name = "NAME")]
    pub token_env: Option<String>,

    /// Use these addresses for this host and port, instead of looking up the host. Repeat the option for the host of --search. Connections are
    /// spread over all addresses, as they are over those of a look-up.
    #[arg(long = "resolve", value_name = "HOST:PORT:ADDRESS[,ADDRESS]...")]
    pub resolves: Vec<Resolve>,

    /// A PEM file with certificates that are trusted beside those of the system: of an authority, or the target's own where it signed itself.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub ca: Option<PathBuf>,

    /// Take any certificate that an https target shows. Whoever sits in between can read what is sent, tokens too.
    #[arg(long)]
    pub insecure: bool,

    /// How long an answer may take before the event counts as unknown, and a connection to open, the look-up of its name included, before what
    /// waits for it counts as failed.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_duration)]
    pub timeout: Duration,

    /// How often an event is sent again, with the same eventId, after 429 or 5xx, a lost or refused connection, or no answer in time. The waits
    /// between double from 100 ms to 10 s, drawn at random between nothing and that; what Retry-After asks for, up to a minute, comes
    /// before. Retries are counted apart and are no part of the load.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = parse_number::<u32>)]
    pub retries: u32,

    /// How long events that wait are still sent after the last one was due. Answers are waited for as long as --timeout says after that.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = parse_duration)]
    pub drain: Duration,

    /// The most connections to the target at once. They are opened as they are needed; each takes an open file.
    #[arg(long, value_name = "N", default_value = "64", value_parser = parse_number::<NonZeroUsize>)]
    pub connections: NonZeroUsize,

    /// Speak HTTP/2: over https as agreed on in TLS (ALPN), over http without asking (prior knowledge). A target that does not is told
    /// before the start.
    #[arg(long)]
    pub http2: bool,

    /// How many requests an HTTP/2 connection carries at once, at most; fewer if the target allows fewer. Another connection is opened when
    /// all are full.
    #[arg(long, value_name = "N", requires = "http2", default_value = "100", value_parser = parse_number::<NonZeroUsize>)]
    pub streams: NonZeroUsize,

    /// Hold the events that are sent against the rules of the message, on their own and in sequence. Takes time, and about 100 bytes
    /// an event.
    #[arg(long)]
    pub check_sent: bool,

    /// Show nothing while the run goes on, and tell only errors. The summary is written all the same.
    #[arg(long)]
    pub quiet: bool,

    /// Show a line instead of a screen on a terminal.
    #[arg(long, conflicts_with = "quiet")]
    pub no_tui: bool,

    /// Never show what the target said: no answers, certificate names or connection errors.
    ///
    /// Without this option, reports and messages quote the target where it refuses or fails. Tokens, header values and query values are
    /// concealed in quotes, in any encoding.
    #[arg(long)]
    pub no_answers: bool,

    /// What the figures must hold.
    #[command(flatten)]
    pub thresholds: ThresholdArgs,

    /// Where metrics go.
    #[command(flatten)]
    pub metrics: MetricsArgs,
}

impl RunArgs {
    /// Converts the options to a plan with this scenario. `seed` applies if no seed was given.
    pub fn plan(self, scenario: Scenario, seed: u64) -> RunPlan {
        let ThresholdArgs { thresholds, find_capacity, abort_on_threshold, junit: _ } = self.thresholds;
        let load = LoadSpec::from(self.load);
        let finds_capacity = !find_capacity.is_empty();
        let thresholds: Vec<_> = find_capacity.into_iter().chain(thresholds).collect();
        RunPlan {
            target: self.target,
            delivery: DeliverySettings {
                search: self.search,
                format: self.format,
                batching: self.batches.batching(),
                gzip: self.gzip,
                names: PathNames { project: self.project, tenant: self.tenant, topic: self.topic },
                headers: self.headers,
                token: self.token_file.map(TokenSource::File).or(self.token_env.map(TokenSource::Variable)),
                resolves: self.resolves,
                trust: match (self.ca, self.insecure) {
                    (_, true) => Trust::Unchecked,
                    (Some(path), false) => Trust::SystemAnd(path),
                    (None, false) => Trust::System,
                },
                timeout: self.timeout,
                retries: self.retries,
                connections: self.connections,
                streams: self.http2.then_some(self.streams),
                shows_answers: !self.no_answers,
            },
            load: if finds_capacity { load.step_of_search() } else { load.or(scenario.load.clone()) },
            seekers_max: self.seekers_max,
            seed: self.seed.unwrap_or(seed),
            speed: self.speed.unwrap_or(scenario.speed),
            thresholds: Threshold::before(&thresholds, &scenario.thresholds),
            abort_on_threshold,
            find_capacity: finds_capacity,
            scenario,
            drain: self.drain,
            check_sent: self.check_sent,
            status_display: match (self.quiet, self.no_tui) {
                (true, _) => StatusDisplay::Nothing,
                (false, true) => StatusDisplay::Lines,
                (false, false) => StatusDisplay::Screen,
            },
            metrics: self.metrics.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn options_become_a_plan() {
        let line = "seeker-sim run --target http://h:1/p --rate 5/s --duration 2s --seekers-max 3 --seed 4 --speed 2 --timeout 6s \
                    --connections 7";
        let Command::Run(args) = Cli::parse_from(line.split(' ')).command else { unreachable!() };
        let plan = args.plan(Scenario::default(), 99);
        assert_eq!(plan.target_url().map(Url::as_str), Some("http://h:1/p"));
        let load = plan.load.check().unwrap();
        assert_eq!((load.total(), plan.seekers_max, plan.seed, plan.delivery.connections.get()), (10, 3, 4, 7));
        assert_eq!((plan.delivery.timeout, plan.drain), (Duration::from_secs(6), Duration::from_secs(1)));
        let Command::Run(args) = Cli::parse_from(["seeker-sim", "run"]).command else { unreachable!() };
        assert_eq!(args.plan(Scenario::default(), 99).seed, 99);
    }

    #[test]
    fn unusable_values_say_what_was_expected() {
        for (option, value, expected) in [
            ("--rate", "fast", "expected a rate such as 500/s, 30/min or 1/10s"),
            ("--rate", "0/s", "expected a rate above 0"),
            ("--arrivals", "fast", "expected a rate such as 500/s"),
            ("--seekers", "many", "expected a whole number, at least 0"),
            ("--stage", "30s", "expected a duration and a load, such as 1m:2000/s"),
            ("--stage", "30s:0->2000 people", "expected a duration and a load"),
            ("--stage", "0s:5/s", "expected a time above 0"),
            ("--warm-up", "soon", "expected a time with its unit"),
            ("--drain", "soon", "expected a time with its unit"),
            ("--target", "localhost:8080", "expected a URL such as http://127.0.0.1:8080"),
            ("--target", "127.0.0.1", "expected a URL"),
            ("--target", "ftp://h", "expected a URL"),
            ("--target", "http://", "empty host; expected a URL"),
            ("--duration", "10", "expected a time with its unit"),
            ("--timeout", "soon", "expected a time with its unit"),
            ("--resolve", "h:80", "expected HOST:PORT:ADDRESS[,ADDRESS]..., such as jobs.example:443:192.0.2.1,192.0.2.2"),
            ("--resolve", "h:80:h", "\"h\" is not an IP address; expected one such as 192.0.2.1 or [2001:db8::1]"),
            ("--connections", "0", "expected a whole number, at least 1"),
            ("--batch", "00", "expected a whole number, at least 1"),
            ("--retries", "99999999999", "expected a smaller number"),
            ("--seekers-max", "1e6", "expected a whole number, at least 0"),
            ("--report", "run.xml", "expected a file with the extension .json (all figures), .html (charts) or .csv"),
            ("--seed", "-1", "unexpected argument"),
        ] {
            let error = Cli::try_parse_from(["seeker-sim", "run", option, value]).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(expected) && text.contains(option.trim_start_matches('-')) || text.contains(value), "{text}");
            assert!(text.contains(expected), "{text}");
            assert_eq!(error.exit_code(), 2);
        }
    }
}
