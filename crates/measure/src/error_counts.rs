//! Counts of errors by kind, bounded in memory.

use std::collections::BTreeMap;

/// At most so many kinds of errors are told apart; the rest is counted together.
pub const ERROR_KINDS_MAX: usize = 20;

/// Counts an error by its kind; beyond some kinds all others are counted together.
pub fn add_error(errors: &mut BTreeMap<String, u64>, kind: String, count: u64) {
    const OTHERS: &str = "other errors";
    let is_known = errors.contains_key(&kind) || errors.len() < ERROR_KINDS_MAX;
    *errors.entry(if is_known { kind } else { OTHERS.to_owned() }).or_default() += count;
}
