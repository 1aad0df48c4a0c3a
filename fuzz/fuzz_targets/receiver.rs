//! The receiver: every message of a body is counted once, plain or compressed, alone or in a batch.
#![no_main]

use std::io::Write;

use event_receiver::fuzzing::receive;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let plain = receive(body, false);
    assert_eq!(
        plain.received,
        plain.accepted + plain.refused.messages + plain.too_large + plain.event_ids.repeated + plain.event_ids.conflicting
    );
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).unwrap();
    assert_eq!(receive(&encoder.finish().unwrap(), true), plain);
    receive(body, true);
});
