//! The specification of a catalogue.

use crate::parameter_errors::{ParameterError, ParameterErrors};
use crate::parameters::parameters;

/// The longest life of a posting, in days.
pub(crate) const LIFE_DAYS_MAX: usize = 365;

/// The largest number of days of a simulation: a hundred years.
pub const DAYS_MAX: u32 = 36_500;

parameters! {
    /// The specification of a catalogue of postings. The defaults are calibrated. Each field gives its source.
    pub struct CatalogueSpec {
        /// The number of live postings at any time, 1 to 10,000,000. Rounded up, so that the same number appears every day.
        pub postings: u32 [1..=10_000_000] = 10_000,
        /// Days that a posting is live, 1 to 365: 30 days (`CareerBuilder` 2012, start and end of postings).
        pub life_days: u16 [1..=365] = 30,
        /// The number of days on which new postings appear, 1 to 36,500: the length of the simulation. Not part of a file.
        #[serde(skip)]
        pub days: u32 [1..=36_500] = 14,
        /// Days in which the interest in a posting decays by a factor of e, above 0. With 7.64, almost 60 % of the applications come in the
        /// first seven days (`SmartRecruiters` 2015).
        pub age_decay_days: f64 [0.001..=1_000_000.0] = 7.64,
        /// The variation of popularity between postings: the standard deviation of the logarithm of their weights, 0 to 5. Own estimate
        /// within the calibrated range of 0.8 to 1.8. The standard deviation of ln(views) over 33,246 `LinkedIn` postings of 2023 is 1.70.
        pub popularity_sigma: f64 [0.0..=5.0] = 1.3,
        /// The mean probability of a click when a seeker looks at a result, above 0 and below 1. Own estimate: a page of 20
        /// results then gets 0.76 clicks. `CareerJunction` (2007) had 0.78 views of jobs per view of another page.
        pub attractiveness_mean: f64 [0.000_001..=0.999_999] = 0.06,
        /// Concentration of the click probability over postings: the sum of the two parameters of a Beta distribution, above 0. With a higher
        /// value, postings are more alike. Own estimate.
        pub attractiveness_concentration: f64 [0.001..=1_000_000.0] = 12.0,
        /// The error of the ranking, 0 to 100: the width of a random error that is added to the click probability. With 0, the ranking is
        /// perfect. With a value far above the probabilities, the ranking is random. Own estimate.
        pub rank_noise: f64 [0.0..=100.0] = 0.5,
        /// Shares of postings with a redirect, a multi-step form and a quick application, among postings that are not from an aggregator.
        /// The shares need not add up to 1. `LinkedIn` postings of 2023: 60.5 %, 32.3 %, 7.3 %.
        pub apply_type_shares: [f64; 3] [0.0..=1_000_000.0] = [0.605, 0.323, 0.073],
        /// The share of postings from an aggregator, 0 to 1. Own estimate.
        pub aggregator_share: f64 [0.0..=1.0] = 0.1,
    }
}

impl CatalogueSpec {
    /// Checks the ranges of all parameters, and that they do not contradict each other.
    ///
    /// # Errors
    ///
    /// [`ParameterErrors`] names every parameter that is out of range or contradicts another one.
    pub fn validate(&self) -> Result<(), ParameterErrors> {
        let mut problems = self.out_of_range();
        let total = u64::from(self.postings) * (u64::from(self.days) / u64::from(self.life_days.max(1)) + 2);
        if u32::try_from(total).is_err() {
            let expected = format_args!("fewer postings, or fewer than {} days: fewer than 4294967296 in total", self.days);
            problems.push(ParameterError::new("postings", self.postings, expected));
        }
        if self.apply_type_shares.iter().sum::<f64>() <= 0.0 {
            problems.push(ParameterError::new("apply_type_shares", "all 0", "at least one above 0"));
        }
        ParameterErrors::none_of(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsound_specifications_name_the_field() {
        let sound = CatalogueSpec::default();
        assert_eq!(sound.validate(), Ok(()));
        for (spec, message) in [
            (CatalogueSpec { postings: 0, ..sound.clone() }, "postings is 0; expected 1 to 10000000"),
            (CatalogueSpec { life_days: 0, ..sound.clone() }, "life_days is 0; expected 1 to 365"),
            (CatalogueSpec { days: 0, ..sound.clone() }, "days is 0; expected 1 to 36500"),
            (CatalogueSpec { age_decay_days: 0.0, ..sound.clone() }, "age_decay_days is 0; expected 0.001 to 1000000"),
            (CatalogueSpec { popularity_sigma: -1.0, ..sound.clone() }, "popularity_sigma is -1; expected 0 to 5"),
            (
                CatalogueSpec { attractiveness_mean: 1.0, ..sound.clone() },
                "attractiveness_mean is 1; expected 0.000001 to 0.999999",
            ),
            (
                CatalogueSpec { attractiveness_concentration: f64::NAN, ..sound.clone() },
                "attractiveness_concentration is NaN; expected 0.001 to 1000000",
            ),
            (
                CatalogueSpec { apply_type_shares: [0.0; 3], ..sound.clone() },
                "apply_type_shares is all 0; expected at least one above 0",
            ),
            (
                CatalogueSpec { postings: 10_000_000, days: 36_500, ..sound.clone() },
                "postings is 10000000; expected fewer postings, or fewer than 36500 days: fewer than 4294967296 in total",
            ),
            (CatalogueSpec { aggregator_share: 1.5, ..sound }, "aggregator_share is 1.5; expected 0 to 1"),
        ] {
            assert_eq!(spec.validate().unwrap_err().to_string(), message);
        }
    }
}
