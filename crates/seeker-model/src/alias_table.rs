//! Weighted choice in constant time by the alias method (Walker 1977, in the form of Vose 1991). A results page takes forty draws, which are
//! most of its cost. A draw takes one random word and one table access. The table of `rand_distr` takes two words, a rejection and two
//! accesses.

/// A weighted choice between values.
#[derive(Clone, Debug)]
pub(crate) struct AliasTable<T> {
    places: Box<[Place<T>]>,
}

#[derive(Clone, Copy, Debug)]
struct Place<T> {
    /// A draw in this place below this limit, in 2^-32, selects the first value, otherwise the second. Both values are here, so a draw
    /// needs no second access.
    first_below: u32,
    values: [T; 2],
}

impl<T: Copy> AliasTable<T> {
    /// A choice between the values of the positions, with these weights. Weights must be finite and not negative, and one must be above 0.
    pub(crate) fn new(weights: &[f64], value_at: impl Fn(u32) -> T) -> Self {
        let count = u32::try_from(weights.len()).expect("fewer than 2^32 weights");
        let mean = weights.iter().sum::<f64>() / f64::from(count);
        let mut share: Vec<f64> = weights.iter().map(|weight| weight / mean).collect();
        let mut places: Vec<_> = (0..count).map(|place| Place { first_below: u32::MAX, values: [value_at(place); 2] }).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) = (0..count).partition(|place| share[*place as usize] < 1.0);
        // A large place fills up a small one. The remaining places are 1, except for rounding.
        while let (Some(&less), Some(&more)) = (small.last(), large.last()) {
            small.pop();
            let missing = 1.0 - share[less as usize];
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 2^32; saturates")]
            let first_below = (share[less as usize] * 2_f64.powi(32)) as u32;
            places[less as usize] = Place { first_below, values: [value_at(less), value_at(more)] };
            share[more as usize] -= missing;
            if share[more as usize] < 1.0 {
                large.pop();
                small.push(more);
            }
        }
        Self { places: places.into() }
    }

    /// The value for a random word. Uses the highest bits of the word: 32 more than the logarithm of the number of places.
    pub(crate) fn at(&self, word: u64) -> T {
        // The upper half of the product selects the place, the lower half the position in it (Lemire 2019, without the rejection: the
        // bias is below the number of places in 2^64).
        let product = u128::from(word) * self.places.len() as u128;
        #[expect(clippy::cast_possible_truncation, reason = "a place, and the 32 bits below it")]
        let (place, inside) = ((product >> 64) as usize, (product >> 32) as u32);
        let Place { first_below, values } = &self.places[place];
        // Without a branch, which would be mispredicted half the time.
        values[usize::from(inside >= *first_below)]
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
