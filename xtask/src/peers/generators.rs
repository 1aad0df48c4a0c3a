//! The compared load generators: their installation, and the options with which each posts a body over 64 connections at full speed.
//! Packaged generators come from the system; the others are installed below `target/xtask/peers` in the versions named here.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use super::text;
use crate::tools::{available, part, run, say};

/// The number of connections, or of users with one connection each.
const CONNECTIONS: &str = "64";

const OHA: &str = "1.16.0";
const LOCUST: &str = "2.47.0";
const AUTOCANNON: &str = "9.0.0";

/// A load generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generator {
    /// This project: an actor per job seeker, a new event per request, and recorded times of each event.
    SeekerSim,
    /// Written in C. Sends the same body each time.
    Wrk,
    /// Part of nghttp2, written in C++.
    H2load,
    /// Written in Rust.
    Oha,
    /// Written in Go.
    Hey,
    /// A framework in Rust.
    Goose,
    /// Written in JavaScript.
    Autocannon,
    /// A framework in Python.
    Locust,
}

/// An installed generator.
pub(super) struct Ready {
    pub(super) generator: Generator,
    /// The name with the version.
    pub(super) name: String,
    program: String,
}

/// A program and its arguments.
pub(super) struct Call {
    pub(super) program: String,
    pub(super) args: Vec<String>,
}

impl Generator {
    pub(super) const ALL: [Self; 8] =
        [Self::SeekerSim, Self::Wrk, Self::H2load, Self::Oha, Self::Hey, Self::Goose, Self::Autocannon, Self::Locust];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::SeekerSim => "seeker-sim",
            Self::Wrk => "wrk",
            Self::H2load => "h2load",
            Self::Oha => "oha",
            Self::Hey => "hey",
            Self::Goose => "goose",
            Self::Autocannon => "autocannon",
            Self::Locust => "locust",
        }
    }

    /// Finds or installs the generator.
    pub(super) fn ready(self, seeker_sim: &Path, folder: &Path) -> Result<Ready> {
        let (program, version) = match self {
            Self::SeekerSim => (text(seeker_sim), env!("CARGO_PKG_VERSION").to_owned()),
            Self::Wrk => of_system("wrk", "--version", "wrk")?,
            Self::H2load => of_system("h2load", "--version", "nghttp2-client")?,
            Self::Hey => of_system("hey", "-h", "hey").map(|(program, _)| (program, String::new()))?,
            Self::Oha => (oha(&folder.join("oha"))?, OHA.to_owned()),
            Self::Goose => goose(&folder.join("goose"))?,
            Self::Autocannon => (autocannon(&folder.join("autocannon"))?, AUTOCANNON.to_owned()),
            Self::Locust => (locust(&folder.join("locust"))?, LOCUST.to_owned()),
        };
        Ok(Ready { generator: self, name: format!("{} {version}", self.name()).trim_end().to_owned(), program })
    }
}

impl Ready {
    /// Returns the call that posts the body for this long at full speed.
    pub(super) fn call(&self, url: &str, seconds: u32, body: &Path) -> Call {
        // seeker-sim has no mode without a rate, so the rate is higher than a core can send.
        const RATE: &str = "200000/s";
        const JSON: &str = "application/json";
        let (body, seconds_with_unit, path) = (text(body), format!("{seconds}s"), format!("{url}/clientEvents"));
        let seconds = seconds.to_string();
        let (scenario, lua, locustfile) =
            (text(&part("peers/short.toml")), text(&part("peers/wrk.lua")), text(&part("peers/locustfile.py")));
        let args: Vec<&str> = match self.generator {
            Generator::SeekerSim => vec![
                "run",
                "--target",
                url,
                "--scenario",
                &scenario,
                "--rate",
                RATE,
                "--duration",
                &seconds_with_unit,
                "--drain",
                "0s",
                "--connections",
                CONNECTIONS,
                "--quiet",
                "--seed",
                "1",
            ],
            Generator::Wrk => vec!["-t1", "-c", CONNECTIONS, "-d", &seconds_with_unit, "-s", &lua, &path],
            Generator::H2load => {
                vec!["--h1", "-t1", "-c", CONNECTIONS, "-D", &seconds, "-d", &body, "-H", "content-type: application/json", &path]
            }
            Generator::Hey => vec!["-z", &seconds_with_unit, "-c", CONNECTIONS, "-m", "POST", "-D", &body, "-T", JSON, &path],
            Generator::Oha => {
                vec!["-z", &seconds_with_unit, "-c", CONNECTIONS, "-m", "POST", "-D", &body, "-T", JSON, "--no-tui", &path]
            }
            Generator::Goose => vec![
                "--host",
                url,
                "--users",
                CONNECTIONS,
                "--increase-rate",
                CONNECTIONS,
                "--run-time",
                &seconds_with_unit,
                "--quiet",
                "--no-telnet",
                "--no-websocket",
            ],
            Generator::Autocannon => {
                vec!["-c", CONNECTIONS, "-d", &seconds, "-m", "POST", "-i", &body, "-H", "content-type=application/json", &path]
            }
            Generator::Locust => vec![
                "-f",
                &locustfile,
                "--headless",
                "-u",
                CONNECTIONS,
                "-r",
                CONNECTIONS,
                "-t",
                &seconds_with_unit,
                "--host",
                url,
                "--only-summary",
                "--exit-code-on-error",
                "0",
            ],
        };
        let args = args.into_iter().map(str::to_owned).collect();
        let call = Call { program: self.program.clone(), args };
        // A run that cannot keep its rate is not trustworthy, and the exit code says so.
        if self.generator == Generator::SeekerSim { call.that_may_end_with(3) } else { call }
    }
}

