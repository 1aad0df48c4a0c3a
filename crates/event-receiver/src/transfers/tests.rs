//! Tests of transfers in simulated time.

use proptest::prelude::*;

use super::*;

const WINDOW_TICKS: Tick = 8;
const MIN_BYTES: u64 = 100;

fn transfers(memory: usize) -> (Transfers, Arc<Memory>) {
    let memory = Arc::new(Memory::new(memory));
    let min_rate = MinRate { bytes: MIN_BYTES, ticks: WINDOW_TICKS };
    (Transfers::new(Arc::clone(&memory), min_rate), memory)
}

/// A step in the life of the transfers.
#[derive(Clone, Debug)]
enum Step {
    Begin,
    /// A transfer holds this many more bytes.
    Hold(prop::sample::Index, usize),
    ThrowAway(prop::sample::Index),
    End(prop::sample::Index),
    Ticks(Tick),
    /// Another worker lacks memory.
    Miss(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        2 => Just(Step::Begin),
        6 => (index(), 0_usize..40_000).prop_map(|(index, bytes)| Step::Hold(index, bytes)),
        1 => index().prop_map(Step::ThrowAway),
        1 => index().prop_map(Step::End),
        3 => (1..WINDOW_TICKS).prop_map(Step::Ticks),
        1 => (0_usize..100_000).prop_map(Step::Miss),
    ]
}

proptest! {
    /// For all sequences of steps, no more memory is reserved than exists. Each transfer holds the bytes that it was given, in reserved
    /// memory. When all transfers have ended, all memory is released.
    #[test]
    fn held_bytes_are_reserved(limit in 0_usize..200_000, steps in prop::collection::vec(step(), 0..200)) {
        let (mut transfers, memory) = transfers(limit);
        let mut given: Vec<(usize, Vec<u8>)> = Vec::new();
        let mut now = 0;
        for step in steps {
            let at = |index: prop::sample::Index, given: &Vec<_>| (!given.is_empty()).then(|| index.index(given.len()));
            match step {
                Step::Begin => given.push((transfers.begin(now), Vec::new())),
                Step::Hold(index, bytes) => if let Some(at) = at(index, &given) {
                    let (key, all) = &mut given[at];
                    let bytes = vec![u8::try_from(bytes % 251).unwrap(); bytes];
                    let before = transfers.abort_reason(*key);
                    match transfers.hold(*key, &bytes, now) {
                        Ok(()) => all.extend_from_slice(&bytes),
                        Err(cut) => prop_assert!(before.is_none_or(|before| before == cut)),
                    }
                },
                Step::ThrowAway(index) => if let Some(at) = at(index, &given) {
                    transfers.discard_held(given[at].0);
                    given[at].1.clear();
                },
                Step::End(index) => if let Some(at) = at(index, &given) {
                    transfers.end(given.swap_remove(at).0);
                },
                Step::Ticks(ticks) => for _ in 0..ticks {
                    now += 1;
                    transfers.sweep(now, memory.take_missing());
                },
                Step::Miss(bytes) => memory.report_missing(bytes),
            }
            let mut reserved = 0;
            for (key, all) in &given {
                let entry = &transfers.entries[*key];
                if entry.aborted.is_some() {
                    prop_assert_eq!((entry.buffer.capacity(), entry.reserved), (0, 0));
                } else {
                    prop_assert_eq!(&entry.buffer, all);
                    prop_assert!(entry.buffer.capacity() <= entry.reserved);
                }
                reserved += entry.reserved;
            }
            prop_assert_eq!(memory.reserved(), reserved);
            prop_assert!(reserved <= limit);
        }
        drop(transfers);
        prop_assert_eq!(memory.reserved(), 0);
    }

    /// For all transfers that keep the minimum rate in every window, none is aborted. A transfer that stops is aborted after one to two
    /// windows.
    #[test]
    fn the_min_rate_is_enough(windows in prop::collection::vec(MIN_BYTES..10_000, 1..20), at in 0..WINDOW_TICKS) {
        let (mut transfers, _) = transfers(REQUEST_BYTES);
        let key = transfers.begin(0);
        let mut now = 0;
        for bytes in windows {
            for tick in 0..WINDOW_TICKS {
                if tick == at {
                    transfers.note_moved(key, usize::try_from(bytes).unwrap());
                }
                now += 1;
                transfers.sweep(now, 0);
                prop_assert_eq!(transfers.abort_reason(key), None);
            }
        }
        let stopped = now;
        while transfers.abort_reason(key).is_none() {
            now += 1;
            transfers.sweep(now, 0);
        }
        prop_assert_eq!(transfers.abort_reason(key), Some(AbortReason::TooSlow));
        prop_assert_eq!(now - stopped, WINDOW_TICKS);
    }
}

