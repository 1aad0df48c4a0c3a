//! Tests of runs on terminals: the display at every size, and the restored terminal after every kind of end.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};

use crate::program::{Reported, number, words};

/// The time limit for output, far longer than a run needs.
const SHOWING_TIME_MAX: Duration = Duration::from_mins(1);

/// A terminal with a run on it.
struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    /// Kept open until the end, because a terminal without users is closed.
    slave: Option<Box<dyn SlavePty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    shown: vt100::Parser,
    all: Vec<u8>,
    /// The terminal modes before the run.
    found: String,
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, ..PtySize::default() }
}

/// The modes of the terminal, such as echo and line input.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

impl Terminal {
    fn start(options: &str, cols: u16, rows: u16) -> Self {
        Self::start_with(options, &[], cols, rows)
    }

    fn start_with(options: &str, variables: &[(&str, &str)], cols: u16, rows: u16) -> Self {
        let pty = native_pty_system().openpty(size(cols, rows)).unwrap();
        let found = modes(&*pty.master);
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_seeker-sim"));
        command.arg("run");
        command.args(words(options));
        command.env_remove("RUST_LOG");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Reading from a terminal without users fails.
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let shown = vt100::Parser::new(rows, cols, 0);
        let keys = pty.master.take_writer().unwrap();
        Self { master: pty.master, keys, slave: Some(pty.slave), child, output, shown, all: Vec::new(), found }
    }

    /// Waits until a line of the screen meets the condition.
    fn until(&mut self, wanted: impl Fn(&str) -> bool) {
        while !self.shown.screen().contents().lines().any(|line| wanted(line.trim_end())) {
            let bytes =
                self.output.recv_timeout(SHOWING_TIME_MAX).unwrap_or_else(|_| panic!("{}", self.shown.screen().contents()));
            self.take(&bytes);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.shown.process(bytes);
        self.all.extend_from_slice(bytes);
    }

    fn resize(&mut self, cols: u16, rows: u16) {
        self.shown.screen_mut().set_size(rows, cols);
        self.master.resize(size(cols, rows)).unwrap();
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end. Returns the exit code, and whether the terminal is in the state that a shell expects.
    fn end(mut self) -> (u32, bool, String) {
        let code = self.child.wait().unwrap().exit_code();
        let left = modes(&*self.master);
        drop(self.slave.take());
        while let Ok(bytes) = self.output.recv_timeout(SHOWING_TIME_MAX) {
            self.take(&bytes);
        }
        let screen = self.shown.screen();
        let is_left = left == self.found && !screen.alternate_screen() && !screen.hide_cursor();
        (code, is_left, String::from_utf8_lossy(&self.all).into_owned())
    }
}

/// The display on a large terminal and on a terminal of 20 columns.
#[test]
fn the_screen_follows_the_size_of_the_terminal_and_is_left_as_it_was_found() {
    for way in ["q", "\x03", "TERM"] {
        let mut terminal = Terminal::start("--rate 100/s --duration 1h", 120, 40);
        terminal.until(|line| line.contains("latency in ms"));
        terminal.until(|line| line.starts_with("q stops the run"));
        terminal.resize(20, 10);
        terminal.until(|line| line.ends_with(" live"));
        terminal.until(|line| line.ends_with("/s of 100/s"));
        assert!(terminal.shown.screen().alternate_screen() && terminal.shown.screen().hide_cursor());
        terminal.resize(80, 24);
        terminal.until(|line| line.starts_with("q stops the run"));
        if way == "TERM" {
            let id = terminal.child.process_id().unwrap().to_string();
            assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
        } else {
            terminal.press(way);
        }
        let (code, is_left, text) = terminal.end();
        assert_eq!((code, is_left), (130, true), "{way:?}: {text}");
        let after = text.rsplit("\x1b[?1049l").next().unwrap();
        assert!(after.contains("run interrupted"), "the summary is on the restored terminal: {after}");
    }
}

/// The keys change the load, the screen shows the change, and the report lists it.
#[test]
fn keys_change_the_load() {
    let reported = Reported::new();
    let options = format!("--rate 100/s --duration 1h --report '{}'", reported.path().display());
    let mut terminal = Terminal::start(&options, 120, 40);
    terminal.until(|line| line.contains("+/- change the load, 0 resets it"));
    for (keys, changed, planned) in [
        ("++", "load 120 % of the plan", "120/s planned"),
        ("---", "load 90 % of the plan", "90/s planned"),
        ("0", "load as planned", "100/s planned"),
    ] {
        terminal.press(keys);
        terminal.until(|line| line.ends_with(changed));
        terminal.until(|line| line.contains(planned));
    }
    terminal.press("q");
    let (code, is_left, text) = terminal.end();
    assert_eq!((code, is_left), (130, true), "{text}");
    let report = reported.report();
    let changes = report["load"]["changes"].as_array().unwrap();
    let factors: Vec<_> = changes.iter().map(|change| (change["by"].as_str(), number(change, "factor"))).collect();
    assert_eq!(factors, [(Some("screen"), 1.2), (Some("screen"), 0.9), (Some("screen"), 1.0)]);
}

/// A thread hangs, so the second request ends the process without ending the run.
#[test]
fn a_second_request_gives_the_terminal_back() {
    let mut terminal = Terminal::start_with("--rate 100/s --duration 1h", &[("SEEKER_SIM_STALL", "drain")], 120, 40);
    terminal.until(|line| line.starts_with("q stops the run"));
    terminal.press("q");
    let id = terminal.child.process_id().unwrap().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    let (code, is_left, text) = terminal.end();
    assert_eq!((code, is_left), (130, true), "{text}");
    let after = text.rsplit("\x1b[?1049l").next().unwrap();
    assert!(after.contains("a second signal requested an immediate end"), "{after}");
}

#[test]
fn a_run_without_a_screen_leaves_the_terminal_alone() {
    for option in ["--no-tui", "--quiet"] {
        let terminal = Terminal::start(&format!("--rate 100/s --duration 1s {option}"), 20, 10);
        let (code, _, text) = terminal.end();
        // On a busy machine the run is not trustworthy.
        let verdict = if code == 0 { "run passed" } else { "run not trustworthy" };
        assert!([0, 3].contains(&code) && text.contains(verdict), "{option}: {text}");
        assert!(!text.contains("\x1b[?1049h"), "{option}: {text}");
    }
}
