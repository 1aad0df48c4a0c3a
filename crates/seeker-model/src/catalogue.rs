//! The postings that a search can return: how popular each is, how it draws clicks, how one applies to it. Made once per run from
//! the seed and never changed.

use rand::RngExt;
use rand::distr::Distribution;
use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Beta, LogNormal};
use thiserror::Error;

use crate::stream::{Purpose, Stream, stream};

/// The number of a posting in its catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PostingId(u32);

/// The way in which one applies to a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApplyType {
    /// On another site: `APPLICATION_REDIRECT`.
    Redirect,
    /// With a form on this site: `APPLICATION_START`, then perhaps `APPLICATION_FINISH`.
    MultiStep,
    /// With one click: `APPLICATION_QUICK_SUBMISSION`.
    Quick,
    /// On the site of an aggregator's client, where the posting itself is read too: `VIEW_DIRECT`, and what happens there is not
    /// seen here.
    Aggregator,
}

/// What seekers meet in a posting.
#[derive(Clone, Copy, Debug)]
pub struct Posting {
    /// The probability that a seeker who looks at its line in the results clicks on it.
    pub attractiveness: f32,
    /// How one applies.
    pub apply_type: ApplyType,
}

/// What a catalogue is made from. The defaults are calibrated; see each field.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogueSpec {
    /// How many postings, 1 to 10,000,000.
    pub postings: u32,
    /// The spread of popularity: weights are log-normal with this standard deviation of their logarithm, 0 to 5. Own estimate
    /// inside the calibrated range of 0.8 to 1.8; the upper hint is ln(views) of 33,246 `LinkedIn` postings of 2023, 1.70.
    pub popularity_sigma: f64,
    /// The mean click probability of a line that is looked at, above 0, below 1. Own estimate: with pages of 20 it gives 0.76 clicks a
    /// page, `CareerJunction`'s 0.78 views per other page (2007).
    pub attractiveness_mean: f64,
    /// How alike postings are in that: the sum of the two parameters of a Beta distribution, above 0. Own estimate.
    pub attractiveness_concentration: f64,
    /// Shares of redirect, multi-step and quick postings among those that are no aggregator's; need not add to 1. From the
    /// `LinkedIn` postings of 2023: 60.5 %, 32.3 %, 7.3 %.
    pub apply_type_shares: [f64; 3],
    /// The share of postings of an aggregator's clients, 0 to 1. Own estimate.
    pub aggregator_share: f64,
}

impl Default for CatalogueSpec {
    fn default() -> Self {
        Self {
            postings: 10_000,
            popularity_sigma: 1.3,
            attractiveness_mean: 0.075,
            attractiveness_concentration: 12.0,
            apply_type_shares: [0.605, 0.323, 0.073],
            aggregator_share: 0.1,
        }
    }
}

/// A catalogue that cannot be made.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum CatalogueError {
    /// There would be no posting, or too many.
    #[error("postings is {0}; expected 1 to {POSTINGS_MAX}")]
    Postings(u32),
    /// A number lies outside its range.
    #[error("{name} is {value}; expected {expected}")]
    OutOfRange {
        /// The field of [`CatalogueSpec`].
        name: &'static str,
        /// What it held.
        value: f64,
        /// Its range.
        expected: &'static str,
    },
}

const POSTINGS_MAX: u32 = 10_000_000;

/// The first job number; Google's samples count from here.
const FIRST_JOB: u64 = 4_000_000_000;

const NAME_PREFIX: &str = "projects/seeker-sim/tenants/job-board/jobs/";

/// Every name is as long as this, so that no table of positions is needed.
const NAME_LENGTH: usize = NAME_PREFIX.len() + 10;

/// Postings, by number.
#[derive(Debug)]
pub struct Catalogue {
    postings: Vec<Posting>,
    /// All names, one behind the other.
    names: String,
    by_popularity: WeightedAliasIndex<f64>,
}

impl Catalogue {
    /// The catalogue that a specification and a seed make, always the same.
    ///
    /// # Errors
    ///
    /// [`CatalogueError`] names the field that is out of its range.
    pub fn new(spec: &CatalogueSpec, seed: u64) -> Result<Self, CatalogueError> {
        let draws = Draws::new(spec)?;
        let mut stream = stream(seed, Purpose::Catalogue, 0);
        let count = spec.postings as usize;
        let mut postings = Vec::with_capacity(count);
        let mut weights = Vec::with_capacity(count);
        let mut names = String::with_capacity(count * NAME_LENGTH);
        let mut digits = itoa::Buffer::new();
        for number in 0..spec.postings {
            postings.push(draws.posting(&mut stream));
            weights.push(draws.popularity.sample(&mut stream));
            names.push_str(NAME_PREFIX);
            names.push_str(digits.format(FIRST_JOB + u64::from(number)));
        }
        let by_popularity = WeightedAliasIndex::new(weights).expect("log-normal weights are positive and finite");
        Ok(Self { postings, names, by_popularity })
    }

    /// How many postings there are; at least one.
    pub fn len(&self) -> usize {
        self.postings.len()
    }

    /// Always `false`.
    pub fn is_empty(&self) -> bool {
        self.postings.is_empty()
    }

    /// A posting.
    pub fn posting(&self, id: PostingId) -> &Posting {
        &self.postings[id.0 as usize]
    }

    /// All postings.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// The resource name of a posting.
    pub fn job_name(&self, id: PostingId) -> &str {
        let start = id.0 as usize * NAME_LENGTH;
        &self.names[start..start + NAME_LENGTH]
    }

