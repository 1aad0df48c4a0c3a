//! Cases in the order of their values, as far as quantiles and shares need them.

/// Cases of which each has a value.
pub(super) trait Ranked {
    /// How many there are.
    fn cases(&self) -> u64;

    /// The value below which that share of the cases lies. There is a case.
    fn quantile(&self, share: f64) -> f64;

    /// How many cases there are up to the first that is not counted.
    fn count(&self, is_counted: impl Fn(f64) -> bool) -> u64;
}

/// In ascending order.
impl Ranked for [f64] {
    fn cases(&self) -> u64 {
        self.len() as u64
    }

    fn quantile(&self, share: f64) -> f64 {
        self[usize::try_from(position_of(self.cases(), share)).expect("a position in memory")]
    }

    fn count(&self, is_counted: impl Fn(f64) -> bool) -> u64 {
        self.partition_point(|value| is_counted(*value)) as u64
    }
}

/// The position of the case below which that share of the others lies.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a position")]
pub(super) fn position_of(cases: u64, share: f64) -> u64 {
    ((cases - 1) as f64 * share).round() as u64
}
