//! The searches that were made, which the checker can be given besides the events.

use std::collections::HashMap;

use super::fingerprints::hash;
use super::keys::AlreadyHashed;
use crate::problem::{Problem, Reason, Refusal};
use crate::wire::fields::Reading;
use crate::wire::lexer::Kind;
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
                    if job.is_empty() && kind == Kind::String {
                        reading.problem(Reason::RequiredField, "is empty; expected a job name");
                    }
                    jobs.push(job.into_boxed_str());
                    Ok(())
                }),
            })?;
            Ok((request_id, jobs))
        })?;
        let named = problems.iter().any(|problem| problem.path.is_empty() || problem.path == "requestId");
        if request_id.is_empty() && !named {
            problems.push(Problem::new("requestId", Reason::RequiredField, "is missing or empty; expected the id of the search"));
        }
        match Refusal::of(problems) {
            Some(refusal) => Err(refusal),
            None => Ok(Self { request_id: request_id.into(), jobs }),
        }
    }
}

/// All searches that were made. They are all in memory: 8 bytes for a job, and about 100 for a search until its jobs are shown.
#[derive(Clone, Debug, Default)]
pub struct Searches {
    by_request: HashMap<u64, Made, AlreadyHashed>,
}

/// A search that was made.
#[derive(Clone, Debug)]
struct Made {
    at: u64,
    /// Empty once its jobs were shown.
    request_id: Box<str>,
    /// The hashes of the jobs; in order once [`Searches::seal`] was called.
    jobs: Vec<u64>,
}

impl Searches {
    /// Adds a search. Jobs of a search that was added before are added to it, and it keeps its position; the answer is whether the
    /// search is new.
    pub fn add<'a>(&mut self, request_id: &str, jobs: impl IntoIterator<Item = &'a str>, at: u64) -> bool {
        let mut new = false;
        let made = self.by_request.entry(hash(request_id)).or_insert_with(|| {
            new = true;
            Made { at, request_id: request_id.into(), jobs: Vec::new() }
        });
        made.jobs.extend(jobs.into_iter().map(hash));
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

    /// Makes ready for [`Self::results`]; nothing is added after.
    pub(super) fn seal(&mut self) {
        for made in self.by_request.values_mut() {
            made.jobs.sort_unstable();
            made.jobs.dedup();
            made.jobs.shrink_to_fit();
        }
    }

    /// The hashes of the jobs that the search with this request id returned, in order; `None` when there is no such search. When
    /// the event shows jobs, the search is shown from now on.
    pub(super) fn results(&mut self, request: u64, shows: bool) -> Option<&[u64]> {
        let made = self.by_request.get_mut(&request)?;
        if shows {
            made.request_id = Box::default();
        }
        Some(&made.jobs)
    }

    /// The searches that returned jobs and were not shown, by their positions.
    pub(super) fn into_unshown(self) -> Vec<(u64, Box<str>)> {
        let unshown = self.by_request.into_values().filter(|made| !made.request_id.is_empty() && !made.jobs.is_empty());
        let mut unshown: Vec<_> = unshown.map(|made| (made.at, made.request_id)).collect();
        unshown.sort_unstable();
        unshown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_are_read_as_messages_are() {
        let search = |request_id: &str, jobs: &[&str]| Search {
            request_id: request_id.into(),
            jobs: jobs.iter().map(|job| Box::from(*job)).collect(),
        };
        for (json, expected) in [
            (r#"{"requestId":"r-1","jobs":["jobs/1","jobs/2"]}"#, search("r-1", &["jobs/1", "jobs/2"])),
            (r#" {"jobs": [], "request_id": "r\u002d1"} "#, search("r-1", &[])),
            (r#"{"requestId":"r-1","jobs":null}"#, search("r-1", &[])),
        ] {
            assert_eq!(Search::from_json(json.as_bytes()), Ok(expected), "{json}");
        }
    }

    #[test]
    fn what_is_no_search_is_refused_with_every_problem() {
        use Reason::{DuplicateField, NotAnObject, NotJson, RequiredField, UnknownField, WrongType};
        for (json, expected) in [
            ("", &[("", NotJson)][..]),
            ("[]", &[("", NotAnObject)]),
            ("{}", &[("requestId", RequiredField)]),
            (r#"{"requestId":"","jobs":["jobs/1"]}"#, &[("requestId", RequiredField)]),
            (r#"{"requestId":null,"jobs":"jobs/1"}"#, &[("jobs", WrongType), ("requestId", RequiredField)]),
            (
                r#"{"requestId":1,"jobs":["",null]}"#,
                &[("requestId", WrongType), ("jobs[0]", RequiredField), ("jobs[1]", WrongType)],
            ),
            (r#"{"requestId":"r","requestId":"r","time":0}"#, &[("requestId", DuplicateField), ("time", UnknownField)]),
        ] {
            let refusal = Search::from_json(json.as_bytes()).unwrap_err();
            let found: Vec<_> = refusal.problems().iter().map(|problem| (problem.path.as_str(), problem.reason)).collect();
            assert_eq!(found, expected, "{json}");
        }
    }

    #[test]
    fn a_search_that_is_added_again_is_merged() {
        let mut searches = Searches::default();
        assert!(searches.is_empty());
        assert!(searches.add("r-1", ["jobs/1"], 7));
        assert!(!searches.add("r-1", ["jobs/2", "jobs/1"], 8));
        assert!(searches.add("r-2", [], 9));
        assert_eq!(searches.len(), 2);
        searches.seal();
        let mut both = [hash("jobs/1"), hash("jobs/2")];
        both.sort_unstable();
        assert_eq!(searches.results(hash("r-1"), false), Some(&both[..]));
        assert_eq!(searches.results(hash("r-3"), true), None);
        assert_eq!(searches.clone().into_unshown(), [(7, "r-1".into())]);
        searches.results(hash("r-1"), true);
        assert_eq!(searches.into_unshown(), []);
    }
}
