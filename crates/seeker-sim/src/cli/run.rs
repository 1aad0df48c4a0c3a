//! The options of `run`, and their conversion to a plan.

mod connections;
mod generators;
mod load;
mod output;
mod requests;
mod seekers;
mod target;
mod verdict;

use clap::Args;
use load_plan::load::LoadSpec;
use load_plan::threshold::Threshold;
use scenario::Scenario;
use seeker_run::{DeliverySettings, KafkaSettings, RunPlan, TargetAddress};

use super::help_page::{Example, HelpPage};
use crate::version::VERSION;

pub use connections::ConnectionArgs;
pub use generators::GeneratorArgs;
pub use load::LoadArgs;
pub use output::OutputArgs;
pub use requests::RequestArgs;
pub use seekers::SeekerArgs;
pub use target::TargetArgs;
pub use verdict::VerdictArgs;

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example {
            command: "seeker-sim run https://jobs.example/events --rate 50/s --duration 1m",
            purpose: "Send 50 events per second to your service for one minute.",
        },
        Example {
            command: "seeker-sim run http://127.0.0.1:8080 --threshold 'latency.p99 < 50ms' --junit run.xml",
            purpose: "Gate a CI pipeline: the exit code is 1 if the threshold is missed.",
        },
        Example {
            command: "seeker-sim run https://jobs.example/events --find-capacity 'latency.p99 < 50ms'",
            purpose: "Find the highest rate at which your service meets the threshold.",
        },
        Example {
            command: "seeker-sim run --rate 500/s --duration 10s",
            purpose: "Try the program without a service: run starts a receiver in the same process.",
        },
        Example {
            command: "seeker-sim run --stage '30s:0->2000/s' --stage 1m:2000/s --stage '20s:2000->0/s' --warm-up 10s",
            purpose: "Ramp up, hold, ramp down. The first ten seconds are excluded from the results.",
        },
        Example {
            command: "seeker-sim run --seekers 1000 --duration 5m",
            purpose: "Keep 1000 job seekers live; each follows its own journey.",
        },
        Example {
            command: "seeker-sim run --threshold 'refused == 0' --abort-on-threshold",
            purpose: "Stop at the first refused event.",
        },
        Example {
            command: "seeker-sim run https://jobs.example/events --rate 50/s --token-file token.txt --report run.html",
            purpose: "Send a bearer token, and write a report with charts.",
        },
        Example {
            command: "seeker-sim run https://a.example --format v4 --search https://a.example --project p --tenant t",
            purpose: "Send events about the jobs that the search of your service returns.",
        },
        Example {
            command: "seeker-sim run --rate 20000/s --batch 100 --batch-wait 5ms",
            purpose: "Send up to 100 events per request. An event waits at most 5 ms for its batch.",
        },
        Example {
            command: "seeker-sim run http://10.0.0.9 --rate 80000/s --seed 1 --shard 1/4 --report part-1.json",
            purpose: "Send the first quarter of a load. Three other generators send shards 2/4 to 4/4.",
        },
        Example {
            command: "seeker-sim run - --rate 50/s --duration 1h > events.ndjson",
            purpose: "Write one line per event to standard output, when the event is due.",
        },
    ],
    notes: "A condition limits one of these figures. Times: latency, answered_latency, service_time and \
            schedule_lag, each with .min, .mean, .stddev, .max or a percentile such as .p99. Counts: acknowledged, \
            refused, failed, unknown and not_sent. Shares: the same names with _ratio, and achieved_ratio. Rate: \
            rate, in events per second.",
    exit_codes: &[
        (0, "passed"),
        (1, "a threshold was missed, or the target stopped answering"),
        (2, "bad input; nothing was sent"),
        (3, "not trustworthy: the generator was the limit"),
        (4, "the target cannot be reached"),
        (5, "internal error, or output that cannot be written"),
        (75, "the time of --start-at is over; nothing was sent"),
        (130, "interrupted by a signal"),
    ],
    docs: "guides/load",
};

/// The options of `run`.
#[derive(Debug, Args)]
#[command(after_help = HELP.short_of_more(), after_long_help = HELP.long())]
pub struct RunArgs {
    /// The target and its credentials.
    #[command(flatten)]
    pub target: TargetArgs,

    /// The load.
    #[command(flatten)]
    pub load: LoadArgs,

    /// The simulated job seekers.
    #[command(flatten)]
    pub seekers: SeekerArgs,

    /// A run that several generators share.
    #[command(flatten)]
    pub generators: GeneratorArgs,

    /// Requests and batches.
    #[command(flatten)]
    pub requests: RequestArgs,

    /// Connections, timeouts and retries.
    #[command(flatten)]
    pub connections: ConnectionArgs,

