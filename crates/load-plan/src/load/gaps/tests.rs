//! The laws of gaps: the account, the moments, and the sum of live events and gaps.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::load::points::tests::dispersion;
use crate::load::{Load, LoadSpec, Pacing, Rate};

fn load(per_second: f64, seconds: u64, pacing: Pacing) -> Load {
    let rate = Rate::per_second(per_second).unwrap();
    let spec = LoadSpec { pacing: Some(pacing), ..LoadSpec::rate(rate, Duration::from_secs(seconds)) };
    spec.check_seeded(11).unwrap()
}

fn gaps_of(load: &Load) -> Gaps {
    Gaps::new(Share { load: load.clone(), part: 0, of: 1 })
}

fn points(load: &Load) -> Vec<Moment> {
    let mut due = DueMoments::new(Share { load: load.clone(), part: 0, of: 1 });
    std::iter::from_fn(|| due.take_until(load.end())).collect()
}

fn pacings() -> impl Strategy<Value = Pacing> {
    prop::sample::select(vec![Pacing::Steady, Pacing::Poisson])
}

#[derive(Clone, Debug)]
enum Step {
    /// A live seeker begins an event that was scheduled `ago_micros` before now.
    Begin { ago_micros: u64 },
    /// Time passes, and gaps are searched. At most `starts` of them are given to seekers.
    Look { micros: u64, starts: u64, expected: u64 },
    /// A started seeker begins its event or fails to.
    Arrive { begins: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => prop_oneof![Just(0), 0_u64..400_000].prop_map(|ago_micros| Step::Begin { ago_micros }),
        4 => (0_u64..100_000, 0_u64..40, 0_u64..5).prop_map(|(micros, starts, expected)| Step::Look { micros, starts, expected }),
        2 => any::<bool>().prop_map(|begins| Step::Arrive { begins }),
    ];
    prop::collection::vec(step, 0..80)
}

proptest! {
    /// For all events of live seekers (also late ones), all delays of starts and all expectations: no planned event is lost
    /// or counted twice. At the end, the gaps are the planned events that were not begun.
    #[test]
    fn every_planned_event_is_begun_or_lacked(pacing in pacings(), steps in steps(), is_cut in any::<bool>()) {
        let load = load(200.0, 3, pacing);
        let mut gaps = gaps_of(&load);
        let (mut now, mut begun, mut arriving) = (Moment::default(), 0, 0);
        for step in steps {
            match step {
                Step::Begin { ago_micros } => {
                    let micros = now.micros_since(Moment::default()).saturating_sub(ago_micros);
                    gaps.begun_by_live(Moment::from_micros(micros));
                    begun += 1;
                }
                Step::Look { micros, starts, expected } => {
                    now = now.plus(micros).min(load.end());
                    gaps.expect(expected);
                    for _ in 0..starts {
                        if gaps.has_gap_by(now) {
                            let gap = gaps.take_oldest().unwrap();
                            prop_assert!(gap <= now);
                            gaps.started(gap);
                            arriving += 1;
                        }
                    }
                    gaps.merge_by(now);
                }
                Step::Arrive { begins } if arriving > 0 => {
                    arriving -= 1;
                    begun += u64::from(begins);
                    if begins { gaps.first_begun() } else { gaps.first_failed() }
                }
                Step::Arrive { .. } => {}
            }
            prop_assert_eq!(gaps.arriving.len(), arriving);
            let held = gaps.waiting() + (gaps.arriving.len() + gaps.expecting.len()) as u64;
            let merged = begun - gaps.begun.len() as u64;
            prop_assert_eq!(load.planned_by(gaps.merged) + gaps.in_hand, merged + held);
        }
        let end = if is_cut { now } else { load.end() };
        gaps.close(end);
        let never_begun: u64 = gaps.ranges().map(|range| range.count).sum();
        prop_assert_eq!(never_begun, load.planned_by(end).saturating_sub(begun));
        prop_assert!(gaps.ranges().all(|range| range.from <= range.to && range.to <= end));
    }

    /// For all events of live seekers that come in time: gaps have the moments of the points with no event in hand, whether
    /// seekers are started at once or never.
    #[test]
    fn gaps_are_dated_where_no_event_is_in_hand(
        pacing in pacings(),
        live in prop::collection::vec(0_u64..1_000_000, 0..60),
        mut looks in prop::collection::vec(0_u64..1_000_000, 0..30),
        starts_at_once in any::<bool>(),
    ) {
        let load = load(100.0, 1, pacing);
        let mut live: Vec<_> = live.into_iter().map(Moment::from_micros).collect();
        live.sort_unstable();
        let (mut expected, mut in_hand, mut begun) = (Vec::new(), 0_u32, live.iter().peekable());
        for point in points(&load) {
            while begun.next_if(|scheduled| **scheduled <= point).is_some() {
                in_hand += 1;
            }
            match in_hand.checked_sub(1) {
                Some(left) => in_hand = left,
                None => expected.push(point),
            }
            // With more events in hand, the newest gaps are cancelled, which is another law.
            prop_assume!(u64::from(in_hand) <= IN_HAND_MAX);
        }
        let (mut gaps, mut dated) = (gaps_of(&load), Vec::new());
        looks.extend([1_000_000]);
        looks.sort_unstable();
        let mut live = live.into_iter().peekable();
        for horizon in looks.into_iter().map(Moment::from_micros) {
            while let Some(scheduled) = live.next_if(|scheduled| *scheduled <= horizon) {
                gaps.begun_by_live(scheduled);
            }
            while starts_at_once && gaps.has_gap_by(horizon) {
                dated.extend(gaps.take_oldest());
            }
            gaps.merge_by(horizon);
        }
        dated.extend(gaps.ranges().flat_map(|range| vec![range.from; usize::try_from(range.count).unwrap()]));
        prop_assert_eq!(dated, expected);
    }
}

