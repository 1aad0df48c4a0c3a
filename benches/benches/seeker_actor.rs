//! Measures the cost of a live job seeker for several ways to store it: memory while it waits, and CPU time per wake, including its own
//! work. The actor slab of `seeker-sim` exists because it costs less; this bench shows whether that is still true.
//!
//! ```text
//! cargo bench -p benches --bench seeker_actor -- [SEEKERS]
//! ```
//!
//! | row | meaning |
//! |---|---|
//! | values in a wheel | no actors: a timing wheel holds each seeker by value, as before the slab existed |
//! | slab | actors in an [`ActorSlab`] without an address |
//! | slab, with address | the same actors, each with a mailbox and a task; they are woken by address |
//! | `actix::Context` | actors in `actix::Context`; they are woken by address |
//! | `catch_unwind` | an empty call whose panic would be contained |
//!
//! Every row plays the same seekers of the calibrated model, 60 simulated seconds per round, with the same timing wheel. So the difference
//! comes from the mailbox and the task, not from the timers. Each row runs in its own process, so that its memory can be measured.

#![expect(clippy::print_stdout, reason = "the table is the output of this program")]

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::{env, fs, iter};

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message, System};
use actor_slab::{ActorSlab, SlabContext, Wake};
use anyhow::{Context as _, Result, ensure};
use benches::SEED;
use seeker_model::{Input, Model, Next, Party, SimTime, TimingWheel, simulator};

/// The number of rounds, each of a minute of simulated time.
const ROUNDS: u64 = 30;

const ROWS: [&str; 5] = ["values in a wheel", "slab", "slab, with address", "actix::Context", "catch_unwind"];

/// The shared state of all seekers of a process.
#[derive(Default)]
struct Shared {
    model: Option<Model>,
    started: Cell<u64>,
    wakes: Cell<u64>,
}

/// The same state as a seeker of `seeker-sim`.
struct Walk {
    party: Party,
    shared: Rc<Shared>,
    /// In `seeker-sim`, the response of a search service.
    _answer: Option<Arc<()>>,
}

impl Walk {
    fn new(number: u64, shared: &Rc<Shared>) -> Self {
        Self { party: Party::arriving(shared.model(), SEED, number), shared: Rc::clone(shared), _answer: None }
    }

    fn start(&mut self) -> Option<SimTime> {
        self.shared.started.set(self.shared.started.get() + 1);
        self.advance(Input::Started, SimTime::ZERO)
    }

    fn wake(&mut self, scheduled: SimTime) -> Option<SimTime> {
        self.shared.wakes.set(self.shared.wakes.get() + 1);
        self.advance(Input::Woke, scheduled)
    }

    /// Continues until the party waits; `None` if the party leaves.
    fn advance(&mut self, mut input: Input, now: SimTime) -> Option<SimTime> {
        loop {
            let step = self.party.handle(input, now, self.shared.model());
            black_box(step.event);
            match step.next {
                Next::Search(query) => input = Input::SearchAnswered(self.shared.model().catalogue().search(&query)),
                Next::SleepUntil(time) => return Some(time),
                Next::Leave => return None,
            }
        }
    }
}

impl Shared {
    fn model(&self) -> &Model {
        self.model.as_ref().expect("the state has a model")
    }
}

/// Wakes an actor by its address.
#[derive(Clone, Copy, Message)]
#[rtype(result = "()")]
struct WakeByAddress(SimTime);

/// The addresses to wake, by time.
type Addresses<A> = Rc<RefCell<TimingWheel<Addr<A>>>>;

/// An actor in a slab.
struct InSlab {
    walk: Walk,
    /// Receives the address of the actor, if the actor should have one.
    addresses: Option<Addresses<Self>>,
}

impl InSlab {
    fn wait(&self, time: Option<SimTime>, ctx: &mut SlabContext<Self>) {
        match (time, &self.addresses) {
            (None, _) => ctx.stop(),
            (Some(time), Some(addresses)) => addresses.borrow_mut().add(time, ctx.address()),
            (Some(time), None) => ctx.wake_at(time),
        }
    }
}

