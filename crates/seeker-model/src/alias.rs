//! Draws from a weighted choice in constant time by the alias method (Walker 1977, in the form of Vose 1991). A page of results takes
//! forty draws, most of what making it costs, so a draw takes one random word at most and one look into a table; `rand_distr`'s own
//! takes two words, with a rejection, and two tables.

/// A weighted choice between things.
#[derive(Clone, Debug)]
pub(crate) struct AliasTable<T> {
    places: Box<[Place<T>]>,
}

#[derive(Clone, Copy, Debug)]
struct Place<T> {
    /// Below this, in 2^-32, a draw that falls here is the first of the things, otherwise the second. Both are kept here, so that
    /// nothing has to be looked up elsewhere.
    first_below: u32,
    things: [T; 2],
}

impl<T: Copy> AliasTable<T> {
    /// A choice with these weights, of which none is negative, all are finite, and one at least is above 0, of what stands at their
    /// positions.
    pub(crate) fn new(weights: &[f64], thing: impl Fn(u32) -> T) -> Self {
        let count = u32::try_from(weights.len()).expect("fewer than 2^32 weights");
        let mean = weights.iter().sum::<f64>() / f64::from(count);
        let mut share: Vec<f64> = weights.iter().map(|weight| weight / mean).collect();
        let mut places: Vec<_> = (0..count).map(|place| Place { first_below: u32::MAX, things: [thing(place); 2] }).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) = (0..count).partition(|place| share[*place as usize] < 1.0);
        // What a small one lacks, a large one gives. What is left over is 1 but for rounding.
        while let (Some(&less), Some(&more)) = (small.last(), large.last()) {
            small.pop();
            let missing = 1.0 - share[less as usize];
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 2^32; saturates")]
            let first_below = (share[less as usize] * 2_f64.powi(32)) as u32;
            places[less as usize] = Place { first_below, things: [thing(less), thing(more)] };
            share[more as usize] -= missing;
            if share[more as usize] < 1.0 {
                large.pop();
                small.push(more);
            }
        }
        Self { places: places.into() }
    }

    /// What a random word stands for. Its lower bits hardly matter: the logarithm of the number of places and 32 do.
    pub(crate) fn at(&self, word: u64) -> T {
        // The upper half of the product is spread evenly over the places, its lower half over the inside of one (Lemire 2019, without
        // the rejection: the bias is below the number of places in 2^64).
        let product = u128::from(word) * self.places.len() as u128;
        #[expect(clippy::cast_possible_truncation, reason = "a place, and the 32 bits below it")]
        let (place, inside) = ((product >> 64) as usize, (product >> 32) as u32);
        let Place { first_below, things } = &self.places[place];
        // Without a branch: which of the two it is is chance, so a guess would be wrong half the time.
        things[usize::from(inside >= *first_below)]
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
            let table = AliasTable::new(&weights, |position| position as usize);
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
