//! The checks of a single message: D1 (required fields), I3 (time), I4 (jobs of an event), I6 (forms of a job name). They report all
//! problems, not only the first one. The module [`sequence`](crate::sequence) checks the rules between events.

use std::collections::HashMap;
use std::ops::Range;

use crate::borrowed::BorrowedEvent;
use crate::event_type::EventType;
use crate::field_names::FieldNames;
use crate::job_name::{JobNameForm, is_part};
use crate::message::ClientEvent;
use crate::problem::{Problem, Problems, Reason};
use crate::timestamp::EventTimestamp;

/// How far a time can be ahead of the receiver's clock before it counts as in the future: five minutes, in milliseconds. An estimate: larger
/// than the error of most clocks, and much smaller than the error of a wrong unit.
pub const ALLOWED_CLOCK_SKEW_MILLIS: i64 = 5 * 60 * 1000;

/// 1971-01-01T00:00:00Z. Earlier times are wrong: seconds in place of milliseconds are in January 1970.
pub(crate) const EARLIEST_MILLIS: i64 = 365 * 24 * 60 * 60 * 1000;

impl ClientEvent {
    /// Checks the content of the message and returns its problems; none if the message can be sent. With `now`, a time more than
    /// [`ALLOWED_CLOCK_SKEW_MILLIS`] later is a problem too. The number of problems is limited as in
    /// [`Refusal::problems`](crate::Refusal::problems).
    pub fn check(&self, now: Option<EventTimestamp>) -> Vec<Problem> {
        self.check_as(FieldNames::Message, now)
    }

    /// [`check`](Self::check) with the field names of another form of the event.
    pub fn check_as(&self, names: FieldNames, now: Option<EventTimestamp>) -> Vec<Problem> {
        problems_of(names, self.event_type, &self.related_job_names, self.event_timestamp_millis, now, &NoSpans).into_kept()
    }
}

impl BorrowedEvent<'_> {
    /// Checks the content of the message, as [`ClientEvent::check`] does. The problems have no spans; use
    /// [`Reader::check`](crate::Reader::check) to get them.
    pub fn check(&self, now: Option<EventTimestamp>) -> Vec<Problem> {
        self.find_problems(now, &NoSpans).into_kept()
    }

    pub(crate) fn find_problems(&self, now: Option<EventTimestamp>, spans: &impl CheckedSpans) -> Problems {
        let jobs = self.related_job_names.as_slice();
        problems_of(FieldNames::Message, self.event_type, jobs, self.event_timestamp_millis, now, spans)
    }
}

/// The places of the checked fields in the text. Only needed for fields with a problem.
pub(crate) trait CheckedSpans {
    /// The event type.
    fn event_type(&self) -> Option<Range<usize>>;
    /// The list of jobs.
    fn jobs(&self) -> Option<Range<usize>>;
    /// The job with this index.
    fn job(&self, index: usize) -> Option<Range<usize>>;
    /// The time.
    fn timestamp(&self) -> Option<Range<usize>>;
}

/// For an event that was not read from a text.
pub(crate) struct NoSpans;

impl CheckedSpans for NoSpans {
    fn event_type(&self) -> Option<Range<usize>> {
        None
    }

    fn jobs(&self) -> Option<Range<usize>> {
        None
    }

    fn job(&self, _: usize) -> Option<Range<usize>> {
        None
    }

    fn timestamp(&self) -> Option<Range<usize>> {
        None
    }
}

fn problems_of(
    names: FieldNames,
    event_type: EventType,
    jobs: &[impl AsRef<str>],
    timestamp: EventTimestamp,
    now: Option<EventTimestamp>,
    spans: &impl CheckedSpans,
) -> Problems {
    let mut problems = Problems::default();
    if jobs.is_empty() {
        problems.push(missing_jobs(names));
    }
    let parts = Parts { names, event_type: Some(event_type), jobs: Some(jobs), timestamp: Some(timestamp) };
    parts.check(now, spans, &mut problems);
    problems
}

pub(crate) fn missing_jobs(names: FieldNames) -> Problem {
    Problem::new(names.jobs(), Reason::RequiredField, "names no job; expected at least one job")
}

