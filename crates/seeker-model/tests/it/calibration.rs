//! The calibrated model meets the published statistics. A model without its mechanisms misses them.

use client_event::EventType;
use event_stats::{HOUR_WEIGHTS, Observation, Row, RowVerdict, Source, Statistics, WEEKDAY_WEIGHTS};
use seeker_model::{
    Behaviour, Catalogue, CatalogueSpec, EventJobs, LocalTime, LogNormal, Model, Party, Playback, Rhythm, SeekerEvent, Week,
};

/// A Monday: 2023-11-13T00:00:00Z.
const MONDAY_MILLIS: i64 = 1_699_833_600_000;

/// The statistics of the events of several parties.
fn statistics(model: &Model, seed: u64, parties: u64) -> Statistics {
    let mut events: Vec<SeekerEvent> = (0..parties)
        .flat_map(|number| {
            let start = Party::arriving(model, seed, number).first_arrival(model, seed, number);
            Playback::new(model, seed, number, start)
        })
        .collect();
    events.sort_by_key(|event| event.at);
    let mut statistics = Statistics::default();
    let mut jobs = Vec::new();
    for (number, event) in (0..).zip(&events) {
        jobs.clear();
        let position = match &event.jobs {
            EventJobs::One(posting, position) => {
                jobs.push(posting.number());
                *position
            }
            EventJobs::Page(postings) => {
                jobs.extend(postings.iter().map(|posting| posting.number()));
                None
            }
        };
        statistics.observe_hashed(&Observation {
            event: number,
            seeker: Some(event.seeker),
            source: Source::from_name(event.source.name()).unwrap(),
            event_type: event.event_type,
            request: event.request.low_bits(),
            jobs: &jobs,
            position,
            at_millis: MONDAY_MILLIS + i64::try_from(event.at.since_start().as_millis()).unwrap(),
            local_offset_millis: 0,
        });
    }
    statistics
}

fn model(spec: &CatalogueSpec, behaviour: Behaviour, week: Week, seed: u64) -> Model {
    Model::new(Catalogue::new(spec, seed).unwrap(), behaviour, week).unwrap()
}

fn missed(rows: &[Row]) -> Vec<&Row> {
    rows.iter().filter(|row| row.verdict() == RowVerdict::Missed).collect()
}

/// The default rhythm is the published rhythm, with which the rows V5 and V6 compare.
#[test]
fn the_default_rhythm_is_as_published() {
    assert_eq!(Rhythm::default(), Rhythm { hours: HOUR_WEIGHTS, weekdays: WEEKDAY_WEIGHTS });
}

#[test]
fn fourteen_days_are_as_published() {
    for seed in [1, 2, 3] {
        let model = model(&CatalogueSpec::default(), Behaviour::default(), Week::default(), seed);
        let statistics = statistics(&model, seed, 60_000);
        assert!(statistics.seekers() >= 50_000, "{}", statistics.seekers());
        let rows = statistics.rows();
        assert!(missed(&rows).is_empty(), "seed {seed}: {:#?}", missed(&rows));
        let judged = rows.iter().filter(|row| row.verdict() == RowVerdict::Met).count();
        assert_eq!(judged, 9, "only V10 takes longer");
        for event_type in EventType::ALL {
            assert_eq!(statistics.count(event_type) > 0, event_type != EventType::Unspecified, "{event_type}");
        }
    }
}

#[test]
fn postings_age_as_published() {
    for seed in [1, 2, 3] {
        let spec = CatalogueSpec { days: 45, postings: 2_000, ..CatalogueSpec::default() };
        let rows = statistics(&model(&spec, Behaviour::default(), Week::default(), seed), seed, 6_000).rows();
        assert_eq!(rows[9].verdict(), RowVerdict::Met, "seed {seed}: {:?}", rows[9]);
    }
}

/// Equal seekers, equal postings and equal hours, as in a simple load generator.
#[test]
fn without_its_mechanisms_the_model_is_not_as_published() {
    let spec = CatalogueSpec {
        days: 45,
        postings: 2_000,
        popularity_sigma: 0.0,
        attractiveness_concentration: 1e6,
        age_decay_days: 1e6,
        ..CatalogueSpec::default()
    };
    let behaviour = Behaviour {
        visits_sigma: 0.0,
        searches_sigma: 0.0,
        propensity_sigma: 0.0,
        continue_after_skip: 1.0,
        continue_after_click: 1.0,
        reading_s: LogNormal { median: 35.66, sigma: 0.0 },
        ..Behaviour::default()
    };
    let rows =
        statistics(&model(&spec, behaviour, Week::new(&Rhythm::uniform(), LocalTime::default()).unwrap(), 1), 1, 6_000).rows();
    let missed: Vec<_> = missed(&rows).into_iter().map(|row| row.id).collect();
    for id in ["V3", "V4", "V5", "V6", "V7", "V10"] {
        assert!(missed.contains(&id), "{id} is met without the mechanism behind it: {missed:?}");
    }
}