#[test]
fn the_slowest_makes_room() {
    let (mut transfers, memory) = transfers(1_000);
    let keys: Vec<_> = (0..3).map(|_| transfers.begin(0)).collect();
    for (key, bytes) in keys.iter().zip([300, 200, 400]) {
        transfers.hold(*key, &vec![0; bytes], 0).unwrap();
    }
    // All transfers are new, so none is aborted for another.
    let late = transfers.begin(0);
    assert_eq!(transfers.hold(late, &[0; 500], 0), Err(AbortReason::NoMemory));
    let new = transfers.begin(NEW_TICKS);
    assert_eq!(transfers.hold(new, &[0; 500], NEW_TICKS), Ok(()));
    let cuts: Vec<_> = keys.iter().map(|key| transfers.abort_reason(*key)).collect();
    // The two slowest transfers held 500 bytes, and 100 bytes were free.
    assert_eq!(cuts, [Some(AbortReason::NoMemory), Some(AbortReason::NoMemory), None]);
    assert_eq!(memory.reserved(), 900);
    // The requesting transfer is the slowest.
    let slow = transfers.begin(NEW_TICKS);
    assert_eq!(transfers.hold(slow, &[0; 10], 3 * NEW_TICKS), Ok(()));
    assert_eq!(transfers.hold(slow, &[0; 200], 3 * NEW_TICKS), Err(AbortReason::NoMemory));
    assert_eq!((transfers.abort_reason(keys[2]), transfers.abort_reason(new)), (None, None));
}

#[test]
fn a_much_larger_one_makes_room_however_fast_it_is() {
    let (mut transfers, memory) = transfers(1_000);
    let keys: Vec<_> = (0..2).map(|_| transfers.begin(0)).collect();
    for (key, bytes) in keys.iter().zip([400, 600]) {
        transfers.hold(*key, &vec![0; bytes], 0).unwrap();
    }
    let small = transfers.begin(0);
    assert_eq!(transfers.hold(small, &[0; 600 / LARGER], 0), Ok(()));
    assert_eq!((transfers.abort_reason(keys[0]), transfers.abort_reason(keys[1])), (None, Some(AbortReason::NoMemory)));
    assert_eq!(memory.reserved(), 400 + 600 / LARGER);
}

#[test]
fn one_that_does_not_move_is_left_alone() {
    let (mut transfers, _) = transfers(1_000);
    let key = transfers.begin(0);
    transfers.hold(key, &[0; 1_000], 0).unwrap();
    transfers.set_moving(key, false, 0);
    for now in 1..10 * WINDOW_TICKS {
        transfers.sweep(now, 1_000);
    }
    let other = transfers.begin(10 * WINDOW_TICKS);
    assert_eq!(transfers.hold(other, &[0; 1], 10 * WINDOW_TICKS), Err(AbortReason::NoMemory));
    assert_eq!((transfers.abort_reason(key), transfers.held(key)), (None, 1_000));
}

#[test]
fn stopped_transfers_release_memory_for_other_workers() {
    let (mut transfers, memory) = transfers(3 * (REQUEST_BYTES + 300));
    let keys: Vec<_> = (0..3).map(|_| transfers.begin(0)).collect();
    for key in &keys {
        transfers.hold(*key, &[0; 300], 0).unwrap();
    }
    // In the second window, only the first transfer moves.
    for now in 1..=WINDOW_TICKS {
        transfers.sweep(now, 0);
    }
    transfers.note_moved(keys[0], 1);
    transfers.sweep(WINDOW_TICKS + NEW_TICKS, 200);
    let cuts: Vec<_> = keys.iter().map(|key| transfers.abort_reason(*key)).collect();
    assert_eq!(cuts, [None, Some(AbortReason::NoMemory), None]);
    assert_eq!(memory.reserved(), 2 * (REQUEST_BYTES + 300));
}

#[test]
fn a_request_that_is_still_coming_in_counts() {
    let (mut transfers, memory) = transfers(2 * REQUEST_BYTES);
    let keys: Vec<_> = (0..3).map(|_| transfers.begin(0)).collect();
    transfers.reserve_extra(keys[0], 10, 0).unwrap();
    transfers.sweep(1, 0);
    // The memory of the first transfer was reserved before, and there is none for the third.
    let cuts: Vec<_> = keys.iter().map(|key| transfers.abort_reason(*key)).collect();
    assert_eq!((cuts, memory.reserved()), (vec![None, None, Some(AbortReason::NoMemory)], REQUEST_BYTES + 10));
}
