//! Exports private readers for the fuzz targets. Only with the feature `fuzzing`, and not part of the public API.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use seeker_model::{Model, RequestKey};
use terminal_escape::one_line;

use crate::delivery;
use crate::search::answer::Answer;

/// Returns the positions of the refused events in a batch response.
///
/// # Errors
///
/// Why the response is invalid.
pub fn read_batch_answer(body: &[u8], is_whole: bool, events: usize) -> Result<Vec<usize>, String> {
    delivery::partial::refused_events(body, is_whole, events)
        .map(BTreeMap::into_keys)
        .map(Iterator::collect)
        .map_err(|error| one_line(&error))
}

/// Returns the number of jobs on the page of a search response; `None` if there are none.
///
/// # Errors
///
/// Why the response is invalid.
pub fn read_search_answer(body: &[u8], page_size: u16) -> Result<Option<usize>, String> {
    static MODEL: OnceLock<Model> = OnceLock::new();
    let catalogue = MODEL.get_or_init(Model::with_defaults).catalogue();
    let answer = Answer::read(body, page_size, RequestKey::from_bits(7), catalogue).map_err(|error| one_line(&error))?;
    Ok(answer.map(|answer| answer.page().postings.len()))
}
