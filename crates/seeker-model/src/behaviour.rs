//! The behaviour of the parties: probabilities and durations, each with its source or marked as an own estimate. The defaults are calibrated.

use crate::log_normal::LogNormal;
use crate::parameter_errors::{ParameterError, ParameterErrors};
use crate::parameters::parameters;

parameters! {
    /// The behaviour of the parties. Probabilities and shares are 0 to 1.
    pub struct Behaviour {
        /// Results per page, 1 to 100. Own estimate; 10 to 25 is usual.
        pub page_size: u16 [1..=100] = 20,
        /// Share of seekers on a mobile device: 60.7 % of applications (Appcast).
        pub mobile_share: f64 [0.0..=1.0] = 0.607,
        /// Seconds that a seeker looks at one result. Own estimate.
        pub glance_s: LogNormal = LogNormal::new(1.5, 0.6),
        /// Probability of looking at the next result after a result without a click. Own estimate. Seekers scan a page as in the dependent
        /// click model (Guo et al. 2009), a cascade model (Craswell et al. 2008) with a return after each click.
        pub continue_after_skip: f64 [0.0..=1.0] = 0.93,
        /// Probability of looking at the next result after returning from a posting. Own estimate.
        pub continue_after_click: f64 [0.0..=1.0] = 0.8,
        /// Seconds that a seeker reads a posting: 12,370 views on a job site of 2014-2015, median 35 s, 90th percentile 217 s.
        pub reading_s: LogNormal = LogNormal::new(35.66, 1.437),
        /// The shortest and the longest time of reading, in seconds.
        pub reading_range_s: [f64; 2] [0.0..=10_000_000.0] = [1.0, 1800.0],
        /// Bookmarks per view: 2.8 % (OLX Jobs 2020; XING 2016: 2.5 %).
        pub bookmark_per_view: f64 [0.0..=1.0] = 0.028,
        /// Intents to apply per view: 6.1 % (OLX Jobs 2020: 6.09 %; XING 2016: 6.2 %; `CareerPlug` 2024: 6 %).
        pub apply_per_view: f64 [0.0..=1.0] = 0.061,
        /// The probability of applying to a posting that redirects, divided by the probability for other postings: 0.68 (`LinkedIn`
        /// postings of 2023).
        pub redirect_apply_ratio: f64 [0.0..=100.0] = 0.68,
        /// Share of intents to apply that begin on the results page, without opening the posting. Own estimate.
        pub apply_from_results_share: f64 [0.0..=1.0] = 0.1,
        /// Share of started forms that are finished: 67.8 % (OLX Jobs 2020, short form on the site).
        pub finish_per_start: f64 [0.0..=1.0] = 0.678,
        /// Concentration of `finish_per_start` over seekers: the sum of the two parameters of a Beta distribution, above 0. With a higher
        /// value, seekers are more alike. Own estimate.
        pub finish_concentration: f64 [0.001..=1_000_000.0] = 4.0,
        /// Seconds to fill in a form. Own estimate between 162 s (250 timed applications, careerfair.io) and 6 to 10 minutes (Expr3ss
        /// 2018).
        pub form_s: LogNormal = LogNormal::new(300.0, 0.7),
        /// Seconds between a bookmark and an application, or between a redirect and the return to the results. Own estimate.
        pub pause_s: LogNormal = LogNormal::new(4.0, 0.6),
        /// Probability of opening the second results page: the second page gets 4.9 % of the clicks of the first page (AOL 2006).
        pub second_page: f64 [0.0..=1.0] = 0.049,
        /// Probability of opening each further results page: 0.5 (AOL 2006: 0.487, 0.502, 0.534).
        pub further_page: f64 [0.0..=1.0] = 0.5,
        /// The median number of visits of a seeker in the 14 days after the first visit. The number is log-normal over seekers. Fitted
        /// together with `searches_median` to the events per user of OLX Jobs in 14 days (2020): median 6, 75th percentile 18, 90th
        /// percentile 46, 99th percentile 221.
        pub visits_median: f64 [0.001..=10_000.0] = 1.5,
        /// The standard deviation of the logarithm of the number of visits, 0 to 5.
        pub visits_sigma: f64 [0.0..=5.0] = 1.65,
        /// Probability that a seeker returns soon after a visit, at any hour. Own estimate, based on a job site of 2014-2015, where a
        /// quarter of the returns came within 1.5 hours.
        pub returns_soon: f64 [0.0..=1.0] = 0.15,
        /// Seconds from a visit to the next visit, for a seeker that returns soon. Own estimate, as for `returns_soon`.
        pub soon_s: LogNormal = LogNormal::new(3600.0, 0.8),
        /// The pause in seconds after which the next event starts a new session: 30 minutes by convention (Halfaker et al. 2015, who argue
        /// for an hour).
        pub session_timeout_s: f64 [1.0..=1_000_000.0] = 1800.0,
        /// The median number of further searches per visit. The mean number of searches per visit is 1 plus a number that is log-normal
        /// over seekers; this key is the median of the number. Fitted together with `visits_median`.
        pub searches_median: f64 [0.001..=10_000.0] = 1.4,
        /// The standard deviation of the logarithm of the number of further searches, 0 to 5.
        pub searches_sigma: f64 [0.0..=5.0] = 0.8,
        /// The variation between seekers of the probabilities to bookmark and to apply: the standard deviation of the logarithm of a
        /// factor with mean 1, 0 to 5. Own estimate.
        pub propensity_sigma: f64 [0.0..=5.0] = 0.8,
        /// Probability of a click on a posting that the seeker opened before without applying. Own estimate.
        pub returns_to_seen: f64 [0.0..=1.0] = 0.25,
        /// Probability that a search repeats the main interest of the seeker. Own estimate.
        pub same_interest: f64 [0.0..=1.0] = 0.4,
        /// Seconds to think of another search and to type it. Own estimate.
        pub rethink_s: LogNormal = LogNormal::new(10.0, 0.8),
        /// Share of seekers with alerts. Own estimate.
        pub alert_share: f64 [0.0..=1.0] = 0.15,
        /// Probability of an alert per day. A site sends at most one per day (`JobTeaser`). Own estimate.
        pub alert_per_day: f64 [0.0..=1.0] = 0.6,
        /// The maximum number of postings of an alert: 10 (`JobTeaser`).
        pub alert_size: u16 [1..=100] = 10,
        /// Probability that an alert is opened and leads to a posting: 9.7 % and 12.3 % of mails (Teaching Vacancies 2021).
        pub alert_clicked: f64 [0.0..=1.0] = 0.115,
        /// Seconds from an alert to its opening. Own estimate.
        pub alert_opened_s: LogNormal = LogNormal::new(5400.0, 1.3),
        /// Probability of an interview for an application on this site: 3 % (`CareerPlug` 2024; Jobvite 2014: 12 %).
        pub interview_per_application: f64 [0.0..=1.0] = 0.03,
        /// Probability of being hired after an interview: 27 % (`CareerPlug` 2024; Jobvite 2014: 15 %).
        pub hire_per_interview: f64 [0.0..=1.0] = 0.27,
        /// Days from application to interview. Own estimate: together with `hire_days`, the mean time to the decision is 23.8 days
        /// (Glassdoor 2017).
        pub interview_days: LogNormal = LogNormal::new(7.0, 0.8),
        /// Days from interview to hiring. Own estimate, as for `interview_days`.
        pub hire_days: LogNormal = LogNormal::new(11.0, 0.7),
        /// Share of recruiters among arriving parties. Own estimate: gives about 6 sent CVs per 100 applications.
        pub recruiter_share: f64 [0.0..=1.0] = 0.0022,
        /// The mean number of CVs that a recruiter sends after one search, 1 or more. Own estimate.
        pub cvs_per_search: f64 [1.0..=100.0] = 2.0,
        /// Share of staffing agencies among arriving parties. Own estimate.
        pub agency_share: f64 [0.0..=1.0] = 0.002,
        /// The mean number of candidates that an agency submits for one vacancy, 1 or more: 7.03 (JTH 2026).
        pub candidates_per_vacancy: f64 [1.0..=100.0] = 7.03,
        /// Seconds that an agency or a recruiter needs for one candidate. Own estimate.
        pub candidate_s: LogNormal = LogNormal::new(240.0, 0.8),
        /// Share of parties that arrive because of a campaign. `seeker-sim run` ignores this key, because the load sets the arrivals. Own
        /// estimate: no campaign.
        pub campaign_share: f64 [0.0..=1.0] = 0.0,
        /// Hours from the start of the simulation to the campaign.
        pub campaign_after_h: f64 [0.0..=1_000_000.0] = 24.0,
        /// Hours in which the arrivals of the campaign decay by a factor of e. Own estimate.
        pub campaign_fades_h: f64 [0.001..=1_000_000.0] = 6.0,
    }
}

