//! A program on a separate terminal, and its screen as SVG.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use vt100::{Cell, Color, Screen};

/// The width and height of a character, and the margin, in pixels.
const CELL: (f64, f64) = (8.4, 18.0);
const MARGIN: f64 = 14.0;

const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d7dae0";

/// The first 16 colours of a terminal.
const COLOURS: [&str; 16] = [
    "#3b4048", "#e06c75", "#7fb069", "#d9a441", "#61a0e8", "#c586c0", "#4fb3bf", "#d7dae0", "#6b7280", "#f08a8f", "#98c379",
    "#e5c07b", "#82b5f0", "#d8a0d4", "#6fcad4", "#ffffff",
];

/// A program on a terminal.
pub(super) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
}

impl Terminal {
    /// Starts the program on a terminal of this many columns and rows.
    pub(super) fn start(program: &Path, arguments: &[&str], (columns, rows): (u16, u16)) -> Result<Self> {
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        let pty = native_pty_system().openpty(size).map_err(|error| anyhow!("{error:#}"))?;
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env_remove("NO_COLOR");
        command.env_remove("RUST_LOG");
        let child = pty.slave.spawn_command(command).map_err(|error| anyhow!("{error:#}"))?;
        let mut reader = pty.master.try_clone_reader().map_err(|error| anyhow!("{error:#}"))?;
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let _terminal = pty;
            let mut bytes = [0; 4096];
            // A terminal ends with an error when its last user has gone.
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, output, screen: vt100::Parser::new(rows, columns, 0) })
    }

    /// Lets the program run for this time, and draws its screen.
    pub(super) fn svg_after(&mut self, time: Duration) -> Result<String> {
        let end = Instant::now() + time;
        loop {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(RecvTimeoutError::Timeout) => return Ok(svg(self.screen.screen())),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(anyhow!("the program ended early:\n{}", self.screen.screen().contents()));
                }
            }
        }
    }

    /// Waits until the program ends.
    pub(super) fn end(mut self) -> Result<()> {
        self.child.wait()?;
        Ok(())
    }
}

fn svg(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (f64::from(columns) * CELL.0 + 2.0 * MARGIN, f64::from(rows) * CELL.1 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <title>The screen of seeker-sim during a run</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while let Some(first) = screen.cell(row, column) {
            let (start, style) = (column, Style::of(first));
            let mut text = String::new();
            while let Some(cell) = screen.cell(row, column).filter(|cell| Style::of(cell) == style) {
                text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                column += 1;
            }
            style.draw(&mut svg, row, start, &text);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The look of a cell.
#[derive(PartialEq)]
struct Style {
    foreground: String,
    background: Option<String>,
    is_bold: bool,
}

impl Style {
    fn of(cell: &Cell) -> Self {
        let (mut foreground, mut background) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
        if cell.inverse() {
            (foreground, background) = (background.or(Some(BACKGROUND.to_owned())), foreground.or(Some(FOREGROUND.to_owned())));
        }
        let foreground = foreground.unwrap_or_else(|| if cell.dim() { COLOURS[8] } else { FOREGROUND }.to_owned());
        Self { foreground, background, is_bold: cell.bold() }
    }

    /// Draws a text of this style. Its width is fixed, so that columns line up in any font.
    fn draw(&self, svg: &mut String, row: u16, column: u16, text: &str) {
        let (x, y) = (MARGIN + f64::from(column) * CELL.0, MARGIN + f64::from(row) * CELL.1);
        #[expect(clippy::cast_precision_loss, reason = "a line of a terminal")]
        let width = text.chars().count() as f64 * CELL.0;
        if let Some(background) = &self.background {
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{background}\"/>",
                CELL.1
            );
        }
        if text.trim().is_empty() {
            return;
        }
        let weight = if self.is_bold { " font-weight=\"bold\"" } else { "" };
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{}\"{weight} textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{escaped}</text>",
            y + 14.0,
            self.foreground
        );
    }
}

/// The colour as CSS; `None` for the default colour.
fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Default => None,
        Color::Idx(index @ 0..16) => Some(COLOURS[usize::from(index)].to_owned()),
        // The colour cube and the greys of xterm.
        Color::Idx(index @ 16..232) => {
            let level = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
            let cube = index - 16;
            Some(format!("#{:02x}{:02x}{:02x}", level(cube / 36), level(cube / 6 % 6), level(cube % 6)))
        }
        Color::Idx(index) => {
            let grey = 8 + 10 * (index - 232);
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}
