//! How one seeker differs from another: drawn once when the seeker first comes, and kept.

use rand::RngExt;
use rand::distr::Distribution;
use rand_distr::{Beta, StandardNormal};

use crate::behaviour::Behaviour;
use crate::event::Device;
use crate::stream::Stream;

/// What stays the same about a seeker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits {
    pub(crate) device: Device,
    /// Visits in 14 days after the first.
    pub(crate) visits: f32,
    /// Probability of another search when one is done with.
    pub(crate) searches_again: f32,
    /// Factors to the probabilities of bookmarking and of applying.
    pub(crate) bookmarks: f32,
    pub(crate) applies: f32,
    /// Probability of finishing a form.
    pub(crate) finishes: f32,
    pub(crate) has_alert: bool,
}

#[expect(clippy::cast_possible_truncation, reason = "propensities need no more precision")]
impl Traits {
    pub(crate) fn draw(behaviour: &Behaviour, stream: &mut Stream) -> Self {
        let device = if stream.random_bool(behaviour.mobile_share) { Device::Mobile } else { Device::Desktop };
        let mut log_normal = |median: f64, sigma: f64| {
            let normal: f64 = StandardNormal.sample(stream);
            median * (sigma * normal).exp()
        };
        let visits = log_normal(behaviour.visits_median, behaviour.visits_sigma) as f32;
        let more_searches = log_normal(behaviour.searches_median, behaviour.searches_sigma);
        // A factor whose mean is 1.
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
            finishes: finishes(behaviour, stream) as f32,
            has_alert: stream.random_bool(behaviour.alert_share),
        }
    }
}

fn finishes(behaviour: &Behaviour, stream: &mut Stream) -> f64 {
    let (mean, concentration) = (behaviour.finish_per_start, behaviour.finish_concentration);
    match Beta::new(mean * concentration, (1.0 - mean) * concentration) {
        Ok(beta) => beta.sample(stream),
        // Nobody or everybody finishes.
        Err(_) => mean,
    }
}
