//! The tails of two distributions: Student's t and the hypergeometric. They are accurate for p-values far below the ones that decide.

/// The degrees of freedom above which Student's t is as good as normal. Also bounds the terms of the continued fraction.
const FREEDOM_MAX: f64 = 1e5;

/// The probability that Student's t with these degrees of freedom exceeds a value.
///
/// Uses the incomplete beta function: NIST Digital Library of Mathematical Functions, 8.17; Abramowitz and Stegun, 26.7.1.
pub(super) fn student_tail(t: f64, freedom: f64) -> f64 {
    if t.is_nan() {
        return 1.0;
    }
    if t < 0.0 {
        return 1.0 - student_tail(-t, freedom);
    }
    let freedom = freedom.min(FREEDOM_MAX);
    let square = t * t;
    if square.is_infinite() {
        return 0.0;
    }
    let whole = freedom + square;
    0.5 * incomplete_beta(freedom / 2.0, 0.5, freedom / whole, square / whole)
}

/// The value that Student's t exceeds with this probability, below one half.
pub(super) fn student_quantile(tail: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while student_tail(high, freedom) > tail && high < 1e12 {
        high *= 2.0;
    }
    // 60 halvings reach the precision of a double.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if student_tail(middle, freedom) > tail { low = middle } else { high = middle }
    }
    high
}

/// The probability that a sample without replacement contains at least `part` of the `marked` events, if `drawn` events are drawn from
/// `drawn + left` events.
pub(super) fn hypergeometric_tail(part: u64, drawn: u64, left: u64, marked: u64) -> f64 {
    let least = marked.saturating_sub(left);
    let most = marked.min(drawn);
    if part <= least {
        return 1.0;
    }
    if part > most {
        return 0.0;
    }
    let [drawn, left, marked] = [drawn, left, marked].map(float);
    let probability =
        |part: f64| (ln_choose(drawn, part) + ln_choose(left, marked - part) - ln_choose(drawn + left, marked)).exp();
    // Neighbouring probabilities have a simple ratio. They shrink away from the mean, so the sum is short.
    let up = |part: f64| (drawn - part) * (marked - part) / ((part + 1.0) * (left - marked + part + 1.0));
    let down = |part: f64| part * (left - marked + part) / ((drawn - part + 1.0) * (marked - part + 1.0));
    let sum = |mut part: f64, step: f64, ratio: &dyn Fn(f64) -> f64| {
        let mut term = probability(part);
        let mut sum = term;
        while term > sum * 1e-17 {
            term *= ratio(part);
            part += step;
            sum += term;
        }
        sum
    };
    let part = float(part);
    if part > drawn / (drawn + left) * marked {
        sum(part, 1.0, &up).min(1.0)
    } else {
        (1.0 - sum(part - 1.0, -1.0, &down)).max(0.0)
    }
}

/// The logarithm of a binomial coefficient.
fn ln_choose(all: f64, part: f64) -> f64 {
    ln_gamma(all + 1.0) - ln_gamma(part + 1.0) - ln_gamma(all - part + 1.0)
}

