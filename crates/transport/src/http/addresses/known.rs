//! The known addresses of a host, the time of their look-up, and recent failures. A pure data structure: no clock, no I/O.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// How long a failed address is tried only after all others.
const AVOIDED_FOR: Duration = Duration::from_secs(30);

/// The maximum age of a look-up. The resolver does not report how long its result is valid.
const LOOK_UP_AGE_MAX: Duration = Duration::from_mins(1);

/// The minimum time between two look-ups while connections fail.
const LOOK_UP_AGE_MIN: Duration = Duration::from_secs(1);

/// The addresses of a host.
#[derive(Debug)]
pub(super) struct Known {
    /// Without duplicates. IPv4 and IPv6 alternate while both are left.
    addresses: Vec<Address>,
    looked_up: Option<Instant>,
    /// Whether an address has failed since the last look-up.
    has_failed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Address {
    address: SocketAddr,
    failed: Option<Instant>,
}

impl Known {
    pub(super) fn new(addresses: Vec<SocketAddr>) -> Self {
        let addresses = alternating(addresses).into_iter().map(|address| Address { address, failed: None }).collect();
        Self { addresses, looked_up: None, has_failed: false }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }

    /// Whether a new look-up is due.
    pub(super) fn wants_look_up(&self, now: Instant) -> bool {
        let age_max = if self.has_failed { LOOK_UP_AGE_MIN } else { LOOK_UP_AGE_MAX };
        self.is_empty() || self.looked_up.is_none_or(|at| now.saturating_duration_since(at) >= age_max)
    }

    /// Replaces the addresses with the result of a look-up. A failed address that is still present is still avoided.
    pub(super) fn set(&mut self, addresses: Vec<SocketAddr>, now: Instant) {
        let before = std::mem::replace(self, Self::new(addresses));
        for of in &mut self.addresses {
            of.failed = before.addresses.iter().find(|other| other.address == of.address).and_then(|other| other.failed);
        }
        self.looked_up = Some(now);
    }

    /// Keeps the addresses after a failed look-up until the next look-up.
    pub(super) fn keep(&mut self, now: Instant) {
        self.looked_up = Some(now);
        // Marks a failure, so that the next look-up does not wait for the maximum age.
        self.has_failed = true;
    }

    /// All addresses in the order in which a connection tries them: working addresses first, starting with a different one each turn, then
    /// failed addresses.
    pub(super) fn in_order(&self, turn: usize, now: Instant) -> Vec<SocketAddr> {
        let is_avoided = |of: &&Address| of.failed.is_some_and(|failed| now.saturating_duration_since(failed) < AVOIDED_FOR);
        let (mut last, mut first): (Vec<&Address>, Vec<_>) = self.addresses.iter().partition(is_avoided);
        for part in [&mut first, &mut last] {
            let length = part.len();
            if length > 0 {
                part.rotate_left(turn % length);
            }
        }
        first.into_iter().chain(last).map(|of| of.address).collect()
    }

    pub(super) fn note_connected(&mut self, address: SocketAddr) {
        for of in self.addresses.iter_mut().filter(|of| of.address == address) {
            of.failed = None;
        }
    }

