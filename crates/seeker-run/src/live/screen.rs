//! The full-screen display of a run. A separate thread draws the snapshots and reads the keys, so that a slow terminal delays nothing
//! else. However the run ends, the terminal is restored: by the thread when it receives the request to end, by the owner when it goes out
//! of scope, and on a panic of any thread before the panic is printed.

use std::io::{self, BufWriter, IsTerminal, Stderr};
use std::panic;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actor_slab::panics::is_contained;
use atomic_output::forced_end::{ForcedEndAction, on_forced_end};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

use super::load_keys::LoadKeys;
use super::snapshot::Snapshot;
use super::view::{Heading, Palette, draw};
use crate::live_load::LiveLoad;
use crate::process::signals::EndRequester;

/// How long the thread waits for keys before it checks for a new snapshot.
const KEY_WAIT: Duration = Duration::from_millis(50);

/// The maximum time that the thread takes to leave the terminal. It takes longer only if the terminal accepts no more output.
const LEAVING_MAX: Duration = Duration::from_millis(500);

const THREAD_NAME: &str = "screen";

type StderrTerminal = Terminal<CrosstermBackend<BufWriter<Stderr>>>;

/// A terminal in full-screen mode. Restored on drop.
pub(crate) struct Screen {
    holder: Arc<Holder>,
    sender: SyncSender<Snapshot>,
    _leaving: ForcedEndAction,
}

/// What the keys control.
struct Controls {
    end_requester: EndRequester,
    load: LiveLoad,
}

/// The channel for snapshots.
pub(super) struct SnapshotSender(SyncSender<Snapshot>);

/// The holder of the terminal.
#[derive(Default)]
struct Holder {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Shown,
    /// The thread must restore the terminal.
    Leaving,
    Left,
}

impl Screen {
    /// Takes over the terminal of standard error, if it is available. In the background it is not: the system stops a background process
    /// that changes its terminal.
    pub(crate) fn open(heading: Heading, end_requester: EndRequester, load: LiveLoad) -> Option<Self> {
        if !is_available() {
            return None;
        }
        let show = move |terminal, snapshots: &_, holder: &_| {
            show(terminal, &heading, snapshots, &Controls { end_requester, load }, holder);
        };
        Self::start(show).map(|(screen, _)| screen)
    }

    /// Takes over the terminal and starts a thread that draws on it.
    fn start(show: impl FnOnce(StderrTerminal, &Receiver<Snapshot>, &Holder) + Send + 'static) -> Option<(Self, JoinHandle<()>)> {
        enable_raw_mode().ok()?;
        let holder = Arc::new(Holder::default());
        holder.leave_before_panics();
        // From here on the terminal is restored in any case.
        let (sender, snapshots) = sync_channel(1);
        let leaver = Arc::clone(&holder);
        let screen = Self { holder: Arc::clone(&holder), sender, _leaving: on_forced_end(move || leaver.leave()) };
        execute!(io::stderr(), EnterAlternateScreen).ok()?;
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(io::stderr()))).ok()?;
        let show = move || {
            show(terminal, &snapshots, &holder);
            holder.left();
        };
        let thread = thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(show).ok()?;
        Some((screen, thread))
    }

    pub(super) fn feed(&self) -> SnapshotSender {
        SnapshotSender(self.sender.clone())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.holder.leave();
    }
}

impl SnapshotSender {
    /// Passes a snapshot to the thread. A snapshot that comes too early is dropped. Returns whether the screen still exists.
    pub(super) fn offer(&self, snapshot: Snapshot) -> bool {
        !matches!(self.0.try_send(snapshot), Err(TrySendError::Disconnected(_)))
    }
}

impl Holder {
    /// No code under this lock can panic.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_shown(&self) -> bool {
        *self.state() == State::Shown
    }

    /// Restores the terminal: by the thread if possible, otherwise here.
    fn leave(&self) {
        let mut state = self.state();
        if *state == State::Shown {
            *state = State::Leaving;
        }
        let is_another = thread::current().name() != Some(THREAD_NAME);
        if is_another && *state == State::Leaving {
            let waited = self.changed.wait_timeout_while(state, LEAVING_MAX, |state| *state == State::Leaving);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        self.left();
    }

    /// Restores the terminal, unless that is done already.
    fn left(&self) {
        let mut state = self.state();
        if *state != State::Left {
            *state = State::Left;
            // A lost terminal need not be restored.
            let _ = disable_raw_mode();
            let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
        }
        drop(state);
        self.changed.notify_all();
    }

    fn leave_before_panics(self: &Arc<Self>) {
        let holder = Arc::clone(self);
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // A contained panic prints nothing.
            if !is_contained() {
                holder.leave();
            }
            previous(info);
        }));
    }
}

/// Draws and reads keys until the terminal must be restored.
fn show(mut terminal: StderrTerminal, heading: &Heading, snapshots: &Receiver<Snapshot>, controls: &Controls, holder: &Holder) {
    let palette = Palette::from_environment();
    let (mut snapshot, mut is_new, mut keys) = (Snapshot::default(), true, Keys::default());
    let mut load_keys = LoadKeys::default();
    while holder.is_shown() {
        // If drawing fails, the screen is closed; the run continues.
        if is_new && terminal.draw(|frame| draw(frame, heading, &snapshot, load_keys.message(), palette)).is_err() {
            return;
        }
        is_new = false;
        match event::poll(KEY_WAIT).and_then(|is_there| if is_there { event::read().map(Some) } else { Ok(None) }) {
            Ok(Some(Event::Key(key))) if keys.ask_to_end(key) => controls.end_requester.end(),
            Ok(Some(Event::Key(key))) if load_keys.press(key) => is_new = true,
            Ok(Some(Event::Resize(..))) => is_new = true,
            Ok(None) => is_new = load_keys.apply_when_quiet(&controls.load),
            Ok(Some(_)) => {}
            Err(_) => return,
        }
        match snapshots.try_recv() {
            Ok(next) => (snapshot, is_new) = (next, true),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return,
        }
    }
}