/// The theorem: the sum of live events and gaps has the dispersion of a Poisson process, over 1 ms to 1 s, and as many
/// events as planned. Here the plan is a Poisson process, and the live events are an independent Poisson process of 0.7 of
/// its rate.
#[test]
fn live_events_and_lacks_are_poisson_together() {
    const SECONDS: u64 = 400;
    let plan = load(5_000.0, SECONDS, Pacing::Poisson);
    let live = load(3_500.0, SECONDS, Pacing::Poisson).seeded(12);
    let (mut gaps, mut sum) = (gaps_of(&plan), points(&live));
    let mut begun = sum.clone().into_iter().peekable();
    for milli in 1..=SECONDS * 1_000 {
        let horizon = Moment::from_micros(milli * 1_000);
        while let Some(scheduled) = begun.next_if(|scheduled| *scheduled <= horizon) {
            gaps.begun_by_live(scheduled);
        }
        while gaps.has_gap_by(horizon) {
            sum.extend(gaps.take_oldest());
        }
    }
    assert_eq!(sum.len() as u64, plan.total() + gaps.in_hand);
    assert!(gaps.in_hand < 50);
    sum.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "microseconds of minutes")]
    let seconds: Vec<_> = sum.iter().map(|moment| moment.as_micros() as f64 / 1e6).collect();
    for window in [0.001, 0.01, 0.1, 1.0] {
        let index = dispersion(&seconds, f64::from(u32::try_from(SECONDS).unwrap()), window);
        // With 400 windows, the index of a Poisson process has a standard deviation of 0.07.
        let bar = if window < 1.0 { 0.1 } else { 0.2 };
        assert!((index - 1.0).abs() <= bar, "{index} over {window} s");
    }
}

/// A surplus of live seekers replaces the newest gaps, and the oldest gaps keep their moments.
#[test]
fn a_surplus_cancels_the_newest_lacks() {
    let load = load(1_000.0, 2, Pacing::Steady);
    let mut gaps = gaps_of(&load);
    let second = Moment::from_micros(1_000_000);
    gaps.merge_by(second);
    assert_eq!(gaps.waiting(), 1_000);
    for _ in 0..100 {
        gaps.begun_by_live(second);
    }
    gaps.merge_by(second);
    assert_eq!((gaps.waiting(), gaps.in_hand), (1_000 - 100 + IN_HAND_MAX, IN_HAND_MAX));
    assert_eq!(
        gaps.ranges().map(|range| range.from).collect::<Vec<_>>(),
        points(&load)[..usize::try_from(gaps.waiting()).unwrap()]
    );
}

/// A late event replaces the first gap after it.
#[test]
fn a_late_event_makes_up_for_the_lack_after_it() {
    let load = load(10.0, 1, Pacing::Steady);
    let (mut gaps, mut expected) = (gaps_of(&load), points(&load));
    gaps.merge_by(load.end());
    gaps.begun_by_live(expected.remove(4));
    gaps.merge_by(load.end());
    assert_eq!(gaps.ranges().map(|range| range.from).collect::<Vec<_>>(), expected);
}
