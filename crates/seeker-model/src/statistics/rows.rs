//! The statistics that published numbers exist for, each with its target, its tolerance and a verdict. The tolerances are those that
//! the model is accepted with; other streams are not wrong for lying outside, only different.

use client_event::EventType;
use client_event::EventType::{
    ApplicationQuickSubmission, ApplicationRedirect, ApplicationRedirectFromStart, ApplicationStart, ApplicationStartFromStart,
    Bookmark, Hired, InterviewGranted, View,
};

use super::ranked::Ranked;
use super::{DAY_MILLIS, Statistics, is_submission};
use crate::week::Week;

/// Fewer cases than this say nothing about a rate or a quantile.
pub(super) const CASES_MIN: f64 = 100.0;

/// One statistic.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// `V1` to `V10`.
    pub id: &'static str,
    /// What is measured.
    pub statistic: &'static str,
    /// Where the target is from.
    pub source: &'static str,
    /// The values that make it up; none when there were too few cases.
    pub figures: Vec<Figure>,
}

/// One value of a statistic.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Which one, where a statistic has several.
    pub name: &'static str,
    /// What was found.
    pub value: f64,
    /// The published number.
    pub target: f64,
    /// The lowest and the highest value that is accepted.
    pub accepted: [f64; 2],
}

/// Whether a statistic is as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowVerdict {
    /// Every value lies within its tolerance.
    Met,
    /// A value does not.
    Missed,
    /// There were too few cases.
    TooFewCases,
}

impl Row {
    /// The verdict on its figures.
    pub fn verdict(&self) -> RowVerdict {
        if self.figures.is_empty() {
            return RowVerdict::TooFewCases;
        }
        let within = |figure: &Figure| (figure.accepted[0]..=figure.accepted[1]).contains(&figure.value);
        if self.figures.iter().all(within) { RowVerdict::Met } else { RowVerdict::Missed }
    }
}

fn figure(name: &'static str, value: f64, target: f64, accepted: [f64; 2]) -> Figure {
    Figure { name, value, target, accepted }
}

