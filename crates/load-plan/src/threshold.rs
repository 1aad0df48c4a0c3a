//! Thresholds: conditions on the figures of a run. A run passes only if it meets them. A threshold is a value, or a text
//! such as `latency.p99 < 50ms`. [`figure`] defines the figures, and [`read`] parses a text.

mod amount;
mod figure;
mod read;
mod statistic;

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use client_event::EventType;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::EventOutcome;

pub use amount::{Amount, Unit};
pub use figure::{Figure, FigureKind, TimeFigure};
pub use read::ThresholdError;
pub use statistic::{Percentile, Statistic};

/// A condition on a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The type of the events that count; `None` for all events.
    pub event_type: Option<EventType>,
    /// The figure to compare.
    pub figure: Figure,
    /// The comparison of the figure with the amount.
    pub comparison: Comparison,
    /// The bound of the figure.
    pub amount: Amount,
    /// Length of the window, in whole seconds. The threshold applies to every such window; without a window, to the whole
    /// run.
    pub over: Option<Duration>,
}

/// A comparison of a figure with an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Below.
    Less,
    /// Below or equal.
    AtMost,
    /// Above.
    More,
    /// Above or equal.
    AtLeast,
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
}

impl Comparison {
    /// All comparisons. A sign comes before any sign that is its prefix.
    pub const ALL: [Self; 6] = [Self::AtMost, Self::AtLeast, Self::Equal, Self::NotEqual, Self::Less, Self::More];

    /// Returns the sign of the comparison.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// Whether `value` compares to `bound` in this way.
    pub fn holds(self, value: f64, bound: f64) -> bool {
        let Some(ordering) = value.partial_cmp(&bound) else { return false };
        match self {
            Self::Less => ordering == Ordering::Less,
            Self::AtMost => ordering != Ordering::Greater,
            Self::More => ordering == Ordering::Greater,
            Self::AtLeast => ordering != Ordering::Less,
            Self::Equal => ordering == Ordering::Equal,
            Self::NotEqual => ordering != Ordering::Equal,
        }
    }

    /// Whether a growing value that misses the comparison now can never meet it again.
    pub const fn is_lost_by_growth(self, value_is_above: bool) -> bool {
        match self {
            Self::Less | Self::AtMost => true,
            Self::Equal => value_is_above,
            Self::More | Self::AtLeast | Self::NotEqual => false,
        }
    }
}

impl Threshold {
    /// The default if no threshold limits how many events the target takes: the target acknowledges 99 % of the planned
    /// events.
    pub const BUILT_IN: Self = Self {
        event_type: None,
        figure: Figure::Ratio(EventOutcome::Acknowledged),
        comparison: Comparison::AtLeast,
        amount: Amount { number: 99.0, unit: Unit::Percent },
        over: None,
    };

    /// The default for a run without acknowledgements: 99 % of the planned events are sent, and nothing is known of them.
    pub const BUILT_IN_UNACKNOWLEDGED: Self = Self { figure: Figure::Ratio(EventOutcome::Unknown), ..Self::BUILT_IN };

    /// Whether the threshold needs the answers of the target.
    pub fn needs_answers(&self) -> bool {
        match self.figure {
            Figure::Time(time, _) => time != TimeFigure::ScheduleLag,
            Figure::Count(outcome) | Figure::Ratio(outcome) => outcome == EventOutcome::Acknowledged,
            Figure::AchievedRatio | Figure::Rate => false,
        }
    }

    /// The default for a run without acknowledgements: 99 % of the planned events are sent, and nothing else is known of them.
    pub const BUILT_IN_WITHOUT_ACKS: Self = Self { figure: Figure::Ratio(EventOutcome::Unknown), ..Self::BUILT_IN };

    /// Whether the figure needs acknowledgements of the target.
    pub fn needs_acks(&self) -> bool {
        match self.figure {
            Figure::Time(time, _) => time != TimeFigure::ScheduleLag,
            Figure::Count(outcome) | Figure::Ratio(outcome) => outcome == EventOutcome::Acknowledged,
            Figure::AchievedRatio | Figure::Rate => false,
        }
    }

    /// Whether a value of the figure, in its own unit, meets the threshold.
    pub fn holds(&self, value: f64) -> bool {
        self.comparison.holds(value, self.amount.value())
    }

    /// Whether `value` is further from meeting the threshold than `than`.
    pub fn is_worse(&self, value: f64, than: f64) -> bool {
        let bound = self.amount.value();
        match self.comparison {
            Comparison::Less | Comparison::AtMost => value > than,
            Comparison::More | Comparison::AtLeast => value < than,
            Comparison::Equal => (value - bound).abs() > (than - bound).abs(),
            Comparison::NotEqual => (value - bound).abs() < (than - bound).abs(),
        }
    }

    /// Formats the value in the unit of this threshold.
    pub fn shown(&self, value: f64) -> String {
        self.amount.unit.shown(value)
    }

    /// Returns the figure without its limit, such as `VIEW.latency.p99 over 10s`.
    pub fn figure_name(&self) -> String {
        let event_type = self.event_type.map(|event_type| format!("{event_type}.")).unwrap_or_default();
        let over = self.over.map(|over| format!(" over {}", humantime::format_duration(over))).unwrap_or_default();
        format!("{event_type}{}{over}", self.figure)
    }