impl Actor for InSlab {
    type Context = SlabContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let time = self.walk.start();
        self.wait(time, ctx);
    }
}

impl Handler<Wake> for InSlab {
    type Result = ();

    fn handle(&mut self, Wake { scheduled }: Wake, ctx: &mut Self::Context) {
        let time = self.walk.wake(scheduled);
        self.wait(time, ctx);
    }
}

impl Handler<WakeByAddress> for InSlab {
    type Result = ();

    fn handle(&mut self, WakeByAddress(scheduled): WakeByAddress, ctx: &mut Self::Context) {
        self.handle(Wake { scheduled }, ctx);
    }
}

/// An actor in `actix::Context`.
struct InActix {
    walk: Walk,
    addresses: Addresses<Self>,
}

impl InActix {
    fn wait(&self, time: Option<SimTime>, ctx: &mut Context<Self>) {
        match time {
            None => ctx.stop(),
            Some(time) => self.addresses.borrow_mut().add(time, ctx.address()),
        }
    }
}

impl Actor for InActix {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let time = self.walk.start();
        self.wait(time, ctx);
    }
}

impl Handler<WakeByAddress> for InActix {
    type Result = ();

    fn handle(&mut self, WakeByAddress(scheduled): WakeByAddress, ctx: &mut Self::Context) {
        let time = self.walk.wake(scheduled);
        self.wait(time, ctx);
    }
}

/// The measured cost.
struct Cost {
    bytes: u64,
    nanos: f64,
}

/// Starts seekers and plays the rounds. `play` gets the end of each round.
async fn measure(seekers: u64, shared: &Rc<Shared>, start: impl Fn(u64), play: impl AsyncFn(SimTime)) -> Result<Cost> {
    let before = resident_bytes()?;
    for number in 0..seekers {
        start(number);
        while shared.started.get() <= number {
            tokio::task::yield_now().await;
        }
    }
    let bytes = resident_bytes()?.saturating_sub(before) / seekers;
    let cpu_before = cpu_nanos();
    for round in 1..=ROUNDS {
        play(SimTime::from_micros(round * 60_000_000)).await;
    }
    ensure!(shared.wakes.get() > 0, "no seeker was woken");
    Ok(Cost { bytes, nanos: per(cpu_nanos() - cpu_before, shared.wakes.get()) })
}

async fn measure_row(row: &str, seekers: u64) -> Result<Cost> {
    let shared = Rc::new(Shared { model: Some(Model::with_defaults()), ..Shared::default() });
    match row {
        "values in a wheel" => measure_values(seekers, &shared).await,
        "slab" => {
            let slab = Rc::<ActorSlab<InSlab>>::default();
            let start = |number| {
                slab.start(InSlab { walk: Walk::new(number, &shared), addresses: None }, SimTime::ZERO);
            };
            let prefetch =
                |next: &[Option<&InSlab>]| simulator::prefetch_parties(next.iter().flatten().map(|seeker| &seeker.walk.party));
            measure(seekers, &shared, start, async |until| slab.wake_before(until, prefetch)).await
        }
        "slab, with address" => {
            let (slab, addresses) = (Rc::<ActorSlab<InSlab>>::default(), Addresses::default());
            let start = |number| {
                let addresses = Some(Rc::clone(&addresses));
                slab.start(InSlab { walk: Walk::new(number, &shared), addresses }, SimTime::ZERO);
            };
            measure(seekers, &shared, start, async |until| play_by_address(&shared, &addresses, until).await).await
        }
        "actix::Context" => {
            let addresses = Addresses::default();
            let start = |number| {
                InActix { walk: Walk::new(number, &shared), addresses: Rc::clone(&addresses) }.start();
            };
            measure(seekers, &shared, start, async |until| play_by_address(&shared, &addresses, until).await).await
        }
        _ => {
            const CALLS: u64 = 100_000_000;
            let before = cpu_nanos();
            for number in 0..CALLS {
                black_box(catch_unwind(AssertUnwindSafe(|| black_box(number)))).ok();
            }
            Ok(Cost { bytes: 0, nanos: per(cpu_nanos() - before, CALLS) })
        }
    }
}

