//! Writes the progress to standard error without a screen. A separate thread writes, so that a blocked terminal or pipe (Ctrl-S on a
//! terminal, a stalled reader) delays neither the figures nor the end of a run.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The maximum number of waiting lines. Beyond that, the newest lines are dropped.
const LINES_MAX: usize = 64;

/// How long the end of a run waits for the last line.
const LAST_LINE_MAX: Duration = Duration::from_millis(500);

/// Accepts lines. Dropping it waits a short time for the last line.
pub(super) struct StatusOutput {
    lines: Option<SyncSender<Line>>,
    is_live: bool,
    /// Disconnected when the thread has ended.
    ended: Receiver<()>,
}

enum Line {
    /// Replaces the previous status on a terminal.
    Status(String),
    /// Stays visible.
    Message(String),
}

impl StatusOutput {
    /// Starts the thread. With `is_live`, the status line is updated in place on a terminal.
    pub(super) fn start(is_live: bool) -> Self {
        let bar = is_live.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(ProgressStyle::with_template("{spinner} {wide_msg}").expect("the template is sound"));
            bar
        });
        Self::start_with(is_live, move |lines| {
            for line in lines {
                write_line(bar.as_ref(), line);
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        })
    }

    fn start_with(is_live: bool, write: impl FnOnce(&Receiver<Line>) + Send + 'static) -> Self {
        let (lines, received) = sync_channel(LINES_MAX);
        let (is_working, ended) = sync_channel(0);
        // If no thread can be started, nothing is shown.
        let _ = thread::Builder::new().name("status".to_owned()).spawn(move || {
            let _is_working: SyncSender<()> = is_working;
            write(&received);
        });
        Self { lines: Some(lines), is_live, ended }
    }

    /// Whether a status line replaces the previous one.
    pub(super) fn is_live(&self) -> bool {
        self.is_live
    }

    /// Shows the status of the run.
    pub(super) fn status(&self, line: String) {
        self.send(Line::Status(line));
    }

    /// Writes a line that stays visible. Returns whether there was room for it.
    pub(super) fn message(&self, line: String) -> bool {
        self.send(Line::Message(line))
    }

    fn send(&self, line: Line) -> bool {
        self.lines.as_ref().is_some_and(|lines| lines.try_send(line).is_ok())
    }
}

impl Drop for StatusOutput {
    fn drop(&mut self) {
        self.lines = None;
        // An error means that the thread has ended or is stuck.
        let _ = self.ended.recv_timeout(LAST_LINE_MAX);
    }
}

fn write_line(bar: Option<&ProgressBar>, line: Line) {
    match (bar, line) {
        (Some(bar), Line::Status(line)) => {
            bar.set_message(line);
            bar.tick();
        }
        (Some(bar), Line::Message(line)) => bar.println(line),
        (None, Line::Status(line) | Line::Message(line)) => {
            // A closed standard error does not end a run.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stuck_output_holds_up_nobody() {
        let (stuck, until) = sync_channel::<()>(0);
        let output = StatusOutput::start_with(false, move |_| {
            let _ = until.recv();
        });
        assert!((0..LINES_MAX).all(|number| output.message(number.to_string())), "there is room");
        assert!(!output.message("too many".to_owned()));
        drop(output);
        // The writer was stuck until here.
        drop(stuck);
    }

    #[test]
    fn all_lines_are_written_in_order_before_the_end() {
        let (sender, written) = sync_channel(LINES_MAX);
        let output = StatusOutput::start_with(false, move |lines| {
            for line in lines {
                let (Line::Status(text) | Line::Message(text)) = line;
                sender.send(text).unwrap();
            }
        });
        output.status("one".to_owned());
        assert!(output.message("two".to_owned()));
        drop(output);
        assert_eq!(written.iter().collect::<Vec<_>>(), ["one", "two"]);
    }
}
