//! The time of the next visit of a person.

use rand::distr::Distribution;
use rand_distr::Exp1;

use crate::model::Model;
use crate::random_stream::RandomStream;
use crate::sim_time::SimTime;

/// The time that numbers of visits refer to, in seconds.
pub(crate) const FORTNIGHT_S: f64 = 14.0 * 24.0 * 3600.0;

/// The time of the next visit of a person with this mean number of visits in 14 days, spread over the week.
pub(crate) fn next_visit(model: &Model, from: SimTime, visits: f64, stream: &mut RandomStream) -> SimTime {
    let mean: f64 = Exp1.sample(stream);
    // The bound lies after the end of every simulation.
    model.week().after(from, (mean * FORTNIGHT_S / visits).min(1e12))
}
