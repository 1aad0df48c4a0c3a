//! The resource name of a job, and the forms that such names have. A name in another form is still a name: the form is one of
//! the message's checks, not of its type, because no document of this message states it.

use crate::text::non_empty_text;

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
    /// Which of the forms this name has, if any. The variable parts have one character or more, none of them `/`.
    pub fn form(&self) -> Option<JobNameForm> {
        let mut parts = self.as_str().split('/');
        let mut pair = || Some((parts.next()?, parts.next().filter(|value| !value.is_empty())?));
        let first = pair()?;
        let (form, last) = match first.0 {
            "jobs" => (JobNameForm::Job, first),
            "projects" => match pair()? {
                ("tenants", _) => (JobNameForm::Tenant, pair()?),
                job => (JobNameForm::Project, job),
            },
            _ => return None,
        };
        (last.0 == "jobs" && parts.next().is_none()).then_some(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
