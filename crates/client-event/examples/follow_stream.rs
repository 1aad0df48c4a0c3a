//! Follows a stream that never ends: bounded memory, the current time, the searches that the events follow from, and own severities.
//!
//! ```text
//! cargo run --release -p client-event --example follow_stream
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Write, stdout};

use client_event::rules::{RuleId, RuleSettings, Severity};
use client_event::sequence::{Searches, SequenceChecker};
use client_event::{ClientEvent, EventId, EventTimestamp, EventType, JobName, RequestId};

const HOUR_MS: i64 = 60 * 60 * 1000;
const START_MS: i64 = 1_700_000_000_000;

fn event(number: i64, event_type: EventType) -> Result<ClientEvent, Box<dyn Error>> {
    Ok(ClientEvent {
        event_id: EventId::new(format!("{event_type}-{number}"))?,
        event_type,
        request_id: RequestId::new(format!("r-{number}"))?,
        related_job_names: vec![JobName::new(format!("jobs/{}", number % 100))?],
        event_timestamp_millis: EventTimestamp::from_millis(START_MS + 1000 * number),
        details: BTreeMap::new(),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let requests = 100_000;
    let mut searches = Searches::default();
    for number in 0..requests {
        let job = format!("jobs/{}", number % 100);
        searches.add(&format!("r-{number}"), [job.as_str()], number.try_into()?);
    }
    let mut rules = RuleSettings::default();
    rules.set(RuleId::RequestHasImpression, Some(Severity::Error));
    rules.set(RuleId::JobNameForm, None);
    let mut checker = SequenceChecker::builder().window_ms(HOUR_MS).rules(rules).searches(searches).build();

    let mut findings = Vec::new();
    for number in 0..requests {
        let now = START_MS + 1000 * number;
        if number % 1000 == 0 {
            checker.set_now(EventTimestamp::from_millis(now));
        }
        // Every 10,000th page of results is lost.
        if number % 10_000 != 9_999 {
            checker.observe(&event(number, EventType::Impression)?, &mut findings);
        }
        checker.observe(&event(number, EventType::View)?, &mut findings);
    }
    writeln!(stdout(), "{} KiB in memory without the searches", checker.heap_bytes() / 1024)?;
    let totals = checker.finish(&mut findings);
    writeln!(
        stdout(),
        "{} events, {} requests, {} closed while the stream went on",
        totals.events,
        totals.requests,
        totals.closed
    )?;
    for finding in findings.iter().take(3) {
        writeln!(stdout(), "{finding}")?;
    }
    writeln!(stdout(), "{} findings", findings.len())?;
    Ok(())
}
