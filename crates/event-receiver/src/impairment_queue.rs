//! Applies the impairments, so that a load generator can be tested against a service with a known limit.
//!
//! The limit is a single server with a FIFO queue and a fixed service time. Its state is one number: the time at which the server becomes
//! free. All worker threads advance that time, so the limit holds for the whole receiver. It is exact on average, even with a coarse timer
//! for the responses.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::impairments::Impairments;

/// The longest delay of a response. It keeps the arithmetic in range: no client waits that long.
const WAIT_MAX: Duration = Duration::from_hours(24 * 365);

/// The state of the impairments, shared by all workers.
#[derive(Debug)]
pub(crate) struct ImpairmentQueue {
    server: Option<FifoServer>,
    delay: Duration,
    errors: RandomErrors,
}

/// The time of a response, and whether it is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlannedAnswer {
    pub(crate) answer_at: Instant,
    pub(crate) is_error: bool,
}

impl ImpairmentQueue {
    /// The state at the start. `None` without impairments. The values were checked.
    pub(crate) fn new(impairments: Impairments, started: Instant) -> Option<Self> {
        let Impairments { max_rate, delay, error_ratio, seed } = impairments;
        (!impairments.is_none()).then(|| Self {
            server: max_rate.map(|max_rate| FifoServer { started, service_time_s: 1.0 / max_rate, free_at_s: Mutex::new(0.0) }),
            delay: delay.min(WAIT_MAX),
            errors: RandomErrors { ratio: error_ratio, seed, drawn: AtomicU64::new(0) },
        })
    }

    /// Queues a request with this number of events.
    pub(crate) fn queue(&self, now: Instant, events: usize) -> PlannedAnswer {
        let served_at = self.server.as_ref().map_or(now, |server| server.finish_time(now, events));
        PlannedAnswer { answer_at: served_at + self.delay, is_error: self.errors.next() }
    }
}

/// A server that takes one event at a time, in order of arrival.
#[derive(Debug)]
struct FifoServer {
    started: Instant,
    service_time_s: f64,
    /// The time when the server has finished all events that have arrived, in seconds since the start.
    free_at_s: Mutex<f64>,
}

impl FifoServer {
    /// The time when the server has finished this number of events that arrive now.
    fn finish_time(&self, now: Instant, events: usize) -> Instant {
        let now_s = now.saturating_duration_since(self.started).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "at most the events of one batch")]
        let events = events as f64;
        // A number cannot be left half-written by a panic.
        let mut free_at_s = self.free_at_s.lock().unwrap_or_else(PoisonError::into_inner);
        *free_at_s = free_at_s.max(now_s) + events * self.service_time_s;
        now + Duration::try_from_secs_f64(*free_at_s - now_s).unwrap_or(WAIT_MAX).min(WAIT_MAX)
    }
}

/// Selects a random share of requests. The selection depends only on the seed and the order of the requests.
#[derive(Debug)]
struct RandomErrors {
    ratio: f64,
    seed: u64,
    drawn: AtomicU64,
}

impl RandomErrors {
    fn next(&self) -> bool {
        if self.ratio <= 0.0 {
            return false;
        }
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let uniform = (split_mix_64(self.seed, number) >> 11) as f64 / (1_u64 << 53) as f64;
        uniform < self.ratio
    }
}

