//! The examples in the table of rules: each example violates exactly the rules that the table says.

use std::collections::BTreeSet;

use client_event::Reader;
use client_event::rules::{Rule, RuleId, RuleSettings};
use client_event::sequence::{Search, Searches, SequenceChecker};

/// The rules that an example violates, by single messages and between messages.
fn broken_rules(rule: &Rule, example: &str, settings: &RuleSettings) -> BTreeSet<RuleId> {
    let searches = rule.searches.map(|lines| {
        let mut searches = Searches::default();
        for (line, at) in lines.lines().zip(0..) {
            let search = Search::from_json(line.as_bytes()).unwrap();
            assert!(searches.add(&search.request_id, search.jobs.iter().map(AsRef::as_ref), at));
        }
        searches
    });
    let options = SequenceChecker::builder().searches(searches).rules(settings.clone());
    let mut checker = options.build();
    let (mut broken, mut findings) = (BTreeSet::new(), Vec::new());
    for line in example.lines() {
        if let Err(refusal) = Reader::new().check(None).read(line.as_bytes()) {
            let rules = refusal.problems().iter().map(|problem| RuleId::of(problem.reason));
            broken.extend(rules.filter(|rule| settings.severity(*rule).is_some()));
        }
        if let Ok(event) = Reader::new().read(line.as_bytes()) {
            checker.observe(&event, &mut findings);
        }
    }
    checker.finish(&mut findings);
    broken.extend(findings.iter().map(|finding| finding.rule));
    for finding in &findings {
        assert_eq!(Some(finding.severity), settings.severity(finding.rule));
    }
    broken
}

#[test]
fn each_bad_example_breaks_its_rule_and_no_other_and_each_good_one_none() {
    for id in RuleId::ALL {
        let rule = id.rule();
        assert_eq!(broken_rules(rule, rule.bad, &RuleSettings::default()), BTreeSet::from([id]), "the bad example of {id}");
        assert_eq!(broken_rules(rule, rule.good, &RuleSettings::default()), BTreeSet::new(), "the good example of {id}");
    }
}

#[test]
fn a_rule_that_is_off_finds_nothing() {
    for id in RuleId::ALL {
        let mut settings = RuleSettings::default();
        settings.set(id, None);
        assert_eq!(broken_rules(id.rule(), id.rule().bad, &settings), BTreeSet::new(), "{id}");
    }
}
