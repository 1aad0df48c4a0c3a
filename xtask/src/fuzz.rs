//! Runs each fuzz target of `fuzz/` for a limited time, from corpora that are built from the test vectors.

mod corpora;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::tools::say;

/// The maximum length of an input: longer inputs find little more and take longer. Seeds must fit.
fn input_bytes_max(target: &str) -> u32 {
    match target {
        "report" => 256 * 1024,
        "scenario" => 64 * 1024,
        _ => 8 * 1024,
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn cargo_fuzz() -> Command {
    let mut command = Command::new(env!("CARGO"));
    // The flags for coverage are stable; only sanitizers are not.
    command.arg("fuzz").current_dir(folder().join("..")).stdin(Stdio::null());
    command
}

/// Returns the names of the targets in `fuzz/Cargo.toml`.
fn targets() -> Result<Vec<String>> {
    let listed = cargo_fuzz().arg("list").stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    ensure!(listed.status.success(), "cargo fuzz is not installed; install it with `cargo install cargo-fuzz --locked`");
    Ok(String::from_utf8(listed.stdout)?.lines().map(str::to_owned).collect())
}

/// The length of the run of each target.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Length {
    /// Run each target for this many seconds.
    #[arg(long, default_value_t = 10, conflicts_with = "inputs")]
    seconds: u64,
    /// Run each target with this many inputs, instead of a time.
    #[arg(long, value_name = "N")]
    inputs: Option<u64>,
    /// The seed of the inputs. Default: new inputs in every run.
    ///
    /// Together with `--inputs`, it repeats a run.
    #[arg(long, value_name = "N")]
    seed: Option<u32>,
}

impl Length {
    fn arguments(self) -> Vec<String> {
        let mut arguments = vec![match self.inputs {
            Some(inputs) => format!("-runs={inputs}"),
            None => format!("-max_total_time={}", self.seconds),
        }];
        arguments.extend(self.seed.map(|seed| format!("-seed={seed}")));
        arguments
    }
}

/// Runs these targets, or all targets.
pub(crate) fn run(schemas: &Path, length: Length, names: &[String]) -> Result<()> {
    let all = targets()?;
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        bail!("unknown fuzz target {unknown}; expected one of {}", all.join(", "));
    }
    let corpora = folder().join("corpus");
    let seeds = corpora::write(&corpora, schemas)?;
    say(&format!("{seeds} seeds in {}", corpora.display()))?;
    // libFuzzer is C++; the rest is built once for all targets.
    let built = cargo_fuzz().args(["build", "--sanitizer", "none"]).status()?;
    ensure!(built.success(), "cannot build the fuzz targets");
    let chosen = if names.is_empty() { all } else { names.to_vec() };
    let mut failed = Vec::new();
    for name in chosen {
        let fuzzed = cargo_fuzz()
            .args(["run", "--sanitizer", "none", &name, "--"])
            .args(length.arguments())
            .arg(format!("-max_len={}", input_bytes_max(&name)))
            .args(["-timeout=30", "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1"])
            .output()?;
        let said = String::from_utf8_lossy(&fuzzed.stderr).into_owned();
        let figure = |key: &str| said.lines().find_map(|line| line.strip_prefix(key)).map_or("?", str::trim).to_owned();
        let (inputs, rate) = (figure("stat::number_of_executed_units:"), figure("stat::average_exec_per_sec:"));
        say(&format!("{name}: {inputs} inputs, {rate}/s"))?;
        if !fuzzed.status.success() {
            say(&said)?;
            failed.push(name);
        }
    }
    ensure!(failed.is_empty(), "an input breaks {}; see fuzz/artifacts", failed.join(", "));
    Ok(())
}
