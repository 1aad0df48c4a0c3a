//! What a figure is held against: a number with its unit, kept as it was written.

use std::fmt;

/// A number and its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// The number, not negative.
    pub number: f64,
    /// What it counts.
    pub unit: Unit,
}

/// A unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Microseconds.
    Micros,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// Hundredths.
    Percent,
    /// A second.
    PerSecond,
    /// A number alone.
    None,
}

impl Unit {
    /// All of them; a sign that ends like another stands before it.
    pub const ALL: [Self; 6] = [Self::Micros, Self::Millis, Self::PerSecond, Self::Seconds, Self::Percent, Self::None];

    /// How it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Micros => "us",
            Self::Millis => "ms",
            Self::Seconds => "s",
            Self::Percent => "%",
            Self::PerSecond => "/s",
            Self::None => "",
        }
    }

    /// The power of ten by which numbers of this unit are multiplied: times are in milliseconds.
    const fn exponent(self) -> i32 {
        match self {
            Self::Micros => -3,
            Self::Seconds => 3,
            Self::Percent => -2,
            Self::Millis | Self::PerSecond | Self::None => 0,
        }
    }

    /// A value, with six decimals at most.
    pub(super) fn shown(self, value: f64) -> String {
        let number = value * 10_f64.powi(-self.exponent());
        format!("{}{}", (number * 1e6).round() / 1e6, self.sign())
    }
}

impl Amount {
    /// The value: times in milliseconds, ratios as parts of one, rates a second.
    pub fn value(self) -> f64 {
        // By way of decimals, so that 99.9 % is 0.999, not a bit more or less.
        format!("{}e{}", self.number, self.unit.exponent()).parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, self.unit.sign())
    }
}
