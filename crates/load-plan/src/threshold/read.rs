//! Parses a threshold: `[TYPE.]FIGURE COMPARISON AMOUNT [over TIME]`, with or without spaces.

use std::str::FromStr;
use std::time::Duration;

use client_event::EventType;
use thiserror::Error;

use super::statistic::Percentile;
use super::{Amount, Comparison, Figure, FigureKind, Statistic, Threshold, TimeFigure, Unit};

/// The reason why a text is not a threshold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ThresholdError {
    /// A part is missing.
    #[error(
        "expected a figure, a comparison and an amount, such as 'latency.p99 < 50ms', 'refused == 0', 'VIEW.failed_ratio < 1%' or \
         'latency.p99 < 80ms over 10s'"
    )]
    Form,
    /// The figure does not exist.
    #[error("unknown figure {name:?}; {hint}")]
    Figure {
        /// The name in the text.
        name: String,
        /// A similar name, or the names that exist.
        hint: String,
    },
    /// The event type does not exist.
    #[error("unknown event type {name:?}; did you mean {nearest}?")]
    EventType {
        /// The name in the text.
        name: String,
        /// The most similar event type.
        nearest: EventType,
    },
    /// The figure is measured only for all events together.
    #[error("{0} is not measured by event type; remove the event type")]
    NotByType(Figure),
    /// The figure is measured only over the whole run.
    #[error("{0} is measured only over the whole run; remove 'over'")]
    NotOverTime(Figure),
    /// The window is invalid.
    #[error("{0:?} is not a window; expected whole seconds from 1s to 10m, such as 'latency.p99 < 50ms over 10s'")]
    Over(String),
    /// The comparison is invalid.
    #[error("{0:?} is not a comparison; expected <, <=, >, >=, == or !=")]
    Comparison(String),
    /// The number is invalid, or its unit does not fit the figure.
    #[error("{text:?} is not a value of {figure}; expected {expected}")]
    Amount {
        /// The amount in the text.
        text: String,
        /// The figure of the amount.
        figure: Figure,
        /// The valid numbers and units.
        expected: &'static str,
    },
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        const SIGNS: [char; 4] = ['<', '>', '=', '!'];
        let from = text.find(SIGNS).ok_or(ThresholdError::Form)?;
        let (name, rest) = (text[..from].trim(), &text[from..]);
        let rest_after_sign = rest.trim_start_matches(SIGNS);
        let sign = &rest[..rest.len() - rest_after_sign.len()];
        let (amount, over) =
            rest_after_sign.split_once("over").map_or((rest_after_sign, None), |(amount, over)| (amount, Some(over)));
        let comparison = Comparison::ALL.into_iter().find(|comparison| comparison.sign() == sign);
        let comparison = comparison.ok_or_else(|| ThresholdError::Comparison(sign.to_owned()))?;
        if name.is_empty() || amount.trim().is_empty() {
            return Err(ThresholdError::Form);
        }
        let (event_type, figure) = event_type_and_figure(name)?;
        let amount = amount_of(figure, amount.trim())?;
        let over = over.map(|over| over_of(figure, over.trim())).transpose()?;
        Ok(Self { event_type, figure, comparison, amount, over })
    }
}

fn event_type_and_figure(name: &str) -> Result<(Option<EventType>, Figure), ThresholdError> {
    // Names of types are in capital letters, names of figures are not.
    let is_of_type = |first: &str| {
        first.starts_with(|char: char| char.is_uppercase()) || EventType::from_name(&first.to_uppercase()).is_some()
    };
    let Some((event_type, figure)) = name.split_once('.').filter(|(first, _)| is_of_type(first)) else {
        return Ok((None, figure_of(name)?));
    };
    let event_type = EventType::from_name(event_type).ok_or_else(|| {
        let likeness = |known: &EventType| strsim::normalized_damerau_levenshtein(&event_type.to_uppercase(), known.name());
        let nearest = EventType::ALL.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        ThresholdError::EventType { name: event_type.to_owned(), nearest: nearest.unwrap_or(EventType::View) }
    })?;
    let figure = figure_of(figure)?;
    if figure.is_by_type() { Ok((Some(event_type), figure)) } else { Err(ThresholdError::NotByType(figure)) }
}

