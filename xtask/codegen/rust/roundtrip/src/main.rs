//! Reads an event from each line of standard input and writes it again, through the type that typify generated. For a refused line, writes
//! `refused: ` and the reason. The caller judges the output.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

use client_event::{ClientEvent, EventType};

mod client_event {
    include!("client_event.rs");
}

/// Copies the event field by field. A field with another name or type than expected does not compile.
fn copied(event: &ClientEvent) -> ClientEvent {
    let _texts: [&str; 3] = [&event.event_id, &event.request_id, &event.event_timestamp_millis];
    let event_type: EventType = event.event_type;
    let related_job_names: Vec<String> = event.related_job_names.clone();
    let details: HashMap<String, String> = event.details.clone();
    ClientEvent {
        event_id: event.event_id.clone(),
        event_type,
        request_id: event.request_id.clone(),
        related_job_names,
        event_timestamp_millis: event.event_timestamp_millis.clone(),
        details,
    }
}

fn answer(line: &str) -> serde_json::Result<String> {
    serde_json::to_string(&copied(&serde_json::from_str::<ClientEvent>(line)?))
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
