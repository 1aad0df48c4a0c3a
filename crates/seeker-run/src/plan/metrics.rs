//! The export of the metrics of a run.

use std::net::SocketAddr;
use std::time::Duration;

use url::Url;

/// The destinations of the metrics of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricsPlan {
    /// The address for scrapes; port 0 selects a free port.
    pub listen: Option<SocketAddr>,
    /// Whether an earlier run has already printed the address.
    pub is_address_printed: bool,
    /// Whether requests to the address can change the load.
    pub allows_load_changes: bool,
    /// The collector for pushes.
    pub push: Option<PushPlan>,
}

/// The settings of pushes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushPlan {
    /// The collector; `None` for the collector of the environment, or the one on this machine.
    pub url: Option<Url>,
    /// The interval, at least 100 ms.
    pub every: Duration,
}
