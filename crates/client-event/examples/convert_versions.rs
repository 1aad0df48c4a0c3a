//! Converts a message to versions 3 and 4 of the API and to a Pub/Sub body, and back. Prints what each conversion loses.
//!
//! ```text
//! cargo run -p client-event --example convert_versions
//! ```

use std::error::Error;
use std::io::{Write, stdout};

use client_event::api_versions::{PublishBody, v3, v4};
use client_event::{ClientEvent, ReadOptions};

const MESSAGE: &[u8] = br#"{"eventId":"e-1","eventType":"VIEW_DIRECT","requestId":"r-1","relatedJobNames":["jobs/1"],
    "eventTimestampMillis":"1700000000500","details":{"device":"phone"}}"#;

fn print(name: &str, json: &[u8]) -> std::io::Result<()> {
    writeln!(stdout(), "{name}: {}", String::from_utf8_lossy(json))
}

fn main() -> Result<(), Box<dyn Error>> {
    let message = ClientEvent::from_json(MESSAGE)?;

    let event = v3::ClientEvent::from_message(&message)?.lossless().map_err(|lossy| format!("lost: {:?}", lossy.lost))?;
    let mut body = Vec::new();
    event.write_request(&mut body);
    print("version 3", &body)?;
    let back = v3::ClientEvent::read_request_as_message(&body, &ReadOptions::new())?;
    assert_eq!(back.value, message);

    let converted = v4::ClientEvent::from_message(&message)?;
    let mut body = Vec::new();
    converted.value.write_json(&mut body);
    print("version 4", &body)?;
    for lost in &converted.lost {
        writeln!(stdout(), "  lost: {lost}")?;
    }

    let mut body = Vec::new();
    [&message].into_iter().collect::<PublishBody>().write_json(&mut body);
    print("Pub/Sub", &body)?;
    let back = PublishBody::read_as_messages(&body, &ReadOptions::new())?;
    assert_eq!(back[0].value, message);
    Ok(())
}
