//! Reads an event from each line of the standard input and writes it again, through the type that typify generated; a line that is
//! refused is answered with `refused: ` and why. Whether the lines are the right ones is judged by whoever runs this.

use std::io::{self, BufRead, Write};

use client_event::ClientEvent;

mod client_event {
    include!("client_event.rs");
}

fn answer(line: &str) -> serde_json::Result<String> {
    serde_json::to_string(&serde_json::from_str::<ClientEvent>(line)?)
}

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        match answer(&line?) {
            Ok(written) => writeln!(out, "{written}")?,
            Err(error) => writeln!(out, "refused: {error}")?,
        }
    }
    out.flush()
}
