//! Counts the requests in flight, from sending to the response or its absence, and their total time. A pure data structure: no clock, no
//! I/O.
//!
//! Invariant, Little's law: over the load without the warm-up, the busy time is the mean number in flight times the duration.

use load_plan::Moment;

/// The requests of one arbiter that are sent and have not ended.
#[derive(Clone, Debug)]
pub(crate) struct RequestsInFlight {
    from: Moment,
    to: Moment,
    count: u32,
    /// Sum of ends minus sum of starts in microseconds, each clamped to the load.
    ends_minus_beginnings: i64,
    busy_micros_taken: u64,
}

impl RequestsInFlight {
    /// Starts with no requests, in a run whose measured load lasts from one moment to the other.
    pub(crate) const fn new(from: Moment, to: Moment) -> Self {
        Self { from, to, count: 0, ends_minus_beginnings: 0, busy_micros_taken: 0 }
    }

    /// A request is sent.
    pub(crate) fn begin(&mut self, at: Moment) {
        self.count += 1;
        self.ends_minus_beginnings -= self.in_load(at);
    }

    /// A sent request has ended, with any outcome. A request that turns out unsent ends at its start.
    pub(crate) fn end(&mut self, at: Moment) {
        self.count -= 1;
        self.ends_minus_beginnings += self.in_load(at);
    }

    /// The number in flight, if the measured load is running at that moment.
    pub(crate) fn count_at(&self, now: Moment) -> Option<u64> {
        (self.from <= now && now <= self.to).then_some(self.count.into())
    }

    /// The time in microseconds, summed over all requests, that requests were in flight under load since the last call.
    pub(crate) fn take_busy_micros(&mut self, now: Moment) -> u64 {
        let busy = self.ends_minus_beginnings + i64::from(self.count) * self.in_load(now);
        let taken = u64::try_from(busy).unwrap_or_default().saturating_sub(self.busy_micros_taken);
        self.busy_micros_taken += taken;
        taken
    }

    /// Microseconds from the start of the load to that moment, clamped to the load.
    fn in_load(&self, at: Moment) -> i64 {
        i64::try_from(at.min(self.to).micros_since(self.from)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all requests and loads, whenever it is taken, the busy time is the sum of the requests' times under load. It also is the sum
        /// of the number in flight over all microseconds of the load.
        #[test]
        fn the_busy_time_is_that_of_all_requests(
            requests in prop::collection::vec((0_u64..150, 0_u64..60), 0..20),
            load in (0_u64..100, 0_u64..60),
            taken_at in prop::collection::btree_set(0_u64..250, 0..5),
        ) {
            let (from, to) = (load.0, load.0 + load.1);
            let mut in_flight = RequestsInFlight::new(Moment::from_micros(from), Moment::from_micros(to));
            let (mut busy, mut sum_of_counts) = (0, 0);
            for now in 0..250 {
                let at = Moment::from_micros(now);
                for _ in requests.iter().filter(|(begin, _)| *begin == now) {
                    in_flight.begin(at);
                }
                for _ in requests.iter().filter(|(begin, took)| begin + took == now) {
                    in_flight.end(at);
                }
                let count = requests.iter().filter(|(begin, took)| (*begin..begin + took).contains(&now)).count() as u64;
                prop_assert_eq!(in_flight.count_at(at), (from..=to).contains(&now).then_some(count));
                sum_of_counts += if (from..to).contains(&now) { count } else { 0 };
                if taken_at.contains(&now) {
                    busy += in_flight.take_busy_micros(at);
                }
            }
            busy += in_flight.take_busy_micros(Moment::from_micros(250));
            let of_requests: u64 =
                requests.iter().map(|(begin, took)| (begin + took).min(to).saturating_sub(*begin.max(&from))).sum();
            prop_assert_eq!((busy, busy), (of_requests, sum_of_counts));
        }
    }

    #[test]
    fn a_request_without_an_end_is_busy_until_the_load_ends() {
        let mut in_flight = RequestsInFlight::new(Moment::from_micros(10), Moment::from_micros(100));
        in_flight.begin(Moment::from_micros(30));
        assert_eq!(in_flight.take_busy_micros(Moment::from_micros(50)), 20);
        assert_eq!(in_flight.take_busy_micros(Moment::from_micros(900)), 50);
        assert_eq!(in_flight.take_busy_micros(Moment::from_micros(900)), 0);
    }
}
