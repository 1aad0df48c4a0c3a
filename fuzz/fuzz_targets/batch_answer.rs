//! The reader of batch responses: it names only events of the batch.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seeker_run::fuzzing::read_batch_answer;

fuzz_target!(|data: &[u8]| {
    let Some((events, body)) = data.split_last() else { return };
    let events = usize::from(*events);
    if let Ok(refused) = read_batch_answer(body, true, events) {
        assert!(refused.iter().all(|position| *position < events));
    }
    assert!(read_batch_answer(body, false, events).is_err());
});
