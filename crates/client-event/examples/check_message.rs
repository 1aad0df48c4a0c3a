//! Reads one message from standard input, checks it and shows where each problem is.
//!
//! ```text
//! echo '{"eventId":"e-1","eventType":"VIEWED","relatedJobNames":["job-1"]}' | cargo run -p client-event --example check_message
//! ```

use std::error::Error;
use std::io::{Read, Write, stderr, stdin};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use client_event::{EventTimestamp, Reader};

fn now() -> Result<EventTimestamp, Box<dyn Error>> {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    Ok(EventTimestamp::from_millis(millis.try_into()?))
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut json = Vec::new();
    stdin().read_to_end(&mut json)?;
    let Err(refusal) = Reader::new().check(now()?).read(&json) else {
        writeln!(stderr(), "the message is valid")?;
        return Ok(ExitCode::SUCCESS);
    };
    for problem in refusal.problems() {
        writeln!(stderr(), "{} [{}]", problem, problem.reason)?;
        if let Some(span) = &problem.span {
            writeln!(stderr(), "  bytes {span:?}: {}", String::from_utf8_lossy(&json[span.clone()]))?;
        }
    }
    Ok(ExitCode::FAILURE)
}
