//! The parent of the jobs in a call. In versions 3 and 4 of the API, jobs belong to the parent of the call: in `POST
//! /v4/projects/P/tenants/T/clientEvents` to the tenant, in `POST /v3/projects/P/clientEvents` to the project, since version
//! 3 has no tenants (discovery documents of both versions, rev. 20251014).

use url::Url;

use super::{EventForm, PathNames};

/// The project of jobs if none is given: the project of the model.
const DEFAULT_PROJECT: &str = "seeker-sim";

impl EventForm {
    /// Returns the parent of the jobs in calls with these names, sent to this URL or written to a file. With `None`, the jobs keep the
    /// parent of the model.
    pub fn job_parent(self, url: Option<&Url>, names: &PathNames) -> Option<String> {
        let path = url.map_or("", Url::path);
        let project = names.project().or_else(|| id_after("projects", path));
        let tenant = names.tenant().or_else(|| id_after("tenants", path));
        let of_project = format!("projects/{}", project.unwrap_or(DEFAULT_PROJECT));
        match self {
            Self::Message | Self::Pubsub => None,
            Self::V3 => Some(of_project),
            Self::V4 | Self::V4Beta1 => match tenant {
                Some(tenant) => Some(format!("{of_project}/tenants/{tenant}")),
                // Version 4beta1 also accepts calls without a tenant.
                None => project.map(|_| of_project),
            },
        }
    }
}

/// Returns the id after the name of a collection in a path such as `/v4/projects/P/tenants/T/clientEvents`, if a job name
/// can hold the id unchanged.
fn id_after<'a>(collection: &str, path: &'a str) -> Option<&'a str> {
    let mut segments = path.split('/').skip_while(|segment| *segment != collection);
    segments.nth(1).filter(|id| !id.is_empty() && !id.contains(['%', '"', '\\', '{']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(project: Option<&str>, tenant: Option<&str>) -> PathNames {
        let name = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        PathNames { project: name(project), tenant: name(tenant), topic: None }
    }

    #[test]
    fn jobs_belong_to_the_parent_of_the_call() {
        let unnamed = named(None, None);
        for (form, url, parent) in [
            (EventForm::V3, "http://h/v3/projects/p/clientEvents", Some("projects/p")),
            (EventForm::V3, "http://h/v3/projects/p/tenants/t/clientEvents?key=1", Some("projects/p")),
            (EventForm::V3, "http://h/events", Some("projects/seeker-sim")),
            (EventForm::V4, "http://h/v4/projects/p/tenants/t/clientEvents", Some("projects/p/tenants/t")),
            (EventForm::V4, "http://h/v4beta1/projects/p/clientEvents", Some("projects/p")),
            (EventForm::V4, "http://h/x/v4/projects/example.com:p/tenants/t/y", Some("projects/example.com:p/tenants/t")),
            (EventForm::V4, "http://h/events", None),
            (EventForm::V4, "http://h/projects/a%20b/clientEvents", None),
            (EventForm::Message, "http://h/v4/projects/p/tenants/t/clientEvents", None),
            (EventForm::Pubsub, "http://h/v1/projects/p/topics/t:publish", None),
        ] {
            assert_eq!(form.job_parent(Some(&url.parse().unwrap()), &unnamed).as_deref(), parent, "{form} {url}");
        }
        assert_eq!(EventForm::V3.job_parent(None, &unnamed).as_deref(), Some("projects/seeker-sim"));
        assert_eq!(EventForm::V4.job_parent(None, &unnamed), None);
    }

    #[test]
    fn the_options_name_the_parent_where_the_path_has_another_form() {
        let url = "http://h/own/p/t".parse().unwrap();
        for (form, project, tenant, parent) in [
            (EventForm::V3, Some("p"), None, "projects/p"),
            (EventForm::V4, Some("p"), Some("t"), "projects/p/tenants/t"),
            (EventForm::V4, Some("p"), None, "projects/p"),
            (EventForm::V4, None, Some("t"), "projects/seeker-sim/tenants/t"),
        ] {
            assert_eq!(form.job_parent(Some(&url), &named(project, tenant)).as_deref(), Some(parent), "{form}");
        }
    }
}
