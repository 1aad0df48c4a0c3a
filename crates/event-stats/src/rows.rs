//! Computes the rows: the statistics with a published value.

use client_event::EventType;
use client_event::EventType::{
    ApplicationQuickSubmission, ApplicationRedirect, ApplicationRedirectFromStart, ApplicationStart, ApplicationStartFromStart,
    Bookmark, Hired, InterviewGranted, View,
};

use crate::published::{HOUR_WEIGHTS, WEEKDAY_WEIGHTS};
use crate::row::{Figure, Row};
use crate::sample::{Sample, is_large_enough};
use crate::statistics::is_submission;
use crate::summary::Summary;
use crate::time::DAY_MILLIS;

fn figure(name: &'static str, value: f64, target: f64, accepted: [f64; 2]) -> Figure {
    Figure { name, value, target, accepted }
}

fn around(name: &'static str, value: f64, target: f64, tolerance: f64) -> Figure {
    figure(name, value, target, [target - tolerance, target + tolerance])
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
impl Summary {
    /// The rows V1 to V10: the statistics with a published value.
    ///
    /// ```
    /// use event_stats::{RowVerdict, Statistics};
    ///
    /// let rows = Statistics::default().rows();
    /// assert_eq!(rows[0].statistic, "BOOKMARK per VIEW");
    /// assert!(rows.iter().all(|row| row.verdict() == RowVerdict::TooFewCases));
    /// ```
    pub fn rows(&self) -> Vec<Row> {
        vec![
            self.bookmarks_row(),
            self.apply_intents_row(),
            self.events_per_seeker_row(),
            self.dwell_times_row(),
            self.weekdays_row(),
            self.hours_row(),
            self.ranks_row(),
            self.hiring_row(),
            self.alerts_row(),
            self.posting_age_row(),
        ]
    }

    fn total(&self, types: &[EventType]) -> f64 {
        types.iter().map(|event_type| self.count(*event_type)).sum::<u64>() as f64
    }

    fn bookmarks_row(&self) -> Row {
        let views = self.total(&[View]);
        Row {
            id: "V1",
            statistic: "BOOKMARK per VIEW",
            source: "OLX Jobs 2020, XING 2016",
            figures: with_enough(views, || vec![around("", self.total(&[Bookmark]) / views, 0.028, 0.004)]),
        }
    }

    fn apply_intents_row(&self) -> Row {
        let views = self.total(&[View]);
        let intents = self.total(&[
            ApplicationStart,
            ApplicationQuickSubmission,
            ApplicationRedirect,
            ApplicationStartFromStart,
            ApplicationRedirectFromStart,
        ]);
        Row {
            id: "V2",
            statistic: "intents to apply per VIEW",
            source: "OLX Jobs 2020, XING 2016, CareerPlug 2024",
            figures: with_enough(views, || vec![around("", intents / views, 0.061, 0.010)]),
        }
    }

    fn events_per_seeker_row(&self) -> Row {
        let events = &self.events_per_seeker;
        Row {
            id: "V3",
            statistic: "events per seeker in 14 days",
            source: "OLX Jobs 2020",
            figures: with_enough(events.cases() as f64, || {
                vec![
                    around("median", events.quantile(0.5), 6.0, 1.0),
                    around("75 %", events.quantile(0.75), 18.0, 3.0),
                    around("90 %", events.quantile(0.9), 46.0, 7.0),
                    figure("99 %", events.quantile(0.99), 221.0, [165.0, 290.0]),
                ]
            }),
        }
    }

    fn dwell_times_row(&self) -> Row {
        let dwells = &self.dwell_times;
        Row {
            id: "V4",
            statistic: "seconds from a VIEW to the next action on the posting",
            source: "US job site 2014-2015",
            figures: with_enough(dwells.cases() as f64, || {
                vec![
                    around("median", dwells.quantile(0.5), 35.0, 35.0 * 0.15),
                    around("90 %", dwells.quantile(0.9), 217.0, 217.0 * 0.25),
                ]
            }),
        }
    }

    fn weekdays_row(&self) -> Row {
        let total = self.weekdays.iter().sum::<u64>() as f64;
        Row {
            id: "V5",
            statistic: "events by weekday: total variation distance from the published shares",
            source: "OLX Jobs 2020",
            figures: with_enough(total, || vec![figure("", variation(&self.weekdays, &WEEKDAY_WEIGHTS), 0.0, [0.0, 0.04])]),
        }
    }

    fn hours_row(&self) -> Row {
        let busiest = (0..24).max_by_key(|hour| self.session_hours[*hour]).unwrap_or(0) as f64;
        Row {
            id: "V6",
            statistic: "session starts by local hour: total variation distance from the published shares",
            source: "US job site 2014-2015, Indeed 2017",
            figures: with_enough(self.sessions() as f64, || {
                vec![
                    figure("", variation(&self.session_hours, &HOUR_WEIGHTS), 0.0, [0.0, 0.06]),
                    figure("busiest hour", busiest, 11.0, [10.0, 12.0]),
                ]
            }),
        }
    }

    fn ranks_row(&self) -> Row {
        let (shown, clicked) = (&self.shown_at_rank[..10], &self.clicked_at_rank[..10]);
        // A rank that was never clicked has no logarithm.
        let is_clicked = clicked.iter().all(|clicks| *clicks > 0);
        let cases = if is_clicked { shown[9].min(clicked.iter().sum()) } else { 0 };
        let points: Vec<_> = (0..10)
            .map(|rank| {
                let rate = clicked[rank] as f64 / shown[rank] as f64;
                ((rank as f64 + 1.0).ln(), rate.ln())
            })
            .collect();
        Row {
            id: "V7",
            statistic: "slope of the click rate over ranks 1 to 10, on logarithmic axes",
            source: "dependent click model of the simulator, AOL 2006",
            figures: with_enough(cases as f64, || vec![figure("", slope(&points), -0.56, [-1.14, -0.3])]),
        }
    }

    fn hiring_row(&self) -> Row {
        let submitted: Vec<_> = EventType::ALL.into_iter().filter(|event_type| is_submission(*event_type)).collect();
        let (applications, interviews) = (self.total(&submitted), self.total(&[InterviewGranted]));
        let days_to_hire = self.days_to_hire();
        let hires = days_to_hire.len() as f64;
        let days: f64 = days_to_hire.iter().sum();
        // The rates and the mean need enough cases each.
        let cases = interviews.min(applications).min(hires);
        Row {
            id: "V8",
            statistic: "interviews per submitted application, hires per interview, mean days from application to hire",
            source: "CareerPlug 2024, Glassdoor 2017",
            figures: with_enough(cases, || {
                vec![
                    around("interviews", interviews / applications, 0.03, 0.006),
                    around("hires", self.total(&[Hired]) / interviews, 0.27, 0.05),
                    around("days", days / hires, 23.8, 23.8 * 0.15),
                ]
            }),
        }
    }

    fn alerts_row(&self) -> Row {
        let (viewed, sent) = (self.alerts_viewed as f64, self.alerts_sent as f64);
        Row {
            id: "V9",
            statistic: "share of NOTIFICATIONs followed by a VIEW of one of their jobs",
            source: "Teaching Vacancies 2021",
            figures: with_enough(sent, || vec![figure("", viewed / sent, 0.1, [0.07, 0.15])]),
        }
    }

    fn posting_age_row(&self) -> Row {
        let ages = &self.application_ages_millis;
        let early = ages.iter().filter(|age| **age < 7 * DAY_MILLIS).count() as f64;
        let all = ages.len() as f64;
        Row {
            id: "V10",
            statistic: "share of applications within 7 days of the posting's first impression, for postings observed for 30 days",
            source: "SmartRecruiters 2015",
            figures: with_enough(all, || vec![figure("", early / all, 0.6, [0.52, 0.68])]),
        }
    }
}

/// The figures, or none with too few cases.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
fn with_enough(cases: f64, figures: impl FnOnce() -> Vec<Figure>) -> Vec<Figure> {
    if is_large_enough(cases as u64) { figures() } else { Vec::new() }
}

/// The total variation distance: half the sum of the differences between two distributions.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn variation(counts: &[u64], weights: &[f64]) -> f64 {
    let (total, weight): (f64, f64) = (counts.iter().sum::<u64>() as f64, weights.iter().sum());
    counts.iter().zip(weights).map(|(count, of_week)| (*count as f64 / total - of_week / weight).abs()).sum::<f64>() / 2.0
}

/// The slope of the least squares line.
#[expect(clippy::cast_precision_loss, reason = "few points")]
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let (mean_x, mean_y) =
        (points.iter().map(|(x, _)| x).sum::<f64>() / count, points.iter().map(|(_, y)| y).sum::<f64>() / count);
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    covariance / variance
}