fn around(name: &'static str, value: f64, target: f64, tolerance: f64) -> Figure {
    figure(name, value, target, [target - tolerance, target + tolerance])
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
impl Statistics {
    /// The rows V1 to V10.
    pub fn rows(&self) -> Vec<Row> {
        vec![
            self.bookmarks(),
            self.apply_intents(),
            self.events_per_seeker(),
            self.dwell(),
            self.weekdays(),
            self.hours(),
            self.ranks(),
            self.hiring(),
            self.alerts(),
            self.posting_age(),
        ]
    }

    fn total(&self, types: &[EventType]) -> f64 {
        types.iter().map(|event_type| self.count(*event_type)).sum::<u64>() as f64
    }

    fn bookmarks(&self) -> Row {
        let views = self.total(&[View]);
        Row {
            id: "V1",
            statistic: "BOOKMARK per VIEW",
            source: "OLX Jobs 2020, XING 2016",
            figures: judged(views, || vec![around("", self.total(&[Bookmark]) / views, 0.028, 0.004)]),
        }
    }

    fn apply_intents(&self) -> Row {
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
            figures: judged(views, || vec![around("", intents / views, 0.061, 0.010)]),
        }
    }

    fn events_per_seeker(&self) -> Row {
        let events = self.sorted_events();
        Row {
            id: "V3",
            statistic: "events per seeker in 14 days",
            source: "OLX Jobs 2020",
            figures: judged(events.len() as f64, || {
                vec![
                    around("median", events[..].quantile(0.5), 6.0, 1.0),
                    around("75 %", events[..].quantile(0.75), 18.0, 3.0),
                    around("90 %", events[..].quantile(0.9), 46.0, 7.0),
                    figure("99 %", events[..].quantile(0.99), 221.0, [165.0, 290.0]),
                ]
            }),
        }
    }

    fn dwell(&self) -> Row {
        let dwells = &self.dwells;
        Row {
            id: "V4",
            statistic: "seconds from a VIEW to what is done with the posting",
            source: "US job site 2014-2015",
            figures: judged(dwells.cases() as f64, || {
                vec![
                    around("median", dwells.quantile(0.5), 35.0, 35.0 * 0.15),
                    around("90 %", dwells.quantile(0.9), 217.0, 217.0 * 0.25),
                ]
            }),
        }
    }

    fn weekdays(&self) -> Row {
        let total = self.weekdays.iter().sum::<u64>() as f64;
        Row {
            id: "V5",
            statistic: "events by weekday, total variation from the published weights",
            source: "OLX Jobs 2020",
            figures: judged(total, || vec![figure("", variation(&self.weekdays, &Week::WEEKDAY_WEIGHTS), 0.0, [0.0, 0.04])]),
        }
    }

    fn hours(&self) -> Row {
        let busiest = (0..24).max_by_key(|hour| self.session_hours[*hour]).unwrap_or(0) as f64;
        Row {
            id: "V6",
            statistic: "session starts by local hour, total variation from the published weights",
            source: "US job site 2014-2015, Indeed 2017",
            figures: judged(self.sessions as f64, || {
                vec![
                    figure("", variation(&self.session_hours, &Week::HOUR_WEIGHTS), 0.0, [0.0, 0.06]),
                    figure("busiest hour", busiest, 11.0, [10.0, 12.0]),
                ]
            }),
        }
    }

    fn ranks(&self) -> Row {
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
            statistic: "slope of click rate over rank, 1 to 10, both logarithmic",
            source: "between the model's cascade and AOL 2006",
            figures: judged(cases as f64, || vec![figure("", slope(&points), -0.56, [-1.14, -0.3])]),
        }
    }

    fn hiring(&self) -> Row {
        let submitted: Vec<_> = EventType::ALL.into_iter().filter(|event_type| is_submission(*event_type)).collect();
        let (applications, interviews) = (self.total(&submitted), self.total(&[InterviewGranted]));
        let hires = self.hiring_millis.len() as f64;
        let days: f64 = self.sorted_hiring_days().iter().sum();
        // The fewest of those that rates and means are made of.
        let cases = interviews.min(applications).min(hires);
        Row {
            id: "V8",
            statistic: "interviews per application submitted, hires per interview, mean days from application to hire",
            source: "CareerPlug 2024, Glassdoor 2017",
            figures: judged(cases, || {
                vec![
                    around("interviews", interviews / applications, 0.03, 0.006),
                    around("hires", self.total(&[Hired]) / interviews, 0.27, 0.05),
                    around("days", days / hires, 23.8, 23.8 * 0.15),
                ]
            }),
        }
    }

    fn alerts(&self) -> Row {
        let (viewed, sent) = (self.notifications.viewed() as f64, self.notifications.sent() as f64);
        Row {
            id: "V9",
            statistic: "NOTIFICATIONs followed by a VIEW of one of their jobs",
            source: "Teaching Vacancies 2021",
            figures: judged(sent, || vec![figure("", viewed / sent, 0.1, [0.07, 0.15])]),
        }
    }

    fn posting_age(&self) -> Row {
        let ages = self.application_ages_millis();
        let early = ages.iter().filter(|age| **age < 7 * DAY_MILLIS).count() as f64;
        let all = ages.len() as f64;
        Row {
            id: "V10",
            statistic: "applications within 7 days of a posting's first showing, of postings watched for 30 days",
            source: "SmartRecruiters 2015",
            figures: judged(all, || vec![figure("", early / all, 0.6, [0.52, 0.68])]),
        }
    }
}

fn judged(cases: f64, figures: impl FnOnce() -> Vec<Figure>) -> Vec<Figure> {
    if cases < CASES_MIN { Vec::new() } else { figures() }
}

/// Half the sum of the differences between two distributions: the share that would have to move.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn variation(counts: &[u64], weights: &[f64]) -> f64 {
    let (total, weight): (f64, f64) = (counts.iter().sum::<u64>() as f64, weights.iter().sum());
    counts.iter().zip(weights).map(|(count, of_week)| (*count as f64 / total - of_week / weight).abs()).sum::<f64>() / 2.0
}

/// The slope of the line of least squares.
#[expect(clippy::cast_precision_loss, reason = "few points")]
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let (mean_x, mean_y) =
        (points.iter().map(|(x, _)| x).sum::<f64>() / count, points.iter().map(|(_, y)| y).sum::<f64>() / count);
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    covariance / variance
}
