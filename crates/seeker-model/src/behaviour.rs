//! How seekers act: probabilities and durations, each with its source or marked as an own estimate. The defaults are calibrated.

use rand::distr::Distribution;
use thiserror::Error;

use crate::stream::Stream;

/// A log-normal duration in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal {
    /// The median, in seconds, above 0.
    pub median_s: f64,
    /// The standard deviation of the logarithm, 0 to 5.
    pub sigma: f64,
}

impl LogNormal {
    const fn new(median_s: f64, sigma: f64) -> Self {
        Self { median_s, sigma }
    }

    /// A duration in seconds.
    pub(crate) fn draw_s(self, stream: &mut Stream) -> f64 {
        let normal: f64 = rand_distr::StandardNormal.sample(stream);
        self.median_s * (self.sigma * normal).exp()
    }
}

/// The parameters of a seeker's journey. Probabilities are 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// Results on a page, 1 to 100. Own estimate; 10 to 25 is usual.
    pub page_size: u16,
    /// Share of seekers on a mobile device: 60.7 % of applications (Appcast).
    pub mobile_share: f64,
    /// How long a line of the results is looked at. Own estimate.
    pub glance_s: LogNormal,
    /// Probability of looking at the next line after one that drew no click. Own estimate; the cascade with return after a click is
    /// the dependent click model (Guo et al. 2009; cascade: Craswell et al. 2008).
    pub continue_after_skip: f64,
    /// Probability of looking at the next line after returning from a posting. Own estimate.
    pub continue_after_click: f64,
    /// How long a posting is read: 12,370 views of a job site of 2014-2015, median 35 s, 90 % quantile 217 s.
    pub reading_s: LogNormal,
    /// The shortest and the longest reading, in seconds.
    pub reading_range_s: [f64; 2],
    /// Bookmarks per view: 2.8 % (OLX Jobs 2020; XING 2016: 2.5 %).
    pub bookmark_per_view: f64,
    /// Intents to apply per view: 6.1 % (OLX Jobs 2020: 6.09 %; XING 2016: 6.2 %; `CareerPlug` 2024: 6 %).
    pub apply_per_view: f64,
    /// That probability for postings that redirect against those that do not: 0.68 (`LinkedIn` postings of 2023).
    pub redirect_apply_ratio: f64,
    /// Share of intents to apply that begin on the page of results, without the details. Own estimate.
    pub apply_from_results_share: f64,
    /// Share of started forms that are finished: 67.8 % (OLX Jobs 2020, short form on the site).
    pub finish_per_start: f64,
    /// How long a form takes. Own estimate between 162 s (250 timed applications, careerfair.io) and 6 to 10 minutes (Expr3ss 2018).
    pub form_s: LogNormal,
    /// Pause between bookmarking and applying, or between a redirect and the return to the results. Own estimate.
    pub pause_s: LogNormal,
    /// Probability of turning to the second page: 4.9 % of clicks fall there, against the first (AOL 2006).
    pub second_page: f64,
    /// Probability of turning each further page: 0.5 (AOL 2006: 0.487, 0.502, 0.534).
    pub further_page: f64,
    /// Probability of another search when a page is done with. Own estimate: with it a session with views has about three of them
    /// (3.07, job site of 2014-2015).
    pub search_again: f64,
    /// How long thinking of another search and typing it takes. Own estimate.
    pub rethink_s: LogNormal,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            page_size: 20,
            mobile_share: 0.607,
            glance_s: LogNormal::new(1.5, 0.6),
            continue_after_skip: 0.93,
            continue_after_click: 0.8,
            reading_s: LogNormal::new(35.66, 1.437),
            reading_range_s: [1.0, 1800.0],
            bookmark_per_view: 0.028,
            apply_per_view: 0.061,
            redirect_apply_ratio: 0.68,
            apply_from_results_share: 0.1,
            finish_per_start: 0.678,
            form_s: LogNormal::new(300.0, 0.7),
            pause_s: LogNormal::new(4.0, 0.6),
            second_page: 0.049,
            further_page: 0.5,
            search_again: 0.65,
            rethink_s: LogNormal::new(10.0, 0.8),
        }
    }
}

/// A parameter outside its range.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{name} is {value}; expected {expected}")]
pub struct BehaviourError {
    name: &'static str,
    value: f64,
    expected: &'static str,
}

impl Behaviour {
    /// Makes sure that every parameter lies in its range.
    ///
    /// # Errors
    ///
    /// [`BehaviourError`] names the first that does not.
    pub fn validate(&self) -> Result<(), BehaviourError> {
        let within = |name, value: f64, [least, most]: [f64; 2], expected| {
            if (least..=most).contains(&value) { Ok(()) } else { Err(BehaviourError { name, value, expected }) }
        };
        within("page_size", f64::from(self.page_size), [1.0, 100.0], "1 to 100")?;
        for (name, value) in [
            ("mobile_share", self.mobile_share),
            ("continue_after_skip", self.continue_after_skip),
            ("continue_after_click", self.continue_after_click),
            ("bookmark_per_view", self.bookmark_per_view),
            ("apply_per_view", self.apply_per_view),
            ("apply_from_results_share", self.apply_from_results_share),
            ("finish_per_start", self.finish_per_start),
            ("second_page", self.second_page),
            ("further_page", self.further_page),
            ("search_again", self.search_again),
        ] {
            within(name, value, [0.0, 1.0], "0 to 1")?;
        }
        within("redirect_apply_ratio", self.redirect_apply_ratio, [0.0, 100.0], "0 to 100")?;
        for (name, duration) in [
            ("glance_s", self.glance_s),
            ("reading_s", self.reading_s),
            ("form_s", self.form_s),
            ("pause_s", self.pause_s),
            ("rethink_s", self.rethink_s),
        ] {
            within(name, duration.median_s, [1e-3, 1e7], "a median of 0.001 to 10000000 s")?;
            within(name, duration.sigma, [0.0, 5.0], "a sigma of 0 to 5")?;
        }
        let [shortest, longest] = self.reading_range_s;
        within("reading_range_s", shortest, [0.0, longest], "a shortest time of 0 s or more, not above the longest")?;
        within("reading_range_s", longest, [shortest, 1e7], "a longest time of at most 10000000 s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_named() {
        let sound = Behaviour::default();
        assert_eq!(sound.validate(), Ok(()));
        for (behaviour, message) in [
            (Behaviour { page_size: 0, ..sound.clone() }, "page_size is 0; expected 1 to 100"),
            (Behaviour { apply_per_view: -0.1, ..sound.clone() }, "apply_per_view is -0.1; expected 0 to 1"),
            (Behaviour { search_again: f64::NAN, ..sound.clone() }, "search_again is NaN; expected 0 to 1"),
            (
                Behaviour { form_s: LogNormal::new(0.0, 1.0), ..sound.clone() },
                "form_s is 0; expected a median of 0.001 to 10000000 s",
            ),
            (Behaviour { form_s: LogNormal::new(1.0, 9.0), ..sound.clone() }, "form_s is 9; expected a sigma of 0 to 5"),
            (
                Behaviour { reading_range_s: [5.0, 1.0], ..sound },
                "reading_range_s is 5; expected a shortest time of 0 s or more, not above the longest",
            ),
        ] {
            assert_eq!(behaviour.validate().unwrap_err().to_string(), message);
        }
    }
}