/// The keys pressed so far.
#[derive(Default)]
struct Keys {
    has_asked: bool,
}

impl Keys {
    /// Whether a key requests the end of the run. `q` requests it only once, so that holding the key down does not end the run
    /// immediately. Ctrl-C always requests it, as the signal would.
    fn ask_to_end(&mut self, key: KeyEvent) -> bool {
        let is_interrupt = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
        let is_first = !self.has_asked && matches!(key.code, KeyCode::Char('q' | 'Q'));
        let asks = key.kind == KeyEventKind::Press && (is_interrupt || is_first);
        self.has_asked |= asks;
        asks
    }
}

#[cfg(unix)]
fn is_available() -> bool {
    // The log that RUST_LOG enables is written line by line to the same terminal.
    let is_alone = std::env::var_os("RUST_LOG").is_none_or(|value| value.is_empty());
    let foreground = rustix::termios::tcgetpgrp(io::stderr()).ok();
    is_alone && io::stderr().is_terminal() && foreground == Some(rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn is_available() -> bool {
    let is_alone = std::env::var_os("RUST_LOG").is_none_or(|value| value.is_empty());
    is_alone && io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_the_run_like_signals() {
        let pressed = |code, modifiers| KeyEvent::new(KeyCode::Char(code), modifiers);
        let mut keys = Keys::default();
        assert!(!keys.ask_to_end(pressed('c', KeyModifiers::NONE)));
        assert!(keys.ask_to_end(pressed('q', KeyModifiers::NONE)));
        assert!(!keys.ask_to_end(pressed('q', KeyModifiers::NONE)), "held down");
        assert!(keys.ask_to_end(pressed('c', KeyModifiers::CONTROL)));
        assert!(keys.ask_to_end(pressed('c', KeyModifiers::CONTROL)));
    }

    #[test]
    fn a_slow_screen_holds_nobody_up() {
        let (sender, snapshots) = sync_channel(1);
        let feed = SnapshotSender(sender);
        assert!((0..100).all(|_| feed.offer(Snapshot::default())), "no snapshot is taken");
        drop(snapshots);
        assert!(!feed.offer(Snapshot::default()), "the screen is closed");
    }

    #[cfg(unix)]
    mod on_a_terminal {
        use std::env;
        use std::io::Read;

        use portable_pty::{CommandBuilder, PtySize, native_pty_system};

        use super::*;
        use crate::clock::RunClock;
        use crate::process::signals::Signals;
        use client_event::EventTimestamp;
        use load_plan::load::{LoadSpec, Rate};
        use scenario::Timestamps;

        /// Selects the panicking thread, in the process that stands in for the program.
        const PART: &str = "SEEKER_SIM_TEST_THREAD";

        /// The test starts itself on a terminal, opens the screen there, and panics.
        #[test]
        fn a_panic_restores_the_terminal_and_is_printed() {
            if let Some(thread) = env::var_os(PART) {
                return panic_on_the_screen(thread.into_string().unwrap());
            }
            for thread in ["worker", THREAD_NAME] {
                let pty = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).unwrap();
                let found = pty.master.get_termios().unwrap();
                let mut command = CommandBuilder::new(env::current_exe().unwrap());
                command.args(["live::screen::tests::on_a_terminal", "--nocapture"]);
                command.env(PART, thread);
                command.env("RUST_BACKTRACE", "0");
                command.env_remove("RUST_LOG");
                let mut child = pty.slave.spawn_command(command).unwrap();
                let mut output = pty.master.try_clone_reader().unwrap();
                let reading = thread::spawn(move || {
                    let mut bytes = Vec::new();
                    // Reading from a terminal without any user left fails.
                    let _ = output.read_to_end(&mut bytes);
                    bytes
                });
                assert!(!child.wait().unwrap().success());
                assert_eq!(pty.master.get_termios().unwrap(), found, "{thread}");
                drop(pty.slave);
                let bytes = reading.join().unwrap();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part:?} of {thread} in {text:?}"));
                assert!(place("\x1b[?1049h") < place("\x1b[?1049l"), "the screen was opened first: {text:?}");
                let mut shown = vt100::Parser::default();
                shown.process(&bytes);
                let screen = shown.screen();
                assert!(!screen.alternate_screen() && !screen.hide_cursor(), "{thread}: {text:?}");
                assert!(screen.contents().contains(&format!("told by the {thread}")), "{}", screen.contents());
            }
        }

        fn panic_on_the_screen(name: String) {
            let signals = Signals::new().unwrap();
            let load = LoadSpec::rate(Rate::per_second(1.0).unwrap(), Duration::from_secs(9)).check().unwrap();
            let heading = Heading { target: "a target".to_owned(), shard: None, seed: 1, speed: 1.0, duration: load.duration() };
            let message = format!("told by the {name}");
            let (screen, thread) = if name == THREAD_NAME {
                Screen::start(move |_, _, _| panic!("{message}")).unwrap()
            } else {
                let live_load = LiveLoad::new(RunClock::start(1.0, Timestamps::Wall, EventTimestamp::from_millis(0)), load, 1);
                let screen = Screen::open(heading, signals.end_requester(), live_load).unwrap();
                (screen, thread::Builder::new().name(name).spawn(move || panic!("{message}")).unwrap())
            };
            let panicked = thread.join();
            // As after a panic that ends the process, the screen is not dropped.
            std::mem::forget(screen);
            assert!(panicked.is_ok(), "a thread panicked");
        }
    }
}
