//! The rhythm of a week: the weights of hours and weekdays.

use crate::parameter_errors::{ParameterError, ParameterErrors};
use crate::parameters::parameters;

parameters! {
    /// The weights of the hours of the day and of the days of the week.
    pub struct Rhythm {
        /// Share of visits that start in each hour of the local day, from midnight. The shares need not add up to 1. Session starts of a US
        /// job site of 2014-2015 (4,030 sessions). Indeed (2017) describes the same shape: a peak from 11 to 12, lower values during the
        /// commute, higher values after dinner.
        pub hours: [f64; 24] [0.0..=1_000_000.0] = [
            0.0184, 0.0144, 0.0084, 0.0062, 0.006, 0.0077, 0.0154, 0.0236, 0.0476, 0.0581, 0.0767, 0.0839, 0.0747, 0.0754, 0.0685,
            0.066, 0.0583, 0.0603, 0.0469, 0.0444, 0.0516, 0.0367, 0.029, 0.0218,
        ],
        /// Share of events on each day from Monday to Sunday. The shares need not add up to 1. OLX Jobs 2020, two weeks.
        pub weekdays: [f64; 7] [0.0..=1_000_000.0] = [0.1675, 0.1809, 0.1709, 0.1575, 0.1339, 0.0929, 0.0964],
    }
}

impl Rhythm {
    /// Equal weights for all hours and weekdays.
    pub fn uniform() -> Self {
        Self { hours: [1.0; 24], weekdays: [1.0; 7] }
    }

    /// Checks that no weight is below 0 and that some weight is above 0.
    ///
    /// # Errors
    ///
    /// [`ParameterErrors`] names every wrong weight.
    pub fn validate(&self) -> Result<(), ParameterErrors> {
        let mut problems = self.out_of_range();
        for (name, weights) in [("hours", &self.hours[..]), ("weekdays", &self.weekdays[..])] {
            if weights.iter().all(|weight| *weight <= 0.0) {
                problems.push(ParameterError::new(name, "all 0 or less", "at least one above 0"));
            }
        }
        ParameterErrors::none_of(problems)
    }
}
