//! Conditions on figures of a run, and the names of the figures, which shells complete.

use std::str::FromStr;
use std::sync::LazyLock;

use clap::builder::TypedValueParser;
use load_plan::threshold::{Figure, Threshold};

use super::choice::Choice;

/// Parses a condition.
pub(super) fn condition() -> impl TypedValueParser<Value = Threshold> {
    Choice::listed(figure_names, Threshold::from_str)
}

/// The names of all figures, with the percentiles that reports show.
fn figure_names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| Figure::all().map(|figure| figure.to_string()).collect());
    &NAMES
}
