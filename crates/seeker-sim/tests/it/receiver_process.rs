//! A receiver in its own process, which can be stopped, killed and restarted.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::program::seeker_sim;

/// A receiver process that ends with the test.
pub(crate) struct ReceiverProcess {
    child: Child,
    url: String,
    first_line: String,
    stdout: BufReader<ChildStdout>,
}

impl ReceiverProcess {
    /// Starts the receiver on a free port.
    pub(crate) fn start() -> Self {
        Self::start_at("127.0.0.1:0")
    }

    pub(crate) fn start_at(address: &str) -> Self {
        Self::start_with(&["--bind", address])
    }

    pub(crate) fn start_with(options: &[&str]) -> Self {
        let mut serve = seeker_sim(&["serve"]);
        let mut child = serve.args(options).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches([':', ',']);
        Self { url: url.to_owned(), first_line: line, child, stdout }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn first_line(&self) -> &str {
        &self.first_line
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Ends the receiver gracefully and returns its output.
    pub(crate) fn end(mut self) -> String {
        self.signal("INT");
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

impl Drop for ReceiverProcess {
    fn drop(&mut self) {
        // A stopped process can be killed too. An error means that the process has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
