//! Attacks a receiver with very many slow clients, one kind of attack after the other. Fails if the receiver uses too much memory, if it
//! does not answer its health check, or if the attack affects a concurrent load test.
//!
//! Each attack has its own receiver on the loopback interface: a process of `seeker-sim serve` with its default limits.

mod attack;
mod health;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result, ensure};
use clap::Args;
use run_report::read::read_report;
use serde_json::Value;

use crate::receiver_process::ReceiverProcess;
use crate::release;
use crate::table::table;
use crate::tools::{ToolFolder, say};
use attack::Attack;
use health::Health;

/// The maximum memory of a receiver, in MB.
const MEMORY_MAX_MB: f64 = 300.0;

/// The size and duration of the attacks.
#[derive(Debug, Args)]
pub(crate) struct AttackReceiver {
    /// The number of connections of slow clients.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    connections: usize,
    /// The number of HTTP/2 streams whose bodies stop.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    streams: usize,
    /// The duration of each attack in seconds.
    #[arg(long, value_name = "N", default_value_t = 30)]
    seconds: u32,
    /// Attack this `seeker-sim` binary instead of a new release build.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// The attacks to run. Default: all.
    #[arg(value_name = "ATTACK")]
    only: Vec<Attack>,
}

/// Runs the attacks and prints a table.
pub(crate) fn run(plan: &AttackReceiver) -> Result<()> {
    let program = match &plan.program {
        Some(program) => program.clone(),
        None => release::built("dist", &["seeker-sim"])?.join("seeker-sim"),
    };
    let folder = ToolFolder::open()?.kept("attack-receiver")?;
    let attacks = if plan.only.is_empty() { Attack::ALL.to_vec() } else { plan.only.clone() };
    let mut outcomes = Vec::new();
    for attack in attacks {
        say(&format!("{attack}: {} s", plan.seconds))?;
        outcomes.push(Outcome::of(attack, plan, &program, &folder).with_context(|| attack.to_string())?);
    }
    let rows: Vec<_> = outcomes.iter().map(Outcome::row).collect();
    let headings = [
        "attack",
        "clients",
        "memory before, MB",
        "peak memory, MB",
        "health checks",
        "failed",
        "slowest, ms",
        "events",
        "acknowledged",
        "latency p99, ms",
        "408",
        "503",
        "closed",
    ];
    writeln!(io::stdout(), "{}", table(&headings, &rows))?;
    for outcome in &outcomes {
        outcome.judge()?;
    }
    Ok(())
}

/// The result of an attack.
struct Outcome {
    attack: Attack,
    clients: usize,
    memory_before_mb: f64,
    memory_mb: f64,
    health: Health,
    planned: u64,
    acknowledged: u64,
    latency_p99_ms: f64,
    limits: Value,
}

impl Outcome {
    fn of(attack: Attack, plan: &AttackReceiver, program: &Path, folder: &Path) -> Result<Self> {
        let mut serve = Command::new(program);
        serve.args(["serve", "--bind", "127.0.0.1:0"]);
        let receiver = ReceiverProcess::start(serve)?;
        let address = receiver.url().trim_start_matches("http://").parse()?;
        let clients = attack.clients(plan.connections, plan.streams);
        let memory_before_mb = memory_mb(receiver.id(), "VmRSS")?;
        let is_over = Arc::new(AtomicBool::new(false));
        let attackers = {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || attack::run(attack, address, clients, &is_over))
        };
        let health = {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || Health::watch(address, &is_over))
        };
        let file = folder.join(format!("{attack}.json"));
        let mut honest = Command::new(program);
        honest.args(["run", "--quiet", "--target", receiver.url(), "--rate", "200/s", "--connections", "16"]);
        honest.args(["--duration", &format!("{}s", plan.seconds), "--report"]).arg(&file);
        let honest = honest.output().context("start the load test")?;
        is_over.store(true, Ordering::Relaxed);
        let health = health.join().expect("the thread does not panic");
        let memory_mb = memory_mb(receiver.id(), "VmHWM")?;
        attackers.join().expect("the thread does not panic")?;
        ensure!(matches!(honest.status.code(), Some(0 | 1 | 3)), "{}", String::from_utf8_lossy(&honest.stderr));
        let report = read_report(file)?.report;
        let limits = receiver.end_with_summary()?["limits"].clone();
        Ok(Self {
            attack,
            clients,
            memory_before_mb,
            memory_mb,
            health,
            planned: report.events.planned,
            acknowledged: report.events.acknowledged,
            latency_p99_ms: report.latency_ms.p99.unwrap_or(f64::NAN),
            limits,
        })
    }

    fn row(&self) -> Vec<String> {
        let limit = |key: &str| self.limits[key].to_string();
        vec![
            self.attack.to_string(),
            self.clients.to_string(),
            format!("{:.0}", self.memory_before_mb),
            format!("{:.0}", self.memory_mb),
            self.health.checks.to_string(),
            self.health.failed.to_string(),
            format!("{:.0}", self.health.slowest.as_secs_f64() * 1e3),
            self.planned.to_string(),
            self.acknowledged.to_string(),
            format!("{:.1}", self.latency_p99_ms),
            limit("too_slow"),
            limit("no_memory"),
            limit("closed_connections"),
        ]
    }

    fn judge(&self) -> Result<()> {
        let Self { attack, memory_mb, health, planned, acknowledged, .. } = self;
        ensure!(
            *memory_mb < MEMORY_MAX_MB,
            "{attack}: the receiver used {memory_mb:.0} MB; expected less than {MEMORY_MAX_MB} MB"
        );
        ensure!(health.checks > 0 && health.failed == 0, "{attack}: {} of {} health checks failed", health.failed, health.checks);
        ensure!(
            acknowledged == planned,
            "{attack}: {acknowledged} of {planned} events of the load test were acknowledged; expected all"
        );
        Ok(())
    }
}

/// Returns a value of a process from `/proc`, in MB.
fn memory_mb(process: u32, key: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
        .context("/proc has no memory figure of the process")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024.0 / 1e6)
}
