//! The events that are passed through generated code, and the verdict on the result: valid events from the simulator, and events that a
//! type could refuse. Other modules start the programs in other languages.

use anyhow::{Context, Result};
use client_event::{ClientEvent, EventTimestamp, EventType};
use seeker_model::{Model, Playback, SimTime};
use serde_json::Value;

/// The number of simulated events: enough to include every type that seekers send, with jobs in pages and alone.
const SIMULATED: usize = 1_000;

const SEED: u64 = 20_240_517;

/// The first time, in milliseconds since 1970.
const FROM_MILLIS: i64 = 1_700_000_000_000;

/// The output of a program for an event that its generated code refuses to read.
const REFUSED: &str = "refused: ";

/// The events, one per line.
#[derive(Debug)]
pub(super) struct Events {
    good: Vec<String>,
    wrong_enum: Vec<String>,
    missing_field: Vec<String>,
}

/// The results of passing events through a program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trial {
    /// The number of valid events that came back unchanged, or the first event that did not.
    pub(super) round_tripped: Result<usize, String>,
    pub(super) wrong_enum: Reading,
    pub(super) missing_field: Reading,
}

/// The result for events that a type could refuse.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    AllRefused,
    /// Some events were accepted; this is one of them.
    Taken(String),
}

impl Events {
    /// Creates events for a schema with these required fields.
    pub(super) fn new(required: &[String]) -> Result<Self> {
        let mut good = simulated();
        let one = good[0].clone();
        good.extend(spelled_otherwise(&one)?);
        let value: Value = serde_json::from_str(&one).context("read a simulated event")?;
        let with_type = |name: Value| {
            let mut event = value.clone();
            event["eventType"] = name;
            event.to_string()
        };
        let without = |field: &String| {
            let mut event = value.clone();
            event.as_object_mut().expect("an event is an object").remove(field);
            event.to_string()
        };
        Ok(Self {
            good,
            wrong_enum: ["NOT_AN_EVENT_TYPE", "view", ""].map(|name| with_type(name.into())).into(),
            missing_field: required.iter().map(without).collect(),
        })
    }

    /// Returns all events as lines.
    pub(super) fn lines(&self) -> String {
        self.all().flat_map(|event| [event.as_str(), "\n"]).collect()
    }

    /// Compares the outputs of a program with its inputs. Fails with a description if there is not exactly one output line per event.
    pub(super) fn judge(&self, answers: &str) -> Result<Trial, String> {
        let answers: Vec<&str> = answers.lines().collect();
        let expected = self.all().count();
        if answers.len() != expected {
            return Err(format!("{} output lines for {expected} events", answers.len()));
        }
        let (good, others) = answers.split_at(self.good.len());
        let (wrong_enum, missing_field) = others.split_at(self.wrong_enum.len());
        let changed = self.good.iter().zip(good).find(|(event, answer)| !same_value(event, answer));
        Ok(Trial {
            round_tripped: match changed {
                None => Ok(self.good.len()),
                Some((event, answer)) => Err(format!("input  {event}\noutput {answer}")),
            },
            wrong_enum: reading(&self.wrong_enum, wrong_enum),
            missing_field: reading(&self.missing_field, missing_field),
        })
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        self.good.iter().chain(&self.wrong_enum).chain(&self.missing_field)
    }
}

/// Events of seekers in the order of sending.
fn simulated() -> Vec<String> {
    let model = Model::with_defaults();
    let events = (0..).flat_map(|seeker| Playback::new(&model, SEED, seeker, SimTime::ZERO));
    let times = (FROM_MILLIS..).map(EventTimestamp::from_millis);
    let written = events.zip(times).take(SIMULATED).map(|(event, time)| {
        let mut json = Vec::new();
        event.to_message(&model, time).write_json(&mut json);
        String::from_utf8(json).expect("JSON is UTF-8")
    });
    written.collect()
}

/// An event of every type, with the first and the last time, without details, and with texts that need escapes.
fn spelled_otherwise(event: &str) -> Result<Vec<String>> {
    let event = ClientEvent::from_json(event.as_bytes())?;
    let mut variants: Vec<ClientEvent> =
        EventType::ALL.into_iter().map(|event_type| ClientEvent { event_type, ..event.clone() }).collect();
    for millis in [0, i64::MAX] {
        variants.push(ClientEvent { event_timestamp_millis: EventTimestamp::from_millis(millis), ..event.clone() });
    }
    let mut without_details = event.clone();
    without_details.details.clear();
    variants.push(without_details);
    let mut escaped = event;
    escaped.details.insert("<\"\\&\u{2028}>".to_owned(), "\t\u{7f} ä \u{1f50d}".to_owned());
    variants.push(escaped);
    let written = variants.iter().map(|event| {
        let mut json = Vec::new();
        event.write_json(&mut json);
        String::from_utf8(json).expect("JSON is UTF-8")
    });
    Ok(written.collect())
}

fn same_value(event: &str, answer: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    value(event).is_some_and(|given| value(answer) == Some(given))
}

fn reading(events: &[String], answers: &[&str]) -> Reading {
    let taken = events.iter().zip(answers).find(|(_, answer)| !answer.starts_with(REFUSED));
    taken.map_or(Reading::AllRefused, |(event, _)| Reading::Taken(event.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> Events {
        Events::new(&["eventId".to_owned(), "eventType".to_owned()]).unwrap()
    }

    fn answers(events: &Events, bad: impl Fn(&String) -> String) -> String {
        let bad = events.wrong_enum.iter().chain(&events.missing_field).map(bad);
        events.good.iter().cloned().chain(bad).flat_map(|answer| [answer, "\n".to_owned()]).collect()
    }

    #[test]
    fn seekers_send_several_types_and_every_type_is_tried() {
        let events = events();
        for event_type in EventType::ALL {
            let spelled = format!("\"eventType\":\"{}\"", event_type.name());
            assert!(events.good.iter().any(|event| event.contains(&spelled)), "{event_type:?}");
        }
        assert_eq!(events.wrong_enum.len(), 3);
        assert_eq!(events.missing_field.len(), 2);
        assert!(!events.missing_field[0].contains("eventId") && events.missing_field[0].contains("eventType"));
    }

    #[test]
    fn all_that_comes_back_and_is_refused_holds() {
        let events = events();
        let trial = events.judge(&answers(&events, |_| "refused: no".to_owned())).unwrap();
        assert_eq!(trial.round_tripped, Ok(events.good.len()));
        assert_eq!((trial.wrong_enum, trial.missing_field), (Reading::AllRefused, Reading::AllRefused));
    }

    #[test]
    fn accepted_and_changed_events_are_shown() {
        let events = events();
        let text = answers(&events, String::clone).replacen("eventTimestampMillis\":\"", "eventTimestampMillis\":\"1", 1);
        let trial = events.judge(&text).unwrap();
        assert!(trial.round_tripped.unwrap_err().starts_with(&format!("input  {}", events.good[0])));
        assert_eq!(trial.wrong_enum, Reading::Taken(events.wrong_enum[0].clone()));
        assert_eq!(trial.missing_field, Reading::Taken(events.missing_field[0].clone()));
    }

    #[test]
    fn too_few_answers_are_no_answers() {
        let events = events();
        let expected = format!("1 output lines for {} events", events.all().count());
        assert_eq!(events.judge("{}\n"), Err(expected));
    }
}