/// The logarithm of the gamma function, for arguments above 0, by Stirling's series: DLMF, 5.11.1.
fn ln_gamma(argument: f64) -> f64 {
    // From here on, four terms of the series are exact to the last digits.
    const SERIES_FROM: f64 = 15.0;
    let (mut x, mut product) = (argument, 1.0);
    while x < SERIES_FROM {
        product *= x;
        x += 1.0;
    }
    let square = (x * x).recip();
    let series = (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - f64::ln(product)
}

/// The regularized incomplete beta function at `x`, by its continued fraction (DLMF 8.17.22) and Lentz's method as modified by Thompson and
/// Barnett. `rest` is 1 - x, which the caller knows exactly where x is close to 1.
#[expect(clippy::many_single_char_names, reason = "the names of the sources")]
fn incomplete_beta(a: f64, b: f64, x: f64, rest: f64) -> f64 {
    const TERMS_MAX: u32 = 5_000;
    const TINY: f64 = 1e-300;
    if x <= 0.0 || rest <= 0.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    // The fraction converges fast on this side.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, rest, x);
    }
    let nonzero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = nonzero(1.0 - (a + b) * x / (a + 1.0)).recip();
    let mut fraction = d;
    for term in 1..TERMS_MAX {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = nonzero(1.0 + even * d).recip();
        c = nonzero(1.0 + even / c);
        fraction *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = nonzero(1.0 + odd * d).recip();
        c = nonzero(1.0 + odd / c);
        fraction *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    let front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    front.exp() * fraction / a
}

/// Converts a count to a float.
pub(super) fn float(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events, and reports with more are refused")]
    let count = count as f64;
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_close(value: f64, expected: f64, relative: f64) {
        assert!((value - expected).abs() <= expected.abs() * relative, "{value:e}, expected {expected:e}");
    }

    /// Computes the same tail by adding whole numbers.
    fn counted_tail(part: u64, drawn: u64, left: u64, marked: u64) -> f64 {
        let choose = |all: u64, part: u64| -> u128 {
            if part > all {
                0
            } else {
                (0..part).fold(1, |product, step| product * u128::from(all - step) / u128::from(step + 1))
            }
        };
        let ways = |part: u64| if part > marked { 0 } else { choose(drawn, part) * choose(left, marked - part) };
        #[expect(clippy::cast_precision_loss, reason = "a ratio of two whole numbers")]
        let tail = (part..=marked).map(ways).sum::<u128>() as f64 / choose(drawn + left, marked) as f64;
        tail
    }

    proptest! {
        /// For all small samples, the tail equals the count over all samples.
        #[test]
        fn hypergeometric_tails_are_exact((drawn, left) in (0_u64..40, 0_u64..40), part in 0_u64..42, marked in 0_u64..80) {
            prop_assume!(marked <= drawn + left);
            let expected = counted_tail(part, drawn, left, marked);
            prop_assert!((hypergeometric_tail(part, drawn, left, marked) - expected).abs() <= 1e-11);
        }

        /// For all tails and degrees of freedom, the tail of a quantile is its probability.
        #[test]
        fn quantiles_are_inverse(tail in 1e-9_f64..0.5, freedom in 1.0_f64..1e6) {
            let back = student_tail(student_quantile(tail, freedom), freedom);
            prop_assert!((back / tail - 1.0).abs() < 1e-6, "{} {}", tail, back);
        }
    }

    /// A value so small that 1 - x is lost beside x.
    #[test]
    fn a_tail_close_to_one_half_is_exact() {
        let (tail, freedom) = (0.499_999_855_966_345_7, 44_927.595_309_334_58);
        assert_close(student_tail(student_quantile(tail, freedom), freedom), tail, 1e-12);
    }

    /// Reference values from mpmath, as sums of terms with 60 digits.
    #[test]
    fn large_samples_and_far_tails_are_exact() {
        for (part, drawn, left, marked, expected) in HYPERGEOMETRIC {
            assert_close(hypergeometric_tail(part, drawn, left, marked), expected, 1e-6);
        }
    }

    /// Reference values from `SciPy` 1.17: `t.sf(value, freedom)`, and `norm.sf(value)` for infinite freedom.
    #[test]
    fn tails_of_student_are_those_of_the_tables() {
        for (value, freedom, expected, relative) in STUDENT {
            assert_close(student_tail(value, freedom), expected, relative);
        }
        assert_close(student_tail(f64::INFINITY, 3.0), 0.0, 0.0);
        assert_close(student_tail(f64::NAN, 3.0), 1.0, 0.0);
    }

    const HYPERGEOMETRIC: [(u64, u64, u64, u64, f64); 5] = [
        (5, 10, 10, 6, 0.070_433_436_53),
        (240, 12_000, 12_000, 360, 9.029_677_174e-11),
        (101_500, 10_000_000, 10_000_000, 202_000, 0.012_739_561_16),
        (5_010_000, 10_000_000, 10_000_000, 10_000_000, 1.879_593_372e-19),
        (60, 10_000_000, 10_000_000, 60, 8.672_849_796e-19),
    ];

    const STUDENT: [(f64, f64, f64, f64); 7] = [
        (1.0, 1.0, 0.25, 1e-10),
        (2.5, 3.0, 0.043_853_323_504, 1e-10),
        (4.0, 18.5, 0.000_400_742_398_667, 1e-10),
        (-1.5, 7.0, 0.911_350_756_505, 1e-10),
        (30.0, 2.0, 0.000_554_631_340_979, 1e-10),
        (3.0, f64::INFINITY, 0.001_349_898_031_630, 2e-2),
        (8.0, f64::INFINITY, 6.220_960_574_27e-16, 2e-2),
    ];
}
