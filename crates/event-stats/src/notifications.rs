//! Alerts, and whether a view of one of their jobs followed. An alert waits for its view for at most 30 days.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use crate::time::DAY_MILLIS;

/// How long an alert waits for a view of one of its jobs.
const WAIT_MILLIS: i64 = 30 * DAY_MILLIS;

/// The alerts of a stream. Their figures depend only on the events of their requests and on the time of the stream, so that several readers
/// can share the requests.
#[derive(Debug, Default)]
pub(crate) struct Notifications {
    /// The alerts without a view, by request.
    waiting: HashMap<u64, Alert>,
    /// The time and the request of each alert, in the order of arrival.
    sent_at: VecDeque<(i64, u64)>,
    sent: u64,
    viewed: u64,
}

#[derive(Debug)]
struct Alert {
    sent_at: i64,
    jobs: Box<[u64]>,
}

/// Whether an alert of this time waits no longer.
const fn is_over(sent_at: i64, latest: i64) -> bool {
    latest.saturating_sub(sent_at) > WAIT_MILLIS
}

impl Notifications {
    /// Counts an alert. `latest` is the largest time of the stream.
    pub(crate) fn observe_alert(&mut self, request: u64, jobs: &[u64], at_millis: i64, latest: i64) {
        while let Some((sent_at, oldest)) = self.sent_at.pop_front_if(|(sent_at, _)| is_over(*sent_at, latest)) {
            if let Entry::Occupied(waiting) = self.waiting.entry(oldest)
                && waiting.get().sent_at == sent_at
            {
                waiting.remove();
            }
        }
        let waiting = self.waiting.get(&request).filter(|alert| !is_over(alert.sent_at, latest));
        let sent_at = waiting.map_or(at_millis, |alert| alert.sent_at);
        if waiting.is_none() {
            self.sent += 1;
            self.sent_at.push_back((at_millis, request));
        }
        self.waiting.insert(request, Alert { sent_at, jobs: jobs.into() });
    }

    /// Counts a view, if it follows an alert. `latest` is the largest time of the stream.
    pub(crate) fn observe_view(&mut self, request: u64, job: u64, latest: i64) {
        if let Entry::Occupied(alert) = self.waiting.entry(request)
            && !is_over(alert.get().sent_at, latest)
            && alert.get().jobs.contains(&job)
        {
            alert.remove();
            self.viewed += 1;
        }
    }

    /// The number of alerts.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// The number of alerts that a view of one of their jobs followed.
    pub(crate) fn viewed(&self) -> u64 {
        self.viewed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_counts_once_and_for_a_month() {
        let mut notifications = Notifications::default();
        notifications.observe_alert(1, &[10, 11], 0, 0);
        notifications.observe_alert(2, &[10], 0, 0);
        notifications.observe_alert(3, &[12], 0, 0);
        for (request, job) in [(1, 11), (1, 10), (2, 11), (4, 10)] {
            notifications.observe_view(request, job, 0);
        }
        assert_eq!((notifications.sent(), notifications.viewed()), (3, 1));
        notifications.observe_alert(4, &[13], WAIT_MILLIS, WAIT_MILLIS);
        notifications.observe_view(2, 10, WAIT_MILLIS);
        assert_eq!((notifications.sent(), notifications.viewed()), (4, 2));
        notifications.observe_view(3, 12, WAIT_MILLIS + 1);
        notifications.observe_alert(5, &[13], WAIT_MILLIS + 1, WAIT_MILLIS + 1);
        notifications.observe_view(3, 12, WAIT_MILLIS + 1);
        assert_eq!((notifications.sent(), notifications.viewed()), (5, 2));
    }

    #[test]
    fn memory_holds_a_month_of_alerts() {
        let mut notifications = Notifications::default();
        for hour in 0..24 * 365 {
            let at_millis = i64::try_from(hour).unwrap() * DAY_MILLIS / 24;
            notifications.observe_alert(hour, &[1], at_millis, at_millis);
        }
        let month = 24 * 31;
        assert!(notifications.waiting.len() <= month && notifications.sent_at.len() <= month);
        assert_eq!(notifications.sent(), 24 * 365);
    }
}