/// The readable fields of a message. A message with an unreadable field is checked in its other fields.
pub(crate) struct Parts<'a, Job> {
    pub(crate) names: FieldNames,
    pub(crate) event_type: Option<EventType>,
    /// `None` if the reader already reported a problem of the list.
    pub(crate) jobs: Option<&'a [Job]>,
    pub(crate) timestamp: Option<EventTimestamp>,
}

impl<Job: AsRef<str>> Parts<'_, Job> {
    pub(crate) fn check(&self, now: Option<EventTimestamp>, spans: &impl CheckedSpans, problems: &mut Problems) {
        if self.event_type == Some(EventType::Unspecified) {
            let message = format!("is {}, which must not be sent", self.names.of_type(EventType::Unspecified));
            let problem = Problem::new(self.names.event_type(), Reason::UnspecifiedEventType, message);
            problems.push(problem.with_span(spans.event_type()));
        }
        if let Some(jobs) = self.jobs {
            self.check_jobs(jobs, spans, problems);
        }
        if let Some(timestamp) = self.timestamp {
            self.check_timestamp(timestamp, now, spans, problems);
        }
    }

    fn check_jobs(&self, jobs: &[Job], spans: &impl CheckedSpans, problems: &mut Problems) {
        let list = self.names.jobs();
        if let Some(event_type) = self.event_type
            && jobs.len() > 1
            && !event_type.carries_several_jobs()
            && event_type != EventType::Unspecified
        {
            let event_type = self.names.of_type(event_type);
            let message = format!(
                "names {} jobs; expected one job for {event_type}, because only IMPRESSION and NOTIFICATION name several",
                jobs.len()
            );
            problems.push(Problem::new(list, Reason::SeveralJobs, message).with_span(spans.jobs()));
        }
        // Most names of an event have the same prefix, so a prefix that was checked once is only compared.
        let mut checked_prefix = "";
        for (position, job) in jobs.iter().enumerate() {
            let name = job.as_ref();
            if !checked_prefix.is_empty() && name.strip_prefix(checked_prefix).is_some_and(|id| is_part(id.as_bytes())) {
                continue;
            }
            if let Some((_, id_at)) = JobNameForm::with_id_offset(name) {
                checked_prefix = &name[..id_at];
            } else {
                problems.add(Reason::JobNameForm, || {
                    let message =
                        format!("{name:?} is not a job name; expected jobs/J, projects/P/jobs/J or projects/P/tenants/T/jobs/J");
                    Problem::new(format!("{list}[{position}]"), Reason::JobNameForm, message).with_span(spans.job(position))
                });
            }
        }
        for_each_repeated(jobs, |position, first| {
            problems.add(Reason::RepeatedJob, || {
                let message = format!("names the same job as {list}[{first}]");
                Problem::new(format!("{list}[{position}]"), Reason::RepeatedJob, message).with_span(spans.job(position))
            });
        });
    }

    fn check_timestamp(
        &self,
        timestamp: EventTimestamp,
        now: Option<EventTimestamp>,
        spans: &impl CheckedSpans,
        problems: &mut Problems,
    ) {
        let millis = timestamp.as_millis();
        let (reason, place) = if millis < EARLIEST_MILLIS {
            (Reason::TimestampTooEarly, "before 1971")
        } else if now.is_some_and(|now| millis > latest_millis(now)) {
            (Reason::TimestampInFuture, "more than 5 minutes in the future")
        } else {
            return;
        };
        let time = self.names.time(timestamp);
        let expected = match self.names {
            FieldNames::Message => "milliseconds since 1970",
            FieldNames::Api => "the time of the event",
        };
        let meant = guess_unit(millis, now).map_or_else(String::new, |unit| format!(" (are these {unit}?)"));
        let meant = if self.names == FieldNames::Message { meant } else { String::new() };
        let message = format!("{time} is {place}; expected {expected}{meant}");
        problems.push(Problem::new(self.names.timestamp(), reason, message).with_span(spans.timestamp()));
    }
}

/// The latest time that is not in the future.
pub(crate) fn latest_millis(now: EventTimestamp) -> i64 {
    now.as_millis().saturating_add(ALLOWED_CLOCK_SKEW_MILLIS)
}

/// The unit in which an implausible number of milliseconds would be a plausible time.
fn guess_unit(number: i64, now: Option<EventTimestamp>) -> Option<&'static str> {
    let fits = |millis: i64| millis >= EARLIEST_MILLIS && now.is_none_or(|now| millis <= latest_millis(now));
    let units =
        [("seconds", number.saturating_mul(1_000)), ("microseconds", number / 1_000), ("nanoseconds", number / 1_000_000)];
    units.into_iter().find(|(_, millis)| fits(*millis)).map(|(unit, _)| unit)
}

