//! Creates findings with the severities that are set, and skips the rules that are off.

use super::finding::{Finding, Part, Place};
use crate::event_fields::EventFields;
use crate::event_type::EventType;
use crate::rules::{RuleId, RuleSettings};

/// Appends findings to a list.
pub(super) struct Reporter<'a> {
    pub(super) settings: &'a RuleSettings,
    pub(super) findings: &'a mut Vec<Finding>,
}

/// The fields of an event that a finding repeats.
#[derive(Clone, Copy)]
pub(super) struct EventRef<'a> {
    pub(super) position: u64,
    pub(super) event_type: EventType,
    pub(super) event_id: &'a str,
    pub(super) request_id: &'a str,
}

impl<'a> EventRef<'a> {
    pub(super) fn of(event: &'a impl EventFields, position: u64) -> Self {
        Self { position, event_type: event.event_type(), event_id: event.event_id(), request_id: event.request_id() }
    }
}

impl Reporter<'_> {
    /// Adds a finding at an event.
    pub(super) fn report_event(
        &mut self,
        rule: RuleId,
        event: EventRef<'_>,
        part: Part,
        related: Option<(u64, EventType)>,
        job: Option<&str>,
    ) {
        let Some(severity) = self.settings.severity(rule) else { return };
        self.findings.push(Finding {
            rule,
            severity,
            place: Place::Event(event.position),
            part,
            related: related.map(|(position, _)| position),
            event_id: event.event_id.into(),
            event_type: Some(event.event_type),
            related_type: related.map(|(_, event_type)| event_type),
            request_id: event.request_id.into(),
            job: job.map(Box::from),
        });
    }

    /// Adds a finding at a search.
    pub(super) fn report_search(&mut self, rule: RuleId, position: u64, request_id: &str) {
        let Some(severity) = self.settings.severity(rule) else { return };
        self.findings.push(Finding {
            rule,
            severity,
            place: Place::Search(position),
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
