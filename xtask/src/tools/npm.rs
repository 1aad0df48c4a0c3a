//! Node.js and the npm packages that `xtask/tools/package.json` pins, installed into a separate folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::process::{Finished, run};
use super::{part, place, say};

/// The oldest Node.js that every pinned package supports; the minimum comes from quicktype.
const OLDEST: (u32, u32) = (20, 19);

/// The files that pin the packages.
const PINS: [&str; 2] = ["package.json", "package-lock.json"];

/// Node.js with its packages.
#[derive(Debug)]
pub(crate) struct Node {
    folder: PathBuf,
    pins: Value,
}

impl Node {
    pub(super) fn installed(folder: &Path) -> Result<Self> {
        let version = version()?;
        let mut wanted = version;
        for file in PINS {
            wanted += &read(&part("tools").join(file))?;
        }
        let pins = serde_json::from_str(&read(&part("tools/package.json"))?).context("read xtask/tools/package.json")?;
        let node = Self { folder: folder.to_owned(), pins };
        let stamp = folder.join("installed");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(node);
        }
        say("installing the npm packages of xtask/tools/package.json")?;
        for file in PINS {
            place(&part("tools").join(file), &folder.join(file))?;
        }
        let mut command = Command::new("npm");
        command.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
        let finished = run(&mut command, None).context(NPM_MISSING)?;
        if !finished.success {
            bail!(not_installed(&finished));
        }
        fs::write(&stamp, wanted).with_context(|| format!("write {}", stamp.display()))?;
        Ok(node)
    }

    /// Returns the pinned version.
    pub(crate) fn version(&self, package: &str) -> String {
        self.pins["dependencies"][package].as_str().unwrap_or("?").to_owned()
    }

    /// Returns the program of a package.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join("node_modules/.bin").join(name));
        command.env("NO_COLOR", "1");
        command
    }

    /// Copies a script of this repository to the packages, so that it can import them, and returns the command.
    pub(crate) fn script(&self, script: &Path) -> Result<Command> {
        let copy = self.folder.join(script.file_name().context("a script is a file")?);
        place(script, &copy)?;
        let mut command = Command::new("node");
        command.arg(copy);
        Ok(command)
    }
}

const NODE_MISSING: &str = "Node.js 20.19 or later is needed, with npm (Debian 13: apt-get install nodejs npm); put `node` on the PATH, then \
    run again";
const NPM_MISSING: &str =
    "npm is needed (part of Node.js, or Debian: apt-get install npm); put `npm` on the PATH, then run again";

/// Returns the output of `node --version`, if the version is new enough.
fn version() -> Result<String> {
    let finished = run(Command::new("node").arg("--version"), None).context(NODE_MISSING)?;
    let version = finished.stdout.trim().to_owned();
    if !new_enough(&version) {
        bail!("node has version {version}, but {NODE_MISSING}");
    }
    Ok(version)
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|number| number.parse().ok());
    let found: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    found >= OLDEST
}

/// Returns the output of npm without its prefixes, and what to do.
fn not_installed(finished: &Finished) -> String {
    let said: Vec<&str> = finished
        .stderr
        .lines()
        .map(|line| line.trim_start_matches("npm error").trim())
        .filter(|line| !line.is_empty() && !line.starts_with("A complete log"))
        .take(4)
        .collect();
    format!(
        "npm could not install the packages of xtask/tools/package.json: {}; check the network or the registry setting \
         (npm config get registry), then run again",
        said.join("; ")
    )
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_node_is_refused() {
        for (version, expected) in [("v20.19.0", true), ("v24.1.0", true), ("v18.20.4", false), ("v20.18.9", false), ("", false)]
        {
            assert_eq!(new_enough(version), expected, "{version}");
        }
    }

    #[test]
    fn an_unreachable_registry_is_reported_with_advice() {
        let stderr = "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error\nnpm error A complete log of this run\n";
        let text = not_installed(&Finished { success: false, stdout: String::new(), stderr: stderr.to_owned() });
        assert_eq!(
            text,
            "npm could not install the packages of xtask/tools/package.json: code ENOTFOUND; syscall getaddrinfo; check the network or the \
             registry setting (npm config get registry), then run again"
        );
    }

    #[test]
    fn packages_are_pinned_to_one_version_and_name_no_host() {
        let pins: Value = serde_json::from_str(&read(&part("tools/package.json")).unwrap()).unwrap();
        for (package, version) in pins["dependencies"].as_object().unwrap() {
            let version = version.as_str().unwrap();
            assert!(version.chars().all(|c| c.is_ascii_digit() || c == '.'), "{package} {version} is not an exact version");
        }
        let lock: Value = serde_json::from_str(&read(&part("tools/package-lock.json")).unwrap()).unwrap();
        for (path, package) in lock["packages"].as_object().unwrap() {
            assert!(package.get("resolved").is_none(), "{path} names its download address");
        }
    }
}
