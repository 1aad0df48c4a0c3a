//! The search service of a run: its address, and the settings of its requests other than the body.

use url::Url;

use crate::search::request::PageSizeField;
use crate::target::service::Service;

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
