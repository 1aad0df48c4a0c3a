//! Doors to private readers for the fuzz targets. Only with the feature `fuzzing`, and no part of the API.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::OnceLock;

use seeker_model::{Model, RequestKey};
use terminal_escape::one_line;

use crate::cli::Cli;
use crate::delivery;
use crate::search::answer::Answer;

/// The positions of the refused events in the answer to a batch.
///
/// # Errors
///
/// What is wrong with the answer.
pub fn read_batch_answer(body: &[u8], is_whole: bool, events: usize) -> Result<Vec<usize>, String> {
    delivery::partial::refused_events(body, is_whole, events)
        .map(BTreeMap::into_keys)
        .map(Iterator::collect)
        .map_err(|error| one_line(&error))
}

/// How many jobs are on the page that the answer to a search holds, if there are any.
///
/// # Errors
///
/// What is wrong with the answer.
pub fn read_search_answer(body: &[u8], page_size: u16) -> Result<Option<usize>, String> {
    static MODEL: OnceLock<Model> = OnceLock::new();
    let catalogue = MODEL.get_or_init(Model::with_defaults).catalogue();
    let answer = Answer::read(body, page_size, RequestKey::from_bits(7), catalogue).map_err(|error| one_line(&error))?;
    Ok(answer.map(|answer| answer.page().postings.len()))
}

/// The command line, read and thrown away.
///
/// # Errors
///
/// What the program would say.
pub fn parse_arguments(arguments: impl IntoIterator<Item = OsString>) -> Result<(), String> {
    Cli::read(arguments).map(drop).map_err(|error| error.to_string())
}
