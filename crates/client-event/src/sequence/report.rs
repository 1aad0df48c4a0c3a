//! Makes findings of what the checker notices, by the severities that are set.

use super::finding::{Finding, Part, Place};
use super::observed::Observed;
use crate::event_type::EventType;
use crate::rules::{RuleId, RuleSettings};

/// Where findings go.
pub(super) struct Report<'a> {
    pub(super) settings: &'a RuleSettings,
    pub(super) findings: &'a mut Vec<Finding>,
}

/// What names an event.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) at: u64,
    pub(super) event_type: EventType,
    pub(super) event_id: &'a str,
    pub(super) request_id: &'a str,
}

impl<'a> Named<'a> {
    pub(super) fn of(event: &'a impl Observed, at: u64) -> Self {
        Self { at, event_type: event.event_type(), event_id: event.event_id(), request_id: event.request_id() }
    }
}

impl Report<'_> {
    /// A finding at an event.
    pub(super) fn event(
        &mut self,
        rule: RuleId,
        event: Named<'_>,
        part: Part,
        related: Option<(u64, EventType)>,
        job: Option<&str>,
    ) {
        let Some(severity) = self.settings.severity(rule) else { return };
        self.findings.push(Finding {
            rule,
            severity,
            place: Place::Event(event.at),
            part,
            related: related.map(|(at, _)| at),
            event_id: event.event_id.into(),
            event_type: Some(event.event_type),
            related_type: related.map(|(_, event_type)| event_type),
            request_id: event.request_id.into(),
            job: job.map(Box::from),
        });
    }

    /// A finding at a search.
    pub(super) fn search(&mut self, rule: RuleId, at: u64, request_id: &str) {
        let Some(severity) = self.settings.severity(rule) else { return };
        self.findings.push(Finding {
            rule,
            severity,
            place: Place::Search(at),
            part: Part::RequestId,
            related: None,
            event_id: Box::default(),
            event_type: None,
            related_type: None,
            request_id: request_id.into(),
            job: None,
        });
    }
}
