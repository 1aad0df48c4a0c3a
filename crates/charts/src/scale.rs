//! Axes in numbers: the position of a value between the ends, and the values with ticks.

use crate::Scale;

/// A scale over a range.
#[derive(Clone, Debug)]
pub(super) struct Span {
    kind: Kind,
    lowest: f64,
    highest: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Linear,
    Logarithmic,
    Percentile,
    Names,
}

/// Higher shares have the position of this share, because their positions on a percentile axis would be too far away to be
/// useful.
const SHARE_MAX: f64 = 0.999_999_9;

/// The limit of floating-point calculations. Values above it cannot be drawn, nor values too close to 0 on a logarithmic
/// axis.
const VALUE_MAX: f64 = 1e100;

/// The maximum number of decades on a logarithmic axis. Lower values are drawn at its end.
const DECADES_MAX: f64 = 30.0;

impl Span {
    /// Creates the scale over these values; `None` if no value can be drawn. `is_rounded` moves the ends outwards to values
    /// with ticks.
    pub(super) fn new(scale: &Scale, values: impl Iterator<Item = f64>, is_rounded: bool) -> Option<Self> {
        if let Scale::Names(names) = scale {
            #[expect(clippy::cast_precision_loss, reason = "few names")]
            let last = names.len() as f64 - 0.5;
            return (!names.is_empty()).then_some(Self { kind: Kind::Names, lowest: -0.5, highest: last });
        }
        let kind = match scale {
            Scale::Logarithmic => Kind::Logarithmic,
            Scale::Percentile => Kind::Percentile,
            _ => Kind::Linear,
        };
        let drawn = values.filter(|value| can_be_drawn(kind, *value));
        let (lowest, highest) =
            drawn.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if lowest > highest {
            return None;
        }
        let (lowest, highest) = match kind {
            Kind::Percentile => (0.0, highest.clamp(0.9, SHARE_MAX)),
            Kind::Logarithmic if lowest < highest => (lowest.max(highest / 10_f64.powf(DECADES_MAX)), highest),
            Kind::Logarithmic => (lowest / 2.0, highest * 2.0),
            Kind::Linear | Kind::Names => {
                let (lowest, highest) = (lowest.min(0.0), highest.max(0.0));
                if lowest < highest { (lowest, highest) } else { (0.0, 1.0) }
            }
        };
        let span = Self { kind, lowest, highest };
        Some(if is_rounded { span.rounded() } else { span })
    }

    /// Creates the scale between two chosen values; `None` if they leave no range between them.
    pub(super) fn between(scale: &Scale, [lowest, highest]: [f64; 2]) -> Option<Self> {
        let span = Self::new(scale, [lowest, highest].into_iter(), false)?;
        let is_usable = lowest < highest && can_be_drawn(span.kind, lowest) && can_be_drawn(span.kind, highest);
        match span.kind {
            Kind::Linear | Kind::Logarithmic if is_usable => Some(Self { lowest, highest, ..span }),
            _ => Some(span),
        }
    }

    /// Returns the lowest and the highest value.
    pub(super) const fn ends(&self) -> [f64; 2] {
        [self.lowest, self.highest]
    }

    pub(super) fn can_draw(&self, value: f64) -> bool {
        can_be_drawn(self.kind, value)
    }

