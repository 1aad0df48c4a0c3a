//! The postings that a search can return, with the day of appearance, the popularity and the attractiveness of each. They are made once from
//! the seed and do not change during the simulation.
//!
//! The postings of a day are a *cohort*. On each day one cohort appears and one disappears, so the number of live postings is constant.

use rand::RngExt;
use rand::distr::Distribution;
use rand_distr::{Beta, LogNormal};

use crate::alias_table::AliasTable;
use crate::catalogue_spec::CatalogueSpec;
use crate::parameter_errors::ParameterErrors;
use crate::posting::{ApplyType, Posting, PostingId};
use crate::random_stream::{Purpose, RandomStream, stream};

/// The postings that a search can return.
///
/// ```
/// use seeker_model::{Catalogue, CatalogueSpec, Query};
///
/// let catalogue = Catalogue::new(&CatalogueSpec { postings: 300, ..CatalogueSpec::default() }, 1)?;
/// let page = catalogue.search(&Query { interest: 5, day: 0, call: 0, page: 0, page_size: 20 });
/// assert_eq!(page.postings.len(), 20);
/// assert!(catalogue.job_name(page.postings[0]).contains("/jobs/4"));
/// # Ok::<(), seeker_model::ParameterErrors>(())
/// ```
#[derive(Debug)]
pub struct Catalogue {
    postings: Vec<Posting>,
    /// The postings of each cohort by popularity, the oldest cohort first.
    cohorts: Vec<AliasTable<Candidate>>,
    of_cohort: u32,
    life_days: u16,
    days: u32,
    /// In [`GUESS_STEPS`].
    rank_noise: u32,
    /// Ages in days, by their frequency among results.
    ages: AliasTable<u16>,
    /// The parent of the jobs. `None` for the default one.
    pub(crate) job_parent: Option<Box<str>>,
}

/// The fields of a posting that a search needs, in one place for speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) posting: PostingId,
    /// In [`GUESS_STEPS`].
    pub(crate) attractiveness: u32,
}

/// The resolution of guesses: steps per unit of probability. A guess is at most 101, so it fits 32 bits.
const GUESS_STEPS: f64 = 4e7;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 100 times as many, and not negative")]
fn in_guess_steps(probability: f64) -> u32 {
    (probability * GUESS_STEPS) as u32
}

impl Catalogue {
    /// The catalogue of a specification and a seed, always the same.
    ///
    /// # Errors
    ///
    /// [`ParameterErrors`] names the fields that are out of their range.
    pub fn new(spec: &CatalogueSpec, seed: u64) -> Result<Self, ParameterErrors> {
        let draws = Draws::new(spec)?;
        let mut stream = stream(seed, Purpose::Catalogue, 0);
        let of_cohort = spec.postings.div_ceil(spec.life_days.into());
        let cohorts = u32::from(spec.life_days) + spec.days;
        let count = of_cohort as usize * cohorts as usize;
        let mut catalogue = Self {
            postings: Vec::with_capacity(count),
            cohorts: Vec::with_capacity(cohorts as usize),
            of_cohort,
            life_days: spec.life_days,
            days: spec.days,
            rank_noise: in_guess_steps(draws.rank_noise),
            ages: draws.ages.clone(),
            job_parent: None,
        };
        for first in (0..cohorts).map(|cohort| cohort * of_cohort) {
            let mut weights = Vec::with_capacity(of_cohort as usize);
            for _ in 0..of_cohort {
                catalogue.postings.push(draws.posting(&mut stream));
                weights.push(draws.popularity.sample(&mut stream));
            }
            let postings = &catalogue.postings;
            catalogue.cohorts.push(AliasTable::new(&weights, |position| {
                let posting = PostingId::from_position(first + position);
                let attractiveness = in_guess_steps(postings[posting.position()].attractiveness.into());
                Candidate { posting, attractiveness }
            }));
        }
        Ok(catalogue)
    }

    /// The number of postings; at least one.
    pub fn len(&self) -> usize {
        self.postings.len()
    }

    /// `false`: a catalogue has at least one posting.
    pub fn is_empty(&self) -> bool {
        self.postings.is_empty()
    }

    /// The posting with this number.
    ///
    /// # Panics
    ///
    /// If the number is from a larger catalogue.
    pub fn posting(&self, id: PostingId) -> &Posting {
        &self.postings[id.position()]
    }

