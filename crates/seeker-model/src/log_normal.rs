//! Log-normal durations.

use rand::distr::Distribution;

use crate::parameter_errors::ParameterError;
use crate::parameters::Ranged;
use crate::random_stream::RandomStream;

/// A log-normal duration, in seconds unless its field says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogNormal {
    /// The median, 0.001 to 10,000,000.
    #[schemars(range(min = LogNormal::MEDIANS[0], max = LogNormal::MEDIANS[1]))]
    pub median: f64,
    /// The standard deviation of the logarithm, 0 to 5.
    #[schemars(range(min = LogNormal::SIGMAS[0], max = LogNormal::SIGMAS[1]))]
    pub sigma: f64,
}

impl LogNormal {
    const MEDIANS: [f64; 2] = [0.001, 1e7];
    const SIGMAS: [f64; 2] = [0.0, 5.0];

    pub(crate) const fn new(median: f64, sigma: f64) -> Self {
        Self { median, sigma }
    }

    /// Adds an error for each field outside its range.
    pub(crate) fn outside(self, path: &str, problems: &mut Vec<ParameterError>) {
        self.median.outside(&format!("{path}.median"), Self::MEDIANS, problems);
        self.sigma.outside(&format!("{path}.sigma"), Self::SIGMAS, problems);
    }

    /// A random duration, in the unit of the field. It is at least a thousandth, so that no two events of a party fall into the same
    /// millisecond.
    pub(crate) fn draw(self, stream: &mut RandomStream) -> f64 {
        let normal: f64 = rand_distr::StandardNormal.sample(stream);
        (self.median * (self.sigma * normal).exp()).max(1e-3)
    }
}
