//! Measures `seeker-sim check` on one core against a lower bound: a loop that reads lines and parses each into the message. Both run
//! alternately, so that other load on the machine affects both alike.
//!
//! The measure is the CPU time of a separate process, not the elapsed time. The invariant: both read the same file from the page cache, and
//! the comparison uses the best of several rounds of each.

mod stream;

use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Subcommand;
use client_event::Reader;

use crate::release;
use crate::table::table;
use crate::usage::{self, Usage};
use stream::Kind;

/// The length of the longer stream, in lengths of the shorter one.
const TIMES: u64 = 10;

/// The time in the stream after which an idle request is closed. The shorter stream is as long as the window. The longer stream therefore
/// has ten times the keys of a window, and must not use ten times the memory.
const WINDOW: &str = "1d";

/// The limit: events a second and core.
const EVENTS_PER_S: f64 = 1_000_000.0;

/// The limit: CPU time in multiples of the plain loop.
const TIMES_PLAIN_LOOP: f64 = 2.0;

/// A task with its own process.
#[derive(Debug, Subcommand)]
pub(crate) enum Part {
    /// The whole measurement, in a release build.
    All { events: u64, rounds: u32 },
    /// The plain loop.
    PlainLoop { file: PathBuf },
    /// Runs a program and prints its resource usage.
    Usage { program: PathBuf, args: Vec<String> },
}

/// Builds for release and measures.
pub(crate) fn run(events: u64, rounds: u32) -> Result<()> {
    ensure!(events > 0 && rounds > 0, "--events and --rounds must be above 0");
    let xtask = release::built("dist", &["seeker-sim", "xtask"])?.join("xtask");
    let all = Command::new(&xtask).args(["measured", "all", &events.to_string(), &rounds.to_string()]).status();
    ensure!(
        all.with_context(|| format!("cannot start {}", xtask.display()))?.success(),
        "the measurement failed; see the messages above"
    );
    Ok(())
}

/// Runs one of the processes.
pub(crate) fn part(part: &Part) -> Result<()> {
    match part {
        Part::All { events, rounds } => all(*events, *rounds),
        Part::PlainLoop { file } => plain_loop(file),
        Part::Usage { program, args } => usage::print(program, args),
    }
}

/// The lower bound: parses each line of a file into the message with the reader of `check`, whose texts borrow from the line.
fn plain_loop(file: &Path) -> Result<()> {
    let mut lines = BufReader::with_capacity(256 * 1024, File::open(file)?);
    let mut line = Vec::new();
    let mut events = 0_u64;
    while lines.read_until(b'\n', &mut line)? > 0 {
        let event = Reader::new().read_borrowed(&line).context("the model wrote an invalid message")?;
        black_box(&event);
        events += 1;
        line.clear();
    }
    writeln!(io::stdout(), "{events}")?;
    Ok(())
}

fn all(events: u64, rounds: u32) -> Result<()> {
    let folder = release::folder("dist")?;
    let (check, xtask) = (folder.join("seeker-sim"), folder.join("xtask"));
    let (mut rows, mut missed) = (Vec::new(), 0);
    for (kind, events) in [(Kind::Calibrated, events), (Kind::Short, events), (Kind::Short, events * TIMES)] {
        let file = stream::written(kind, events, &folder)?;
        let name = file.display().to_string();
        let (mut best_plain, mut best_check) = (Usage::MAX, Usage::MAX);
        for _ in 0..rounds {
            best_plain = best_plain.best(usage::of(&xtask, &["measured", "plain-loop", &name])?);
            best_check = best_check.best(usage::of(&check, &["check", "--threads", "1", "--window", WINDOW, &name])?);
        }
        let megabytes = in_float(file.metadata()?.len()) / 1e6;
        for (what, usage) in [("plain loop", best_plain), ("check", best_check)] {
            rows.push(vec![
                format!("{events} {}", kind.name()),
                what.to_owned(),
                format!("{:.0}", usage.per_cpu_s(events)),
                format!("{:.0} MB", megabytes / usage.cpu_s()),
                format!("{:.0}", megabytes * 1e6 / in_float(events)),
                format!("{:.2}", usage.cpu_s() / best_plain.cpu_s()),
                format!("{:.0} MB", usage.peak_mb()),
            ]);
        }
        let (per_s, times) = (best_check.per_cpu_s(events), best_check.cpu_s() / best_plain.cpu_s());
        // The limit for events a second is set for messages of 300 to 400 bytes.
        let is_slow = kind == Kind::Short && per_s < EVENTS_PER_S;
        missed += u32::from(is_slow) + u32::from(times > TIMES_PLAIN_LOOP);
    }
    let headings =
        ["events", "program", "events per CPU s", "per CPU s", "bytes each", "CPU, times the plain loop", "peak memory"];
    writeln!(io::stdout(), "{}", table(&headings, &rows))?;
    ensure!(
        missed == 0,
        "{missed} limits missed: {EVENTS_PER_S} events a second for short messages, {TIMES_PLAIN_LOOP} times the plain loop"
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "only shown")]
fn in_float(number: u64) -> f64 {
    number as f64
}
