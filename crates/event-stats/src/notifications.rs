//! Alerts, and whether a view of one of their jobs followed. An alert waits for its view for at most 30 days.

use std::collections::{HashMap, VecDeque};

use crate::time::DAY_MILLIS;

/// How long an alert waits for a view of one of its jobs.
const WAIT_MILLIS: i64 = 30 * DAY_MILLIS;

/// The alerts of a stream.
#[derive(Debug, Default)]
pub(crate) struct Notifications {
    /// The jobs of the alerts without a view, by request.
    waiting: HashMap<u64, Box<[u64]>>,
    /// The time and the request of each alert, oldest first.
    sent_at: VecDeque<(i64, u64)>,
    sent: u64,
    viewed: u64,
}

impl Notifications {
    /// Counts an alert.
    pub(crate) fn observe_alert(&mut self, request: u64, jobs: &[u64], at_millis: i64) {
        while let Some((_, oldest)) = self.sent_at.pop_front_if(|(sent, _)| at_millis.saturating_sub(*sent) > WAIT_MILLIS) {
            self.waiting.remove(&oldest);
        }
        if self.waiting.insert(request, jobs.into()).is_none() {
            self.sent += 1;
            self.sent_at.push_back((at_millis, request));
        }
    }

    /// Counts a view, if it follows an alert.
    pub(crate) fn observe_view(&mut self, request: u64, job: u64) {
        if self.waiting.get(&request).is_some_and(|jobs| jobs.contains(&job)) {
            self.waiting.remove(&request);
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
        notifications.observe_alert(1, &[10, 11], 0);
        notifications.observe_alert(2, &[10], 0);
        notifications.observe_alert(3, &[12], 0);
        for (request, job) in [(1, 11), (1, 10), (2, 11), (4, 10)] {
            notifications.observe_view(request, job);
        }
        assert_eq!((notifications.sent(), notifications.viewed()), (3, 1));
        notifications.observe_alert(4, &[13], WAIT_MILLIS);
        notifications.observe_view(2, 10);
        assert_eq!((notifications.sent(), notifications.viewed()), (4, 2));
        notifications.observe_alert(5, &[13], WAIT_MILLIS + 1);
        notifications.observe_view(3, 12);
        assert_eq!((notifications.sent(), notifications.viewed()), (5, 2));
    }

    #[test]
    fn memory_holds_a_month_of_alerts() {
        let mut notifications = Notifications::default();
        for hour in 0..24 * 365 {
            notifications.observe_alert(hour, &[1], i64::try_from(hour).unwrap() * DAY_MILLIS / 24);
        }
        let month = 24 * 31;
        assert!(notifications.waiting.len() <= month && notifications.sent_at.len() <= month);
        assert_eq!(notifications.sent(), 24 * 365);
    }
}
