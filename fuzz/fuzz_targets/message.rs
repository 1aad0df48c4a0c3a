//! The readers of a message. All readers agree; writing and reading a message gives the same message.
#![no_main]

use client_event::rules::RuleId;
use client_event::sequence::Fingerprints;
use client_event::{ClientEvent, EventFields, EventTimestamp, Reader, is_json_prefix};
use libfuzzer_sys::fuzz_target;

const NOW: Option<EventTimestamp> = Some(EventTimestamp::from_millis(1_800_000_000_000));

fuzz_target!(|json: &[u8]| {
    let reader = Reader::new();
    let full = reader.read(json);
    let borrowed = reader.read_borrowed(json);
    assert_eq!(borrowed.clone().map(|event| event.into_owned()), full);
    // A leading space disables the fast path of the reader.
    let spaced = [b" ", json].concat();
    let slow = reader.read(&spaced);
    assert_eq!(full.as_ref().ok(), slow.as_ref().ok());

    let checked = reader.check(NOW).read(json);
    let checked_borrowed = reader.check(NOW).read_borrowed(json);
    assert_eq!(checked_borrowed.map(|event| event.into_owned()), checked);
    let (partial, problems) = reader.check(NOW).read_partial(json);
    match &checked {
        Ok(event) => {
            assert_eq!(problems, []);
            assert!(event.check(NOW).is_empty());
        }
        Err(refusal) => assert_eq!(refusal.problems(), problems),
    }
    for problem in &problems {
        assert!(problem.span.clone().is_none_or(|span| json.get(span).is_some()), "{problem:?}");
    }
    let is_message = problems.iter().all(|problem| RuleId::of(problem.reason) != RuleId::MessageForm);
    assert_eq!(partial.is_some(), is_message);

    if let (Ok(event), Ok(borrowed)) = (&full, &borrowed) {
        let mut written = Vec::new();
        event.write_json(&mut written);
        assert_eq!(ClientEvent::from_json(&written).as_ref(), Ok(event));
        assert_eq!(serde_json::to_vec(event).unwrap(), written);
        let fingerprints = format!("{:?}", Fingerprints::of(event));
        let partial = partial.as_ref().unwrap();
        for other in [Fingerprints::of(borrowed), Fingerprints::of(partial)] {
            // The memory for details may differ.
            let of = |text: &str| text.split(", details_buffer").next().unwrap().to_owned();
            assert_eq!(of(&format!("{other:?}")), of(&fingerprints));
        }
        assert_eq!(partial.jobs().collect::<Vec<_>>(), borrowed.job_names().collect::<Vec<_>>());
    }
    // serde refuses numbers that it cannot read exactly.
    if let Ok(event) = serde_json::from_slice::<ClientEvent>(json) {
        assert_eq!(full, Ok(event));
    }
    if serde_json::from_slice::<serde_json::Value>(json).is_ok() {
        assert!(!is_json_prefix(json));
    }
});
