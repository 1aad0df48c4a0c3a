//! Reads the part of a batch response that reports on single events. The form is Google's partial success (AIP-233): the keys of
//! `failedRequests` are positions in the batch, the values are `google.rpc.Status`.
//!
//! Invariant: a response that is not understood in full is an error. It never counts as an acknowledgement.

mod code;
mod reader;

use std::collections::BTreeMap;

use serde_json::error::Category;
use thiserror::Error;

pub(crate) use code::Refusal;
use reader::BatchAnswer;

/// Why a batch response says nothing reliable about its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum BatchAnswerError {
    /// Only the beginning of the body was read.
    #[error("the response body is larger than 1 MiB")]
    TooLong,
    /// The JSON ends early.
    #[error("the JSON in the response body is incomplete")]
    Incomplete,
    /// The body is not JSON.
    #[error("the response body is not JSON")]
    NotJson,
    /// The JSON has a different form.
    #[error(r#"the response body does not have the form {{"failedRequests": {{"POSITION": {{"code": CODE}}}}}}"#)]
    OtherForm,
    /// A position outside the batch.
    #[error("`failedRequests` contains a position outside the batch")]
    OutsideBatch,
    /// Pub/Sub names each message that it accepted.
    #[error("the number of `messageIds` differs from the number of events")]
    MessageIds,
}

/// The refused events of a batch by position. `body` is the response body; `is_whole` says whether it was read to its end. An empty body,
/// or an object without `failedRequests`, refuses none.
///
/// # Errors
///
/// [`BatchAnswerError`] if the response was not read or not understood in full.
pub(crate) fn refused_events(body: &[u8], is_whole: bool, events: usize) -> Result<BTreeMap<usize, Refusal>, BatchAnswerError> {
    if !is_whole {
        return Err(BatchAnswerError::TooLong);
    }
    if body.trim_ascii().is_empty() {
        return Ok(BTreeMap::new());
    }
    let answer: BatchAnswer = serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Eof => BatchAnswerError::Incomplete,
        Category::Data => BatchAnswerError::OtherForm,
        Category::Syntax | Category::Io => BatchAnswerError::NotJson,
    })?;
    if answer.message_ids.is_some_and(|ids| ids != events) {
        return Err(BatchAnswerError::MessageIds);
    }
    let mut refused = answer.failed_requests.unwrap_or_default();
    if refused.last_key_value().is_some_and(|(position, _)| *position >= events) {
        return Err(BatchAnswerError::OutsideBatch);
    }
    refused.retain(|_, refusal| !refusal.is_ok());
    Ok(refused)
}

#[cfg(test)]
mod tests;