    /// Returns the limit of the figure, such as `< 50ms`.
    pub fn limit(&self) -> String {
        format!("{} {}", self.comparison.sign(), self.amount)
    }

    /// Whether the threshold limits how many of all events are acknowledged. A limit on one kind of failure alone, such as
    /// `failed_ratio < 1%`, does not: a target that refuses every event would pass.
    fn limits_acknowledged(&self) -> bool {
        let is_acknowledged =
            matches!(self.figure, Figure::Count(EventOutcome::Acknowledged) | Figure::Ratio(EventOutcome::Acknowledged));
        is_acknowledged && self.event_type.is_none() && self.over.is_none()
    }

    /// Returns the thresholds in force: `given` and the built-in one, unless one of `given` limits how many of all events
    /// are acknowledged.
    pub fn in_force(given: &[Self]) -> Vec<Self> {
        let built_in = (!given.iter().any(Self::limits_acknowledged)).then_some(Self::BUILT_IN);
        built_in.into_iter().chain(given.iter().copied()).collect()
    }

    /// Returns the thresholds of a run without acknowledgements: the given ones, after the default.
    pub fn in_force_without_acks(given: &[Self]) -> Vec<Self> {
        [&[Self::BUILT_IN_WITHOUT_ACKS], given].concat()
    }

    /// Whether it can become certain before the end of a run that the threshold will be missed.
    pub fn can_be_lost(&self) -> bool {
        if self.over.is_some() {
            return true;
        }
        let only_grows = match self.figure {
            Figure::Count(_) => true,
            Figure::Time(_, statistic) => statistic == Statistic::Max,
            Figure::Ratio(_) | Figure::AchievedRatio | Figure::Rate => false,
        };
        only_grows && self.comparison.is_lost_by_growth(true)
    }

    /// Returns `these` thresholds, and the thresholds of `others` on figures that `these` do not contain.
    pub fn before(these: &[Self], others: &[Self]) -> Vec<Self> {
        let figure = |threshold: &Self| (threshold.event_type, threshold.figure, threshold.over);
        let of_others = others.iter().filter(|other| these.iter().all(|this| figure(this) != figure(other)));
        of_others.copied().chain(these.iter().copied()).collect()
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(event_type) = self.event_type {
            write!(f, "{event_type}.")?;
        }
        write!(f, "{} {} {}", self.figure, self.comparison.sign(), self.amount)?;
        self.over.map_or(Ok(()), |over| write!(f, " over {}", humantime::format_duration(over)))
    }
}

impl Serialize for Threshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::strategies::any_threshold;

    proptest! {
        /// For all thresholds, writing and reading returns the same threshold, with or without spaces.
        #[test]
        fn written_text_is_read_back(threshold in any_threshold()) {
            let text = threshold.to_string();
            prop_assert_eq!(text.parse::<Threshold>(), Ok(threshold));
            prop_assert_eq!(text.replace(' ', "").parse::<Threshold>(), Ok(threshold));
        }

        /// For all texts, parsing ends, and every error has a message.
        #[test]
        fn any_text_is_read_without_a_panic(text in "[a-zA-Z_.9]{0,16} ?[<>=!]{0,3} ?[0-9.a-z%/-]{0,8}|\\PC*") {
            if let Err(error) = text.parse::<Threshold>() {
                prop_assert!(!error.to_string().is_empty());
            }
        }

        /// For all numbers, a comparison and its opposite never agree.
        #[test]
        fn opposites(value in -10_i8..10, bound in -10_i8..10) {
            let holds = |comparison: Comparison| comparison.holds(value.into(), bound.into());
            prop_assert_ne!(holds(Comparison::Less), holds(Comparison::AtLeast));
            prop_assert_ne!(holds(Comparison::More), holds(Comparison::AtMost));
            prop_assert_ne!(holds(Comparison::Equal), holds(Comparison::NotEqual));
            prop_assert_eq!(holds(Comparison::Equal), value == bound);
            prop_assert_eq!(holds(Comparison::Less), value < bound);
        }

        /// For all given thresholds, the thresholds in force are the given ones, plus the built-in one only if none of them
        /// replaces it.
        #[test]
        fn thresholds_in_force(given in prop::collection::vec(any_threshold(), 0..5)) {
            let in_force = Threshold::in_force(&given);
            prop_assert!(in_force.iter().any(Threshold::limits_acknowledged));
            prop_assert!(in_force.ends_with(&given) && in_force.len() <= given.len() + 1);
        }
    }

    #[test]
    fn a_threshold_is_a_figure_and_a_limit() {
        let threshold: Threshold = "VIEW.latency.p99 < 50ms over 10s".parse().unwrap();
        assert_eq!((threshold.figure_name().as_str(), threshold.limit().as_str()), ("VIEW.latency.p99 over 10s", "< 50ms"));
    }

    #[test]
    fn the_command_line_goes_before_the_file_figure_by_figure() {
        let of = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Threshold>>();
        let (typed, file) = (of(&["latency.p99 < 90ms"]), of(&["latency.p99 < 50ms", "latency.p50 < 5ms", "refused == 0"]));
        assert_eq!(Threshold::before(&typed, &file), of(&["latency.p50 < 5ms", "refused == 0", "latency.p99 < 90ms"]));
    }
}
