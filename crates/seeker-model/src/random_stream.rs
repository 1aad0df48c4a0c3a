//! Random streams: one for each seeker, each search and the catalogue, all derived from the seed. So the order of execution does not
//! change the numbers. The generator is PCG, whose definition fixes its values (O'Neill 2014).

use rand::Rng;
use rand_pcg::Pcg64Mcg;

/// A stream of random numbers.
pub(crate) type RandomStream = Pcg64Mcg;

/// The purpose of a stream. Streams of different purposes share no numbers.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Catalogue,
    Seeker,
    Results,
    Request,
    Alerts,
    AlertVisit,
    Arrival,
    Employer,
}

/// The stream of that purpose and number under the seed.
pub(crate) fn stream(seed: u64, purpose: Purpose, number: u64) -> RandomStream {
    let purpose = mix(purpose as u64 + 1);
    let high = mix(seed ^ purpose);
    let low = mix(high ^ mix(number));
    // A multiplicative generator needs an odd state.
    RandomStream::new((u128::from(mix(low ^ seed)) << 64 | u128::from(low)) | 1)
}

/// 128 random bits.
pub(crate) fn draw_u128(stream: &mut RandomStream) -> u128 {
    u128::from(stream.next_u64()) << 64 | u128::from(stream.next_u64())
}

/// Scatters the bits of a number over 64 (the finaliser of `SplitMix64`, Steele et al. 2014).
pub(crate) const fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn neighbouring_streams_differ() {
        let mut firsts = HashSet::new();
        for seed in 0..20 {
            for purpose in [Purpose::Catalogue, Purpose::Seeker, Purpose::Results, Purpose::Request] {
                for number in 0..200 {
                    assert!(firsts.insert(stream(seed, purpose, number).next_u64()));
                }
            }
        }
    }

    /// Another value would change every journey of every seed.
    #[test]
    fn values_are_those_of_all_versions() {
        assert_eq!(stream(0, Purpose::Seeker, 0).next_u64(), 14_002_850_828_842_381_267);
    }
}
