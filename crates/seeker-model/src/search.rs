//! The search: a query for one page of results, and the page with its own request id. A pure function of the query, so that
//! the same seeker always finds the same.

use std::sync::Arc;

use rand::Rng;

use crate::catalogue::{Candidate, Catalogue, PostingId};
use crate::catalogue_spec::LIFE_DAYS_MAX;
use crate::ids::RequestKey;
use crate::stream::{Purpose, draw_u128, mix, stream};

/// What a seeker asks for: one page of the results of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// What is searched for, as the number that decides which postings match and in which order.
    pub interest: u64,
    /// The day of the simulation on which is searched, from 0.
    pub day: u64,
    /// A random number of this call of the search: the same page asked for again is another request.
    pub call: u64,
    /// The page, from 0.
    pub page: u16,
    /// How many postings a page has at most; more than 100 count as 100.
    pub page_size: u16,
}

/// One page of results. Each page is an answer of its own and has a request id of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultsPage {
    /// The id under which the events that follow from this page are sent.
    pub request: RequestKey,
    /// The postings from the top of the page to its end, none twice; empty past the end of the results.
    pub postings: Arc<[PostingId]>,
}

/// A posting that was found, and how far from the best guess it is.
#[derive(Clone, Copy, Debug)]
struct Found {
    posting: PostingId,
    below_best: u32,
}

impl Found {
    const NOTHING: Self = Self { posting: PostingId::from_position(0), below_best: 0 };
}

impl Catalogue {
    /// Answers a query. Young postings come more often than old ones, popular ones more often than others, and the same interest
    /// keeps finding the same ones of a day for as long as they are live. A page continues where the one before it ended; within a
    /// page the attractive ones tend to stand further up.
    pub fn search(&self, query: &Query) -> ResultsPage {
        let mut bits = stream(query.interest, Purpose::Request, query.call);
        let request = RequestKey::from_bits(draw_u128(&mut bits));
        let page_size = usize::from(query.page_size).min(PAGE_SIZE_MAX);
        let before = usize::from(query.page) * page_size;
        let wanted = before + page_size;
        // Few go far down the results.
        let (mut few, mut many) = ([Found::NOTHING; 2 * RANKED_AT_ONCE], Vec::new());
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

    /// Finds as many different postings as there are places, if it can, and says how many it found.
    fn find(&self, query: &Query, found: &mut [Found]) -> usize {
        let mut ages = stream(query.interest, Purpose::Results, query.day);
        let taste = mix(query.interest);
        let newest = self.cohort_of_day(query.day);
        let mut drawn = [0_u16; LIFE_DAYS_MAX];
        let mut seen = [0_u64; 32];
        let mut count = 0;
        // Popular postings are drawn again and again, so the draws are bounded: a search need not find the last posting.
        for _ in 0..(found.len() * DRAWS_PER_RESULT).div_ceil(DRAWN_AT_ONCE) {
            // All is drawn before the first is looked up, so that looking one up need not wait for another. Always as many, whatever is
            // wanted, so that a page continues where the one before it ended. A word is enough for two ages.
            let mut words = [(0, 0); DRAWN_AT_ONCE];
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
                // Only where the bit is set the posting may have been found.
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

    /// How attractive a search service would guess that a posting is: with an error of its own for every interest and posting, which
    /// the bits of the word decide that did not choose the posting.
    fn guess(&self, candidate: Candidate, word: u64) -> Found {
        let share = word << 41 >> 32;
        let error = ((share * u64::from(self.rank_noise())) >> 32) as u32;
        Found { posting: candidate.posting, below_best: !(candidate.attractiveness + error) }
    }
}

/// The postings of a page, the best first.
fn ranked(page: &mut [Found]) -> Arc<[PostingId]> {
    if page.len() > RANKED_AT_ONCE {
        page.sort_by_key(|found| found.below_best);
        return page.iter().map(|found| found.posting).collect();
    }
    // Each is compared with each, which takes no branch, and many comparisons are one instruction: which of two is better is chance, so
    // that a sort would guess wrong half the time. The place on the page is in the lowest bits, so that no two are the same.
    let mut guesses = [i32::MAX; RANKED_AT_ONCE];
    for ((guess, found), place) in guesses.iter_mut().zip(&*page).zip(0..) {
        *guess = (found.below_best >> 1 & !0x1F | place).cast_signed();
    }
    let mut postings = [PostingId::from_position(0); RANKED_AT_ONCE];
    for (found, guess) in page.iter().zip(&guesses) {
        let rank: i32 = guesses.iter().map(|other| i32::from(other < guess)).sum();
        postings[rank.cast_unsigned() as usize] = found.posting;
    }
    postings[..page.len()].into()
}

/// A longer page is sorted. At most 32, which are what the lowest bits of a guess can tell apart.
const RANKED_AT_ONCE: usize = 24;

/// The most postings on a page.
pub(crate) const PAGE_SIZE_MAX: usize = 100;

/// How many draws are made at once; even.
const DRAWN_AT_ONCE: usize = 12;

/// How many draws a result may take.
const DRAWS_PER_RESULT: usize = 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue_spec::CatalogueSpec;

    proptest! {
        /// For all catalogues and queries, pages have no repetition, within and between them, and request ids of their own.
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