/// The output with this number of the `SplitMix64` generator (Steele, Lea and Flood, 2014) with this seed.
fn split_mix_64(seed: u64, number: u64) -> u64 {
    let state = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn impairment(impairments: Impairments) -> (ImpairmentQueue, Instant) {
        let started = Instant::now();
        (ImpairmentQueue::new(impairments, started).unwrap(), started)
    }

    proptest! {
        /// For all rates and all arrivals of requests with one or more events, each response is due at the time that queueing theory gives
        /// for a FIFO server. Reich's formula: the maximum, over all earlier arrivals, of the arrival time plus the service time of all
        /// events since then. So the limit is never exceeded, and the server is never idle while events wait.
        #[test]
        fn answers_are_due_as_from_a_fifo_server(
            max_rate in 0.5_f64..100_000.0,
            delay_ms in 0_u64..50,
            requests in prop::collection::vec((0_u64..5_000, 1_usize..100), 1..60),
        ) {
            let delay = Duration::from_millis(delay_ms);
            let (impairment, started) = impairment(Impairments { max_rate: Some(max_rate), delay, ..Impairments::default() });
            let mut now_us = 0;
            let mut arrivals = Vec::new();
            for (gap_us, events) in requests {
                now_us += gap_us;
                arrivals.push((now_us, events));
                let turn = impairment.queue(started + Duration::from_micros(now_us), events);
                prop_assert!(!turn.is_error);
                let mut expected_s = 0.0_f64;
                let mut events_since = 0;
                for (arrived_us, events) in arrivals.iter().rev() {
                    events_since += events;
                    let arrived_s = Duration::from_micros(*arrived_us).as_secs_f64();
                    expected_s = expected_s.max(arrived_s + f64::from(u32::try_from(events_since).unwrap()) / max_rate);
                }
                let found_s = turn.answer_at.duration_since(started).as_secs_f64() - delay.as_secs_f64();
                prop_assert!((found_s - expected_s).abs() < 1e-6, "due at {found_s} s, expected {expected_s} s");
            }
        }

        /// For all seeds and ratios, the share of errors equals the ratio within five standard deviations, and the same seed gives the same
        /// errors.
        #[test]
        fn the_share_of_errors_is_the_ratio(seed in any::<u64>(), error_ratio in 0.000_1_f64..=1.0) {
            const REQUESTS: u32 = 20_000;
            let impairments = Impairments { error_ratio, seed, ..Impairments::default() };
            let errors = || -> Vec<bool> {
                let (impairment, started) = impairment(impairments);
                (0..REQUESTS).map(|_| impairment.queue(started, 1).is_error).collect()
            };
            let first = errors();
            prop_assert_eq!(&first, &errors());
            let count = f64::from(u32::try_from(first.iter().filter(|is_error| **is_error).count()).unwrap());
            let expected = f64::from(REQUESTS) * error_ratio;
            let deviation = (expected * (1.0 - error_ratio)).sqrt();
            prop_assert!((count - expected).abs() <= 5.0 * deviation + 1.0, "{count} errors, expected {expected}");
        }
    }

    #[test]
    fn no_impairment_needs_no_state() {
        let started = Instant::now();
        for (impairments, is_some) in [
            (Impairments::default(), false),
            (Impairments { seed: 1, ..Impairments::default() }, false),
            (Impairments { max_rate: Some(1.0), ..Impairments::default() }, true),
            (Impairments { delay: Duration::from_nanos(1), ..Impairments::default() }, true),
            (Impairments { error_ratio: 1e-9, ..Impairments::default() }, true),
        ] {
            assert_eq!(ImpairmentQueue::new(impairments, started).is_some(), is_some, "{impairments:?}");
        }
    }

    /// After T seconds at a rate that exceeds the limit by the fraction x, a response takes T times x.
    #[test]
    fn latency_grows_with_the_overload() {
        const SECONDS: u32 = 10;
        for (rate, latency_ms) in [(1_000_u32, 1.0), (1_020, 200.0), (2_000, 10_000.0)] {
            let (impairment, started) = impairment(Impairments { max_rate: Some(1_000.0), ..Impairments::default() });
            let arrivals =
                (0..rate * SECONDS).map(|number| started + Duration::from_secs_f64(f64::from(number) / f64::from(rate)));
            let waits = arrivals.map(|arrived_at| impairment.queue(arrived_at, 1).answer_at.duration_since(arrived_at));
            let last_ms = waits.last().unwrap().as_secs_f64() * 1000.0;
            assert!((last_ms - latency_ms).abs() < 2.0, "{rate}/s: {last_ms} ms, expected {latency_ms} ms");
        }
    }

    /// The rate is one event in a million years.
    #[test]
    fn an_answer_never_waits_longer_than_a_year() {
        let (impairment, started) =
            impairment(Impairments { max_rate: Some(1e-14), delay: Duration::MAX, ..Impairments::default() });
        assert_eq!(impairment.queue(started, 10_000).answer_at, started + 2 * WAIT_MAX);
    }
}
