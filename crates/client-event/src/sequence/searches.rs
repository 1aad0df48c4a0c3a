//! The searches that were made, which the checker can be given besides the events.

use std::collections::HashMap;

use crate::problem::{Problem, Reason, Refusal};
use crate::wire::fields::Reading;
use crate::wire::reader::ReadOptions;

/// One search: the request id in the metadata of its answer, and the jobs that it returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The request id.
    pub request_id: Box<str>,
    /// The names of the jobs; none when nothing was found.
    pub jobs: Vec<Box<str>>,
}

impl Search {
    /// Reads `{"requestId": "...", "jobs": ["jobs/1", "jobs/2"]}`, by the same rules as a message.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem that was found.
    pub fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        #[derive(Clone, Copy)]
        enum Field {
            RequestId,
            Jobs,
        }
        let fields = [("requestId", Field::RequestId), ("jobs", Field::Jobs)];
        let ((request_id, jobs), mut problems) = Reading::of(json, ReadOptions::default(), |reading, lexer| {
            let (mut request_id, mut jobs) = (String::new(), Vec::new());
            reading.object(lexer, &fields, |reading, field, kind, lexer| match field {
                Field::RequestId => reading.text(kind, lexer, &mut request_id),
                Field::Jobs => reading.array(kind, lexer, |reading, kind, lexer| {
                    let mut job = String::new();
                    reading.text(kind, lexer, &mut job)?;
                    jobs.push(job.into_boxed_str());
                    Ok(())
                }),
            })?;
            Ok((request_id, jobs))
        })?;
        if request_id.is_empty() && problems.is_empty() {
            problems.push(Problem::new("requestId", Reason::RequiredField, "is missing or empty; expected the id of the search"));
        }
        match Refusal::of(problems) {
            Some(refusal) => Err(refusal),
            None => Ok(Self { request_id: request_id.into(), jobs }),
        }
    }
}

/// All searches that were made.
#[derive(Clone, Debug, Default)]
pub struct Searches {
    pub(super) by_request: HashMap<Box<str>, (u64, Vec<Box<str>>)>,
}

impl Searches {
    /// Adds a search. Jobs of a search that was added before are added to it, and it keeps its position; the answer is whether the
    /// search is new.
    pub fn add<'a>(&mut self, request_id: &str, jobs: impl IntoIterator<Item = &'a str>, at: u64) -> bool {
        let mut new = false;
        let entry = self.by_request.entry(request_id.into()).or_insert_with(|| {
            new = true;
            (at, Vec::new())
        });
        entry.1.extend(jobs.into_iter().map(Box::from));
        new
    }

    /// How many searches there are.
    pub fn len(&self) -> usize {
        self.by_request.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_request.is_empty()
    }
}
