//! The reader of search responses: no page is larger than requested.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seeker_run::fuzzing::read_search_answer;

fuzz_target!(|body: &[u8]| {
    for page_size in [1, 20] {
        if let Ok(Some(jobs)) = read_search_answer(body, page_size) {
            assert!((1..=usize::from(page_size)).contains(&jobs));
        }
    }
});
