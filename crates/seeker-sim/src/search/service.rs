//! The search service of a run: where it is, and what it is told with each search beside its body.

use event_request::{PathError, PathNames};
use url::Url;

use crate::search::request::PageSizeField;
use crate::target::service::Service;

/// Where version 4 of the API has its search (discovery document, rev. 20251014).
pub(crate) const DEFAULT_PATH: &str = "/v4/projects/{project}/tenants/{tenant}/jobs:search";

/// A service that answers searches.
#[derive(Clone, Debug)]
pub(crate) struct SearchService {
    pub(crate) service: Service,
    pub(crate) page_size_field: PageSizeField,
}

impl SearchService {
    /// The service at this URL, whose path is complete.
    pub(crate) fn new(url: &Url, service: Service) -> Self {
        Self { service, page_size_field: PageSizeField::at(url.path()) }
    }
}

/// The URL of the search with a path: its own, or the default one where it has none, with names in the place of their placeholders.
pub(crate) fn search_url(url: &Url, names: &PathNames) -> Result<Url, PathError> {
    names.fill("--search", url, DEFAULT_PATH)
}
