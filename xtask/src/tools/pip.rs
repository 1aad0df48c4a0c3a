//! Python and the packages that `xtask/tools/requirements.txt` pins, installed into a separate virtual environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::process::{Finished, available, run};
use super::{part, say};

/// Python with its packages.
#[derive(Debug)]
pub(crate) struct Python {
    folder: PathBuf,
    pins: String,
}

impl Python {
    pub(super) fn installed(folder: &Path) -> Result<Self> {
        let version = run(Command::new("python3").arg("--version"), None).context(PYTHON_MISSING)?.stdout;
        let requirements = part("tools/requirements.txt");
        let pins = fs::read_to_string(&requirements).with_context(|| format!("read {}", requirements.display()))?;
        let python = Self { folder: folder.to_owned(), pins };
        let wanted = format!("{version}{}", python.pins);
        let stamp = folder.join("installed");
        let interpreter = python.folder.join("bin/python");
        let runs = available(&interpreter.to_string_lossy(), "--version");
        if runs && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(python);
        }
        say("installing the Python packages of xtask/tools/requirements.txt")?;
        let made = run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder), None)?;
        if !made.success {
            bail!("python3 could not create a virtual environment ({VENV_MISSING}): {}", made.said());
        }
        let mut command = python.module("pip");
        command.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&requirements);
        let finished = run(&mut command, None)?;
        if !finished.success {
            bail!(not_installed(&finished));
        }
        fs::write(&stamp, wanted).with_context(|| format!("write {}", stamp.display()))?;
        Ok(python)
    }

    /// Returns the pinned version.
    pub(crate) fn version(&self, package: &str) -> String {
        pinned(&self.pins, package).unwrap_or("?").to_owned()
    }

    /// Returns the command that runs a module as a program.
    pub(crate) fn module(&self, name: &str) -> Command {
        let mut command = self.python();
        command.args(["-m", name]);
        command
    }

    /// Returns a program that a package installed.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join("bin").join(name))
    }

    /// Returns the command of a script of this repository. It can import the packages and leaves no compiled files beside itself.
    pub(crate) fn script(&self, script: &Path) -> Command {
        let mut command = self.python();
        command.arg(script);
        command
    }

    fn python(&self) -> Command {
        let mut command = Command::new(self.folder.join("bin/python"));
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
        command
    }
}

const PYTHON_MISSING: &str = "Python 3.10 or later is needed, with pip and venv (Debian: apt-get install python3 python3-venv); put \
    `python3` on the PATH, then run again";
const VENV_MISSING: &str = "Debian: apt-get install python3-venv";

fn pinned<'p>(pins: &'p str, package: &str) -> Option<&'p str> {
    pins.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix("==")).map(str::trim)
}

/// Returns the errors of pip, and what to do.
fn not_installed(finished: &Finished) -> String {
    let errors: Vec<&str> = finished.stderr.lines().filter_map(|line| line.strip_prefix("ERROR: ")).take(4).collect();
    let said = if errors.is_empty() { finished.said() } else { errors.join("; ") };
    format!(
        "pip could not install the packages of xtask/tools/requirements.txt: {said}; check the network or the index setting \
         (pip config list), then run again"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_index_is_reported_with_advice() {
        let stderr = "WARNING: Retrying\nERROR: Could not find a version that satisfies x==1\nERROR: No matching distribution found for x==1\n";
        let text = not_installed(&Finished { success: false, stdout: String::new(), stderr: stderr.to_owned() });
        assert_eq!(
            text,
            "pip could not install the packages of xtask/tools/requirements.txt: Could not find a version that satisfies x==1; No matching \
             distribution found for x==1; check the network or the index setting (pip config list), then run again"
        );
    }

    #[test]
    fn packages_are_pinned_to_one_version() {
        let pins = fs::read_to_string(part("tools/requirements.txt")).unwrap();
        for line in pins.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert!(line.contains("=="), "{line}");
        }
        assert!(pinned(&pins, "jsonschema").is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit())));
        assert_eq!(pinned(&pins, "jsonschem"), None);
    }
}
