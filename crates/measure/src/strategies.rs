//! Proptest strategies for times.

use proptest::prelude::*;

use crate::time_histogram::TimeHistogram;
use crate::time_histogram::time_histogram;

/// A histogram of these times in microseconds.
pub fn histogram(micros: &[u64]) -> TimeHistogram {
    let mut histogram = time_histogram();
    for micros in micros {
        histogram.record(*micros).expect("a histogram that grows accepts any time");
    }
    TimeHistogram::from(histogram)
}

/// Times from less than a microsecond to hours.
pub fn times() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![0_u64..5_000, 0_u64..100_000_000, 0_u64..20_000_000_000], 0..200)
}