    /// Returns the position of a value: 0 at the lower end, 1 at the upper end. Values outside have the position of the
    /// nearest end.
    pub(super) fn place(&self, value: f64) -> f64 {
        let [low, high, at] = [self.lowest, self.highest, value.clamp(self.lowest, self.highest)].map(|value| match self.kind {
            Kind::Linear | Kind::Names => value,
            Kind::Logarithmic => value.ln(),
            Kind::Percentile => -(1.0 - value).ln(),
        });
        ((at - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// Returns the choices of ticks, all within the range and increasing. The first choice has the most ticks, and each
    /// later choice has fewer.
    pub(super) fn ticks(&self) -> Vec<Vec<f64>> {
        match self.kind {
            Kind::Linear => (2..=9).rev().map(|count| self.multiples(step(self.highest - self.lowest, count))).collect(),
            Kind::Logarithmic => self.decades(),
            Kind::Percentile => {
                let nines = (1..=7).map(|nines| 1.0 - 10_f64.powi(-nines));
                let all = [0.0, 0.5].into_iter().chain(nines).filter(|share| *share <= self.highest);
                let few = all.clone().filter(|share| (share - 0.5).abs() > 0.1);
                vec![all.collect(), few.collect()]
            }
            Kind::Names => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of names")]
                let count = (self.highest + 0.5).round() as u32;
                [1, 2, 3, 4, 6, 12, 24, 48, 96].map(|every| (0..count).step_by(every).map(f64::from).collect()).into()
            }
        }
    }

    /// Returns the multiples of the step. Each is computed separately, so errors do not add up.
    fn multiples(&self, step: f64) -> Vec<f64> {
        let slack = step * 1e-9;
        let first = ((self.lowest - slack) / step).ceil();
        let multiples = (0..1000).map(|number| (first + f64::from(number)) * step);
        let within = multiples.take_while(|value| *value <= self.highest + slack);
        within.map(|value| value.clamp(self.lowest, self.highest)).collect()
    }

    fn decades(&self) -> Vec<Vec<f64>> {
        #[expect(clippy::cast_possible_truncation, reason = "exponents")]
        let [first, last] = [self.lowest.log10().floor() as i32, self.highest.log10().ceil() as i32];
        let of_decades = |mantissas: &'static [f64], every: usize| -> Vec<f64> {
            let numbers = (first..=last).step_by(every).flat_map(|exponent| mantissas.iter().map(move |m| power(*m, exponent)));
            numbers.filter(|value| (self.lowest..=self.highest).contains(value)).collect()
        };
        let mut choices: Vec<_> = [&[1.0, 2.0, 5.0][..], &[1.0, 3.0]].map(|mantissas| of_decades(mantissas, 1)).into();
        choices.extend([1, 2, 3, 6, 12].map(|every| of_decades(&[1.0], every)));
        // A part of a decade may contain no round number.
        choices.push(vec![self.lowest, self.highest]);
        choices.retain(|choice| choice.len() > 1);
        choices
    }

    fn rounded(self) -> Self {
        match self.kind {
            Kind::Linear => {
                let step = step(self.highest - self.lowest, 5);
                let [lowest, highest] = [(self.lowest / step).floor(), (self.highest / step).ceil()].map(|number| number * step);
                Self { lowest: lowest.min(self.lowest), highest: highest.max(self.highest), ..self }
            }
            Kind::Logarithmic => {
                #[expect(clippy::cast_possible_truncation, reason = "exponents")]
                let [first, last] = [self.lowest.log10().floor() as i32, self.highest.log10().floor() as i32];
                let of = |exponent| [1.0, 2.0, 5.0, 10.0].map(|mantissa| power(mantissa, exponent)).into_iter();
                let lowest = of(first).rev().find(|value| *value <= self.lowest).unwrap_or(self.lowest);
                let highest = of(last).find(|value| *value >= self.highest).unwrap_or(self.highest);
                Self { lowest, highest, ..self }
            }
            Kind::Percentile | Kind::Names => self,
        }
    }
}

fn can_be_drawn(kind: Kind, value: f64) -> bool {
    match kind {
        Kind::Logarithmic => (1.0 / VALUE_MAX..=VALUE_MAX).contains(&value),
        Kind::Percentile => (0.0..=1.0).contains(&value),
        Kind::Linear | Kind::Names => value.abs() <= VALUE_MAX,
    }
}

/// Returns 1, 2 or 5 times a power of ten, so that about `count` steps cover the range.
fn step(range: f64, count: i32) -> f64 {
    let wanted = (range / f64::from(count)).max(f64::MIN_POSITIVE * 1e10);
    #[expect(clippy::cast_possible_truncation, reason = "an exponent")]
    let exponent = wanted.log10().floor() as i32;
    let mantissa = wanted / 10_f64.powi(exponent);
    power([1.0, 2.0, 5.0, 10.0].into_iter().find(|round| mantissa <= round * 1.000_001).unwrap_or(10.0), exponent)
}

/// Exact for negative exponents too, for which the power of ten itself is not exact.
fn power(mantissa: f64, exponent: i32) -> f64 {
    if exponent < 0 && exponent > -300 { mantissa / 10_f64.powi(-exponent) } else { mantissa * 10_f64.powi(exponent) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::NumberFormat;

    fn scales() -> impl Strategy<Value = (Scale, Vec<f64>)> {
        prop_oneof![
            (Just(Scale::Linear), prop::collection::vec(-1e9..1e9, 1..9)),
            (Just(Scale::Linear), prop::collection::vec(0.0..1.0, 1..9)),
            (Just(Scale::Logarithmic), prop::collection::vec(1e-9..1e9, 1..9)),
            (Just(Scale::Logarithmic), prop::collection::vec(0.9..60.0, 1..9)),
            (Just(Scale::Percentile), prop::collection::vec(0.0..1.0, 1..9)),
            (1_u8..100).prop_map(|count| (Scale::Names((0..count).map(|name| name.to_string()).collect()), vec![0.0])),
            (Just(Scale::Linear), prop::collection::vec(any::<f64>(), 1..9)),
            (Just(Scale::Logarithmic), prop::collection::vec(any::<f64>(), 1..9)),
        ]
    }

    proptest! {
        /// For all values, ticks are within the range, increasing and at different positions, and there is always a choice.
        #[test]
        fn ticks_are_inside_and_increase((scale, values) in scales(), is_rounded: bool) {
            let Some(span) = Span::new(&scale, values.iter().copied(), is_rounded) else {
                prop_assert!(values.iter().all(|value| !value.is_finite() || value.abs() > VALUE_MAX || scale == Scale::Logarithmic));
                return Ok(());
            };
            let choices = span.ticks();
            prop_assert!(!choices.is_empty());
            for ticks in choices {
                prop_assert!(!ticks.is_empty(), "{span:?}");
                prop_assert!(ticks.iter().all(|tick| (span.lowest..=span.highest).contains(tick)), "{span:?} {ticks:?}");
                let places: Vec<_> = ticks.iter().map(|tick| span.place(*tick)).collect();
                prop_assert!(places.is_sorted_by(|a, b| a < b), "{span:?} {ticks:?} {places:?}");
            }
        }

        /// For all values, positions are between the ends and keep the order.
        #[test]
        fn places_keep_the_order((scale, values) in scales(), is_rounded: bool) {
            let Some(span) = Span::new(&scale, values.iter().copied(), is_rounded) else { return Ok(()) };
            let mut drawn: Vec<_> = values.into_iter().filter(|value| span.can_draw(*value)).collect();
            drawn.sort_by(f64::total_cmp);
            let places: Vec<_> = drawn.iter().map(|value| span.place(*value)).collect();
            prop_assert!(places.is_sorted() && places.iter().all(|place| (0.0..=1.0).contains(place)), "{places:?}");
        }
    }

    #[test]
    fn round_numbers_are_marked() {
        for (scale, values, expected) in [
            (Scale::Linear, [0.0, 9.3], "0 2 4 6 8 10"),
            (Scale::Linear, [0.0, 0.28], "0 0.1 0.2 0.3"),
            (Scale::Linear, [-30.0, 60.0], "-40 -20 0 20 40 60"),
            (Scale::Logarithmic, [0.013, 90.0], "0.01 0.1 1 10 100"),
            (Scale::Logarithmic, [0.9, 11.0], "0.5 1 2 5 10 20"),
            (Scale::Percentile, [0.0, 0.9995], "0 0.5 0.9 0.99 0.999"),
        ] {
            let span = Span::new(&scale, values.into_iter(), true).unwrap();
            let texts =
                |ticks: &Vec<f64>| ticks.iter().map(|tick| NumberFormat::Plain.exact(*tick)).collect::<Vec<_>>().join(" ");
            let choices: Vec<_> = span.ticks().iter().map(texts).collect();
            assert!(choices.iter().any(|choice| choice == expected), "{choices:#?}");
        }
    }
}
