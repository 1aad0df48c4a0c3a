//! Seekers and postings: a seeker applies to a posting at most once, and a seeker can open any posting of an alert.

use std::collections::{BTreeSet, HashSet};

use client_event::EventType;
use proptest::prelude::*;
use seeker_model::{
    Behaviour, Catalogue, CatalogueSpec, EventJobs, Model, Playback, SeekerEvent, Session, SimTime, Source, Week,
};

use crate::model;

/// The posting of an event that starts an application.
fn applied_to(event: &SeekerEvent) -> Option<u64> {
    let EventJobs::One(posting, _) = &event.jobs else { return None };
    matches!(
        event.event_type,
        EventType::ApplicationStart
            | EventType::ApplicationStartFromStart
            | EventType::ApplicationQuickSubmission
            | EventType::ApplicationRedirect
            | EventType::ApplicationRedirectFromStart
    )
    .then(|| posting.number())
}

proptest! {
    /// For all models and seeds, a job seeker applies to no posting twice, neither from the results page nor after opening the posting. A visit
    /// that follows an alert is a separate party, which remembers its own applications.
    #[test]
    fn nobody_applies_twice(model in model(), seed: u64, number: u64) {
        let mut applied = HashSet::new();
        for event in Playback::new(&model, seed, number, SimTime::ZERO).take(20_000) {
            if let Some(posting) = applied_to(&event) {
                let alert = match event.session {
                    Session::Visit(_) => None,
                    Session::Alert(alert) => Some(alert),
                };
                prop_assert!(applied.insert((alert, posting)), "{} again: {:?}", posting, event);
            }
        }
    }
}

/// Each posting of an alert is the first opened posting of some visits, including the last posting of the alert.
#[test]
fn every_posting_of_an_alert_can_be_the_first_opened() {
    const SIZE: u16 = 4;
    let spec = CatalogueSpec { postings: 500, attractiveness_mean: 0.1, aggregator_share: 0.0, ..CatalogueSpec::default() };
    let behaviour =
        Behaviour { alert_share: 1.0, alert_per_day: 1.0, alert_clicked: 1.0, alert_size: SIZE, ..Behaviour::default() };
    let model = Model::new(Catalogue::new(&spec, 1).unwrap(), behaviour, Week::default()).unwrap();
    let mut opened_first = BTreeSet::new();
    for number in 0..200 {
        let mut answered = HashSet::new();
        for event in Playback::new(&model, 1, number, SimTime::ZERO) {
            if let (Source::Alert, EventType::View, EventJobs::One(_, Some(line))) = (event.source, event.event_type, &event.jobs)
                && answered.insert(event.request)
            {
                opened_first.insert(*line);
            }
        }
    }
    assert_eq!(opened_first, (1..=SIZE).collect());
}
