//! Histograms of times, and their text form.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer as HistogramReader, Serializer as _, V2DeflateSerializer};
use hdrhistogram::{Counter, Histogram};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// The number of significant digits in all time histograms.
const SIGNIFICANT_DIGITS: u8 = 3;

/// The longest time that is distinguished from longer times: one hour, in microseconds.
pub const TIME_MICROS_MAX: u64 = 3_600_000_000;

/// Creates a histogram of times in microseconds, with the buckets of [`time_histogram`]. It uses only the memory that its
/// longest time needs: 32 kB with 64-bit counters for less than 4 ms, and 8 kB more with each doubling.
pub fn growing_histogram<C: Counter>() -> Histogram<C> {
    Histogram::new(SIGNIFICANT_DIGITS).expect("three digits are supported")
}

/// Creates a histogram of times in microseconds: three significant digits, from one microsecond to more than an hour.
pub fn time_histogram<C: Counter>() -> Histogram<C> {
    let mut histogram = Histogram::new_with_bounds(1, TIME_MICROS_MAX, SIGNIFICANT_DIGITS).expect("the bounds are valid");
    histogram.auto(true);
    histogram
}

/// A histogram of times in microseconds, to three significant digits. The `HdrHistogram` libraries of all languages read its
/// text form: V2, deflated, in base64.
#[derive(Clone, PartialEq)]
pub struct TimeHistogram(Histogram<u64>);

impl From<Histogram<u64>> for TimeHistogram {
    fn from(histogram: Histogram<u64>) -> Self {
        Self(histogram)
    }
}

impl TimeHistogram {
    /// Adds the times of another histogram. The sum is exact, because both have the same buckets.
    pub fn add(&mut self, other: &Self) {
        self.add_histogram(&other.0);
    }

    /// Adds the times of a histogram with the same buckets.
    pub fn add_histogram(&mut self, other: &Histogram<u64>) {
        self.0.add(other).expect("a histogram that grows accepts any other histogram");
    }
}

impl Default for TimeHistogram {
    fn default() -> Self {
        Self(time_histogram())
    }
}

impl fmt::Debug for TimeHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The counts of thousands of buckets would be unreadable.
        write!(f, "TimeHistogram(of {}, max {})", self.0.len(), self.0.max())
    }
}

impl AsRef<Histogram<u64>> for TimeHistogram {
    fn as_ref(&self) -> &Histogram<u64> {
        &self.0
    }
}

impl Serialize for TimeHistogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&self.0, &mut bytes).map_err(ser::Error::custom)?;
        serializer.serialize_str(&STANDARD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for TimeHistogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)?;
        let mut histogram: Histogram<u64> = HistogramReader::new().deserialize(&mut &bytes[..]).map_err(de::Error::custom)?;
        let own = time_histogram::<u64>();
        if (histogram.low(), histogram.sigfig()) != (own.low(), own.sigfig()) {
            // A histogram with other buckets cannot be added exactly.
            return Err(de::Error::custom(format_args!(
                "a histogram from {} with {} significant digits; expected a histogram from {} with {}",
                histogram.low(),
                histogram.sigfig(),
                own.low(),
                own.sigfig()
            )));
        }
        histogram.auto(true);
        Ok(Self(histogram))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for TimeHistogram {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TimeHistogram".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A histogram of times in microseconds with three significant digits: an HdrHistogram, V2 with DEFLATE, in base64.",
            "type": "string",
            "contentEncoding": "base64"
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::strategies::{histogram, times};

    proptest! {
        /// For all times and all ways to divide them among runs, the sum of the runs equals the histogram of a single run.
        /// The same holds after each was written and read.
        #[test]
        fn parts_add_up_to_the_whole(times in times(), cuts in prop::collection::vec(0_usize..4, 200)) {
            let mut sum = TimeHistogram::default();
            for part in 0..4 {
                let of_part: Vec<_> = times.iter().zip(&cuts).filter(|(_, cut)| **cut == part).map(|(time, _)| *time).collect();
                let text = serde_json::to_string(&histogram(&of_part)).unwrap();
                let read: TimeHistogram = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&read, &histogram(&of_part));
                sum.add(&read);
            }
            let whole = histogram(&times);
            prop_assert_eq!(&sum, &whole);
            for quantile in [0.0, 0.5, 0.9, 0.99, 0.999, 1.0] {
                prop_assert_eq!(sum.0.value_at_quantile(quantile), whole.0.value_at_quantile(quantile));
            }
            prop_assert_eq!(sum.0.max(), whole.0.max());
        }

        /// For all texts, reading returns an error or a histogram.
        #[test]
        fn any_text_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC*") {
            for text in [STANDARD.encode(bytes), text] {
                let _ = serde_json::from_value::<TimeHistogram>(text.into());
            }
        }
    }

    /// The form that the Java and Python libraries read: the cookie of V2 with DEFLATE, then zlib.
    #[test]
    fn the_form_is_the_one_of_all_languages() {
        let text = serde_json::to_string(&histogram(&[1_500])).unwrap();
        assert!(text.starts_with("\"HISTFAAA"), "{text}");
    }

    #[test]
    fn other_buckets_are_refused() {
        let mut other = Histogram::<u64>::new_with_bounds(1, 1_000, 2).unwrap();
        other.record(5).unwrap();
        let text = serde_json::to_string(&TimeHistogram(other)).unwrap();
        let error = serde_json::from_str::<TimeHistogram>(&text).unwrap_err().to_string();
        assert!(error.starts_with("a histogram from 1 with 2 significant digits; expected a histogram from 1 with 3"), "{error}");
    }
}
