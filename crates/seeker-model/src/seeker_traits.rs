//! The traits of a seeker: drawn once, when the seeker arrives.

use rand::RngExt;
use rand::distr::Distribution;
use rand_distr::{Beta, StandardNormal};

use crate::behaviour::Behaviour;
use crate::device::Device;
use crate::random_stream::RandomStream;

/// The traits of a seeker. They do not change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeekerTraits {
    pub(crate) device: Device,
    /// The mean number of visits in 14 days after the first.
    pub(crate) visits: f32,
    /// The probability of another search after a search.
    pub(crate) searches_again: f32,
    /// A factor of the probability to bookmark.
    pub(crate) bookmarks: f32,
    /// A factor of the probability to apply.
    pub(crate) applies: f32,
    /// The probability to finish a form.
    pub(crate) finishes: f32,
    pub(crate) has_alert: bool,
}

#[expect(clippy::cast_possible_truncation, reason = "propensities need no more precision")]
impl SeekerTraits {
    pub(crate) fn draw(behaviour: &Behaviour, stream: &mut RandomStream) -> Self {
        let device = if stream.random_bool(behaviour.mobile_share) { Device::Mobile } else { Device::Desktop };
        let mut log_normal = |median: f64, sigma: f64| {
            let normal: f64 = StandardNormal.sample(stream);
            median * (sigma * normal).exp()
        };
        let visits = log_normal(behaviour.visits_median, behaviour.visits_sigma) as f32;
        let more_searches = log_normal(behaviour.searches_median, behaviour.searches_sigma);
        // Factors with a mean of 1.
        let sigma = behaviour.propensity_sigma;
        let bookmarks = log_normal((-sigma * sigma / 2.0).exp(), sigma) as f32;
        let applies = log_normal((-sigma * sigma / 2.0).exp(), sigma) as f32;
        Self {
            device,
            visits,
            // A geometric number of further searches with this mean.
            searches_again: (more_searches / (1.0 + more_searches)) as f32,
            bookmarks,
            applies,
            finishes: finish_probability(behaviour, stream) as f32,
            has_alert: stream.random_bool(behaviour.alert_share),
        }
    }
}

fn finish_probability(behaviour: &Behaviour, stream: &mut RandomStream) -> f64 {
    let (mean, concentration) = (behaviour.finish_per_start, behaviour.finish_concentration);
    match Beta::new(mean * concentration, (1.0 - mean) * concentration) {
        Ok(beta) => beta.sample(stream),
        // A mean of 0 or 1: no seeker finishes, or all do.
        Err(_) => mean,
    }
}
