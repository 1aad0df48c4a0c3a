//! A run on many machines that share a network and a target. Each machine has a link of its own, and all requests pass the link of the target
//! before its cores answer them. All are queues that serve in order of arrival.
//!
//! The machines are simulated one after the other, so none sees the requests of the others. The queues come from an earlier simulation of all
//! machines, whose requests hardly differ. The difference is checked.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use run_report::Outcome;
use run_report::merge::{MergeOptions, merge};
use run_report::read::NamedReport;

use super::expected::Expected;
use super::*;

/// The size of a request: a body of 952 bytes (docs, "Measured performance") and about 250 bytes of headers.
const REQUEST_BITS: u64 = (952 + 250) * 8;

/// How long a core of `seeker-sim serve` needs for a request: 147,000 requests per second (docs, "Measured performance").
const REQUEST_NANOS: u64 = 1_000_000_000 / 147_000;

/// How much the times of responses may differ from those in queues with exactly the requests of a simulation.
const ERROR_MAX: f64 = 0.02;

/// The network and the target of ten million job seekers.
#[derive(Clone, Copy, Debug)]
struct Network {
    machine_bits_per_s: u64,
    target_bits_per_s: u64,
    target_cores: usize,
}

impl Network {
    const SUFFICIENT: Self = Self { machine_bits_per_s: 1_000_000_000, target_bits_per_s: 10_000_000_000, target_cores: 4 };
}

/// How long each step of a request takes, in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Steps {
    machine_link: u64,
    target_link: u64,
    core: u64,
    cores: usize,
}

impl Steps {
    /// A run with a share of ten million job seekers has the same share of the network: each step takes longer.
    fn of(network: Network, share: f64) -> Self {
        let nanos = |nanos: u64| to_whole(to_float(nanos) / share);
        let transmission = |bits_per_s: u64| nanos(REQUEST_BITS * 1_000_000_000 / bits_per_s);
        Self {
            machine_link: transmission(network.machine_bits_per_s),
            target_link: transmission(network.target_bits_per_s),
            core: nanos(REQUEST_NANOS),
            cores: network.target_cores,
        }
    }
}

/// How long a request is under way from a machine to the target, and a response back: from 0.1 to 3.25 ms.
fn distance_nanos(machine: u64) -> u64 {
    100_000 + 50_000 * machine
}

/// Several servers with one queue in front of them.
#[derive(Clone)]
struct Queue {
    free_at: BinaryHeap<Reverse<u64>>,
}

impl Queue {
    fn new(servers: usize) -> Self {
        Self { free_at: (0..servers).map(|_| Reverse(0)).collect() }
    }

    /// Returns when a request is served that arrives at this moment.
    fn pass(&mut self, at: u64, service: u64) -> u64 {
        let Reverse(free_at) = self.free_at.pop().unwrap();
        let served = at.max(free_at) + service;
        self.free_at.push(Reverse(served));
        served
    }

    fn next_free(&self) -> u64 {
        self.free_at.peek().unwrap().0
    }
}

/// When a server of a queue became free, after each arrival.
#[derive(Default)]
struct History(Vec<(u64, u64)>);

impl History {
    /// Returns when a request is served that arrives at this moment.
    fn pass(&self, at: u64, service: u64) -> u64 {
        let next = self.0.partition_point(|(arrival, _)| *arrival < at);
        let free_at = next.checked_sub(1).map_or(0, |last| self.0[last].1);
        at.max(free_at) + service
    }
}

/// The queues that all machines share, as a simulation of all machines has filled them.
struct Shared {
    link: History,
    cores: History,
}

impl Shared {
    fn new(steps: Steps, logs: &[Vec<Seen>]) -> Self {
        let mut arrivals = Vec::new();
        for (machine, log) in (0..).zip(logs) {
            let mut link = Queue::new(1);
            arrivals.extend(log.iter().map(|seen| link.pass(nanos(seen.sent), steps.machine_link) + distance_nanos(machine)));
        }
        arrivals.sort_unstable();
        let (mut link, mut cores) = (Queue::new(1), Queue::new(steps.cores));
        let mut shared = Self { link: History::default(), cores: History::default() };
        for at in arrivals {
            let received = link.pass(at, steps.target_link);
            shared.link.0.push((at, link.next_free()));
            cores.pass(received, steps.core);
            shared.cores.0.push((received, cores.next_free()));
        }
        shared
    }

    /// Returns when a machine has the response to a request that has passed its link at this moment.
    fn answer(&self, steps: Steps, machine: u64, at: u64) -> Moment {
        let received = self.link.pass(at + distance_nanos(machine), steps.target_link);
        let answered = self.cores.pass(received, steps.core) + distance_nanos(machine);
        Moment::from_micros(answered.div_ceil(1_000))
    }
}

