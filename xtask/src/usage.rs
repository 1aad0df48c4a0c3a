//! The resource usage of a process: CPU time and peak memory. The measuring process has no other children, because the operating system
//! adds up the usage of all children, and a child's memory starts at its parent's.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The resource usage of a process.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Usage {
    cpu_us: u64,
    peak_kb: u64,
}

impl Usage {
    /// An upper bound of any usage.
    pub(crate) const MAX: Self = Self { cpu_us: u64::MAX, peak_kb: u64::MAX };

    /// Returns the minimum of both.
    pub(crate) fn best(self, other: Self) -> Self {
        Self { cpu_us: self.cpu_us.min(other.cpu_us), peak_kb: self.peak_kb.min(other.peak_kb) }
    }

    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    pub(crate) fn cpu_s(self) -> f64 {
        self.cpu_us as f64 / 1e6
    }

    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    pub(crate) fn peak_mb(self) -> f64 {
        self.peak_kb as f64 / 1e3
    }

    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    pub(crate) fn per_cpu_s(self, events: u64) -> f64 {
        events as f64 / self.cpu_s()
    }
}

/// Runs a program, which must succeed, and returns its usage.
pub(crate) fn of(program: &Path, args: &[&str]) -> Result<Usage> {
    let args: Vec<_> = args.iter().map(|arg| (*arg).to_owned()).collect();
    with(program, &args, &[])
}

/// Like [`of`], with paths in environment variables.
pub(crate) fn with(program: &Path, args: &[String], variables: &[(&str, &Path)]) -> Result<Usage> {
    let mut measuring = Command::new(std::env::current_exe()?);
    measuring.args(["measured", "usage"]).arg(program).arg("--").args(args).envs(variables.iter().copied());
    let output = measuring.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{} {} failed", program.display(), args.join(" "));
    serde_json::from_slice(&output.stdout).context("the output of the measuring process is not JSON")
}

/// Runs a program, which must succeed, and prints its usage.
pub(crate) fn print(program: &Path, args: &[String]) -> Result<()> {
    let output = Command::new(program).args(args).stderr(Stdio::inherit()).output()?;
    ensure!(
        output.status.success(),
        "the measured program ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stdout)
    );
    serde_json::to_writer(io::stdout(), &of_children()?)?;
    writeln!(io::stdout())?;
    Ok(())
}

/// Returns the usage of all children that have ended.
#[cfg(unix)]
fn of_children() -> Result<Usage> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    // The unit of the peak.
    const BYTES: u64 = if cfg!(target_vendor = "apple") { 1 } else { 1024 };

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = [usage.user_time(), usage.system_time()].map(|time| time.num_microseconds());
    let cpu_us = u64::try_from(micros.iter().sum::<i64>()).context("the CPU time is negative")?;
    let peak = u64::try_from(usage.max_rss()).context("the peak memory is negative")?;
    Ok(Usage { cpu_us, peak_kb: peak * BYTES / 1024 })
}

#[cfg(not(unix))]
fn of_children() -> Result<Usage> {
    anyhow::bail!("cannot measure the CPU time and memory of other processes: this needs Unix")
}