impl Behaviour {
    /// Checks the ranges of all parameters, and that they do not contradict each other.
    ///
    /// # Errors
    ///
    /// [`ParameterErrors`] names every parameter that is out of range or contradicts another one.
    pub fn validate(&self) -> Result<(), ParameterErrors> {
        let mut problems = self.out_of_range();
        let both = self.recruiter_share + self.agency_share;
        if both > 1.0 {
            problems.push(ParameterError::new("recruiter_share", self.recruiter_share, "a sum with agency_share of at most 1"));
        }
        let [shortest, longest] = self.reading_range_s;
        if shortest > longest {
            problems.push(ParameterError::new("reading_range_s.0", shortest, "at most the longest time, reading_range_s.1"));
        }
        ParameterErrors::none_of(problems)
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
                Behaviour { form_s: LogNormal::new(0.0, 9.0), ..sound.clone() },
                "form_s.median is 0; expected 0.001 to 10000000; form_s.sigma is 9; expected 0 to 5",
            ),
            (
                Behaviour { reading_range_s: [5.0, 1.0], ..sound.clone() },
                "reading_range_s.0 is 5; expected at most the longest time, reading_range_s.1",
            ),
            (
                Behaviour { recruiter_share: 0.6, agency_share: 0.6, ..sound },
                "recruiter_share is 0.6; expected a sum with agency_share of at most 1",
            ),
        ] {
            assert_eq!(behaviour.validate().unwrap_err().to_string(), message);
        }
    }
}
