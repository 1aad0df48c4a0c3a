//! The answer to a batch that was understood: how many of its messages were taken, and of each other one why not. It has the form in
//! which Google's APIs tell of partial success (AIP-233): a map from the position of what failed to its `google.rpc.Status`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::api_error::{FieldViolation, conflict};
use crate::intake::{NotTaken, Warnings};

/// Codes of `google.rpc.Code`.
const INVALID_ARGUMENT: u8 = 3;
const ALREADY_EXISTS: u8 = 6;

/// The answer to a batch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchAnswer {
    /// How many messages were fine, new ones and retries.
    acknowledged: usize,
    /// The others, by their position in the batch, from 0.
    failed_requests: BTreeMap<usize, Status>,
    /// The first oddity of each message that was taken although it has some, by its position in the batch.
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
    /// The answer to a batch of that many messages, of some of which there is something to say.
    pub(crate) fn new(messages: usize, notable: Vec<(usize, Result<Warnings, NotTaken>)>) -> Self {
        let (mut failed_requests, mut warnings) = (BTreeMap::new(), BTreeMap::new());
        for (position, taken) in notable {
            match taken {
                Ok(of_message) => drop(of_message.first().map(|first| warnings.insert(position, [FieldViolation::from(first)]))),
                Err(why) => drop(failed_requests.insert(position, Status::from(why))),
            }
        }
        Self { acknowledged: messages - failed_requests.len(), failed_requests, warnings }
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers can be written as JSON")
    }
}

impl From<NotTaken> for Status {
    /// Names the first problem only, so that an answer is not much larger than the batch.
    fn from(why: NotTaken) -> Self {
        match why {
            NotTaken::Refused(refused) => {
                let problems = refused.refusal.problems();
                let first = problems.first().map(ToString::to_string).unwrap_or_default();
                let message = match (&refused.hint, problems.len() + refused.refusal.omitted()) {
                    (Some(hint), _) => hint.clone(),
                    (None, 0 | 1) => first,
                    (None, count) => format!("{first}; and {} more", count - 1),
                };
                Self { code: INVALID_ARGUMENT, message }
            }
            NotTaken::Conflicting(event_id) => Self { code: ALREADY_EXISTS, message: conflict(&event_id) },
        }
    }
}