    pub(super) fn note_failed(&mut self, address: SocketAddr, now: Instant) {
        self.has_failed = true;
        for of in self.addresses.iter_mut().filter(|of| of.address == address) {
            of.failed = Some(now);
        }
    }
}

/// The addresses without duplicates, alternating between the two families (RFC 8305, section 4). The order within a family stays, because
/// the resolver lists the best addresses first (RFC 6724).
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_ipv6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (one, other): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == first_is_ipv6);
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut all = Vec::new();
    loop {
        let pair = [one.next(), other.next()];
        if pair == [None, None] {
            return all;
        }
        for address in pair.into_iter().flatten() {
            if !all.contains(&address) {
                all.push(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Distinct addresses: IPv6 where the flag is set, IPv4 elsewhere.
    fn addresses(families: &[bool]) -> Vec<SocketAddr> {
        let text =
            |(number, &is_ipv6): (usize, &bool)| if is_ipv6 { format!("[::{number}]:1") } else { format!("10.0.0.{number}:1") };
        families.iter().enumerate().map(text).map(|text| text.parse().unwrap()).collect()
    }

    proptest! {
        /// For all addresses and failures, each connection tries every address once, recently failed addresses last. Every working address
        /// is first for the same number of connections.
        #[test]
        fn connections_are_spread(
            families in prop::collection::vec(any::<bool>(), 1..12),
            failed in prop::collection::btree_set(0_usize..12, 0..12),
            first_turn in 0_usize..1000,
            rounds in 1_usize..4,
        ) {
            let all = addresses(&families);
            let now = Instant::now();
            let mut known = Known::new(all.clone());
            for address in failed.iter().filter_map(|&number| all.get(number)) {
                known.note_failed(*address, now);
            }
            let failed_count = failed.iter().filter(|&&number| number < all.len()).count();
            let working = all.len() - failed_count;
            let candidates = if working == 0 { all.len() } else { working };
            let mut firsts = BTreeMap::new();
            for turn in first_turn..first_turn + rounds * candidates {
                let order = known.in_order(turn, now);
                let mut sorted = order.clone();
                sorted.sort_unstable();
                let mut expected = all.clone();
                expected.sort_unstable();
                prop_assert_eq!(sorted, expected);
                let is_failed = |address| failed.iter().any(|&number| all.get(number) == Some(address));
                prop_assert!(order[..working].iter().all(|address| !is_failed(address)));
                *firsts.entry(order[0]).or_insert(0) += 1;
            }
            prop_assert_eq!(firsts.len(), candidates);
            prop_assert!(firsts.values().all(|&count| count == rounds), "{:?}", firsts);
        }

        /// For all addresses, the families alternate until one of them is used up, and the order within a family stays.
        #[test]
        fn families_alternate(families in prop::collection::vec(any::<bool>(), 0..12)) {
            let all = addresses(&families);
            let order = alternating(all.clone());
            for is_ipv6 in [false, true] {
                let of = |addresses: &[SocketAddr]| {
                    addresses.iter().copied().filter(|address| address.is_ipv6() == is_ipv6).collect::<Vec<_>>()
                };
                prop_assert_eq!(of(&order), of(&all));
            }
            let fewer = all.iter().filter(|address| address.is_ipv6()).count().min(all.iter().filter(|address| address.is_ipv4()).count());
            prop_assert!(order[..2 * fewer].chunks(2).all(|pair| pair[0].is_ipv6() != pair[1].is_ipv6()), "{:?}", order);
            prop_assert_eq!(order.first(), all.first());
        }
    }

    #[test]
    fn an_address_that_failed_is_tried_first_again_after_a_while_or_once_it_worked() {
        let all = addresses(&[false, false]);
        let now = Instant::now();
        let mut known = Known::new(all.clone());
        known.note_failed(all[0], now);
        let first = |known: &Known, at| [0, 1].map(|turn| known.in_order(turn, at)[0]);
        assert_eq!(first(&known, now), [all[1], all[1]]);
        assert_eq!(first(&known, now + AVOIDED_FOR), [all[0], all[1]]);
        known.note_connected(all[0]);
        assert_eq!(first(&known, now), [all[0], all[1]]);
    }

    #[test]
    fn names_are_looked_up_again_when_connections_fail_and_once_in_a_while() {
        let all = addresses(&[false, true]);
        let now = Instant::now();
        let mut known = Known::new(Vec::new());
        assert!(known.wants_look_up(now));
        known.set(all.clone(), now);
        let second = Duration::from_secs(1);
        assert!(!known.wants_look_up(now + 59 * second) && known.wants_look_up(now + LOOK_UP_AGE_MAX));
        known.note_failed(all[0], now);
        assert!(!known.wants_look_up(now) && known.wants_look_up(now + LOOK_UP_AGE_MIN));
        // The look-up returns the same addresses: the failed one is still avoided.
        known.set(all.clone(), now + second);
        assert!(!known.wants_look_up(now + 2 * second));
        assert_eq!(known.in_order(0, now + second), [all[1], all[0]]);
        known.keep(now + 2 * second);
        assert!(!known.wants_look_up(now + 2 * second) && known.wants_look_up(now + 3 * second));
        // The look-up returns a different address, which has no recorded failure.
        known.set(addresses(&[true]), now + 3 * second);
        assert_eq!(known.in_order(5, now).len(), 1);
    }

    #[test]
    fn an_address_is_there_once() {
        let all = addresses(&[false, true]);
        assert_eq!(Known::new([all.clone(), all.clone()].concat()).in_order(0, Instant::now()), all);
    }
}
