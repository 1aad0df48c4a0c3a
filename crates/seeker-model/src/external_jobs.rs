//! Jobs from outside the catalogue, such as those of a search service. A posting of the catalogue represents each, so that the job has an
//! attractiveness and a way to apply.

use crate::catalogue::Catalogue;
use crate::posting::PostingId;

impl Catalogue {
    /// The postings that represent the jobs with these names on one results page. No posting represents two jobs. A job has the same
    /// posting on every page, unless another job of the page has taken it. The page ends early if the catalogue has too few postings.
    ///
    /// ```
    /// let model = seeker_model::Model::with_defaults();
    /// let postings = model.catalogue().postings_for_jobs(["jobs/1", "jobs/2"]);
    /// assert_ne!(postings[0], postings[1]);
    /// ```
    pub fn postings_for_jobs<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<PostingId> {
        let count = self.len();
        let mut postings: Vec<PostingId> = Vec::new();
        for name in names.into_iter().take(count) {
            // Only the jobs before this one have taken a posting, so a free posting is near.
            let wanted = usize::try_from(fnv_1a(name.as_bytes()) % count as u64).expect("less than a number of postings");
            let posting = (0..count)
                .map(|step| id((wanted + step) % count))
                .find(|posting| !postings.contains(posting))
                .expect("not all postings are taken");
            postings.push(posting);
        }
        postings
    }
}

fn id(position: usize) -> PostingId {
    PostingId::from_position(position.try_into().expect("a catalogue has fewer postings than that"))
}

/// A hash that is the same in every version (FNV-1a with 64 bits; Fowler, Noll, Vo).
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::catalogue_spec::CatalogueSpec;

    proptest! {
        /// For all catalogues and pages of distinct jobs, the postings are distinct, and there is one for each job while postings last.
        #[test]
        fn no_posting_represents_two_jobs(postings in 1_u32..60, names in prop::collection::hash_set("jobs/[a-d]{1,3}", 0..30)) {
            let catalogue = Catalogue::new(&CatalogueSpec { postings, ..CatalogueSpec::default() }, 1).unwrap();
            let found = catalogue.postings_for_jobs(names.iter().map(String::as_str));
            prop_assert_eq!(found.len(), names.len().min(catalogue.len()));
            prop_assert_eq!(found.iter().collect::<HashSet<_>>().len(), found.len());
            prop_assert!(found.iter().all(|posting| catalogue.posting(*posting).attractiveness >= 0.0));
        }
    }

    /// A job has the same posting on every page, in every run and in every version.
    #[test]
    fn a_job_keeps_its_posting() {
        // Of the test vectors of its authors.
        assert_eq!(
            [fnv_1a(b""), fnv_1a(b"a"), fnv_1a(b"foobar")],
            [0xCBF2_9CE4_8422_2325, 0xAF63_DC4C_8601_EC8C, 0x8594_4171_F739_67E8]
        );
        let catalogue = Catalogue::new(&CatalogueSpec::default(), 1).unwrap();
        let (alone, second) = (catalogue.postings_for_jobs(["jobs/1"]), catalogue.postings_for_jobs(["jobs/2", "jobs/1"]));
        assert_eq!(alone[0], second[1]);
    }
}
