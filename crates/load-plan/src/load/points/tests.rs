//! The laws of points: counts and places agree, totals are exact, and each pacing has its documented dispersion.

use proptest::prelude::*;

use super::*;

fn pacings() -> impl Strategy<Value = Pacing> {
    prop::sample::select(vec![Pacing::Steady, Pacing::Poisson])
}

/// Returns all places in order.
fn places(points: &PlannedPoints) -> Vec<f64> {
    let mut cursor = PointCursor::new(0, 1);
    std::iter::from_fn(|| next(&mut cursor, points)).collect()
}

/// Takes the next place.
fn next(cursor: &mut PointCursor, points: &PlannedPoints) -> Option<f64> {
    let place = cursor.place(points);
    cursor.advance();
    place
}

/// Creates the points of stages with these integrals.
fn points_of(pacing: Pacing, seed: u64, integrals: &[f64]) -> PlannedPoints {
    let mut ends = 0.0;
    PlannedPoints::new(
        pacing,
        seed,
        integrals.iter().map(|integral| {
            ends += integral;
            ends
        }),
    )
}

/// Returns the index of dispersion of the counts in windows of a length: their variance divided by their mean.
pub(in crate::load) fn dispersion(places: &[f64], length: f64, window: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of windows")]
    let mut counts = vec![0.0; (length / window) as usize];
    for place in places {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of windows")]
        if let Some(count) = counts.get_mut((place / window) as usize) {
            *count += 1.0;
        }
    }
    let mean = counts.iter().sum::<f64>() / precise(counts.len() as u64);
    let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / precise(counts.len() as u64 - 1);
    variance / mean
}

proptest! {
    /// For all pacings, seeds and stages: the points are in order and within their stage, and their number is that of the
    /// integral. The count by any place is the number of points at or before it, in any order of queries.
    #[test]
    fn counts_and_places_agree(
        pacing in pacings(),
        seed in any::<u64>(),
        integrals in prop::collection::vec(prop_oneof![Just(0.0), 0.0..3.0_f64, 0.0..4_000.0_f64], 1..5),
        asked in prop::collection::vec(0.0..=1.0_f64, 1..20),
    ) {
        let points = points_of(pacing, seed, &integrals);
        let (places, length) = (places(&points), integrals.iter().sum::<f64>());
        prop_assert!(places.is_sorted());
        prop_assert_eq!(places.len() as u64, rounded(length));
        let mut begins = 0.0;
        for integral in integrals {
            let ends = begins + integral;
            let within = places.iter().filter(|place| begins < **place && **place <= ends).count() as u64;
            match pacing {
                // Units span the boundary between stages.
                Pacing::Steady => prop_assert!((precise(within) - integral).abs() < 2.0, "{} {}", within, integral),
                Pacing::Poisson => prop_assert_eq!(within, rounded(ends) - rounded(begins)),
            }
            begins = ends;
        }
        for part in asked {
            let place = part * length;
            prop_assert_eq!(points.count_by(place), places.partition_point(|point| *point <= place) as u64);
        }
        prop_assert_eq!((points.count_by(0.0), points.count_by(length)), (0, rounded(length)));
    }

    /// For any number of parts, each part has every n-th point of the whole.
    #[test]
    fn parts_make_the_whole(pacing in pacings(), seed in any::<u64>(), integral in 0.0..2_000.0_f64, of in 1_u64..6) {
        let points = points_of(pacing, seed, &[integral]);
        let mut parts: Vec<_> = (0..of).map(|part| PointCursor::new(part, of)).collect();
        for (part, place) in (0..parts.len()).cycle().zip(places(&points)) {
            prop_assert_eq!(next(&mut parts[part], &points), Some(place));
        }
        prop_assert!(parts.iter_mut().all(|part| part.place(&points).is_none()));
    }

    /// For all seeds, steady points are one in each unit.
    #[test]
    fn steady_counts_are_exact(seed in any::<u64>(), integral in 0.5..10_000.0_f64, at in 0.0..=1.0_f64) {
        let points = points_of(Pacing::Steady, seed, &[integral]);
        let unit = (at * integral).floor();
        prop_assert_eq!(points.count_by(unit), rounded(unit));
    }
}

/// Points far into a long load are found without the points before them, and agree with the counts there.
#[test]
fn points_of_a_long_load_are_found_quickly() {
    let points = points_of(Pacing::Poisson, 7, &[1e3, 2e9]);
    for first in [0, 999, 1_000, 1_000_000_000, 2_000_000_900] {
        let mut cursor = PointCursor::new(first, 1);
        for index in first..first + 100 {
            let place = next(&mut cursor, &points).unwrap();
            assert_eq!(points.count_by(place), index + 1);
        }
    }
}

/// At 1,000 a second for 2,000 s, over 1 ms to 1 s: the variance of Poisson equals its mean, and steady has no variance over
/// whole units.
#[test]
fn dispersion_is_that_of_the_pacing() {
    const PER_SECOND: f64 = 1_000.0;
    let length = 2_000.0 * PER_SECOND;
    let of = |pacing| places(&points_of(pacing, 3, &[length]));
    let (poisson, steady) = (of(Pacing::Poisson), of(Pacing::Steady));
    for seconds in [0.001, 0.01, 0.1, 1.0] {
        let index = dispersion(&poisson, length, seconds * PER_SECOND);
        assert!((index - 1.0).abs() <= 0.1, "{index} over {seconds} s");
        let index = dispersion(&steady, length, seconds * PER_SECOND);
        assert!(index < 1e-9, "{index} over {seconds} s");
    }
    // Half a unit holds one point or none.
    assert!((dispersion(&steady, length, 0.5) - 0.5).abs() < 0.01);
}

/// Another seed gives other points for both pacings.
#[test]
fn seeds_differ() {
    for pacing in [Pacing::Steady, Pacing::Poisson] {
        let of = |seed| places(&points_of(pacing, seed, &[100.0]));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
