//! Draws from a weighted choice in constant time by the alias method (Walker 1977, in the form of Vose 1991). A page of results takes
//! forty draws, most of what making it costs, so a draw takes one random word and one look into a table; `rand_distr`'s own takes two
//! words, with a rejection, and two tables.

/// A weighted choice.
#[derive(Clone, Debug)]
pub(crate) struct AliasTable {
    places: Box<[Place]>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// Below this, in 2^-32, a draw that falls here stays here.
    stays_below: u32,
    /// Where it goes otherwise.
    alias: u32,
}

impl AliasTable {
    /// A choice with these weights, of which none is negative, all are finite, and one at least is above 0.
    pub(crate) fn new(weights: &[f64]) -> Self {
        let count = u32::try_from(weights.len()).expect("fewer than 2^32 weights");
        let mean = weights.iter().sum::<f64>() / f64::from(count);
        let mut share: Vec<f64> = weights.iter().map(|weight| weight / mean).collect();
        let mut places: Vec<_> = (0..count).map(|alias| Place { stays_below: u32::MAX, alias }).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) = (0..count).partition(|place| share[*place as usize] < 1.0);
        // What a small one lacks, a large one gives. What is left over is 1 but for rounding.
        while let (Some(&less), Some(&more)) = (small.last(), large.last()) {
            small.pop();
            let missing = 1.0 - share[less as usize];
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 2^32; saturates")]
            let stays_below = (share[less as usize] * 2_f64.powi(32)) as u32;
            places[less as usize] = Place { stays_below, alias: more };
            share[more as usize] -= missing;
            if share[more as usize] < 1.0 {
                large.pop();
                small.push(more);
            }
        }
        Self { places: places.into() }
    }

    /// The position that a random word stands for.
    pub(crate) fn at(&self, word: u64) -> usize {
        // The upper half of the product is spread evenly over the places, its lower half over the inside of one (Lemire 2019, without
        // the rejection: the bias is below the number of places in 2^64).
        let product = u128::from(word) * self.places.len() as u128;
        #[expect(clippy::cast_possible_truncation, reason = "a place, and the 32 bits below it")]
        let (place, inside) = ((product >> 64) as usize, (product >> 32) as u32);
        let Place { stays_below, alias } = self.places[place];
        // Without a branch: which way it goes is chance, so a guess would be wrong half the time.
        let goes = usize::from(inside >= stays_below).wrapping_neg();
        place & !goes | alias as usize & goes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: u32 = 200_000;

    proptest! {
        /// For all weights, evenly spread words are spread by weight.
        #[test]
        fn draws_follow_the_weights(weights in prop::collection::vec(prop_oneof![Just(0.0), 0.0..10.0], 1..50)) {
            let total: f64 = weights.iter().sum();
            prop_assume!(total > 0.1);
            let table = AliasTable::new(&weights);
            let mut drawn = vec![0_u32; weights.len()];
            for number in 0..WORDS {
                drawn[table.at((u64::MAX / u64::from(WORDS)) * u64::from(number))] += 1;
            }
            for (weight, drawn) in weights.iter().zip(drawn) {
                let difference = (f64::from(drawn) / f64::from(WORDS) - weight / total).abs();
                prop_assert!(difference < 1e-3, "{weight} of {total}: {drawn}");
            }
        }
    }
}
