//! The search: a query for one results page, and the page with its own request id. The search is a pure function of the query.

use std::sync::Arc;

use rand::Rng;

use crate::catalogue::{Candidate, Catalogue};
use crate::catalogue_spec::LIFE_DAYS_MAX;
use crate::ids::RequestKey;
use crate::posting::PostingId;
use crate::random_stream::{Purpose, draw_u128, mix, stream};

/// A query for one results page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// The topic of the search, as a number that determines the matching postings and their order.
    pub interest: u64,
    /// The day of the search, from 0 at the start of the simulation.
    pub day: u64,
    /// A random number of this call. The same page requested again gets another request id.
    pub call: u64,
    /// The page, from 0.
    pub page: u16,
    /// The maximum number of postings on a page. More than 100 count as 100.
    pub page_size: u16,
}

/// One results page. Each page has its own request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultsPage {
    /// The request id of the events that follow from this page.
    pub request: RequestKey,
    /// The distinct postings of the page, from the top. Empty after the end of the results.
    pub postings: Arc<[PostingId]>,
}

/// A found posting, and `u32::MAX` minus its guessed attractiveness: the best guess sorts first.
#[derive(Clone, Copy, Debug)]
struct Found {
    posting: PostingId,
    below_best: u32,
}

impl Found {
    const NOTHING: Self = Self { posting: PostingId::from_position(0), below_best: 0 };
}

impl Catalogue {
    /// Answers a query. Results contain young and popular postings more often. The same interest finds the same postings of a cohort as long as
    /// they are live. A page continues where the page before it ended. Within a page, attractive postings tend to be further up.
    pub fn search(&self, query: &Query) -> ResultsPage {
        let mut bits = stream(query.interest, Purpose::Request, query.call);
        let request = RequestKey::from_bits(draw_u128(&mut bits));
        let page_size = usize::from(query.page_size).min(PAGE_SIZE_MAX);
        let before = usize::from(query.page) * page_size;
        let wanted = before + page_size;
        // Most queries are for the first page.
        let (mut few, mut many) = ([Found::NOTHING; 2 * RANKED_BY_PAIRS_MAX], Vec::new());
        let found = if wanted <= few.len() {
            &mut few[..wanted]
        } else {
            many.resize(wanted, Found::NOTHING);
            &mut many[..]
        };
        let count = self.find(query, found);
        let page = found[..count].get_mut(before..).unwrap_or_default();
        ResultsPage { request, postings: ranked(page) }
    }

    /// Fills the places with distinct postings. Returns the number of postings found.
    fn find(&self, query: &Query, found: &mut [Found]) -> usize {
        let mut ages = stream(query.interest, Purpose::Results, query.day);
        let taste = mix(query.interest);
        let newest = self.cohort_of_day(query.day);
        let mut drawn = [0_u16; LIFE_DAYS_MAX];
        let mut seen = [0_u64; 32];
        let mut count = 0;
        // Popular postings are drawn repeatedly. The draws are bounded, so a search can miss postings.
        for _ in 0..(found.len() * DRAWS_PER_RESULT).div_ceil(DRAWS_PER_BATCH) {
            // All numbers are drawn before the first access, so that accesses do not wait for each other. The number of draws does not
            // depend on the query, so a page continues where the page before it ended. One word is enough for two ages.
            let mut words = [(0, 0); DRAWS_PER_BATCH];
            for two in words.as_chunks_mut::<2>().0 {
                let ages_of_two = ages.next_u64();
                for ((cohort, word), of_age) in two.iter_mut().zip([ages_of_two, ages_of_two << 32]) {
                    let age = self.age(of_age);
                    *cohort = newest - age as u64;
                    *word = mix(taste ^ (*cohort << 16 | u64::from(drawn[age])));
                    drawn[age] = drawn[age].wrapping_add(1);
                }
            }
            for (cohort, word) in words {
                if count == found.len() {
                    return count;
                }
                let Some(candidate) = self.of_cohort(cohort, word) else {
                    continue;
                };
                // If the bit is clear, the posting is new.
                let number = candidate.posting.number();
                let (place, bit) = ((number / 64) as usize % seen.len(), 1 << (number % 64));
                if seen[place] & bit == 0 || !found[..count].iter().any(|found| found.posting == candidate.posting) {
                    seen[place] |= bit;
                    found[count] = self.guess(candidate, word);
                    count += 1;
                }
            }
        }
        count
    }

    /// The attractiveness of a posting, guessed in the way of a search service. The error depends on the interest and the posting. It
    /// comes from the bits of the word that did not select the posting.
    fn guess(&self, candidate: Candidate, word: u64) -> Found {
        let share = word << 41 >> 32;
        let error = ((share * u64::from(self.rank_noise())) >> 32) as u32;
        Found { posting: candidate.posting, below_best: !(candidate.attractiveness + error) }
    }
}

/// The postings of a page, the best guess first.
fn ranked(page: &mut [Found]) -> Arc<[PostingId]> {
    if page.len() > RANKED_BY_PAIRS_MAX {
        page.sort_by_key(|found| found.below_best);
        return page.iter().map(|found| found.posting).collect();
    }
    // Compares each pair. This takes no branches, and one instruction makes many comparisons. A sort would mispredict half of its branches.
    // The lowest bits hold the place on the page, so that no two numbers are equal.
    let mut guesses = [i32::MAX; RANKED_BY_PAIRS_MAX];
    for ((guess, found), place) in guesses.iter_mut().zip(&*page).zip(0..) {
        *guess = (found.below_best >> 1 & !0x1F | place).cast_signed();
    }
    let mut postings = [PostingId::from_position(0); RANKED_BY_PAIRS_MAX];
    for (found, guess) in page.iter().zip(&guesses) {
        let rank: i32 = guesses.iter().map(|other| i32::from(other < guess)).sum();
        postings[rank.cast_unsigned() as usize] = found.posting;
    }
    postings[..page.len()].into()
}

/// The maximum size of a page that is ranked by comparing each pair. At most 32, because the lowest bits of a guess distinguish 32
/// places.
const RANKED_BY_PAIRS_MAX: usize = 24;

/// The maximum number of postings on a page.
pub(crate) const PAGE_SIZE_MAX: usize = 100;

/// The number of draws in a batch; even.
const DRAWS_PER_BATCH: usize = 12;

/// The maximum number of draws for a result.
const DRAWS_PER_RESULT: usize = 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue_spec::CatalogueSpec;

    proptest! {
        /// For all catalogues and queries, no posting occurs twice within or between pages, and each page has its own request id.
        #[test]
        fn pages_continue_each_other(postings in 1_u32..200, interest: u64, day in 0_u64..14, page_size in 1_u16..30) {
            let catalogue = Catalogue::new(&CatalogueSpec { postings, ..CatalogueSpec::default() }, 1).unwrap();
            let pages: Vec<_> = (0..4).map(|page| catalogue.search(&Query { interest, day, call: page.into(), page, page_size })).collect();
            let mut seen = std::collections::HashSet::new();
            for page in &pages {
                prop_assert!(page.postings.len() <= page_size.into());
                prop_assert!(page.postings.iter().all(|posting| seen.insert(*posting)));
            }
            let requests: std::collections::HashSet<_> = pages.iter().map(|page| page.request).collect();
            prop_assert_eq!(requests.len(), pages.len());
            prop_assert!(!pages[0].postings.is_empty());
        }
    }
}
