//! The resource names of postings, as they stand in events. All have the same length, so that a page of them is written in place.

use crate::catalogue::{Catalogue, PostingId};
use crate::digits::decimal;

/// The first job number; Google's samples count from here. With it a job number has ten digits.
const FIRST_JOB: u64 = 4_000_000_000;

/// The first name as a JSON string, and the comma after it. All are as long: job numbers have ten digits.
const FIRST_NAME: &[u8; NAME_LENGTH] = b"\"projects/seeker-sim/tenants/job-board/jobs/4000000000\",";

/// The length of a name as a JSON string and of the comma after it.
pub(crate) const NAME_LENGTH: usize = 56;

/// As many of it as are put down at once; only their numbers are left to be written then.
static FIRST_NAMES: [[u8; NAME_LENGTH]; 32] = [*FIRST_NAME; 32];

/// Where in it the last eight digits begin.
const EIGHT_DIGITS: usize = NAME_LENGTH - 10;

impl Catalogue {
    /// The resource name of a posting.
    pub fn job_name(&self, id: PostingId) -> String {
        let mut json = Vec::new();
        self.write_job_names(&[id], &mut json);
        let json = String::from_utf8(json).expect("a name is ASCII");
        json.trim_matches('"').to_owned()
    }

    /// Appends the resource names of postings as JSON strings, with commas between them.
    pub fn write_job_names(&self, postings: &[PostingId], out: &mut Vec<u8>) {
        for postings in postings.chunks(FIRST_NAMES.len()) {
            let start = out.len();
            out.extend_from_slice(FIRST_NAMES[..postings.len()].as_flattened());
            for (name, id) in out[start..].as_chunks_mut().0.iter_mut().zip(postings) {
                renumber(name, FIRST_JOB + id.number());
            }
        }
        // The last comma.
        if !postings.is_empty() {
            out.pop();
        }
    }
}

/// Gives the first name another number.
fn renumber(name: &mut [u8; NAME_LENGTH], job: u64) {
    const EIGHT: u64 = 100_000_000;
    let (high, low) = (job / EIGHT, u32::try_from(job % EIGHT).expect("eight digits"));
    name[EIGHT_DIGITS..][..8].copy_from_slice(&decimal(low));
    if high != FIRST_JOB / EIGHT {
        let high = u8::try_from(high).expect("job numbers have ten digits");
        name[EIGHT_DIGITS - 2..EIGHT_DIGITS].copy_from_slice(&[b'0' + high / 10, b'0' + high % 10]);
    }
}

#[cfg(test)]
mod tests {
    use client_event::{JobName, JobNameForm};
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue_spec::CatalogueSpec;

    proptest! {
        /// For all postings that a catalogue may have, the name is that of a tenant's job with the posting's number.
        #[test]
        fn names_are_job_names(position: u32) {
            let catalogue = Catalogue::new(&CatalogueSpec { postings: 1, days: 1, ..CatalogueSpec::default() }, 1).unwrap();
            let name = catalogue.job_name(PostingId::from_position(position));
            prop_assert!(name.ends_with(&format!("/jobs/{}", 4_000_000_000 + u64::from(position))), "{}", name);
            prop_assert_eq!(JobName::new(name).unwrap().form(), Some(JobNameForm::Tenant));
        }
    }
}
