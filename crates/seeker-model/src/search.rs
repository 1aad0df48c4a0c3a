//! The search: a query for one page of results, and the page with its own request id. A pure function of the query, so that
//! the same seeker always finds the same.

use std::sync::Arc;

use rand::Rng;

use crate::catalogue::{Catalogue, LIFE_DAYS_MAX, PostingId};
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
        let mut ages = stream(query.interest, Purpose::Results, query.day);
        let taste = mix(query.interest);
        let mut drawn = [0_u16; LIFE_DAYS_MAX];
        let mut seen = [0_u64; 32];
        let mut found: Vec<PostingId> = Vec::with_capacity(wanted);
        // Popular postings are drawn again and again, so the draws are bounded: a search need not find the last posting.
        for _ in 0..wanted * DRAWS_PER_RESULT {
            if found.len() == wanted {
                break;
            }
            let age = self.age(ages.next_u64());
            let cohort = self.cohort_of_day(query.day) - age as u64;
            let number = u64::from(drawn[age]);
            drawn[age] += 1;
            let word = mix(taste ^ mix(cohort << 16 | number));
            let Some(posting) = self.of_cohort(cohort, word) else {
                continue;
            };
            // Only where the bit is set the posting may have been found.
            let (place, bit) = ((posting.number() / 64) as usize % seen.len(), 1 << (posting.number() % 64));
            if seen[place] & bit == 0 || !found.contains(&posting) {
                seen[place] |= bit;
                found.push(posting);
            }
        }
        let page = found.get_mut(before..).unwrap_or_default();
        self.rank(page, query.interest);
        ResultsPage { request, postings: (&*page).into() }
    }

    /// Sorts by attractiveness as a search service would guess it: with an error of its own for every interest and posting.
    fn rank(&self, page: &mut [PostingId], interest: u64) {
        // As long as the longest page. The guess and the posting share a word, so that sorting is quick.
        let mut guesses = [0_u64; PAGE_SIZE_MAX];
        let guesses = &mut guesses[..page.len()];
        let taste = mix(interest);
        for (guess, posting) in guesses.iter_mut().zip(page.iter()) {
            #[expect(clippy::cast_precision_loss, reason = "53 bits of a hash")]
            let uniform = (mix(taste ^ posting.number()) >> 11) as f64 / 2_f64.powi(53);
            let value = f64::from(self.posting(*posting).attractiveness) + self.rank_noise() * (uniform - 0.5);
            // Guesses lie within 52 of 0; in steps of about 2e-8, the best first.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within 32 bits")]
            let below_best = ((52.0 - value) * 4e7) as u32;
            *guess = u64::from(below_best) << 32 | posting.number();
        }
        guesses.sort_unstable();
        for (posting, guess) in page.iter_mut().zip(guesses) {
            #[expect(clippy::cast_possible_truncation, reason = "the lower half is the posting")]
            let position = *guess as u32;
            *posting = PostingId::from_position(position);
        }
    }
}

/// The most postings on a page.
pub(crate) const PAGE_SIZE_MAX: usize = 100;

/// How many draws a result may take.
const DRAWS_PER_RESULT: usize = 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::CatalogueSpec;

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
