//! The postings that a search can return: when each appears, how popular it is, how it draws clicks, how one applies to it. Made once
//! per run from the seed and never changed: what comes and goes is known beforehand.
//!
//! Postings of the same day are a *cohort*. On every day as many appear as go, so that the number of live ones stays the same.

use rand::RngExt;
use rand::distr::Distribution;
use rand_distr::{Beta, LogNormal};

use crate::alias::AliasTable;
use crate::catalogue_spec::CatalogueSpec;
use crate::parameters::ParameterErrors;
use crate::stream::{Purpose, Stream, stream};

/// The number of a posting in its catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PostingId(u32);

impl PostingId {
    /// The number, as the postings are counted: the oldest cohort first.
    pub fn number(self) -> u64 {
        self.0.into()
    }

    pub(crate) const fn from_position(position: u32) -> Self {
        Self(position)
    }
}

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

/// Postings, by number.
#[derive(Debug)]
pub struct Catalogue {
    postings: Vec<Posting>,
    /// Of each cohort, oldest first, its postings by popularity.
    cohorts: Vec<AliasTable<Candidate>>,
    of_cohort: u32,
    life_days: u16,
    days: u32,
    /// In [`GUESS_STEPS`].
    rank_noise: u32,
    /// Ages in days, by how often a result has them.
    ages: AliasTable<u16>,
    /// The parent of the jobs, if it is not the default one.
    pub(crate) job_parent: Option<Box<str>>,
}

/// What a search has to know of a posting, so that it need not look at the posting itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) posting: PostingId,
    /// In [`GUESS_STEPS`].
    pub(crate) attractiveness: u32,
}

/// In so many steps of a probability the search guesses what draws clicks: so many that a guess, which is at most 101, has 32 bits.
const GUESS_STEPS: f64 = 4e7;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 100 times as many, and not negative")]
fn in_guess_steps(probability: f64) -> u32 {
    (probability * GUESS_STEPS) as u32
}

impl Catalogue {
    /// The catalogue that a specification and a seed make, always the same.
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
                let posting = PostingId(first + position);
                let attractiveness = in_guess_steps(postings[posting.0 as usize].attractiveness.into());
                Candidate { posting, attractiveness }
            }));
        }
        Ok(catalogue)
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

    /// The cohort that appears on a day of the simulation.
    pub(crate) fn cohort_of_day(&self, day: u64) -> u64 {
        u64::from(self.life_days) + day
    }

    /// The age in whole days that a random word stands for, by the interest that seekers take in it.
    pub(crate) fn age(&self, word: u64) -> usize {
        self.ages.at(word).into()
    }

    /// For how many days of the simulation postings appear.
    pub fn days(&self) -> u32 {
        self.days
    }

    /// How wrong the search is about what draws clicks, in steps of its guesses.
    pub(crate) fn rank_noise(&self) -> u32 {
        self.rank_noise
    }

    /// The posting of a cohort that a random word stands for, by popularity; none when no postings appear any more.
    pub(crate) fn of_cohort(&self, cohort: u64, word: u64) -> Option<Candidate> {
        Some(self.cohorts.get(usize::try_from(cohort).ok()?)?.at(word))
    }

    /// The day of the simulation on which a posting appears; negative for those that are there when it starts.
    pub fn first_day(&self, id: PostingId) -> i64 {
        i64::from(id.0 / self.of_cohort) - i64::from(self.life_days)
    }
}

/// The distributions of a specification, once it is known to be sound.
struct Draws {
    popularity: LogNormal<f64>,
    ages: AliasTable<u16>,
    attractiveness: Beta<f64>,
    rank_noise: f64,
    /// Cumulative shares of redirect and of redirect or multi-step.
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
    use rand::Rng;

    use super::*;

    #[test]
    fn popularity_is_skewed() {
        let spec = CatalogueSpec { postings: 30_000, days: 1, ..CatalogueSpec::default() };
        let catalogue = Catalogue::new(&spec, 1).unwrap();
        let mut draws = vec![0_u32; 1000];
        let mut stream = stream(1, Purpose::Results, 0);
        for _ in 0..200_000 {
            draws[catalogue.of_cohort(3, stream.next_u64()).unwrap().posting.0 as usize % 1000] += 1;
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
