//! Writes the messages of one request to standard output, one per line: a page of results, a view and an application.
//!
//! ```text
//! cargo run -p client-event --example write_messages | cargo run -p client-event --example check_stream
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Write, stdout};

use client_event::{ClientEvent, EventId, EventTimestamp, EventType, JobName, RequestId};

fn main() -> Result<(), Box<dyn Error>> {
    let shown: Vec<JobName> = (1..=3).map(|job| JobName::new(format!("jobs/{job}"))).collect::<Result<_, _>>()?;
    let viewed = vec![shown[1].clone()];
    let events = [
        (EventType::Impression, &shown),
        (EventType::View, &viewed),
        (EventType::ApplicationStart, &viewed),
        (EventType::ApplicationFinish, &viewed),
    ];
    let mut out = Vec::new();
    for ((event_type, jobs), second) in events.into_iter().zip(0..) {
        let event = ClientEvent {
            event_id: EventId::new(format!("e-{second}"))?,
            event_type,
            request_id: RequestId::new("r-1")?,
            related_job_names: jobs.clone(),
            event_timestamp_millis: EventTimestamp::from_millis(1_700_000_000_000 + 1000 * second),
            details: BTreeMap::from([("device".to_owned(), "phone".to_owned())]),
        };
        assert_eq!(event.check(None), []);
        event.write_json(&mut out);
        out.push(b'\n');
    }
    stdout().write_all(&out)?;
    Ok(())
}
