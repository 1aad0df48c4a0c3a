//! Counts of errors by kind, bounded in memory.

use std::collections::BTreeMap;

/// The maximum number of error kinds that are counted separately. All other errors share one count.
pub const ERROR_KINDS_MAX: usize = 20;

/// Counts an error by its kind. Above [`ERROR_KINDS_MAX`] kinds, all new kinds share one count.
pub fn add_error(errors: &mut BTreeMap<String, u64>, kind: String, count: u64) {
    const OTHERS: &str = "other errors";
    let is_known = errors.contains_key(&kind) || errors.len() < ERROR_KINDS_MAX;
    *errors.entry(if is_known { kind } else { OTHERS.to_owned() }).or_default() += count;
}