async fn measure_values(seekers: u64, shared: &Rc<Shared>) -> Result<Cost> {
    // As large as a seeker was before the slab.
    let wheel = RefCell::<TimingWheel<(Walk, SimTime, u16)>>::default();
    let sleep = |walk, time| wheel.borrow_mut().add(time, (walk, SimTime::ZERO, 0));
    let start = |number| {
        let mut walk = Walk::new(number, shared);
        if let Some(time) = walk.start() {
            sleep(walk, time);
        }
    };
    let play = async |until: SimTime| {
        let mut next = Vec::with_capacity(32);
        loop {
            next.extend(iter::from_fn(|| wheel.borrow_mut().take_before(until)).take(32));
            if next.is_empty() {
                return;
            }
            simulator::prefetch_parties(next.iter().map(|(_, (walk, ..))| &walk.party));
            for (time, (mut walk, ..)) in next.drain(..) {
                if let Some(time) = walk.wake(time) {
                    sleep(walk, time.max(until));
                }
            }
        }
    };
    measure(seekers, shared, start, play).await
}

/// Wakes all actors that wait for a time before `until`.
async fn play_by_address<A>(shared: &Shared, addresses: &Addresses<A>, until: SimTime)
where
    A: Handler<WakeByAddress>,
    A::Context: actix::dev::ToEnvelope<A, WakeByAddress>,
{
    let mut sent = shared.wakes.get();
    loop {
        // Wakes a few at a time, so that they are still in the cache when their tasks run.
        let next = iter::from_fn(|| addresses.borrow_mut().take_before(until)).take(32);
        let woken: Vec<_> = next.map(|(time, address)| address.do_send(WakeByAddress(time))).collect();
        if woken.is_empty() {
            return;
        }
        sent += woken.len() as u64;
        while shared.wakes.get() < sent {
            tokio::task::yield_now().await;
        }
    }
}

fn resident_bytes() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("needs Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("/proc/self/status has no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}

#[cfg(unix)]
fn cpu_nanos() -> u64 {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or_default()
}

// The benchmark ends before its first row, since the memory of a process is read on Linux only.
#[cfg(not(unix))]
fn cpu_nanos() -> u64 {
    0
}

fn per(nanos: u64, count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let (nanos, count) = (nanos as f64, count as f64);
    nanos / count
}

fn main() -> Result<()> {
    let options: Vec<_> = env::args().skip(1).filter(|option| option != "--bench").collect();
    if let [row, seekers] = &options[..]
        && let Ok(seekers) = seekers.parse()
    {
        let Cost { bytes, nanos } = System::new().block_on(measure_row(row, seekers))?;
        println!("{bytes} {nanos:.1}");
        return Ok(());
    }
    let is_test = options.iter().any(|option| option == "--test");
    let asked = options.iter().find_map(|option| option.parse().ok());
    let seekers = asked.unwrap_or(if is_test { 1_000_u64 } else { 200_000 });
    println!("{:<20}{:>18}{:>16}", "", "bytes a seeker", "ns a wake");
    for row in ROWS {
        let output = Command::new(env::current_exe()?).args([row, &seekers.to_string()]).output()?;
        ensure!(output.status.success(), "{row}: {}", String::from_utf8_lossy(&output.stderr));
        let told = String::from_utf8(output.stdout)?;
        let (bytes, nanos) = told.trim().split_once(' ').context("the process did not print two figures")?;
        println!("{row:<20}{bytes:>18}{nanos:>16}");
    }
    Ok(())
}
