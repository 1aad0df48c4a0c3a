//! The search: a query for one page of results, and the page with its own request id. A pure function of the query, so that
//! the same seeker always finds the same.

use std::sync::Arc;

use crate::catalogue::{Catalogue, PostingId};
use crate::ids::RequestKey;
use crate::stream::{Purpose, draw_u128, stream};

/// What a seeker asks for: one page of the results of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// What is searched for, as the number that decides which postings match and in which order.
    pub interest: u64,
    /// A random number of this call of the search: the same page asked for again is another request.
    pub call: u64,
    /// The page, from 0.
    pub page: u16,
    /// How many postings a page has at most.
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
    /// Answers a query. The results are drawn by popularity without repetition; a page continues where the one before it ended.
    pub fn search(&self, query: &Query) -> ResultsPage {
        let mut bits = stream(query.interest, Purpose::Request, query.call);
        let request = RequestKey::from_bits(draw_u128(&mut bits));
        let page_size = usize::from(query.page_size);
        let before = usize::from(query.page) * page_size;
        let wanted = (before + page_size).min(self.len());
        let mut stream = stream(query.interest, Purpose::Results, 0);
        let mut found: Vec<PostingId> = Vec::with_capacity(wanted);
        // Popular postings are drawn again and again, so the draws are bounded: a search need not find the last posting.
        for _ in 0..wanted * DRAWS_PER_RESULT {
            if found.len() == wanted {
                break;
            }
            let posting = self.draw(&mut stream);
            if !found.contains(&posting) {
                found.push(posting);
            }
        }
        ResultsPage { request, postings: found.get(before..).unwrap_or_default().into() }
    }
}

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
        fn pages_continue_each_other(postings in 1_u32..200, interest: u64, page_size in 1_u16..30) {
            let catalogue = Catalogue::new(&CatalogueSpec { postings, ..CatalogueSpec::default() }, 1).unwrap();
            let pages: Vec<_> = (0..4).map(|page| catalogue.search(&Query { interest, call: page.into(), page, page_size })).collect();
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
