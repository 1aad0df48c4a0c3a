//! The windows of all events of several generators. Their seconds count from the common start, so the counts of each second are added.

use std::io;

use load_plan::threshold::Threshold;

use super::counts::{Part, WindowTimes};
use super::packed_counts::PackedCounts;
use super::series::{SecondSeries, SeriesCounts};
use super::worst::Worst;

/// The sum of the series of several generators.
#[derive(Debug)]
pub struct SeriesSum {
    counts: SeriesCounts,
    generators: usize,
    seconds: Vec<Part<PackedCounts>>,
}

impl SeriesSum {
    /// Creates an empty sum.
    pub const fn new(counts: SeriesCounts) -> Self {
        Self { counts, generators: 0, seconds: Vec::new() }
    }

    /// What the series count.
    pub const fn counts(&self) -> SeriesCounts {
        self.counts
    }

    /// The number of added series.
    pub const fn generators(&self) -> usize {
        self.generators
    }

    /// Adds the series of a generator, which counts the same.
    ///
    /// # Errors
    ///
    /// The series is damaged. Its first seconds may have been added.
    pub fn add(&mut self, series: &SecondSeries) -> io::Result<()> {
        let mut number = 0;
        series.read(|second| {
            match self.seconds.get_mut(number) {
                Some(sum) => *sum = sum.plus(&second),
                None => self.seconds.push(second),
            }
            number += 1;
        })?;
        self.generators += 1;
        Ok(())
    }

    /// Returns the worst value of a threshold over all windows; `None` if nothing was measured.
    pub fn worst(&self, threshold: &Threshold) -> Option<Worst> {
        let length = usize::try_from(threshold.over?.as_secs()).ok()?;
        let mut sum = Part::<WindowTimes>::default();
        let mut worst: Option<Worst> = None;
        for (number, second) in self.seconds.iter().enumerate() {
            sum.add(second);
            if number >= length {
                sum.subtract(&self.seconds[number - length]);
            }
            let Some(from) = (number + 1).checked_sub(length) else { continue };
            if let Some((value, is_lower_bound)) = sum.value(threshold.figure, length as u64) {
                let window = Worst { value, is_lower_bound, from: from as u64 };
                if worst.is_none_or(|before| window.is_worse(&before, threshold)) {
                    worst = Some(window);
                }
            }
        }
        worst
    }
}

#[cfg(test)]
mod tests;