fn nanos(moment: Moment) -> u64 {
    moment.micros_since(Moment::default()) * 1_000
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn to_float(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the nanoseconds of a step")]
fn to_whole(number: f64) -> u64 {
    number as u64
}

/// A run on several machines.
struct ManyMachines {
    simulation: Simulation,
    machines: u64,
    /// The share of ten million job seekers.
    share: f64,
}

impl ManyMachines {
    /// A run with this load, which has a share of the events of ten million job seekers. No request waits for a connection, even if nothing is
    /// answered.
    fn new(load: LoadSpec, machines: u64, connections: usize, share: f64) -> Self {
        let simulation = Simulation {
            speed: 1.0,
            connections,
            seekers_max: 10_000_000,
            thresholds: vec!["latency.p99 < 100ms"],
            ..Simulation::new(Behaviour::Fixed { micros: 0 }, load)
        };
        Self { simulation, machines, share }
    }

    /// Simulates all machines. Without shared queues, responses take no time.
    fn run(&self, shared: Option<(Steps, &Arc<Shared>)>) -> (Report, Vec<Vec<Seen>>) {
        let machine = |machine: u64| {
            let part = Shard::new(machine + 1, self.machines).unwrap();
            let shared = shared.map(|(steps, shared)| (steps, Arc::clone(shared)));
            let mut link = Queue::new(1);
            let target = ScriptedTarget::new(move |at, _| {
                let answered = shared
                    .as_ref()
                    .map_or(at, |(steps, shared)| shared.answer(*steps, machine, link.pass(nanos(at), steps.machine_link)));
                Reply::At(answered, 200)
            });
            let (report, log, _) = Simulation { shard: Some(part), ..self.simulation.clone() }.run_against(&Arc::new(target));
            (NamedReport { name: format!("{}.json", machine + 1), report }, log)
        };
        let (reports, logs): (Vec<_>, Vec<_>) = (0..self.machines).map(machine).unzip();
        (merge(&reports, MergeOptions { expected: None, clocks_agree: true }).unwrap(), logs)
    }

    /// Simulates all machines in this network, with the requests of an earlier simulation in the shared queues; again with the requests of this
    /// simulation if they differ too much.
    fn run_in(&self, network: Network, earlier: &[Vec<Seen>]) -> Report {
        let steps = Steps::of(network, self.share);
        let (mut whole, mut logs) = self.run(Some((steps, &Arc::new(Shared::new(steps, earlier)))));
        let mut error = relative_error(steps, &logs);
        for _ in 0..3 {
            if error < ERROR_MAX {
                break;
            }
            (whole, logs) = self.run(Some((steps, &Arc::new(Shared::new(steps, &logs)))));
            error = relative_error(steps, &logs);
        }
        let events: Vec<_> = logs.into_iter().flatten().collect();
        Expected::of(whole.events.planned, &events, self.simulation.timeout, &[]).hold_sums(&whole);
        println!("{network:?}\n  {:?} {:?}\n  {:?}", whole.outcome, whole.reasons.first(), whole.events);
        println!("  {:?}\n  error of the queues: {error:.5}\n", whole.latency_ms);
        assert!(error < ERROR_MAX, "the requests still differ from those in the shared queues: {error}");
        whole
    }

    /// Simulates all machines in a network that suffices. Returns all requests of a simulation without a network.
    fn pass_with_enough(&self) -> Vec<Vec<Seen>> {
        let (ideal, logs) = self.run(None);
        assert_eq!((ideal.outcome, ideal.parts.len() as u64), (Outcome::Passed, self.machines), "{:?}", ideal.reasons);
        println!("{} measured events\n", ideal.events.planned);
        let sufficient = self.run_in(Network::SUFFICIENT, &logs);
        assert_eq!(sufficient.outcome, Outcome::Passed, "{:?}", sufficient.reasons);
        logs
    }

    /// Finds what limits the run in networks of different capacity.
    fn find_limits(&self) {
        let logs = self.pass_with_enough();
        for network in [
            Network { target_bits_per_s: 1_000_000_000, ..Network::SUFFICIENT },
            Network { target_cores: 1, ..Network::SUFFICIENT },
        ] {
            let limited = self.run_in(network, &logs);
            assert_eq!(limited.outcome, Outcome::ThresholdMissed, "{:?}", limited.reasons);
        }
    }
}

/// Returns by which share of their time the responses differ from those in queues with exactly these requests.
fn relative_error(steps: Steps, logs: &[Vec<Seen>]) -> f64 {
    let shared = Shared::new(steps, logs);
    let (mut difference, mut sum) = (0, 0);
    for (machine, log) in (0..).zip(logs) {
        let mut link = Queue::new(1);
        for seen in log {
            let own = shared.answer(steps, machine, link.pass(nanos(seen.sent), steps.machine_link));
            let Reply::At(answered, _) = seen.reply else { panic!("{seen:?}") };
            difference += own.micros_since(seen.sent).abs_diff(answered.micros_since(seen.sent));
            sum += own.micros_since(seen.sent);
        }
    }
    to_float(difference) / to_float(sum)
}

/// A thousandth of the events of ten million job seekers, in a thousandth of the network.
#[test]
fn the_network_or_the_target_limits_many_machines() {
    let load = LoadSpec::rate(load_plan::load::Rate::per_second(230.0).unwrap(), Duration::from_secs(4));
    ManyMachines::new(load, 8, 256, 1e-3).find_limits();
}

/// Ten million job seekers arrive within a minute. Then they are measured for ten seconds.
#[test]
#[ignore = "with --release, it takes ten minutes and 3.5 GB"]
fn ten_million_seekers_on_64_machines() {
    let stages = ["60s:0->10000000 seekers", "10s:10000000 seekers"];
    let load = LoadSpec {
        stages: stages.iter().map(|stage| stage.parse().unwrap()).collect(),
        warm_up: Some(Duration::from_mins(1)),
        ..LoadSpec::default()
    };
    ManyMachines::new(load, 64, 16_384, 1.0).pass_with_enough();
}
