//! The resource names of postings. All names below the default parent have the same length, so a page of names is written in place.

use crate::catalogue::Catalogue;
use crate::posting::PostingId;
use crate::text_digits::decimal;

/// The first job number, as in Google's samples. Every job number has ten digits.
const FIRST_JOB: u64 = 4_000_000_000;

/// The first name as a JSON string, and a comma. All names have this length.
const FIRST_NAME: &[u8; NAME_LENGTH] = b"\"projects/seeker-sim/tenants/job-board/jobs/4000000000\",";

/// The length of a name as a JSON string with a comma.
pub(crate) const NAME_LENGTH: usize = 56;

/// A block of names that is copied as a whole. After that, only the numbers are written.
static FIRST_NAMES: [[u8; NAME_LENGTH]; 32] = [*FIRST_NAME; 32];

/// The position of the last eight digits in a name.
const EIGHT_DIGITS: usize = NAME_LENGTH - 10;

impl Catalogue {
    /// The resource name of a posting.
    pub fn job_name(&self, id: PostingId) -> String {
        let mut json = Vec::new();
        self.write_job_names(&[id], &mut json);
        let json = String::from_utf8(json).expect("a name is ASCII");
        json.trim_matches('"').to_owned()
    }

    /// Replaces the parent of the jobs. The default is `projects/seeker-sim/tenants/job-board`. A parent is a project such as `projects/P`,
    /// or a tenant such as `projects/P/tenants/T`.
    ///
    /// # Panics
    ///
    /// If the parent has a character that JSON strings escape.
    #[must_use]
    pub fn with_job_parent(mut self, parent: &str) -> Self {
        let is_escaped = |char: char| char.is_control() || matches!(char, '"' | '\\');
        assert!(!parent.contains(is_escaped), "a parent is written without escapes");
        self.job_parent = Some(parent.into());
        self
    }

    /// Appends the resource names of postings as JSON strings, with commas between them.
    pub(crate) fn write_job_names(&self, postings: &[PostingId], out: &mut Vec<u8>) {
        match &self.job_parent {
            None => write_default_names(postings, out),
            Some(parent) => write_names_below(parent, postings, out),
        }
        // The last comma.
        if !postings.is_empty() {
            out.pop();
        }
    }
}

/// Appends names below the default parent, each with a comma.
fn write_default_names(postings: &[PostingId], out: &mut Vec<u8>) {
    for postings in postings.chunks(FIRST_NAMES.len()) {
        let start = out.len();
        out.extend_from_slice(FIRST_NAMES[..postings.len()].as_flattened());
        for (name, id) in out[start..].as_chunks_mut().0.iter_mut().zip(postings) {
            renumber(name, FIRST_JOB + id.number());
        }
    }
}

/// Appends names below this parent, each with a comma.
fn write_names_below(parent: &str, postings: &[PostingId], out: &mut Vec<u8>) {
    let mut digits = itoa::Buffer::new();
    for id in postings {
        for part in ["\"", parent, "/jobs/", digits.format(FIRST_JOB + id.number()), "\","] {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

/// Replaces the number of the first name.
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
        /// For all postings of any catalogue, the name is that of a tenant's job with the number of the posting.
        #[test]
        fn names_are_job_names(position: u32) {
            let catalogue = Catalogue::new(&CatalogueSpec { postings: 1, days: 1, ..CatalogueSpec::default() }, 1).unwrap();
            let name = catalogue.job_name(PostingId::from_position(position));
            prop_assert!(name.ends_with(&format!("/jobs/{}", 4_000_000_000 + u64::from(position))), "{}", name);
            prop_assert_eq!(JobName::new(name).unwrap().form(), Some(JobNameForm::Tenant));
        }

        /// For all parents and pages, the names differ from those below the default parent in the parent alone.
        #[test]
        fn names_belong_to_their_parent(
            parent in "projects/[a-z0-9:._~-]{1,9}(/tenants/[a-z0-9._~-]{1,9})?",
            positions in prop::collection::vec(any::<u32>(), 0..40),
        ) {
            let postings: Vec<_> = positions.into_iter().map(PostingId::from_position).collect();
            let catalogue = Catalogue::new(&CatalogueSpec { postings: 1, days: 1, ..CatalogueSpec::default() }, 1).unwrap();
            let written = |catalogue: &Catalogue| {
                let mut out = b"[".to_vec();
                catalogue.write_job_names(&postings, &mut out);
                String::from_utf8(out).unwrap()
            };
            let by_default = written(&catalogue);
            let below = written(&catalogue.with_job_parent(&parent));
            prop_assert_eq!(below, by_default.replace("projects/seeker-sim/tenants/job-board", &parent));
        }
    }
}
