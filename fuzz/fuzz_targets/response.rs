//! The decoder of HTTP/1.1 responses: the result does not depend on how the bytes are split.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transport::http::fuzzing::decode_response;

fuzz_target!(|data: &[u8]| {
    let Some((cuts, bytes)) = data.split_last_chunk::<4>().map(|(bytes, cuts)| (cuts, bytes)) else { return };
    let mut cuts = cuts.map(|cut| usize::from(cut) * bytes.len() / 255);
    cuts.sort_unstable();
    let whole = decode_response(bytes, &[]);
    assert_eq!(decode_response(bytes, &cuts), whole);
    if bytes.len() < 512 {
        let each: Vec<_> = (0..bytes.len()).collect();
        assert_eq!(decode_response(bytes, &each), whole);
    }
});
