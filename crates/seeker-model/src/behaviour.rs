//! How seekers act: probabilities and durations, each with its source or marked as an own estimate. The defaults are calibrated.

use rand::distr::Distribution;
use thiserror::Error;

use crate::stream::Stream;

/// A log-normal duration, in seconds unless its field says otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal {
    /// The median, above 0.
    pub median: f64,
    /// The standard deviation of the logarithm, 0 to 5.
    pub sigma: f64,
}

impl LogNormal {
    const fn new(median: f64, sigma: f64) -> Self {
        Self { median, sigma }
    }

    /// A duration in its unit; a thousandth at least, so that in seconds no two events of a party fall into the same millisecond.
    pub(crate) fn draw(self, stream: &mut Stream) -> f64 {
        let normal: f64 = rand_distr::StandardNormal.sample(stream);
        (self.median * (self.sigma * normal).exp()).max(1e-3)
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
    /// How alike seekers are in that: the sum of the two parameters of a Beta distribution, above 0. Own estimate.
    pub finish_concentration: f64,
    /// How long a form takes. Own estimate between 162 s (250 timed applications, careerfair.io) and 6 to 10 minutes (Expr3ss 2018).
    pub form_s: LogNormal,
    /// Pause between bookmarking and applying, or between a redirect and the return to the results. Own estimate.
    pub pause_s: LogNormal,
    /// Probability of turning to the second page: 4.9 % of clicks fall there, against the first (AOL 2006).
    pub second_page: f64,
    /// Probability of turning each further page: 0.5 (AOL 2006: 0.487, 0.502, 0.534).
    pub further_page: f64,
    /// How many visits a seeker makes in 14 days after the first, in the median, and how much seekers differ in that: log-normal, above
    /// 0. With `searches_per_visit` fitted to the events of OLX Jobs users in 14 days (2020): 6 in the median, 18, 46 and 221 in the
    /// 75, 90 and 99 % quantiles.
    pub visits_median: f64,
    /// The standard deviation of the logarithm of the number of visits, 0 to 5.
    pub visits_sigma: f64,
    /// Probability that the next visit follows soon after one, whatever the hour. Own estimate after the returns on a job site of
    /// 2014-2015: a quarter within 1.5 hours.
    pub returns_soon: f64,
    /// How long after a visit such a soon return comes. Own estimate, as above.
    pub soon_s: LogNormal,
    /// How many searches a visit has, in the mean over a seeker's visits: 1 and a log-normal number. Fitted with `visits_median`.
    pub searches_median: f64,
    /// The standard deviation of its logarithm over seekers, 0 to 5.
    pub searches_sigma: f64,
    /// How much seekers differ in their propensity to bookmark and to apply: the standard deviation of the logarithm of a factor whose
    /// mean is 1; 0 to 5. Own estimate.
    pub propensity_sigma: f64,
    /// Probability of clicking on the line of a posting that was opened before and not applied to. Own estimate.
    pub returns_to_seen: f64,
    /// Probability that a search is once more for what the seeker always searches for. Own estimate.
    pub same_interest: f64,
    /// How long thinking of another search and typing it takes. Own estimate.
    pub rethink_s: LogNormal,
    /// Share of seekers that let an alert be sent. Own estimate.
    pub alert_share: f64,
    /// Probability that a day brings an alert to them; the site sends at most one a day (`JobTeaser`). Own estimate.
    pub alert_per_day: f64,
    /// How many postings an alert names at most: 10 (`JobTeaser`).
    pub alert_size: u16,
    /// Probability that an alert is opened and leads to a posting: 9.7 % and 12.3 % of mails (Teaching Vacancies 2021).
    pub alert_clicked: f64,
    /// How long after an alert it is opened. Own estimate.
    pub alert_opened_s: LogNormal,
    /// Probability of an interview for an application that was submitted here: 3 % (`CareerPlug` 2024; Jobvite 2014: 12 %).
    pub interview_per_application: f64,
    /// Probability of being hired after an interview: 27 % (`CareerPlug` 2024; Jobvite 2014: 15 %).
    pub hire_per_interview: f64,
    /// Days from application to interview. Own estimate: with the next 23.8 days to the decision in the mean (Glassdoor 2017).
    pub interview_days: LogNormal,
    /// Days from interview to hiring. Own estimate, as above.
    pub hire_days: LogNormal,
    /// Share of recruiters among those who come. Own estimate: makes about six CVs sent for a hundred applications.
    pub recruiter_share: f64,
    /// CVs that a recruiter sends after one search, in the mean, 1 or more. Own estimate.
    pub cvs_per_search: f64,
    /// Share of staffing agencies among those who come. Own estimate.
    pub agency_share: f64,
    /// Candidates that an agency submits for one vacancy, in the mean, 1 or more: 7.03 (JTH 2026).
    pub candidates_per_vacancy: f64,
    /// How long an agency or a recruiter takes over one candidate. Own estimate.
    pub candidate_s: LogNormal,
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
            finish_concentration: 4.0,
            form_s: LogNormal::new(300.0, 0.7),
            pause_s: LogNormal::new(4.0, 0.6),
            second_page: 0.049,
            further_page: 0.5,
            visits_median: 1.5,
            visits_sigma: 1.65,
            returns_soon: 0.15,
            soon_s: LogNormal::new(3600.0, 0.8),
            searches_median: 1.4,
            searches_sigma: 0.8,
            propensity_sigma: 0.8,
            returns_to_seen: 0.25,
            same_interest: 0.4,
            rethink_s: LogNormal::new(10.0, 0.8),
            alert_share: 0.15,
            alert_per_day: 0.6,
            alert_size: 10,
            alert_clicked: 0.115,
            alert_opened_s: LogNormal::new(5400.0, 1.3),
            interview_per_application: 0.03,
            hire_per_interview: 0.27,
            interview_days: LogNormal::new(7.0, 0.8),
            hire_days: LogNormal::new(11.0, 0.7),
            recruiter_share: 0.0022,
            cvs_per_search: 2.0,
            agency_share: 0.002,
            candidates_per_vacancy: 7.03,
            candidate_s: LogNormal::new(240.0, 0.8),
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
        within("alert_size", f64::from(self.alert_size), [1.0, 100.0], "1 to 100")?;
        let both = self.recruiter_share + self.agency_share;
        within("recruiter_share", both, [0.0, 1.0], "together with agency_share 0 to 1")?;
        for (name, value) in [("visits_median", self.visits_median), ("searches_median", self.searches_median)] {
            within(name, value, [1e-3, 1e4], "0.001 to 10000")?;
        }
        for (name, value) in [
            ("visits_sigma", self.visits_sigma),
            ("searches_sigma", self.searches_sigma),
            ("propensity_sigma", self.propensity_sigma),
        ] {
            within(name, value, [0.0, 5.0], "0 to 5")?;
        }
        for (name, value) in [("cvs_per_search", self.cvs_per_search), ("candidates_per_vacancy", self.candidates_per_vacancy)] {
            within(name, value, [1.0, 100.0], "1 to 100")?;
        }
        within("finish_concentration", self.finish_concentration, [1e-3, 1e6], "0.001 to 1000000")?;
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
            ("returns_soon", self.returns_soon),
            ("returns_to_seen", self.returns_to_seen),
            ("same_interest", self.same_interest),
            ("alert_share", self.alert_share),
            ("alert_per_day", self.alert_per_day),
            ("alert_clicked", self.alert_clicked),
            ("interview_per_application", self.interview_per_application),
            ("hire_per_interview", self.hire_per_interview),
            ("recruiter_share", self.recruiter_share),
            ("agency_share", self.agency_share),
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
            ("soon_s", self.soon_s),
            ("alert_opened_s", self.alert_opened_s),
            ("interview_days", self.interview_days),
            ("hire_days", self.hire_days),
            ("candidate_s", self.candidate_s),
        ] {
            within(name, duration.median, [1e-3, 1e7], "a median of 0.001 to 10000000 s")?;
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
            (Behaviour { second_page: f64::NAN, ..sound.clone() }, "second_page is NaN; expected 0 to 1"),
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
