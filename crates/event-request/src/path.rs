//! The paths of the calls of each form on a server, from the API's documentation, and the names in these paths.

use std::str::FromStr;

use thiserror::Error;
use url::Url;

use super::grpc::pubsub;
use super::{BodyForm, EventForm};

/// A name in a path: of a project, a tenant or a topic. The path contains the name unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathName(String);

/// The names for the placeholders in the path of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathNames {
    /// Replaces `{project}`.
    pub project: Option<PathName>,
    /// Replaces `{tenant}`.
    pub tenant: Option<PathName>,
    /// Replaces `{topic}`.
    pub topic: Option<PathName>,
}

/// The error for a path and names that do not match.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// The path requires a name that is not given.
    #[error("{option}: the path {path} needs a {name}; pass --{name}, or use a URL with another path")]
    Missing {
        /// The option of the URL.
        option: &'static str,
        /// The path.
        path: String,
        /// The placeholder, without braces.
        name: &'static str,
    },
    /// The path has a placeholder that no option fills.
    #[error("{option}: the path {path} has the unknown placeholder {{{found}}}; expected {{project}}, {{tenant}} or {{topic}}")]
    Unknown {
        /// The option of the URL.
        option: &'static str,
        /// The path.
        path: String,
        /// The placeholder, without braces.
        found: String,
    },
    /// A name is given that the path does not contain.
    #[error("--{name} is set, but the path {path} has no {{{name}}}; remove --{name}, or use a URL with {{{name}}} in its path")]
    Unused {
        /// The path.
        path: String,
        /// The name.
        name: &'static str,
    },
}

impl EventForm {
    /// Returns the documented path of calls of this form: discovery documents of versions 3 and 4, rev. 20251014, and the
    /// Pub/Sub REST reference. The message alone has no documented path; the receiver defines it.
    pub const fn default_path(self) -> &'static str {
        match self {
            Self::Message => "/clientEvents",
            Self::V3 => "/v3/projects/{project}/clientEvents",
            Self::V4 => "/v4/projects/{project}/tenants/{tenant}/clientEvents",
            Self::V4Beta1 => "/v4beta1/projects/{project}/tenants/{tenant}/clientEvents",
            Self::Pubsub => "/v1/projects/{project}/topics/{topic}:publish",
        }
    }
}

impl BodyForm {
    /// Returns the path of calls with such a body. The receiver defines the path for several messages; its name follows the
    /// custom methods of Google's APIs (AIP-136).
    pub const fn default_path(&self) -> &'static str {
        match self {
            Self::One(form) | Self::Lines(form) => form.default_path(),
            Self::Grpc(version) => version.path(),
            Self::Several(_) => "/clientEvents:batch",
            Self::Publish { .. } => EventForm::Pubsub.default_path(),
            Self::GrpcPublish(_) => pubsub::PATH,
        }
    }

    /// Returns the URL with its path, or with the default path if it has none. Replaces placeholders by names.
    ///
    /// # Errors
    ///
    /// The path requires a name that is not given, or does not contain a name that is given.
    pub fn url(&self, url: &Url, names: &PathNames) -> Result<Url, PathError> {
        names.fill("--target", url, self.default_path())
    }
}

/// Returns the path of a URL with its placeholders, or the default path if the URL has none. Decodes the braces, which a URL encodes.
fn template_of(url: &Url, default_path: &str) -> String {
    match url.path() {
        "" | "/" => default_path.to_owned(),
        path => path.replace("%7B", "{").replace("%7D", "}"),
    }
}

impl PathNames {
    /// Returns the name of the project.
    pub fn project(&self) -> Option<&str> {
        self.project.as_ref().map(|PathName(name)| name.as_str())
    }

