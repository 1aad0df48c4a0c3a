//! Checks a stream of messages, one per line, from standard input: each message and the rules between messages.
//!
//! ```text
//! cargo run -p client-event --example check_stream < events.jsonl
//! ```
//!
//! The example keeps no message: the reader borrows the strings from the line, and the checker keeps hashes.

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};
use std::process::ExitCode;

use client_event::Reader;
use client_event::sequence::{Finding, Fingerprints, Place, SequenceChecker};

fn print(findings: &mut Vec<Finding>) -> Result<(), Box<dyn Error>> {
    for finding in findings.drain(..) {
        let severity = finding.severity.name();
        match finding.place {
            Place::Event(line) => writeln!(stdout(), "line {line}: {severity}: {finding} [{}]", finding.rule)?,
            Place::Search(_) => writeln!(stdout(), "{severity}: {finding} [{}]", finding.rule)?,
        }
    }
    Ok(())
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let reader = Reader::new().check(None);
    let mut checker = SequenceChecker::builder().window_ms(24 * 60 * 60 * 1000).build();
    let (mut findings, mut problems) = (Vec::new(), 0);
    for (line, number) in stdin().lock().split(b'\n').zip(1..) {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        // A message with missing fields still takes part in the rules that need only its other fields.
        let (event, found) = reader.read_partial(&line);
        for problem in &found {
            writeln!(stdout(), "line {number}: {problem} [{}]", problem.reason)?;
        }
        problems += found.len();
        if let Some(event) = event {
            checker.observe_at(&event, &Fingerprints::of(&event), number, &mut findings);
            problems += findings.len();
            print(&mut findings)?;
        }
    }
    let totals = checker.finish(&mut findings);
    problems += findings.len();
    print(&mut findings)?;
    writeln!(
        stdout(),
        "{} events of {} requests, {} retries: {problems} problems",
        totals.events,
        totals.requests,
        totals.retries
    )?;
    Ok(if problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