fn figure_of(name: &str) -> Result<Figure, ThresholdError> {
    /// Own choice: accepts names with one or two typing errors.
    const ALIKE: f64 = 0.6;
    if let Some(figure) = Figure::all().find(|figure| figure.to_string() == name) {
        return Ok(figure);
    }
    let (first, statistic) = name.split_once('.').unwrap_or((name, ""));
    let hint = if let Some(time) = TimeFigure::ALL.into_iter().find(|time| time.name() == first) {
        let percentile =
            statistic.strip_prefix('p').filter(|rest| rest.starts_with(|char: char| char.is_ascii_digit() || char == '-'));
        if let Some(percentile) = percentile {
            if let Some(percentile) = Percentile::read(percentile) {
                return Ok(Figure::Time(time, Statistic::Percentile(percentile)));
            }
            "expected a percentile above 0 and below 100 with at most three decimals, such as p95 or p99.9; p100 is max"
                .to_owned()
        } else {
            format!("{} has min, mean, stddev, max and any percentile, such as p50, p95 or p99.9", time.name())
        }
    } else {
        let names = Figure::all().map(|figure| figure.to_string());
        let alike = names.map(|known| (strsim::normalized_damerau_levenshtein(name, &known), known));
        match alike.filter(|(likeness, _)| *likeness >= ALIKE).max_by(|(a, _), (b, _)| a.total_cmp(b)) {
            Some((_, known)) => format!("did you mean {known}?"),
            None => "expected latency, answered_latency, service_time or schedule_lag with .min, .mean, .stddev, .max or a percentile such as \
                     .p99; acknowledged, refused, failed, unknown or not_sent, alone or with _ratio; achieved_ratio; or rate"
                .to_owned(),
        }
    };
    Err(ThresholdError::Figure { name: name.to_owned(), hint })
}

fn amount_of(figure: Figure, text: &str) -> Result<Amount, ThresholdError> {
    /// A run can send only a little more than the plan.
    const ACHIEVED_RATIO_MAX: f64 = 2.0;
    let expected = match figure.kind() {
        FigureKind::Time => "a time with its unit, such as 50ms, 500us or 1.5s",
        FigureKind::Count => "a whole number without a unit",
        FigureKind::Ratio => "a ratio from 0 to 1, such as 0.99 or 99%",
        FigureKind::Rate => "a number of events per second, such as 500 or 500/s",
    };
    let sound = || {
        let unit = Unit::ALL.into_iter().find(|unit| text.ends_with(unit.sign()))?;
        let number = text[..text.len() - unit.sign().len()].trim();
        let is_plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let number: f64 = number.parse().ok().filter(|number: &f64| is_plain && number.is_finite())?;
        let amount = Amount { number, unit };
        let is_in_range = match figure {
            Figure::Count(_) => number.fract() == 0.0,
            Figure::Ratio(_) => amount.value() <= 1.0,
            Figure::AchievedRatio => amount.value() <= ACHIEVED_RATIO_MAX,
            Figure::Time(..) | Figure::Rate => amount.value().is_finite(),
        };
        (is_in_range && figure.kind().units().contains(&unit)).then_some(amount)
    };
    sound().ok_or_else(|| ThresholdError::Amount { text: text.to_owned(), figure, expected })
}

