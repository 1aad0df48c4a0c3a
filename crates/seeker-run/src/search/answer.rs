//! The response of a search service: parses it, checks it against the limits of the message, and replaces the model's ids and names with
//! its own when an event that follows from it is written.

use std::borrow::Cow;
use std::sync::Arc;

use client_event::{ClientEvent, EventTimestamp, JobName, JobNameForm, RequestId};
use seeker_model::{Catalogue, EventJobs, Model, PostingId, RequestKey, ResultsPage, SeekerEvent};
use serde::Deserialize;
use thiserror::Error;

/// The maximum length of a response. The client gives up slightly later.
pub(crate) const ANSWER_BYTES_MAX: usize = 1_000_000;

/// The maximum length of an id or a name. Documented ones have less than a hundred bytes, and longer ones take memory for as long as their
/// seeker is live.
const TEXT_BYTES_MAX: usize = 1_024;

/// A page of results with at least one job.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    request: RequestId,
    /// The corresponding key in the model.
    key: RequestKey,
    /// The jobs from the top of the page, without duplicates.
    names: Box<[JobName]>,
    /// The corresponding postings in the model.
    postings: Arc<[PostingId]>,
}

/// Why a response is not a page of results.
#[derive(Debug, Error)]
pub(crate) enum AnswerError {
    /// The response is too long.
    #[error("it is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    /// The response has a different form.
    #[error("expected JSON with metadata.requestId and matchingJobs[].job.name")]
    NotAPage(#[from] serde_json::Error),
    /// The response has no request id.
    #[error("it has no metadata.requestId; expected metadata.requestId and matchingJobs[].job.name")]
    NoRequestId,
    /// A job has no name.
    #[error("a job has no matchingJobs[].job.name")]
    NoName,
    /// A name has a form that no event can carry.
    #[error("a matchingJobs[].job.name is not a job name; expected jobs/J, projects/P/jobs/J or projects/P/tenants/T/jobs/J")]
    NameForm,
    /// An id or a name is too long.
    #[error("{0} is longer than {TEXT_BYTES_MAX} bytes")]
    TextTooLong(&'static str),
}

/// The needed fields of `SearchJobsResponse`. As in every `ProtoJSON` message, a null or missing field is unset.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow, alias = "matching_jobs")]
    matching_jobs: Option<Vec<MatchingJob<'a>>>,
    #[serde(borrow)]
    metadata: Option<Metadata<'a>>,
}

#[derive(Deserialize)]
struct MatchingJob<'a> {
    #[serde(borrow)]
    job: Option<Job<'a>>,
}

#[derive(Deserialize)]
struct Job<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow, alias = "request_id")]
    request_id: Option<Cow<'a, str>>,
}

impl Answer {
    /// Parses the page of a response; `None` if it has no job. Of duplicate jobs, the first place counts. Of more than `page_size` jobs,
    /// the first are used. `key` becomes the corresponding key in the model.
    pub(crate) fn read(body: &[u8], page_size: u16, key: RequestKey, catalogue: &Catalogue) -> Result<Option<Self>, AnswerError> {
        if body.len() > ANSWER_BYTES_MAX {
            return Err(AnswerError::TooLong);
        }
        let body: Body<'_> = serde_json::from_slice(body)?;
        let request = body.metadata.and_then(|metadata| metadata.request_id).unwrap_or_default();
        let request = RequestId::new(within_bounds(request, "the metadata.requestId")?).map_err(|_| AnswerError::NoRequestId)?;
        let mut names: Vec<JobName> = Vec::new();
        for matching in body.matching_jobs.unwrap_or_default() {
            let name = matching.job.and_then(|job| job.name).unwrap_or_default();
            let name = JobName::new(within_bounds(name, "a matchingJobs[].job.name")?).map_err(|_| AnswerError::NoName)?;
            if JobNameForm::of(name.as_str()).is_none() {
                return Err(AnswerError::NameForm);
            }
            if names.len() < usize::from(page_size) && !names.contains(&name) {
                names.push(name);
            }
        }
        let postings = catalogue.postings_for_jobs(names.iter().map(JobName::as_str));
        names.truncate(postings.len());
        Ok((!names.is_empty()).then(|| Self { request, key, names: names.into(), postings: postings.into() }))
    }

    /// The page in the form of the model.
    pub(crate) fn page(&self) -> ResultsPage {
        ResultsPage { request: self.key, postings: Arc::clone(&self.postings) }
    }

    /// Appends an event that follows from this response as a JSON message, like [`seeker_model::simulator::write_json`].
    pub(crate) fn write_json(&self, event: &SeekerEvent, model: &Model, timestamp: EventTimestamp, out: &mut Vec<u8>) {
        let start = out.len();
        seeker_model::simulator::write_json(event, model, timestamp, out);
        let mut message = ClientEvent::from_json(&out[start..]).expect("the model writes valid messages");
        message.request_id = self.request.clone();
        message.related_job_names = match &event.jobs {
            EventJobs::Page(_) => self.names.to_vec(),
            EventJobs::One(posting, _) => {
                let place = self.postings.iter().position(|of_page| of_page == posting);
                vec![self.names[place.expect("the page of an event contains its jobs")].clone()]
            }
        };
        out.truncate(start);
        message.write_json(out);
    }
}

fn within_bounds(text: Cow<'_, str>, what: &'static str) -> Result<Box<str>, AnswerError> {
    if text.len() > TEXT_BYTES_MAX { Err(AnswerError::TextTooLong(what)) } else { Ok(text.into()) }
}

#[cfg(test)]
mod tests;
