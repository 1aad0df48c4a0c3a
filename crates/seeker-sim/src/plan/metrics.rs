//! Where the metrics of a run go.

use std::net::SocketAddr;
use std::time::Duration;

use url::Url;

/// Where the metrics of a run go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricsPlan {
    /// The address at which they can be scraped; port 0 for a free one.
    pub listen: Option<SocketAddr>,
    /// Whether a run before this one has told that address.
    pub is_told: bool,
    /// The collector that they are pushed to.
    pub push: Option<PushPlan>,
}

/// How metrics are pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushPlan {
    /// The collector; `None` for the one that the environment names, or the one on this machine.
    pub url: Option<Url>,
    /// How often, at least every 100 ms.
    pub every: Duration,
}