fn over_of(figure: Figure, text: &str) -> Result<Duration, ThresholdError> {
    /// Own choice, to limit memory: a second of latencies needs about ten kilobytes.
    const SECONDS_MAX: u64 = 600;
    let over = humantime::parse_duration(text).ok();
    let over = over.filter(|over| over.subsec_nanos() == 0 && (1..=SECONDS_MAX).contains(&over.as_secs()));
    let over = over.ok_or_else(|| ThresholdError::Over(text.to_owned()))?;
    if figure.is_of_any_time() { Ok(over) } else { Err(ThresholdError::NotOverTime(figure)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_thresholds_name_the_expected_value() {
        for (text, expected) in [
            ("", "expected a figure, a comparison and an amount"),
            ("latency.p99", "expected a figure, a comparison and an amount"),
            ("latency.p99 <", "expected a figure, a comparison and an amount"),
            ("< 50ms", "expected a figure, a comparison and an amount"),
            ("latency.p99 = 50ms", "\"=\" is not a comparison; expected <, <=, >, >=, == or !="),
            ("latency.p99 =< 50ms", "\"=<\" is not a comparison"),
            ("latency.median < 50ms", "unknown figure \"latency.median\"; latency has min, mean, stddev, max and any percentile"),
            ("latency.p101 < 50ms", "unknown figure \"latency.p101\"; expected a percentile above 0 and below 100"),
            ("latency.p100 < 50ms", "p100 is max"),
            ("latency.p0 < 50ms", "expected a percentile above 0 and below 100"),
            ("latency.p-5 < 50ms", "expected a percentile above 0 and below 100"),
            ("latency.p99.9999 < 50ms", "with at most three decimals"),
            ("latency < 50ms", "latency has min, mean, stddev, max and any percentile"),
            ("latencey.p99 < 50ms", "unknown figure \"latencey.p99\"; did you mean latency.p99?"),
            ("refussed == 0", "did you mean refused?"),
            ("errors == 0", "expected latency, answered_latency, service_time or schedule_lag with .min"),
            ("VEIW.refused == 0", "unknown event type \"VEIW\"; did you mean VIEW?"),
            ("view.failed == 0", "unknown event type \"view\"; did you mean VIEW?"),
            ("View.refused == 0", "did you mean VIEW?"),
            ("VIEW.refuse == 0", "did you mean refused?"),
            ("VIEW.rate > 5", "rate is not measured by event type"),
            ("VIEW.schedule_lag.p99 < 5ms", "schedule_lag.p99 is not measured by event type"),
            ("latency.p99 < 50", "\"50\" is not a value of latency.p99; expected a time with its unit"),
            ("latency.p99 < 50%", "expected a time with its unit"),
            ("latency.p99 < -50ms", "expected a time with its unit"),
            ("latency.p99 < 1e3ms", "expected a time with its unit"),
            ("refused == 0ms", "expected a whole number without a unit"),
            ("refused < 0.5", "expected a whole number without a unit"),
            ("acknowledged_ratio > 99", "expected a ratio from 0 to 1, such as 0.99 or 99%"),
            ("acknowledged_ratio > 101%", "expected a ratio from 0 to 1"),
            ("achieved_ratio > 99", "expected a ratio from 0 to 1"),
            ("rate > 500ms", "expected a number of events per second"),
            ("latency.p99 < 50ms over", "\"\" is not a window; expected whole seconds from 1s to 10m"),
            ("latency.p99 < 50ms over 10", "\"10\" is not a window"),
            ("latency.p99 < 50ms over 1500ms", "\"1500ms\" is not a window"),
            ("latency.p99 < 50ms over 0s", "\"0s\" is not a window"),
            ("latency.p99 < 50ms over 11m", "\"11m\" is not a window"),
            ("achieved_ratio > 0.9 over 10s", "achieved_ratio is measured only over the whole run; remove 'over'"),
        ] {
            let error = text.parse::<Threshold>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn amounts_are_exact() {
        for (text, value) in [
            ("latency.p99 < 50ms", 50.0),
            ("answered_latency.p97.5 < 50ms", 50.0),
            ("latency.mean < 2s", 2000.0),
            ("service_time.p99.9<1.5s", 1500.0),
            ("schedule_lag.max <= 700 us", 0.7),
            ("acknowledged_ratio >= 99.9%", 0.999),
            ("achieved_ratio > 0.99", 0.99),
            ("rate >= 500/s", 500.0),
            ("rate >= 500", 500.0),
        ] {
            let amount = text.parse::<Threshold>().unwrap().amount;
            assert_eq!(amount.value().to_bits(), f64::to_bits(value), "{text}");
        }
    }
}
