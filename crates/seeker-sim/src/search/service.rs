//! The search service of a run: its address, and the settings of its requests other than the body.

use event_request::{PathError, PathNames};
use url::Url;

use crate::search::request::PageSizeField;
use crate::target::service::Service;

/// The search path of API version 4 (discovery document, rev. 20251014).
pub(crate) const DEFAULT_PATH: &str = "/v4/projects/{project}/tenants/{tenant}/jobs:search";

/// A service that responds to searches.
#[derive(Clone, Debug)]
pub(crate) struct SearchService {
    pub(crate) service: Service,
    pub(crate) page_size_field: PageSizeField,
}

impl SearchService {
    /// Creates the service at this URL, whose path is complete.
    pub(crate) fn new(url: &Url, service: Service) -> Self {
        Self { service, page_size_field: PageSizeField::at(url.path()) }
    }
}

/// The search URL with a path: its own, or the default path if it has none. Names replace their placeholders.
pub(crate) fn search_url(url: &Url, names: &PathNames) -> Result<Url, PathError> {
    names.fill("--search", url, DEFAULT_PATH)
}
