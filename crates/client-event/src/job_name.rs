//! The resource name of a job, and the forms of such names. The type accepts a name in any form; [`ClientEvent::check`] checks the form,
//! because no document of the message states it.
//!
//! [`ClientEvent::check`]: crate::ClientEvent::check

use memchr::memchr;

use crate::non_empty_text::non_empty_text;

non_empty_text!(
    /// The resource name of a job that an event is about, such as `projects/p/tenants/t/jobs/123`.
    JobName,
    "a job name"
);

/// The forms of a job name. Inferred from the names in Google's samples (`jobs/J`) and in versions 3 and 4 of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobNameForm {
    /// `jobs/J`
    Job,
    /// `projects/P/jobs/J`
    Project,
    /// `projects/P/tenants/T/jobs/J`
    Tenant,
}

impl JobName {
    /// The form of the name, if it has a known form.
    pub fn form(&self) -> Option<JobNameForm> {
        JobNameForm::of(self.as_str())
    }
}

impl JobNameForm {
    /// The form of a name, if it has a known form. Each variable part has at least one character and no `/`.
    pub fn of(name: &str) -> Option<Self> {
        Self::with_id_offset(name).map(|(form, _)| form)
    }

    /// The form of a name, and the offset of its last part, the id of the job.
    pub(crate) fn with_id_offset(name: &str) -> Option<(Self, usize)> {
        let name = name.as_bytes();
        let (form, job) = if let Some(after_project) = name.strip_prefix(b"projects/") {
            let rest = after_part(after_project)?;
            match rest.strip_prefix(b"tenants/") {
                Some(after_tenant) => (Self::Tenant, after_part(after_tenant)?),
                None => (Self::Project, rest),
            }
        } else {
            (Self::Job, name)
        };
        let id = job.strip_prefix(b"jobs/")?;
        is_part(id).then(|| (form, name.len() - id.len()))
    }
}

/// Whether the text can be a variable part of a name.
pub(crate) fn is_part(text: &[u8]) -> bool {
    !text.is_empty() && !has_slash(text)
}

/// Compares eight bytes at a time. Most parts are too short for `memchr` to pay off.
fn has_slash(text: &[u8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let Some(last) = text.last_chunk::<8>() else { return text.contains(&b'/') };
    // Some of the last eight bytes are compared twice.
    text.as_chunks::<8>().0.iter().chain([last]).any(|chunk| {
        let slashes = u64::from_ne_bytes(*chunk) ^ (ONES * u64::from(b'/'));
        slashes.wrapping_sub(ONES) & !slashes & HIGH != 0
    })
}

/// The text after a variable part and its `/`.
fn after_part(text: &[u8]) -> Option<&[u8]> {
    let end = memchr(b'/', text)?;
    (end > 0).then(|| &text[end + 1..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all texts, a part is not empty and has no slash.
        #[test]
        fn a_part_has_no_slash(text in "([a-z/]{0,20}|[0-9é]{0,30})/?[0-9]{0,9}") {
            prop_assert_eq!(is_part(text.as_bytes()), !text.is_empty() && !text.contains('/'));
        }
    }

    #[test]
    fn forms() {
        for (name, form) in [
            ("jobs/4000000000", Some(JobNameForm::Job)),
            ("projects/p/jobs/j", Some(JobNameForm::Project)),
            ("projects/p/tenants/t/jobs/j", Some(JobNameForm::Tenant)),
            ("projects/jobs/jobs/jobs", Some(JobNameForm::Project)),
            ("jobs/ é", Some(JobNameForm::Job)),
            ("jobs", None),
            ("jobs/", None),
            ("jobs/j/", None),
            ("/jobs/j", None),
            ("Jobs/j", None),
            ("projects//jobs/j", None),
            ("projects/p/jobs", None),
            ("projects/p/tenants/t", None),
            ("projects/p/tenants/t/jobs", None),
            ("projects/p/tenants/t/jobs/j/k", None),
            ("projects/p/companies/c/jobs/j", None),
            ("4000000000", None),
        ] {
            assert_eq!(JobName::new(name).unwrap().form(), form, "{name}");
        }
    }
}
