//! Prints the statistics of a stream of messages, one JSON message a line, from standard input:
//!
//! ```text
//! cargo run --release -- generate --seekers 1000 | cargo run -p event-stats --example measure_stream
//! ```

#![expect(clippy::print_stdout, reason = "the output of the example")]

use std::error::Error;
use std::io;

use client_event::ClientEvent;
use event_stats::{LocalClock, Report, Statistics};
use jiff::tz::TimeZone;

fn main() -> Result<(), Box<dyn Error>> {
    let mut statistics = Statistics::default();
    let mut clock = LocalClock::new(TimeZone::UTC);
    for line in io::stdin().lines() {
        statistics.observe(&ClientEvent::from_json(line?.as_bytes())?, &mut clock);
    }
    let report = Report::new(&statistics, TimeZone::UTC);
    println!("{} events of {} seekers in {} sessions", report.events, report.seekers, report.sessions);
    for row in &report.rows {
        println!("{:<4} {}: {}", row.id, row.statistic, row.verdict());
        for figure in &row.figures {
            let [lowest, highest] = figure.accepted;
            println!(
                "     {:<13} {:.3}, published {}, accepted {lowest:.3} to {highest:.3}",
                figure.name, figure.value, figure.target
            );
        }
    }
    Ok(())
}
