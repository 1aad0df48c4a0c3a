//! A receiver (`seeker-sim serve`) in a separate process, for tasks that measure load generators.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

/// A receiver process that ends when this value is dropped.
pub(crate) struct ReceiverProcess {
    child: Child,
    url: String,
    stdout: BufReader<ChildStdout>,
}

impl ReceiverProcess {
    /// Starts `serve` with this command, and waits until it listens.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("start {program}"))?;
        let mut stdout = BufReader::new(child.stdout.take().context("the standard output is piped")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).context("the receiver printed no address")?;
        let url = url.trim_end_matches(':').to_owned();
        Ok(Self { child, url, stdout })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The number of events received so far.
    pub(crate) fn received(&self) -> Result<u64> {
        let address = self.url.trim_start_matches("http://");
        let mut connection = TcpStream::connect(address).context("connect to the receiver")?;
        write!(connection, "GET /summary HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("the response of the receiver has no body")?;
        let summary: Value = serde_json::from_str(body).context("the summary of the receiver is not JSON")?;
        summary["received"].as_u64().context("the summary of the receiver has no count `received`")
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the receiver and returns the number of received events.
    pub(crate) fn end(self) -> Result<u64> {
        let summary = self.end_with_summary()?;
        summary["received"].as_u64().context("the summary of the receiver has no count `received`")
    }

    /// Ends the receiver and returns its summary.
    pub(crate) fn end_with_summary(mut self) -> Result<Value> {
        interrupt(&self.child)?;
        let mut summary = String::new();
        self.stdout.read_to_string(&mut summary)?;
        self.child.wait()?;
        serde_json::from_str(&summary).context("the output of the receiver is not JSON")
    }
}

#[cfg(unix)]
fn interrupt(child: &Child) -> Result<()> {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    Ok(kill(Pid::from_raw(child.id().try_into()?), Signal::SIGINT)?)
}

#[cfg(not(unix))]
fn interrupt(_: &Child) -> Result<()> {
    anyhow::bail!("cannot interrupt the receiver: this needs Unix")
}

impl Drop for ReceiverProcess {
    fn drop(&mut self) {
        // The process may already have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