/// Calls back with the index of each repeated job and the index of its first occurrence.
fn for_each_repeated(jobs: &[impl AsRef<str>], mut repeated: impl FnMut(usize, usize)) {
    /// Up to this number of jobs, one bit per name usually shows that no name is repeated.
    const FEW: usize = 64;
    if jobs.len() <= 1 || jobs.len() <= FEW && have_distinct_bits(jobs) {
        return;
    }
    let mut first_at = HashMap::with_capacity(jobs.len());
    for (position, job) in jobs.iter().enumerate() {
        let first = *first_at.entry(job.as_ref()).or_insert(position);
        if first != position {
            repeated(position, first);
        }
    }
}

/// Whether each name has its own bit among 4,096, chosen by its last eight bytes. Then no name is repeated.
fn have_distinct_bits(jobs: &[impl AsRef<str>]) -> bool {
    let mut bits = [0_u64; 64];
    jobs.iter().all(|job| {
        // Fibonacci hashing: the upper bits of a product with 2^64 divided by the golden ratio (Knuth, TAOCP 3, 6.4).
        let spread = tail_of(job.as_ref()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let (word, bit) = ((spread >> 58) as usize, 1 << (spread >> 52 & 63));
        let unset = bits[word] & bit == 0;
        bits[word] |= bit;
        unset
    })
}

/// The last eight bytes, in which names of the same tenant differ.
fn tail_of(name: &str) -> u64 {
    name.as_bytes()
        .last_chunk::<8>()
        .map_or_else(|| name.bytes().fold(0, |tail, byte| tail << 8 | u64::from(byte)), |tail| u64::from_be_bytes(*tail))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ids::{EventId, RequestId};
    use crate::job_name::JobName;

    fn event(event_type: EventType, jobs: &[&str], millis: i64) -> ClientEvent {
        ClientEvent {
            event_id: EventId::new("e").unwrap(),
            event_type,
            request_id: RequestId::new("r").unwrap(),
            related_job_names: jobs.iter().map(|job| JobName::new(*job).unwrap()).collect(),
            event_timestamp_millis: EventTimestamp::from_millis(millis),
            details: BTreeMap::new(),
        }
    }

    const NOW: i64 = 1_700_000_000_000;

    #[test]
    fn each_check_accepts_and_refuses() {
        use EventType::{Impression, Notification, Unspecified, View};
        use Reason::{
            JobNameForm, RepeatedJob, RequiredField, SeveralJobs, TimestampInFuture, TimestampTooEarly, UnspecifiedEventType,
        };
        let cases: &[(ClientEvent, &[(&str, Reason)])] = &[
            (event(View, &["jobs/1"], NOW), &[]),
            (event(Impression, &["jobs/1", "jobs/2"], NOW), &[]),
            (event(Notification, &["jobs/1", "jobs/2"], NOW), &[]),
            (event(View, &["jobs/1"], EARLIEST_MILLIS), &[]),
            (event(View, &["jobs/1"], NOW + ALLOWED_CLOCK_SKEW_MILLIS), &[]),
            (event(Unspecified, &["jobs/1"], NOW), &[("eventType", UnspecifiedEventType)]),
            (event(View, &[], NOW), &[("relatedJobNames", RequiredField)]),
            (event(View, &["jobs/1", "jobs/2"], NOW), &[("relatedJobNames", SeveralJobs)]),
            (event(Impression, &["jobs/1", "jobs/2", "jobs/1"], NOW), &[("relatedJobNames[2]", RepeatedJob)]),
            (event(View, &["job/1"], NOW), &[("relatedJobNames[0]", JobNameForm)]),
            (event(View, &["jobs/1"], EARLIEST_MILLIS - 1), &[("eventTimestampMillis", TimestampTooEarly)]),
            (event(View, &["jobs/1"], NOW / 1000), &[("eventTimestampMillis", TimestampTooEarly)]),
            (event(View, &["jobs/1"], i64::MIN), &[("eventTimestampMillis", TimestampTooEarly)]),
            (event(View, &["jobs/1"], NOW + ALLOWED_CLOCK_SKEW_MILLIS + 1), &[("eventTimestampMillis", TimestampInFuture)]),
            (
                event(View, &["x", "x"], 0),
                &[
                    ("relatedJobNames", SeveralJobs),
                    ("relatedJobNames[0]", JobNameForm),
                    ("relatedJobNames[1]", JobNameForm),
                    ("relatedJobNames[1]", RepeatedJob),
                    ("eventTimestampMillis", TimestampTooEarly),
                ],
            ),
        ];
        for (event, expected) in cases {
            let problems = event.check(Some(EventTimestamp::from_millis(NOW)));
            let found: Vec<_> = problems.iter().map(|problem| (problem.path.as_str(), problem.reason)).collect();
            assert_eq!(found, *expected, "{event:?}");
        }
    }

    /// The message suggests a unit only if the number is a plausible time in that unit. It does not depend on the time of the test.
    #[test]
    fn a_mistaken_unit_is_asked_about_where_it_fits() {
        for (millis, expected) in [
            (NOW / 1_000, "1700000000 is before 1971; expected milliseconds since 1970 (are these seconds?)"),
            (0, "0 is before 1971; expected milliseconds since 1970"),
            (-1, "-1 is before 1971; expected milliseconds since 1970"),
            (i64::MIN, "-9223372036854775808 is before 1971; expected milliseconds since 1970"),
            (
                NOW * 1_000,
                "1700000000000000 is more than 5 minutes in the future; expected milliseconds since 1970 (are these microseconds?)",
            ),
            (
                NOW * 1_000_000,
                "1700000000000000000 is more than 5 minutes in the future; expected milliseconds since 1970 (are these nanoseconds?)",
            ),
            (
                NOW + ALLOWED_CLOCK_SKEW_MILLIS + 1,
                "1700000300001 is more than 5 minutes in the future; expected milliseconds since 1970",
            ),
        ] {
            let problems = event(EventType::View, &["jobs/1"], millis).check(Some(EventTimestamp::from_millis(NOW)));
            assert_eq!(problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>(), [expected]);
        }
    }

    #[test]
    fn problems_are_named_by_the_fields_of_the_form() {
        let texts = |event: &ClientEvent| {
            let problems = event.check_as(FieldNames::Api, Some(EventTimestamp::from_millis(NOW)));
            problems.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            texts(&event(EventType::ViewDirect, &["jobs/1", "jobs/1"], NOW / 1_000)),
            [
                "jobEvent.jobs: names 2 jobs; expected one job for VIEW_REDIRECT, because only IMPRESSION and NOTIFICATION name several",
                "jobEvent.jobs[1]: names the same job as jobEvent.jobs[0]",
                "createTime: 1970-01-20T16:13:20Z is before 1971; expected the time of the event",
            ]
        );
        assert_eq!(
            texts(&event(EventType::Unspecified, &[], NOW)),
            [
                "jobEvent.jobs: names no job; expected at least one job",
                "jobEvent.type: is JOB_EVENT_TYPE_UNSPECIFIED, which must not be sent",
            ]
        );
    }

    proptest! {
        /// For all times of events and of checking, an event has at most one problem of its time.
        #[test]
        fn any_time_is_checked(millis: i64, now: Option<i64>) {
            for names in [FieldNames::Message, FieldNames::Api] {
                let problems = event(EventType::View, &["jobs/1"], millis).check_as(names, now.map(EventTimestamp::from_millis));
                prop_assert!(problems.len() <= 1);
            }
        }
    }

    #[test]
    fn without_a_clock_no_time_is_in_the_future() {
        assert_eq!(event(EventType::View, &["jobs/1"], i64::MAX).check(None), []);
    }

    proptest! {
        /// For all lists of jobs, short and long, the repeated jobs are the same as in a search of all earlier jobs.
        #[test]
        fn repeated_jobs_are_found(names in prop::collection::vec("(jobs/)?[ab]{1,4}", 0..80)) {
            let jobs: Vec<_> = names.iter().map(|name| JobName::new(name.as_str()).unwrap()).collect();
            let mut found = Vec::new();
            for_each_repeated(&jobs, |position, first| found.push((position, first)));
            let expected: Vec<_> = (0..jobs.len())
                .filter_map(|position| {
                    let first = jobs.iter().position(|job| *job == jobs[position])?;
                    (first < position).then_some((position, first))
                })
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