    /// A posting drawn by popularity.
    pub(crate) fn draw(&self, stream: &mut Stream) -> PostingId {
        let position = self.by_popularity.sample(stream);
        PostingId(u32::try_from(position).expect("there are at most POSTINGS_MAX"))
    }
}

/// The distributions of a specification, once it is known to be sound.
struct Draws {
    popularity: LogNormal<f64>,
    attractiveness: Beta<f64>,
    /// Cumulative shares of redirect and of redirect or multi-step.
    apply_types: [f64; 2],
    aggregator_share: f64,
}

impl Draws {
    fn new(spec: &CatalogueSpec) -> Result<Self, CatalogueError> {
        if !(1..=POSTINGS_MAX).contains(&spec.postings) {
            return Err(CatalogueError::Postings(spec.postings));
        }
        let within = |name, value: f64, fits: bool, expected| {
            if fits { Ok(value) } else { Err(CatalogueError::OutOfRange { name, value, expected }) }
        };
        let sigma = spec.popularity_sigma;
        within("popularity_sigma", sigma, (0.0..=5.0).contains(&sigma), "0 to 5")?;
        let mean = spec.attractiveness_mean;
        within("attractiveness_mean", mean, mean > 0.0 && mean < 1.0, "a number above 0 and below 1")?;
        let concentration = spec.attractiveness_concentration;
        let fits = concentration > 0.0 && concentration <= 1e6;
        within("attractiveness_concentration", concentration, fits, "a number above 0, at most 1000000")?;
        let total: f64 = spec.apply_type_shares.iter().sum();
        for share in spec.apply_type_shares {
            within("apply_type_shares", share, share >= 0.0 && total > 0.0 && total.is_finite(), "shares, not all 0")?;
        }
        let aggregator_share = spec.aggregator_share;
        within("aggregator_share", aggregator_share, (0.0..=1.0).contains(&aggregator_share), "0 to 1")?;
        let [redirect, multi_step, _] = spec.apply_type_shares;
        Ok(Self {
            popularity: LogNormal::new(0.0, sigma).expect("a finite spread"),
            attractiveness: Beta::new(mean * concentration, (1.0 - mean) * concentration).expect("both above 0"),
            apply_types: [redirect / total, (redirect + multi_step) / total],
            aggregator_share,
        })
    }

    fn posting(&self, stream: &mut Stream) -> Posting {
        let of_aggregator = stream.random_bool(self.aggregator_share);
        let share: f64 = stream.random();
        let [redirect, multi_step] = self.apply_types;
        let apply_type = match share {
            _ if of_aggregator => ApplyType::Aggregator,
            share if share < redirect => ApplyType::Redirect,
            share if share < multi_step => ApplyType::MultiStep,
            _ => ApplyType::Quick,
        };
        #[expect(clippy::cast_possible_truncation, reason = "a probability needs no more precision")]
        Posting { attractiveness: self.attractiveness.sample(stream) as f32, apply_type }
    }
}

#[cfg(test)]
mod tests {
    use client_event::{JobName, JobNameForm};

    use super::*;

    #[test]
    fn names_are_job_names_and_distinct() {
        let catalogue = Catalogue::new(&CatalogueSpec { postings: 300, ..CatalogueSpec::default() }, 1).unwrap();
        let names: std::collections::HashSet<_> = (0..300).map(|number| catalogue.job_name(PostingId(number))).collect();
        assert_eq!(names.len(), 300);
        for name in names {
            assert_eq!(JobName::new(name).unwrap().form(), Some(JobNameForm::Tenant));
        }
    }

    #[test]
    fn popularity_is_skewed() {
        let catalogue = Catalogue::new(&CatalogueSpec::default(), 1).unwrap();
        let mut draws = vec![0_u32; catalogue.len()];
        let mut stream = stream(1, Purpose::Results, 0);
        for _ in 0..200_000 {
            draws[catalogue.draw(&mut stream).0 as usize] += 1;
        }
        draws.sort_unstable_by_key(|count| std::cmp::Reverse(*count));
        let top_tenth: u32 = draws[..1000].iter().sum();
        // With log-normal weights of spread 1.3 the first tenth holds Phi(1.3 - 1.28) of the draws, 51 %.
        assert!((95_000..110_000).contains(&top_tenth), "{top_tenth}");
    }

    #[test]
    fn unsound_specifications_name_the_field() {
        let sound = CatalogueSpec::default();
        for (spec, message) in [
            (CatalogueSpec { postings: 0, ..sound.clone() }, "postings is 0; expected 1 to 10000000"),
            (CatalogueSpec { popularity_sigma: -1.0, ..sound.clone() }, "popularity_sigma is -1; expected 0 to 5"),
            (
                CatalogueSpec { attractiveness_mean: 1.0, ..sound.clone() },
                "attractiveness_mean is 1; expected a number above 0 and below 1",
            ),
            (
                CatalogueSpec { attractiveness_concentration: f64::NAN, ..sound.clone() },
                "attractiveness_concentration is NaN; expected a number above 0, at most 1000000",
            ),
            (
                CatalogueSpec { apply_type_shares: [0.0; 3], ..sound.clone() },
                "apply_type_shares is 0; expected shares, not all 0",
            ),
            (CatalogueSpec { aggregator_share: 1.5, ..sound }, "aggregator_share is 1.5; expected 0 to 1"),
        ] {
            assert_eq!(Catalogue::new(&spec, 0).unwrap_err().to_string(), message);
        }
    }
}
