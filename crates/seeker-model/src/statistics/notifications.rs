//! Alerts, and whether a view of one of their jobs followed. An alert is kept until then, for 30 days at most.

use std::collections::{HashMap, VecDeque};

use super::DAY_MILLIS;

/// How long a view of an alert's job is waited for.
const KEPT_MILLIS: i64 = 30 * DAY_MILLIS;

/// The alerts of a stream.
#[derive(Debug, Default)]
pub(super) struct Notifications {
    /// The jobs of those that were not viewed yet, by their requests.
    waiting: HashMap<u64, Box<[u64]>>,
    /// When each was sent, the first in front.
    sent_at: VecDeque<(i64, u64)>,
    sent: u64,
    viewed: u64,
}

impl Notifications {
    pub(super) fn send(&mut self, request: u64, jobs: &[u64], at_millis: i64) {
        while let Some((_, oldest)) = self.sent_at.pop_front_if(|(sent, _)| at_millis.saturating_sub(*sent) > KEPT_MILLIS) {
            self.waiting.remove(&oldest);
        }
        if self.waiting.insert(request, jobs.into()).is_none() {
            self.sent += 1;
            self.sent_at.push_back((at_millis, request));
        }
    }

    pub(super) fn view(&mut self, request: u64, job: u64) {
        if self.waiting.get(&request).is_some_and(|jobs| jobs.contains(&job)) {
            self.waiting.remove(&request);
            self.viewed += 1;
        }
    }

    /// How many were sent.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// How many of them were followed by a view of one of their jobs.
    pub(super) fn viewed(&self) -> u64 {
        self.viewed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_counts_once_and_for_a_month() {
        let mut notifications = Notifications::default();
        notifications.send(1, &[10, 11], 0);
        notifications.send(2, &[10], 0);
        notifications.send(3, &[12], 0);
        for (request, job) in [(1, 11), (1, 10), (2, 11), (4, 10)] {
            notifications.view(request, job);
        }
        assert_eq!((notifications.sent(), notifications.viewed()), (3, 1));
        notifications.send(4, &[13], KEPT_MILLIS);
        notifications.view(2, 10);
        assert_eq!((notifications.sent(), notifications.viewed()), (4, 2));
        notifications.send(5, &[13], KEPT_MILLIS + 1);
        notifications.view(3, 12);
        assert_eq!((notifications.sent(), notifications.viewed()), (5, 2));
    }

    #[test]
    fn memory_is_that_of_a_month() {
        let mut notifications = Notifications::default();
        for hour in 0..24 * 365 {
            notifications.send(hour, &[1], i64::try_from(hour).unwrap() * DAY_MILLIS / 24);
        }
        let month = 24 * 31;
        assert!(notifications.waiting.len() <= month && notifications.sent_at.len() <= month);
        assert_eq!(notifications.sent(), 24 * 365);
    }
}
