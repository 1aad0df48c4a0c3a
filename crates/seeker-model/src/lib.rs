//! How job seekers behave, as pure state machines in virtual time.
//!
//! A [`Model`] holds what is the same for all seekers: the [`Catalogue`] of postings, the search over it, and the [`Behaviour`].
//! A [`Journey`] is one seeker: it is given what happened (started, woke, search answered, delivery refused) and answers with an
//! event to send, if any, and what it does next (search, sleep, leave). It has its own random stream, so it is a pure function
//! of the model, the seed and the seeker's number. Nothing here knows of clocks, I/O or actors.
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

mod behaviour;
mod catalogue;
mod event;
mod ids;
mod journey;
mod model;
mod playback;
mod search;
mod stream;
mod time;

pub use behaviour::{Behaviour, BehaviourError, LogNormal};
pub use catalogue::{ApplyType, Catalogue, CatalogueError, CatalogueSpec, Posting, PostingId};
pub use event::{Device, EventJobs, SeekerEvent};
pub use ids::{EventKey, RequestKey};
pub use journey::{Input, Journey, Next, Step};
pub use model::Model;
pub use playback::Playback;
pub use search::{Query, ResultsPage};
pub use time::SimTime;
