//! Writes the events of a small population in time order, one JSON message a line:
//!
//! ```text
//! cargo run -p seeker-model --example generate_stream -- 100 > events.ndjson
//! ```
//!
//! The argument is the number of parties. The default is 10.

use std::error::Error;
use std::io::{self, BufWriter, Write};

use client_event::EventTimestamp;
use seeker_model::{Model, PARTITIONS, Partitions};

/// The time of the simulation's start: 2023-11-13T00:00:00Z, a Monday.
const START_MILLIS: i64 = 1_699_833_600_000;

/// The seed. Another seed gives another population.
const SEED: u64 = 1;

fn main() -> Result<(), Box<dyn Error>> {
    let population = std::env::args().nth(1).map_or(Ok(10), |argument| argument.parse())?;
    let model = Model::with_defaults();
    let all: Vec<_> = (0..PARTITIONS).collect();
    let mut partitions = Partitions::new(&model, SEED, population, &all);
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut events, mut line) = (Vec::new(), Vec::new());
    // Employers decide on applications after the end of the model, so the loop goes on until all parties have left.
    while let Some(next) = partitions.next_time() {
        partitions.advance(next.after_seconds(3600.0), &mut events);
        for event in events.drain(..) {
            let millis = START_MILLIS + i64::try_from(event.at.since_start().as_millis())?;
            line.clear();
            event.to_message(&model, EventTimestamp::from_millis(millis)).write_json(&mut line);
            line.push(b'\n');
            out.write_all(&line)?;
        }
    }
    out.flush()?;
    Ok(())
}