    /// Returns the name of the tenant.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_ref().map(|PathName(name)| name.as_str())
    }

    /// Removes the names for which only the other URL's path has a placeholder.
    #[must_use]
    pub fn but_for(&self, (url, default_path): (&Url, &str), (other, other_default): (&Url, &str)) -> Self {
        let (path, other_path) = (template_of(url, default_path), template_of(other, other_default));
        let kept = |name: &str, value: &Option<PathName>| {
            let placeholder = format!("{{{name}}}");
            let is_only_there = other_path.contains(&placeholder) && !path.contains(&placeholder);
            value.clone().filter(|_| !is_only_there)
        };
        Self { project: kept("project", &self.project), tenant: kept("tenant", &self.tenant), topic: kept("topic", &self.topic) }
    }

    /// Returns the URL of an option with its path, or with the default path if it has none. Replaces placeholders by names.
    ///
    /// # Errors
    ///
    /// The path and the names do not match.
    pub fn fill(&self, option: &'static str, url: &Url, default_path: &str) -> Result<Url, PathError> {
        let mut path = template_of(url, default_path);
        let template = path.clone();
        for (name, value) in [("project", &self.project), ("tenant", &self.tenant), ("topic", &self.topic)] {
            let placeholder = format!("{{{name}}}");
            match (value, path.contains(&placeholder)) {
                (Some(PathName(value)), true) => path = path.replace(&placeholder, value),
                (None, true) => return Err(PathError::Missing { option, path: template, name }),
                (Some(_), false) => return Err(PathError::Unused { path: template, name }),
                (None, false) => {}
            }
        }
        if let Some(found) = path.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(found, _)| found.to_owned()) {
            return Err(PathError::Unknown { option, path: template, found });
        }
        let mut url = url.clone();
        url.set_path(&path);
        Ok(url)
    }
}

impl FromStr for PathName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
        // Browsers and servers interpret `.` and `..` as steps between folders.
        if text.is_empty() || text == "." || text == ".." || !text.bytes().all(is_plain) {
            return Err("expected a name of letters, digits and the characters - . _ ~ :");
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BatchForm;

    fn named(project: &str, tenant: &str, topic: &str) -> PathNames {
        let name = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        PathNames { project: name(project), tenant: name(tenant), topic: name(topic) }
    }

    fn made(form: EventForm, url: &str, names: &PathNames) -> Result<String, String> {
        BodyForm::One(form).url(&url.parse().unwrap(), names).map(String::from).map_err(|error| error.to_string())
    }

    #[test]
    fn each_form_has_a_path() {
        for (form, names, expected) in [
            (EventForm::Message, named("", "", ""), "http://h/clientEvents?key=1"),
            (EventForm::V3, named("p", "", ""), "http://h/v3/projects/p/clientEvents?key=1"),
            (EventForm::V4, named("p", "t-1", ""), "http://h/v4/projects/p/tenants/t-1/clientEvents?key=1"),
            (EventForm::Pubsub, named("example.com:p", "", "e_v"), "http://h/v1/projects/example.com:p/topics/e_v:publish?key=1"),
        ] {
            assert_eq!(made(form, "http://h?key=1", &names).unwrap(), expected);
            assert_eq!(made(form, "http://h/own/path%20x", &named("", "", "")).unwrap(), "http://h/own/path%20x");
        }
    }

    #[test]
    fn batches_have_a_path() {
        let url = |form: BodyForm, url: &str| form.url(&url.parse().unwrap(), &named("", "", "")).map(String::from);
        for form in [BatchForm::Ndjson, BatchForm::Array].map(BodyForm::Several) {
            assert_eq!(url(form.clone(), "http://h").unwrap(), "http://h/clientEvents:batch");
            assert_eq!(url(form, "http://h/own").unwrap(), "http://h/own");
        }
        assert!(
            url(BodyForm::Publish { is_ordered: false }, "http://h")
                .unwrap_err()
                .to_string()
                .contains("topics/{topic}:publish needs a project")
        );
    }

    #[test]
    fn names_stand_in_the_place_of_their_placeholders() {
        let names = named("p", "t", "");
        let made = |url: &str| made(EventForm::Message, url, &names);
        assert_eq!(made("http://h/{tenant}/x/{project}/{tenant}").unwrap(), "http://h/t/x/p/t");
        assert!(made("http://h/{tenant}").unwrap_err().starts_with("--project is set, but the path /{tenant} has no {project};"));
        let error = made("http://h/{tenant}/{project}/{projekt}").unwrap_err();
        assert!(error.ends_with("has the unknown placeholder {projekt}; expected {project}, {tenant} or {topic}"), "{error}");
    }

    #[test]
    fn a_missing_name_is_reported() {
        for (form, names, expected) in [
            (EventForm::V3, named("", "", ""), "/v3/projects/{project}/clientEvents needs a project; pass --project"),
            (EventForm::V4, named("p", "", ""), "needs a tenant; pass --tenant"),
            (EventForm::Pubsub, named("p", "", ""), "needs a topic; pass --topic"),
        ] {
            let error = made(form, "http://h", &names).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn names_are_plain() {
        for text in ["", ".", "..", "a/b", "a b", "a%2Fb", "é", "{x}", "a?b"] {
            assert!(text.parse::<PathName>().is_err(), "{text:?}");
        }
    }
}
