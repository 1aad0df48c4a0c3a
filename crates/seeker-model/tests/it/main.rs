//! Properties of the model, through the public API.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calibration;
mod determinism;
mod journeys;
mod parties;
mod partitions;
mod rules;

use std::sync::LazyLock;

use client_event::{ClientEvent, EventTimestamp};
use proptest::prelude::*;
use seeker_model::{Behaviour, Catalogue, CatalogueSpec, LogNormal, Model, Playback, SeekerEvent, SimTime, Week};

/// The calibrated model.
static DEFAULT_MODEL: LazyLock<Model> = LazyLock::new(Model::with_defaults);

/// The start of the simulated time.
const EPOCH_MILLIS: i64 = 1_700_000_000_000;

/// The message of an event.
fn message(event: &SeekerEvent, model: &Model) -> ClientEvent {
    let millis = i64::try_from(event.at.since_start().as_millis()).unwrap();
    let message = event.to_message(model, EventTimestamp::from_millis(EPOCH_MILLIS + millis));
    // The JSON of the message can be read again.
    let mut json = Vec::new();
    message.write_json(&mut json);
    assert_eq!(ClientEvent::from_json(&json).unwrap(), message);
    message
}

/// The messages of one party. The limit is far above the number of events that the strategies produce.
fn messages(model: &Model, seed: u64, seeker: u64) -> Vec<ClientEvent> {
    Playback::new(model, seed, seeker, SimTime::ZERO).take(20_000).map(|event| message(&event, model)).collect()
}

/// Models far from the defaults: tiny catalogues, busy and idle seekers, seekers that apply to everything, seekers that finish nothing.
fn model() -> impl Strategy<Value = Model> {
    let probability = || prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0];
    let catalogue = (1_u32..60, 0.01..0.99, any::<[u8; 3]>(), probability(), any::<u64>()).prop_map(
        |(postings, attractiveness_mean, shares, aggregator_share, seed)| {
            let apply_type_shares = shares.map(|share| f64::from(share) + 0.1);
            let spec =
                CatalogueSpec { postings, attractiveness_mean, apply_type_shares, aggregator_share, ..CatalogueSpec::default() };
            Catalogue::new(&spec, seed).unwrap()
        },
    );
    let behaviour = (1_u16..30, [probability(), probability(), probability(), probability(), probability(), probability()])
        .prop_map(|(page_size, [skip, click, bookmark, apply, from_results, finish])| Behaviour {
            page_size,
            continue_after_skip: skip,
            continue_after_click: click,
            bookmark_per_view: bookmark,
            apply_per_view: apply,
            apply_from_results_share: from_results,
            finish_per_start: finish,
            second_page: 0.3,
            form_s: LogNormal { median: 0.001, sigma: 0.0 },
            interview_per_application: finish,
            returns_to_seen: click,
            recruiter_share: 0.1,
            agency_share: 0.1,
            ..Behaviour::default()
        });
    (catalogue, behaviour).prop_map(|(catalogue, behaviour)| Model::new(catalogue, behaviour, Week::default()).unwrap())
}
