//! The amount that bounds a figure: a number with its unit, kept as written.

use std::fmt;

/// A number and its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// The number, not negative.
    pub number: f64,
    /// The unit of the number.
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
    /// Per cent.
    Percent,
    /// Per second.
    PerSecond,
    /// No unit.
    None,
}

impl Unit {
    /// All units. A sign comes before any sign that is its suffix.
    pub const ALL: [Self; 6] = [Self::Micros, Self::Millis, Self::PerSecond, Self::Seconds, Self::Percent, Self::None];

    /// Returns the sign of the unit.
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

    /// Returns the power of ten that converts this unit: times are in milliseconds.
    const fn exponent(self) -> i32 {
        match self {
            Self::Micros => -3,
            Self::Seconds => 3,
            Self::Percent => -2,
            Self::Millis | Self::PerSecond | Self::None => 0,
        }
    }

    /// Formats a value with at most six decimals.
    pub(super) fn shown(self, value: f64) -> String {
        let number = value * 10_f64.powi(-self.exponent());
        format!("{}{}", (number * 1e6).round() / 1e6, self.sign())
    }
}

impl Amount {
    /// Returns the value: times in milliseconds, ratios with 1 for the whole, rates per second.
    pub fn value(self) -> f64 {
        // Converts through decimal text, so that 99.9 % is exactly the number 0.999.
        format!("{}e{}", self.number, self.unit.exponent()).parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, self.unit.sign())
    }
}
