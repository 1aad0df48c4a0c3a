//! Tests of responses: parsing returns what was written, and no input causes a panic.

use std::collections::HashSet;

use proptest::prelude::*;
use seeker_model::{Input, Next, Party, SimTime};
use serde_json::{Value, json};
use terminal_escape::one_line;

use super::*;

fn key() -> RequestKey {
    RequestKey::from_bits(7)
}

fn read(body: &[u8], page_size: u16) -> Result<Option<Answer>, String> {
    Answer::read(body, page_size, key(), Model::with_defaults().catalogue()).map_err(|error| one_line(&error))
}

/// The response of a service with these jobs, and with many unneeded fields.
fn written(request: &str, names: &[String]) -> Value {
    let jobs: Vec<_> = names.iter().map(|name| json!({"job": {"name": name, "title": "A \u{e9}"}, "jobSummary": "x"})).collect();
    json!({"matchingJobs": jobs, "histogramQueryResults": [], "metadata": {"requestId": request}, "totalSize": names.len()})
}

proptest! {
    /// For all ids and names that a message can carry, parsing returns what was written, without duplicates and up to the end of the page.
    #[test]
    fn a_written_answer_is_read_back(
        request in ".{1,80}",
        names in prop::collection::vec("(projects/[a-z]{1,3}/)?jobs/([0-9]{1,2}|[^/]{1,9})", 0..30),
        page_size in 1_u16..25,
    ) {
        let body = written(&request, &names).to_string();
        let answer = read(body.as_bytes(), page_size).unwrap();
        let mut seen = HashSet::new();
        let expected: Vec<_> = names.iter().filter(|name| seen.insert(*name)).take(page_size.into()).collect();
        match answer {
            None => prop_assert!(names.is_empty()),
            Some(answer) => {
                prop_assert_eq!(answer.request.as_str(), request);
                prop_assert_eq!(answer.names.iter().map(JobName::as_str).collect::<Vec<_>>(), expected);
                prop_assert_eq!(answer.page().postings.len(), answer.names.len());
                prop_assert_eq!(answer.page().postings.iter().collect::<HashSet<_>>().len(), answer.names.len());
            }
        }
    }

    /// For all bytes, and for all responses with changed bytes, parsing returns a page, nothing or an error.
    #[test]
    fn nothing_panics(
        noise in prop::collection::vec(any::<u8>(), 0..200),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let _ = read(&noise, 20);
        let mut body = written("r", &["jobs/1".to_owned(), "jobs/2".to_owned()]).to_string().into_bytes();
        for (place, byte) in changes {
            let place = place.index(body.len());
            body[place] = byte;
        }
        let _ = read(&body, 20);
    }

    /// For all seekers, an event after a response keeps everything of the model's event except its request and its jobs, which come from
    /// the response.
    #[test]
    fn events_carry_the_texts_of_the_answer(seed: u64) {
        let model = Model::with_defaults();
        let names: Vec<_> = (0..20).map(|job| format!("projects/p/jobs/\u{e9}\"{job}")).collect();
        let answer = Answer::read(written("r:\"1", &names).to_string().as_bytes(), 20, key(), model.catalogue()).unwrap().unwrap();
        let mut party = Party::arriving(&model, seed, 0);
        let (mut input, mut now) = (Input::Started, SimTime::ZERO);
        let mut events = 0;
        for _ in 0..40 {
            let step = party.handle(input, now, &model);
            if let Some(event) = step.event {
                let timestamp = EventTimestamp::from_millis(1_700_000_000_000);
                let (mut of_model, mut out) = (Vec::new(), b"before".to_vec());
                seeker_model::simulator::write_json(&event, &model, timestamp, &mut of_model);
                answer.write_json(&event, &model, timestamp, &mut out);
                let of_model = ClientEvent::from_json(&of_model).unwrap();
                let message = ClientEvent::from_json(out.strip_prefix(b"before").unwrap()).unwrap();
                prop_assert_eq!(message.request_id.as_str(), "r:\"1");
                let sent: Vec<_> = message.related_job_names.iter().map(|name| name.as_str().to_owned()).collect();
                let place = message.details.get("position").map(|position| position.parse::<usize>().unwrap() - 1);
                let expected = place.map_or(&names[..], |place| &names[place..=place]);
                prop_assert_eq!(&sent, expected);
                prop_assert_eq!(&message.check(None), &[]);
                let with_ids_of_model =
                    ClientEvent { request_id: of_model.request_id.clone(), related_job_names: of_model.related_job_names.clone(), ..message };
                prop_assert_eq!(with_ids_of_model, of_model);
                events += 1;
            }
            match step.next {
                Next::Search(_) => input = Input::SearchAnswered(answer.page()),
                Next::SleepUntil(time) => (input, now) = (Input::Woke, time),
                Next::Leave => break,
            }
        }
        prop_assert!(events > 0);
    }
}

#[test]
fn an_invalid_page_is_refused_with_the_expected_form() {
    let long = "x".repeat(1_025);
    let huge = " ".repeat(ANSWER_BYTES_MAX + 1);
    for (body, expected) in [
        ("", "expected JSON with metadata.requestId and matchingJobs[].job.name: EOF"),
        ("<html>", "expected JSON with metadata.requestId and matchingJobs[].job.name: expected value"),
        ("[]", "expected JSON with metadata.requestId and matchingJobs[].job.name: invalid"),
        (r#"{"matchingJobs":{}}"#, "expected JSON with metadata.requestId and matchingJobs[].job.name: invalid type"),
        ("{}", "it has no metadata.requestId; expected"),
        (r#"{"metadata":{"requestId":""}}"#, "it has no metadata.requestId; expected"),
        (r#"{"metadata":null,"matchingJobs":[]}"#, "it has no metadata.requestId; expected"),
        (r#"{"metadata":{"requestId":"r"},"matchingJobs":[{}]}"#, "a job has no matchingJobs[].job.name"),
        (r#"{"metadata":{"requestId":"r"},"matchingJobs":[{"job":{"name":null}}]}"#, "a job has no matchingJobs[].job.name"),
        (
            r#"{"metadata":{"requestId":"r"},"matchingJobs":[{"job":{"name":"4711"}}]}"#,
            "a matchingJobs[].job.name is not a job name; expected jobs/J, projects/P/jobs/J or",
        ),
        (&format!(r#"{{"metadata":{{"requestId":"{long}"}}}}"#), "the metadata.requestId is longer than 1024 bytes"),
        (&huge, "it is longer than 1000000 bytes"),
    ] {
        let error = read(body.as_bytes(), 20).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_page_without_jobs_is_valid() {
    for body in [r#"{"metadata":{"requestId":"r"}}"#, r#"{"metadata":{"request_id":"r"},"matching_jobs":null}"#] {
        assert_eq!(read(body.as_bytes(), 20), Ok(None));
    }
}
