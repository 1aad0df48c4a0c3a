//! The result of a check: the findings with their places, the counts, and the input errors.

use client_event::rules::Severity;
use event_input::Input;

use crate::check::CheckPlan;
use crate::check::failure::InputFailure;
use crate::check::findings::{LocatedFinding, Related, UnlocatedFinding};
use crate::check::judge::{Judgement, WaitingTexts};
use crate::check::locate::{EventText, Excerpt, Located};
use crate::check::position::Positions;
use crate::check::revisit::revisit;
use crate::check::statistics::Statistics;

/// The result of a check.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// The findings in input order; findings in searches come last.
    pub findings: Vec<LocatedFinding>,
    /// The number of omitted findings.
    pub omitted: u64,
    /// The counts, including omitted findings.
    pub statistics: Statistics,
    /// The inputs that could not be read, or only in part.
    pub failures: Vec<InputFailure>,
}

impl CheckReport {
    /// Whether there are findings of at least this severity.
    pub fn has_findings(&self, at_least: Severity) -> bool {
        let counts = &self.statistics.findings;
        counts.errors > 0 || at_least == Severity::Warning && counts.warnings > 0
    }

    /// Creates the report of a finished check. Also returns whether each finding is in a search, and its position.
    pub fn of(
        plan: &CheckPlan,
        judgement: Judgement,
        searched: &Positions,
        mut failures: Vec<InputFailure>,
    ) -> (Self, Vec<(bool, u64)>) {
        let Judgement { kept, positions, waiting, mut statistics, failures: of_events, partition: _ } = judgement;
        failures.extend(of_events);
        statistics.files_failed = failures.len() as u64;
        let (mut of_events, omitted) = kept.into_sorted();
        let places = of_events.iter().map(|finding| (finding.order.of_searches, finding.order.at)).collect();
        let of_searches = of_events.split_off(of_events.partition_point(|finding| !finding.order.of_searches));
        let event_places = Places { inputs: &plan.inputs, positions: &positions, waiting: &waiting };
        let search_places = Places { inputs: &plan.searches, positions: searched, waiting: &WaitingTexts::default() };
        let mut findings = event_places.located(of_events, plan.shows_excerpts);
        findings.extend(search_places.located(of_searches, plan.shows_excerpts));
        (Self { findings, omitted, statistics, failures }, places)
    }
}

/// The inputs of a stream, with the map from positions to lines.
struct Places<'a> {
    inputs: &'a [Input],
    positions: &'a Positions,
    waiting: &'a WaitingTexts,
}

impl Places<'_> {
    /// Locates the findings. Looks up missing places.
    fn located(&self, mut findings: Vec<UnlocatedFinding>, shows_excerpts: bool) -> Vec<LocatedFinding> {
        let mut related: Vec<Option<Excerpt>> = vec![None; findings.len()];
        let mut wanted = Vec::new();
        for (number, finding) in findings.iter().enumerate() {
            if finding.located.is_none() {
                wanted.push((finding.order.at, number, None));
            }
            if let Some((at, part)) = finding.related.filter(|_| shows_excerpts) {
                wanted.push((at, number, Some(part)));
            }
        }
        wanted.sort_unstable();
        let mut show = |at, text: &EventText<'_>| {
            let first = wanted.partition_point(|(other, ..)| *other < at);
            for (_, number, part_of_related) in wanted[first..].iter().take_while(|(other, ..)| *other == at) {
                if let Some(part) = part_of_related {
                    related[*number] = text.part(part).excerpt;
                } else {
                    let mut located = text.part(&findings[*number].part);
                    located.excerpt = located.excerpt.filter(|_| shows_excerpts);
                    findings[*number].located = Some(located);
                }
            }
        };
        let mut ats: Vec<_> = wanted.iter().map(|(at, ..)| *at).collect();
        ats.dedup();
        ats.retain(|at| match self.waiting.get(*at) {
            Some(text) => {
                show(*at, &text);
                false
            }
            None => true,
        });
        revisit(self.inputs, self.positions, &ats, show);
        findings.into_iter().zip(related).map(|(finding, related)| self.placed(finding, related)).collect()
    }

    fn placed(&self, finding: UnlocatedFinding, related: Option<Excerpt>) -> LocatedFinding {
        let (input, line) = self.positions.place(finding.order.at);
        let (line, column, excerpt) = match finding.located {
            Some(Located { line, column, excerpt }) => (line, column, excerpt),
            None => (line, 1, None),
        };
        LocatedFinding {
            rule: finding.order.rule,
            severity: finding.severity,
            file: self.inputs[input].name(),
            line,
            column,
            message: finding.message,
            excerpt: excerpt.filter(|excerpt| !excerpt.text.is_empty()),
            related: finding.related.map(|(at, _)| {
                let (input, line) = self.positions.place(at);
                Related { file: self.inputs[input].name(), line, excerpt: related }
            }),
        }
    }
}