impl Call {
    fn that_may_end_with(self, code: u8) -> Self {
        let script = format!("\"$0\" \"$@\" || [ $? -eq {code} ]");
        let args = ["-c".to_owned(), script, self.program].into_iter().chain(self.args).collect();
        Self { program: "sh".to_owned(), args }
    }
}

/// Finds an installed program and the first number in its version output.
fn of_system(program: &str, argument: &str, package: &str) -> Result<(String, String)> {
    let finished =
        run(Command::new(program).arg(argument), None).with_context(|| format!("Debian: apt-get install {package}"))?;
    let said = format!("{} {}", finished.stdout, finished.stderr);
    let version =
        said.split([' ', '/', '\n']).find(|word| word.starts_with(|char: char| char.is_ascii_digit()) && word.contains('.'));
    Ok((program.to_owned(), version.unwrap_or_default().to_owned()))
}

fn oha(folder: &Path) -> Result<String> {
    let program = text(&folder.join("bin/oha"));
    if !available(&program, "--version") {
        say("building oha, which takes a few minutes")?;
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["install", "--quiet", "--locked", "--root"]).arg(folder).arg(format!("oha@{OHA}"));
        succeeded(&mut cargo)?;
    }
    Ok(program)
}

fn goose(folder: &Path) -> Result<(String, String)> {
    let project = part("peers/goose");
    say("building goose, which takes a few minutes the first time")?;
    let mut cargo = Command::new(env!("CARGO"));
    // These files lie beside the lock file that cargo writes.
    for file in ["Cargo.toml", "src/main.rs"] {
        crate::tools::place(&project.join(file), &folder.join(file))?;
    }
    cargo.args(["build", "--quiet", "--release"]).current_dir(folder).env("CARGO_TARGET_DIR", folder.join("target"));
    succeeded(&mut cargo)?;
    let manifest = fs::read_to_string(project.join("Cargo.toml"))?;
    let version = manifest.split("version = \"=").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    Ok((text(&folder.join("target/release/goose-peer")), version.to_owned()))
}

fn autocannon(folder: &Path) -> Result<String> {
    let program = text(&folder.join("node_modules/.bin/autocannon"));
    if !available(&program, "--version") {
        fs::create_dir_all(folder)?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(folder);
        succeeded(npm.arg(format!("autocannon@{AUTOCANNON}"))).context("Debian: apt-get install npm")?;
    }
    Ok(program)
}

fn locust(folder: &Path) -> Result<String> {
    let program = text(&folder.join("bin/locust"));
    if !available(&program, "--version") {
        succeeded(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))
            .context("Debian: apt-get install python3-venv")?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).arg(format!("locust=={LOCUST}"));
        succeeded(&mut pip)?;
    }
    Ok(program)
}

fn succeeded(command: &mut Command) -> Result<()> {
    let finished = run(command, None)?;
    ensure!(finished.success, "{}", finished.said());
    Ok(())
}
