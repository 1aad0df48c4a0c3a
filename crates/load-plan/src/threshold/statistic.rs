//! The statistics of a time that a threshold can use: percentiles, extremes and moments.

use std::fmt;

/// A statistic of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// The smallest value.
    Min,
    /// The arithmetic mean.
    Mean,
    /// The standard deviation.
    StandardDeviation,
    /// A percentile.
    Percentile(Percentile),
    /// The largest value.
    Max,
}

/// A percentile above 0 and below 100, in steps of a thousandth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percentile(u32);

impl Percentile {
    /// Half of the values are at most this value.
    pub const P50: Self = Self(50_000);
    /// 90 % of the values are at most this value.
    pub const P90: Self = Self(90_000);
    /// 95 % of the values are at most this value.
    pub const P95: Self = Self(95_000);
    /// 99 % of the values are at most this value.
    pub const P99: Self = Self(99_000);
    /// 99.9 % of the values are at most this value.
    pub const P99_9: Self = Self(99_900);

    const STEPS: u32 = 1_000;

    /// Parses the part after the `p` of a name: a number above 0 and below 100 with at most three decimals.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let is_number =
            |digits: &str| !digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) {
            return None;
        }
        let steps = whole.parse::<u32>().ok()? * Self::STEPS + format!("{decimals:0<3}").parse::<u32>().ok()?;
        (0 < steps && steps < 100 * Self::STEPS).then_some(Self(steps))
    }

    /// Creates a percentile from thousandths of a per cent.
    #[cfg(any(test, feature = "proptest"))]
    pub const fn of_thousandths(thousandths: u32) -> Self {
        Self(thousandths)
    }

    /// Returns the share of the values that are at most the percentile, 0 to 1.
    pub fn part(self) -> f64 {
        // Converts through decimal text, so that 99.9 % is exactly the number 0.999.
        format!("{}e-5", self.0).parse().unwrap_or(f64::NAN)
    }
}

/// Writes the percentile as in a name: `50`, `99.9`.
impl fmt::Display for Percentile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / Self::STEPS, self.0 % Self::STEPS);
        if decimals == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{decimals:03}").trim_end_matches('0'))
    }
}

impl Statistic {
    /// The percentiles and the maximum that tables show and `report compare` judges.
    pub const PERCENTILES: [Self; 6] = [
        Self::Percentile(Percentile::P50),
        Self::Percentile(Percentile::P90),
        Self::Percentile(Percentile::P95),
        Self::Percentile(Percentile::P99),
        Self::Percentile(Percentile::P99_9),
        Self::Max,
    ];

    /// The statistics that reports show. A threshold can use any other percentile as well.
    pub const SHOWN: [Self; 9] = [
        Self::Min,
        Self::Mean,
        Self::StandardDeviation,
        Self::Percentile(Percentile::P50),
        Self::Percentile(Percentile::P90),
        Self::Percentile(Percentile::P95),
        Self::Percentile(Percentile::P99),
        Self::Percentile(Percentile::P99_9),
        Self::Max,
    ];

    /// Returns the share of the values that are at most the statistic; `None` for the mean and the standard deviation.
    pub fn part(self) -> Option<f64> {
        match self {
            Self::Min => Some(0.0),
            Self::Percentile(percentile) => Some(percentile.part()),
            Self::Max => Some(1.0),
            Self::Mean | Self::StandardDeviation => None,
        }
    }
}

/// Writes the name: `mean`, `p99.9`.
impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Min => f.write_str("min"),
            Self::Mean => f.write_str("mean"),
            Self::StandardDeviation => f.write_str("stddev"),
            Self::Percentile(percentile) => write!(f, "p{percentile}"),
            Self::Max => f.write_str("max"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all percentiles, writing and reading returns the same percentile, and the share is the number that it names.
        #[test]
        fn percentiles_are_read_as_written(thousandths in 1_u32..100_000) {
            let percentile = Percentile(thousandths);
            prop_assert_eq!(Percentile::read(&percentile.to_string()), Some(percentile));
            prop_assert!((percentile.part() - f64::from(thousandths) / 100_000.0).abs() < 1e-12);
        }
    }

    #[test]
    fn percentiles_lie_between_0_and_100() {
        for text in ["0", "100", "101", "99.9999", "", ".", "5.", "-1", "1e1", "+5", "0.000", "1000"] {
            assert_eq!(Percentile::read(text), None, "{text}");
        }
        assert_eq!(Percentile::read("97.5"), Some(Percentile(97_500)));
        assert_eq!(Percentile::P99_9.part().to_bits(), 0.999_f64.to_bits());
    }
}
