//! Log-normal durations drawn from a table of their quantiles. A seeker looks at about ten lines of a page. A normal number and an
//! exponential function for each line would take a sixth of the time of an event.

use rand::distr::Distribution;
use rand_distr::Exp1;

use crate::log_normal::LogNormal;
use crate::random_stream::RandomStream;

const PART_BITS: u32 = 10;

/// The number of equally likely parts of the table.
const PARTS: usize = 1 << PART_BITS;

/// The number of random bits of a draw.
pub(crate) const DRAW_BITS: u32 = 40;

/// A log-normal duration in a form that is fast to draw.
#[derive(Clone, Debug)]
pub(crate) struct QuantileTable {
    duration: LogNormal,
    /// The start of each part, in units of the duration. The first part has no start, as the last part has no end.
    starts: Box<[f32; PARTS]>,
    /// The distance of the first and the last part from the mean, in standard deviations of the logarithm.
    tail_starts: f64,
}

impl QuantileTable {
    pub(crate) fn new(duration: LogNormal) -> Self {
        let mut starts = Box::new([0.0; PARTS]);
        // The normal distribution from its middle to both sides, as the integral of its density.
        let (mut part, mut deviations, mut probability) = (PARTS / 2, 0.0_f64, 0.5);
        let density = |deviations: f64| (-deviations * deviations / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let mut tail_starts = 0.0;
        while part < PARTS {
            #[expect(clippy::cast_precision_loss, reason = "a part")]
            let missing = part as f64 / PARTS as f64 - probability;
            // The steps are so short that the density in the middle of a step is accurate for the whole step.
            let step = (missing / density(deviations)).min(1e-3);
            probability += step * density(deviations + step / 2.0);
            deviations += step;
            if missing < 1e-12 {
                #[expect(clippy::cast_possible_truncation, reason = "times within a part are less exact")]
                for (part, deviations) in [(part, deviations), (PARTS - part, -deviations)] {
                    starts[part] = (duration.median * (duration.sigma * deviations).exp()) as f32;
                }
                tail_starts = deviations;
                part += 1;
            }
        }
        Self { duration, starts, tail_starts }
    }

    /// The duration for these [`DRAW_BITS`] random bits: at least a thousandth of its unit, as from [`LogNormal`]. One in 512 durations
    /// lies outside the table and is drawn from the stream.
    pub(crate) fn duration_at(&self, bits: u64, stream: &mut RandomStream) -> f64 {
        let part = (bits >> (DRAW_BITS - PART_BITS)) as usize % PARTS;
        #[expect(clippy::cast_precision_loss, reason = "as precise as the table")]
        let inside = (bits & ((1 << (DRAW_BITS - PART_BITS)) - 1)) as f32 / (1_u32 << (DRAW_BITS - PART_BITS)) as f32;
        let seconds = match self.starts.get(part..part + 2) {
            Some([start, end]) if part > 0 => f64::from(start + inside * (end - start)),
            _ => {
                let deviations = normal_beyond(self.tail_starts, stream);
                let deviations = if part == 0 { -deviations } else { deviations };
                self.duration.median * (self.duration.sigma * deviations).exp()
            }
        };
        seconds.max(1e-3)
    }
}

/// A normal number above this one (Marsaglia 1964).
fn normal_beyond(start: f64, stream: &mut RandomStream) -> f64 {
    loop {
        let (beyond, bound): (f64, f64) = (Exp1.sample(stream), Exp1.sample(stream));
        let beyond = beyond / start;
        if 2.0 * bound >= beyond * beyond {
            return start + beyond;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random_stream::{Purpose, stream};

    const DRAWS: u32 = 1 << 18;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

        /// For all log-normal durations, the share of draws below a bound is that of the normal distribution, and a draw is at least a
        /// thousandth.
        #[test]
        fn draws_are_log_normal(median in 0.01_f64..1e4, sigma in 0.0_f64..5.0, seed: u64) {
            let duration = LogNormal { median, sigma };
            let table = QuantileTable::new(duration);
            let mut stream = stream(seed, Purpose::Seeker, 0);
            let draws: Vec<_> =
                (0..DRAWS).map(|number| table.duration_at(u64::from(number) << (DRAW_BITS - 18), &mut stream)).collect();
            prop_assert!(draws.iter().all(|draw| (1e-3..f64::INFINITY).contains(draw)));
            for (deviations, share) in
                [(-3.5, 2.326e-4), (-2.0, 0.022_750), (-1.0, 0.158_655), (0.0, 0.5), (0.5, 0.691_462), (2.5, 0.993_790), (3.5, 0.999_767)]
            {
                let bound = median * (sigma * deviations).exp();
                if bound > 1e-3 && sigma > 0.01 {
                    let below = draws.iter().map(|draw| u32::from(*draw < bound)).sum::<u32>();
                    let below = f64::from(below) / f64::from(DRAWS);
                    prop_assert!((below - share).abs() < 2e-4, "{deviations}: {below}");
                }
            }
        }
    }
}
