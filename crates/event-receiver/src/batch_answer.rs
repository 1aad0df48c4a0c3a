//! The response to a batch: the number of accepted messages, and the error of each other message. The form is that of partial success in
//! Google's APIs (AIP-233): a map from the position of a failed message to its `google.rpc.Status`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::api_error::{FieldViolation, conflict};
use crate::ingest::{Rejection, Warnings};

/// Codes of `google.rpc.Code`.
const INVALID_ARGUMENT: u8 = 3;
const ALREADY_EXISTS: u8 = 6;

/// The response to a batch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchAnswer {
    /// The number of accepted messages, new ones and retries.
    acknowledged: usize,
    /// The errors of the other messages, by position in the batch, from 0.
    failed_requests: BTreeMap<usize, Status>,
    /// The first warning of each accepted message with warnings, by position in the batch.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    warnings: BTreeMap<usize, [FieldViolation; 1]>,
}

/// `google.rpc.Status`, without details.
#[derive(Debug, Serialize)]
struct Status {
    code: u8,
    message: String,
}

impl BatchAnswer {
    /// The response to a batch of `messages` messages, with the rejections and the warnings by position.
    pub(crate) fn new(messages: usize, outcomes: Vec<(usize, Result<Warnings, Rejection>)>) -> Self {
        let (mut failed_requests, mut warnings) = (BTreeMap::new(), BTreeMap::new());
        for (position, taken) in outcomes {
            match taken {
                Ok(of_message) => drop(of_message.first().map(|first| warnings.insert(position, [FieldViolation::from(first)]))),
                Err(why) => drop(failed_requests.insert(position, Status::from(why))),
            }
        }
        Self { acknowledged: messages - failed_requests.len(), failed_requests, warnings }
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers serialize as JSON")
    }
}

impl From<Rejection> for Status {
    /// Names only the first problem, so that the response is not much larger than the batch.
    fn from(why: Rejection) -> Self {
        match why {
            Rejection::Refused(refused) => {
                let problems = refused.refusal.problems();
                let first = problems.first().map(ToString::to_string).unwrap_or_default();
                let message = match (&refused.hint, problems.len() + refused.refusal.omitted()) {
                    (Some(hint), _) => hint.clone(),
                    (None, 0 | 1) => first,
                    (None, count) => format!("{first}; and {} more", count - 1),
                };
                Self { code: INVALID_ARGUMENT, message }
            }
            Rejection::Conflicting(event_id) => Self { code: ALREADY_EXISTS, message: conflict(&event_id) },
        }
    }
}
