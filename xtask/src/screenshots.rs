//! Pictures for the README and the documentation, made from a real run: the screen during the run as SVG, the pages as PNG.

mod terminal;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::release;
use crate::screenshots::terminal::Terminal;

/// The load: a ramp, a plateau just below the limit of the receiver, and a step beyond it.
const STAGES: [&str; 3] = ["8s:100->800/s", "10s:800/s", "4s:1100/s"];

/// The receiver of the pictures.
const RECEIVER: [&str; 5] = ["serve", "--bind", "127.0.0.1:0", "--max-rate", "1000/s"];

/// When the picture of the screen is taken, after the start of the run.
const PICTURE_AFTER: Duration = Duration::from_secs(20);

/// The size of the terminal, in columns and rows.
const TERMINAL: (u16, u16) = (112, 36);

/// The size of the pictures of pages, in pixels.
const PAGE: &str = "--window-size=1000,1180";

/// A process that ends with its owner.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Writes the pictures into this folder.
pub(crate) fn make(folder: &Path) -> Result<()> {
    let program = release::built("release", &["seeker-sim"])?.join("seeker-sim");
    fs::create_dir_all(folder)?;
    let work = tempfile::tempdir()?;
    let (report, stats) = (work.path().join("run.html"), work.path().join("stats.html"));
    let (_receiver, url) = receiver(&program)?;
    let mut command = vec!["run", "--target", &url, "--threshold", "latency.p99 < 100ms", "--threshold", "refused == 0"];
    for stage in &STAGES {
        command.extend(["--stage", *stage]);
    }
    let report_path = report.to_str().context("a temporary folder is UTF-8")?;
    command.extend(["--seed", "7", "--report", report_path]);
    let mut terminal = Terminal::start(&program, &command, TERMINAL)?;
    let svg = terminal.svg_after(PICTURE_AFTER)?;
    fs::write(folder.join("screen.svg"), svg)?;
    terminal.end()?;
    let events = work.path().join("events.ndjson");
    run(Command::new(&program).args(["generate", "--seekers", "2000", "--days", "14", "--seed", "1", "--out"]).arg(&events))?;
    run(Command::new(&program).args(["stats", "--output", "html"]).arg(&events).stdout(fs::File::create(&stats)?))?;
    for (page, name) in [(&report, "report"), (&stats, "stats")] {
        for (scheme, suffix) in [("1", ""), ("0", "-dark")] {
            picture(page, scheme, &folder.join(format!("{name}{suffix}.png")), work.path())?;
        }
    }
    Ok(())
}

/// Starts a receiver and returns its URL.
fn receiver(program: &Path) -> Result<(Owned, String)> {
    let mut child = Command::new(program).args(RECEIVER).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let out = child.stdout.take().context("standard output is piped")?;
    let owned = Owned(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let url = line.strip_prefix("listening on ").and_then(|rest| rest.split(": ").next());
    Ok((owned, url.with_context(|| format!("the receiver wrote {line:?}"))?.to_owned()))
}

fn run(command: &mut Command) -> Result<()> {
    ensure!(command.status()?.success(), "{command:?} failed");
    Ok(())
}

/// Takes a picture of the top of a page. `scheme` is Blink's preferred colour scheme: 0 for dark, 1 for light.
fn picture(page: &Path, scheme: &str, png: &Path, profile: &Path) -> Result<()> {
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", PAGE]);
    chromium.arg(format!("--user-data-dir={}", profile.join("chromium").display()));
    chromium.arg(format!("--blink-settings=preferredColorScheme={scheme}"));
    chromium.arg(format!("--screenshot={}", png.display())).arg(format!("file://{}", page.display()));
    let output = chromium.stdin(Stdio::null()).output().context("chromium cannot be started; install it (Debian: chromium)")?;
    ensure!(output.status.success() && png.exists(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