    /// Thresholds and checks.
    #[command(flatten)]
    pub verdict: VerdictArgs,

    /// Reports, metrics and the status display.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl RunArgs {
    /// Converts the options to a plan with this scenario. `seed` applies if no seed was given.
    pub fn plan(self, scenario: Scenario, seed: u64) -> RunPlan {
        let Self { target, load, seekers, generators, requests, connections, verdict, output } = self;
        let GeneratorArgs { shard, start_at, clock_check } = generators;
        let VerdictArgs { thresholds, find_capacity, abort_on_threshold, check_sent } = verdict;
        let load = LoadSpec::from(load);
        let finds_capacity = !find_capacity.is_empty();
        let thresholds: Vec<_> = find_capacity.into_iter().chain(thresholds).collect();
        let address = target.address();
        // A target without the format is refused when the plan is checked.
        let format = address.as_ref().and_then(|address| address.format(requests.format).ok()).unwrap_or(requests.format);
        let streams = address.as_ref().and_then(TargetAddress::default_streams);
        RunPlan {
            version: VERSION,
            target: address,
            delivery: DeliverySettings {
                search: seekers.search,
                format,
                batching: requests.batching(),
                is_traced: requests.is_traced,
                is_ordered: requests.ordering_key,
                gzip: requests.gzip,
                names: target.names(),
                token: target.token(),
                nats_user: target.nats_user(),
                nats_credentials: target.nats_credentials(),
                kafka: KafkaSettings { acks: requests.acks, compression: requests.compression, sasl: target.sasl() },
                trust: target.trust(),
                identity: target.identity(),
                proxies: target.proxies(),
                connect_to: target.connect_to,
                resolves: target.resolves,
                headers: requests.headers,
                timeout: connections.timeout,
                retries: connections.retries,
                connections: connections.connections,
                awaits_acks: !target.no_ack,
                http2: connections.http2,
                http3: connections.http3,
                keeps_alive: connections.keeps_alive(),
                streams: connections.streams(streams),
                shows_answers: output.shows_answers(),
            },
            load: if finds_capacity { load.step_of_search() } else { load.or(scenario.load.clone()) },
            seekers_max: seekers.seekers_max,
            seed: seekers.seed.unwrap_or(seed),
            speed: seekers.speed.unwrap_or(scenario.speed),
            thresholds: Threshold::before(&thresholds, &scenario.thresholds),
            abort_on_threshold,
            find_capacity: finds_capacity,
            shard,
            start_at,
            clock_check,
            scenario,
            drain: connections.drain,
            check_sent,
            status_display: output.status_display(),
            metrics: output.metrics(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn options_become_a_plan() {
        let line = "seeker-sim run --target http://h:1/p --rate 5/s --duration 2s --seekers-max 3 --seed 4 --speed 2 --timeout 6s \
                    --connections 7";
        let Command::Run(args) = Cli::parse_from(line.split(' ')).command else { unreachable!() };
        let plan = args.plan(Scenario::default(), 99);
        assert_eq!(plan.target.as_ref().map(ToString::to_string).as_deref(), Some("http://h:1/p"));
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
            ("--connect-to", "h:80:g", "expected HOST1:PORT1:HOST2:PORT2, such as jobs.example:443:127.0.0.1:8443"),
            ("--connect-to", "h:80:g:x", "\"x\" is not a port; expected a number from 1 to 65535"),
            ("--connections", "0", "expected a whole number, at least 1"),
            ("--batch", "00", "expected a whole number, at least 1"),
            ("--retries", "99999999999", "expected a smaller number"),
            ("--seekers-max", "1e6", "expected a whole number, at least 0"),
            ("--report", "run.xml", "expected a file with the extension .json (all figures), .html (charts) or .csv"),
            ("--seed", "-1", "unexpected argument"),
            ("--shard", "0/4", "shard 0/4 does not exist; expected 1/4 to 4/4"),
            ("--shard", "5/4", "shard 5/4 does not exist; expected 1/4 to 4/4"),
            ("--shard", "1/65", "65 shards are too many; expected at most 64"),
            ("--shard", "2", "expected a shard such as 1/4"),
            ("--start-at", "12:00", "expected a time with its offset, such as 2026-11-30T12:00:00Z"),
            ("--start-at", "2026-11-30T12:00:00", "expected a time with its offset"),
            ("--clock-check", "ntp://h", "expected a URL"),
        ] {
            let error = Cli::try_parse_from(["seeker-sim", "run", option, value]).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(expected) && text.contains(option.trim_start_matches('-')) || text.contains(value), "{text}");
            assert!(text.contains(expected), "{text}");
            assert_eq!(error.exit_code(), 2);
        }
    }
}
