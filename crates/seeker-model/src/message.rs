//! Makes the message of an event.

use std::collections::BTreeMap;

use client_event::{ClientEvent, EventId, EventTimestamp, JobName, RequestId};

use crate::device::Device;
use crate::event::{EventJobs, SeekerEvent};
use crate::model::Model;

impl SeekerEvent {
    /// The message of this event, with this timestamp.
    ///
    /// The details are `seekerId`, `sessionId` and `source`, `device` for people with a device, and `position` for one posting of a results
    /// page.
    ///
    /// ```
    /// use client_event::{EventTimestamp, EventType};
    /// use seeker_model::{Model, Playback, SimTime};
    ///
    /// let model = Model::with_defaults();
    /// let event = Playback::new(&model, 7, 0, SimTime::ZERO).next().expect("a seeker starts with a search");
    /// let message = event.to_message(&model, EventTimestamp::from_millis(1_700_000_000_000));
    /// assert_eq!(message.event_type, EventType::Impression);
    /// assert_eq!(message.details["seekerId"], "0");
    /// assert!(message.check(None).is_empty());
    /// ```
    pub fn to_message(&self, model: &Model, timestamp: EventTimestamp) -> ClientEvent {
        let (postings, position) = match &self.jobs {
            EventJobs::One(posting, position) => (std::slice::from_ref(posting), *position),
            EventJobs::Page(postings) => (&postings[..], None),
        };
        let job_name = |posting| JobName::new(model.catalogue().job_name(posting)).expect("a job name is not empty");
        let details = [
            ("device", self.device.map(|device| Device::name(device).to_owned())),
            ("position", position.map(|rank| rank.to_string())),
            ("seekerId", Some(self.seeker.to_string())),
            ("sessionId", Some(self.session.name(self.seeker))),
            ("source", Some(self.source.name().to_owned())),
        ];
        let details = details.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        let text = |ascii: &[u8]| String::from_utf8(ascii.to_vec()).expect("an id is ASCII");
        ClientEvent {
            event_id: EventId::new(text(&self.event.text())).expect("an id is not empty"),
            event_type: self.event_type,
            request_id: RequestId::new(text(&self.request.text())).expect("an id is not empty"),
            related_job_names: postings.iter().map(|posting| job_name(*posting)).collect(),
            event_timestamp_millis: timestamp,
            details: details.collect::<BTreeMap<_, _>>(),
        }
    }
}