    /// All postings.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// The cohort that appears on a day of the simulation.
    pub(crate) fn cohort_of_day(&self, day: u64) -> u64 {
        u64::from(self.life_days) + day
    }

    /// The age in whole days for a random word, by the interest of seekers in it.
    pub(crate) fn age(&self, word: u64) -> usize {
        self.ages.at(word).into()
    }

    /// The number of days on which postings appear.
    pub fn days(&self) -> u32 {
        self.days
    }

    /// The error of the search about attractiveness, in steps of its guesses.
    pub(crate) fn rank_noise(&self) -> u32 {
        self.rank_noise
    }

    /// The posting of a cohort for a random word, by popularity. `None` after the last cohort.
    pub(crate) fn of_cohort(&self, cohort: u64, word: u64) -> Option<Candidate> {
        Some(self.cohorts.get(usize::try_from(cohort).ok()?)?.at(word))
    }

    /// The day of the simulation on which a posting appears. Negative for postings that are live at the start.
    pub fn first_day(&self, id: PostingId) -> i64 {
        i64::from(u32::try_from(id.position()).expect("a position") / self.of_cohort) - i64::from(self.life_days)
    }
}

/// The distributions of a valid specification.
struct Draws {
    popularity: LogNormal<f64>,
    ages: AliasTable<u16>,
    attractiveness: Beta<f64>,
    rank_noise: f64,
    /// The cumulative shares of redirect, and of redirect or multi-step.
    apply_types: [f64; 2],
    aggregator_share: f64,
}

impl Draws {
    fn new(spec: &CatalogueSpec) -> Result<Self, ParameterErrors> {
        spec.validate()?;
        let decay = spec.age_decay_days;
        let ages: Vec<_> = (0..spec.life_days).map(|age| (-f64::from(age) / decay).exp()).collect();
        let (mean, concentration) = (spec.attractiveness_mean, spec.attractiveness_concentration);
        let total: f64 = spec.apply_type_shares.iter().sum();
        let [redirect, multi_step, _] = spec.apply_type_shares;
        Ok(Self {
            popularity: LogNormal::new(0.0, spec.popularity_sigma).expect("a finite spread"),
            ages: AliasTable::new(&ages, |age| u16::try_from(age).expect("a life has fewer days")),
            attractiveness: Beta::new(mean * concentration, (1.0 - mean) * concentration).expect("both above 0"),
            rank_noise: spec.rank_noise,
            apply_types: [redirect / total, (redirect + multi_step) / total],
            aggregator_share: spec.aggregator_share,
        })
    }

    fn posting(&self, stream: &mut RandomStream) -> Posting {
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
    use rand::Rng;

    use super::*;

    #[test]
    fn popularity_is_skewed() {
        let spec = CatalogueSpec { postings: 30_000, days: 1, ..CatalogueSpec::default() };
        let catalogue = Catalogue::new(&spec, 1).unwrap();
        let mut draws = vec![0_u32; 1000];
        let mut stream = stream(1, Purpose::Results, 0);
        for _ in 0..200_000 {
            draws[catalogue.of_cohort(3, stream.next_u64()).unwrap().posting.position() % 1000] += 1;
        }
        draws.sort_unstable_by_key(|count| std::cmp::Reverse(*count));
        let top_tenth: u32 = draws[..100].iter().sum();
        // With log-normal weights of spread 1.3 the first tenth holds Phi(1.3 - 1.28) of the draws, 51 %.
        assert!((90_000..115_000).contains(&top_tenth), "{top_tenth}");
    }

    #[test]
    fn cohorts_follow_each_other() {
        let catalogue = Catalogue::new(&CatalogueSpec { postings: 300, ..CatalogueSpec::default() }, 1).unwrap();
        assert_eq!(catalogue.len(), 10 * 44);
        let mut stream = stream(1, Purpose::Results, 0);
        for (day, cohort) in [(0, 30), (13, 43)] {
            assert_eq!(catalogue.cohort_of_day(day), cohort);
            let posting = catalogue.of_cohort(cohort, stream.next_u64()).unwrap().posting;
            assert_eq!(catalogue.first_day(posting), i64::try_from(day).unwrap());
        }
        assert_eq!(catalogue.of_cohort(44, 0), None);
    }
}
