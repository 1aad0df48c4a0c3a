//! The searches that the events follow from, for the rules D3 and D9.

use hashbrown::HashTable;

use super::fingerprints::hash;
use crate::json::lexer::ValueKind;
use crate::json::object_reader::ObjectReader;
use crate::json::read_options::ReadOptions;
use crate::problem::{Problem, Reason, Refusal};

/// One search: the request id from the metadata of its response, and the jobs that it returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The request id.
    pub request_id: Box<str>,
    /// The names of the jobs; empty if the search found none.
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
        let ((request_id, jobs), mut problems) = ObjectReader::read(json, ReadOptions::default(), |reader, lexer| {
            let (mut request_id, mut jobs) = (String::new(), Vec::new());
            reader.read_object(lexer, &fields, |reader, field, kind, lexer| match field {
                Field::RequestId => reader.read_string_into(kind, lexer, &mut request_id),
                Field::Jobs => reader.read_array(kind, lexer, |reader, kind, lexer| {
                    let mut job = String::new();
                    reader.read_string_into(kind, lexer, &mut job)?;
                    if job.is_empty() && kind == ValueKind::String {
                        reader.add_problem(Reason::RequiredField, "is empty; expected a job name");
                    }
                    jobs.push(job.into_boxed_str());
                    Ok(())
                }),
            })?;
            Ok((request_id, jobs))
        })?;
        let has_problem = problems.iter().any(|problem| problem.path.is_empty() || problem.path == "requestId");
        if request_id.is_empty() && !has_problem {
            problems.push(Problem::new("requestId", Reason::RequiredField, "is missing or empty; expected the id of the search"));
        }
        match Refusal::of(problems) {
            Some(refusal) => Err(refusal),
            None => Ok(Self { request_id: request_id.into(), jobs }),
        }
    }
}

/// All searches of a stream, in memory: 8 bytes per job, and about 100 bytes per search until its jobs are shown.
#[derive(Clone, Debug, Default)]
pub struct Searches {
    /// By the hash of the request id.
    by_request: HashTable<RecordedSearch>,
}

/// A search and its position.
#[derive(Clone, Debug)]
struct RecordedSearch {
    /// The hash of the request id.
    request: u64,
    position: u64,
    /// Empty after its jobs were shown.
    request_id: Box<str>,
    /// The hashes of the jobs; sorted after [`Searches::sort_jobs`].
    jobs: Vec<u64>,
}

impl Searches {
    /// Adds a search at a position. If the request id was added before, the search keeps its position and gets the jobs in addition.
    /// Returns whether the request id is new.
    pub fn add<'a>(&mut self, request_id: &str, jobs: impl IntoIterator<Item = &'a str>, position: u64) -> bool {
        let request = hash(request_id);
        let mut is_new = false;
        let entry = self.by_request.entry(request, |search| search.request == request, |search| search.request);
        let mut entry = entry.or_insert_with(|| {
            is_new = true;
            RecordedSearch { request, position, request_id: request_id.into(), jobs: Vec::new() }
        });
        entry.get_mut().jobs.extend(jobs.into_iter().map(hash));
        is_new
    }

    /// The number of searches.
    pub fn len(&self) -> usize {
        self.by_request.len()
    }

    /// Whether there are no searches.
    pub fn is_empty(&self) -> bool {
        self.by_request.is_empty()
    }

    /// Sorts the jobs for [`Self::results`]. Call this after the last [`Self::add`].
    pub(super) fn sort_jobs(&mut self) {
        for search in &mut self.by_request {
            search.jobs.sort_unstable();
            search.jobs.dedup();
            search.jobs.shrink_to_fit();
        }
    }

    /// The sorted hashes of the jobs that the search with this request id returned; `None` without such a search. If the event shows
    /// jobs (`is_display`), the search counts as shown from now on.
    pub(super) fn results(&mut self, request: u64, is_display: bool) -> Option<&[u64]> {
        let search = self.by_request.find_mut(request, |search| search.request == request)?;
        if is_display {
            search.request_id = Box::default();
        }
        Some(&search.jobs)
    }

    /// The searches that returned jobs and were never shown, sorted by position.
    pub(super) fn into_unshown(self) -> Vec<(u64, Box<str>)> {
        let unshown = self.by_request.into_iter().filter(|search| !search.request_id.is_empty() && !search.jobs.is_empty());
        let mut unshown: Vec<_> = unshown.map(|search| (search.position, search.request_id)).collect();
        unshown.sort_unstable();
        unshown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_are_read_like_messages() {
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
    fn an_invalid_search_is_refused_with_every_problem() {
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
        searches.sort_jobs();
        let mut both = [hash("jobs/1"), hash("jobs/2")];
        both.sort_unstable();
        assert_eq!(searches.results(hash("r-1"), false), Some(&both[..]));
        assert_eq!(searches.results(hash("r-3"), true), None);
        assert_eq!(searches.clone().into_unshown(), [(7, "r-1".into())]);
        searches.results(hash("r-1"), true);
        assert_eq!(searches.into_unshown(), []);
    }
}
