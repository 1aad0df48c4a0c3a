//! When the runs began, on one clock. The clocks of two machines may differ, so each start is moved to the clock of the target, which is known
//! within bounds: [`TargetClock`](crate::TargetClock).

use crate::merge_facts::StartsApart;
use crate::part::Part;
use crate::percentiles::thousandths;

/// Parts that begin further apart did not begin together, in microseconds.
pub(super) const APART_MAX: i64 = 1_000_000;

/// A start on the common clock, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Start {
    /// The position of its part.
    part: usize,
    earliest: i64,
    latest: i64,
}

impl Start {
    const fn middle(self) -> i64 {
        self.earliest.midpoint(self.latest)
    }
}

/// The starts of all runs that began.
#[derive(Debug)]
pub(super) struct Starts {
    parts: usize,
    began: Vec<Start>,
    is_of_target: bool,
}

/// A part that began long before or after the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outlier {
    /// The position of the part.
    pub(super) part: usize,
    /// The position of the first part of the others.
    pub(super) of: usize,
    /// How much later the part began, in microseconds.
    pub(super) later_by: i64,
}

impl Starts {
    pub(super) fn of(parts: &[Part]) -> Self {
        let began =
            || parts.iter().enumerate().filter_map(|(place, part)| Some((place, part, part.started_at?.as_microsecond())));
        let mut clocks = began().map(|(_, part, _)| part.target_clock.as_ref().map(|clock| &clock.url));
        let first = clocks.next().flatten();
        let is_of_target = first.is_some() && clocks.all(|url| url == first);
        let start = |(place, part, at): (usize, &Part, i64)| match part.target_clock.as_ref().filter(|_| is_of_target) {
            Some(clock) => {
                let (one, other) = (at.saturating_add(clock.offset_min_us), at.saturating_add(clock.offset_max_us));
                Start { part: place, earliest: one.min(other), latest: one.max(other) }
            }
            None => Start { part: place, earliest: at, latest: at },
        };
        let mut starts: Vec<_> = began().map(start).collect();
        starts.sort_by_key(|start| (start.middle(), start.part));
        Self { parts: parts.len(), began: starts, is_of_target }
    }

    /// Whether the starts are on the clock of the target, or there is only one.
    pub(super) fn are_comparable(&self) -> bool {
        self.is_of_target || self.began.len() < 2
    }

    /// Returns the parts that began apart from most others.
    pub(super) fn outliers(&self) -> Vec<Outlier> {
        let together = |first: Start| {
            let last = first.middle().saturating_add(APART_MAX);
            self.began.iter().filter(move |start| (first.middle()..=last).contains(&start.middle()))
        };
        // Of equally many, the earliest.
        let largest = self.began.iter().rev().max_by_key(|first| together(**first).count());
        let Some(first) = largest else { return Vec::new() };
        let inside: Vec<_> = together(*first).map(|start| start.part).collect();
        let outside = self.began.iter().filter(|start| !inside.contains(&start.part));
        let outlier =
            |start: &Start| Outlier { part: start.part, of: first.part, later_by: start.middle().saturating_sub(first.middle()) };
        outside.map(outlier).collect()
    }

    /// Returns the parts that may have begun furthest apart, and by how many microseconds.
    pub(super) fn furthest(&self) -> Option<(usize, usize, i64)> {
        let first = self.began.iter().min_by_key(|start| start.earliest)?;
        let last = self.began.iter().max_by_key(|start| start.latest)?;
        (first.part != last.part).then(|| (first.part, last.part, last.latest.saturating_sub(first.earliest)))
    }

    /// Returns the distance between the first and the last start: at least, and at most.
    pub(super) fn apart_ms(&self) -> Option<StartsApart> {
        let (_, _, at_most) = self.furthest()?;
        let first_end = self.began.iter().map(|start| start.latest).min()?;
        let last_begin = self.began.iter().map(|start| start.earliest).max()?;
        let at_least = last_begin.saturating_sub(first_end).max(0);
        Some(StartsApart { at_least: millis(at_least), at_most: self.is_of_target.then(|| millis(at_most)) })
    }

    /// Returns how much later than the first part each part began, in milliseconds; `None` for a part that never began.
    pub(super) fn offsets_ms(&self) -> Vec<Option<f64>> {
        let mut offsets = vec![None; self.parts];
        if let Some(first) = self.began.first() {
            for start in &self.began {
                offsets[start.part] = Some(millis(start.middle().saturating_sub(first.middle())));
            }
        }
        offsets
    }
}

fn millis(micros: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    let millis = micros as f64 / 1000.0;
    thousandths(millis)
}
