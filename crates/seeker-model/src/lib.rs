//! How job seekers behave, as pure state machines in virtual time.
//!
//! A [`Model`] holds what is the same for all: the [`Catalogue`] of postings, the search over it, the [`Behaviour`], the rhythm of the
//! [`Week`]. A [`Party`] is one of those who cause events: a job seeker with visits over days, the alerts sent to one, a recruiter, a
//! staffing agency, the employer that decides on an application. It is given what happened (started, woke, search answered, delivery
//! refused) and answers with an event to send, if any, with who begins because of it, and what it does next (search, sleep, leave).
//! It has its own random stream, so it is a pure function of the model, the seed and its number. Nothing here knows of clocks, I/O or
//! actors.
//!
//! ```
//! use client_event::{EventTimestamp, EventType};
//! use seeker_model::{Model, Playback, SimTime};
//!
//! let model = Model::with_defaults();
//! // The first seeker of seed 7, played in virtual time from the start of the simulation.
//! let events: Vec<_> = Playback::new(&model, 7, 0, SimTime::ZERO).collect();
//! assert_eq!(events[0].event_type, EventType::Impression);
//!
//! let mut json = Vec::new();
//! events[0].write_json(&model, EventTimestamp::from_millis(1_700_000_000_000), &mut json);
//! assert!(client_event::ClientEvent::from_json(&json).is_ok());
//! ```

mod model;

mod behaviour;
mod catalogue;
mod catalogue_spec;
mod local_time;
mod parameters;
mod search;
mod stand_ins;
mod week;

mod party;

mod alerts;
mod employer;
mod journey;
mod opened_postings;
mod quantiles;
mod recruiter;
mod traits;

mod alias;
mod cells;
mod digits;
mod event;
mod ids;
mod job_names;
mod playback;
mod stream;
mod time;
mod timing_wheel;

pub use behaviour::{Behaviour, LogNormal};
pub use catalogue::{ApplyType, Catalogue, Posting, PostingId};
pub use catalogue_spec::{CatalogueSpec, DAYS_MAX};
pub use cells::{CELLS, Cells};
pub use event::{Device, EventJobs, SeekerEvent, Session, Source};
pub use ids::{EventKey, RequestKey};
pub use local_time::LocalTime;
pub use model::Model;
pub use parameters::{ParameterError, ParameterErrors};
pub use party::{Input, Next, Party, Step, Who};
pub use playback::Playback;
pub use search::{Query, ResultsPage};
pub use time::SimTime;
pub use timing_wheel::TimingWheel;
pub use week::{Rhythm, Week};
