//! Simulates the behaviour of job seekers as pure state machines in virtual time.
//!
//! A [`Model`] is the shared, constant part of a simulation: the [`Catalogue`] of postings, the [`Behaviour`] of the parties and the rhythm
//! of the [`Week`]. A [`Party`] causes events: a job seeker with visits over days, the alerts of a seeker, a recruiter, a staffing agency, or
//! the employer that decides on an application. Each party has its own random stream, so it is a pure function of the model, the seed and
//! its number.
//!
//! A driver connects the parties with time and searches. [`Playback`] and [`Partitions`] are drivers in virtual time. For a driver of your
//! own, see [`Party`]. The crate has no clocks, I/O or actors.
//!
//! ```
//! use client_event::{EventTimestamp, EventType};
//! use seeker_model::{Model, Playback, SimTime};
//!
//! let model = Model::with_defaults();
//! // The first party of seed 7, from the start of the simulation.
//! let events: Vec<_> = Playback::new(&model, 7, 0, SimTime::ZERO).collect();
//! assert_eq!(events[0].event_type, EventType::Impression);
//!
//! let message = events[0].to_message(&model, EventTimestamp::from_millis(1_700_000_000_000));
//! assert!(message.check(None).is_empty());
//! ```
//!
//! # Features
//!
//! - `simulator`: fast paths for a simulator that runs hundreds of thousands of seekers. Not covered by semantic versioning.

#![warn(missing_docs)]

// Values.
mod device;
mod ids;
mod posting;
mod session;
mod sim_time;
mod source;

// Numbers and texts.
mod alias_table;
mod random_stream;
mod text_digits;
mod timing_wheel;

// Parameters.
mod behaviour;
mod catalogue_spec;
mod local_time;
mod log_normal;
mod parameter_errors;
mod parameters;
mod quantile_table;
mod rhythm;
mod week;

// The model.
mod catalogue;
mod external_jobs;
mod job_names;
mod model;
mod search;
mod search_context;

// Events.
mod event;
#[cfg(any(test, feature = "simulator"))]
mod event_json;
mod message;

// Parties.
mod alerts;
mod application;
mod employer;
mod opened_postings;
mod party;
mod recruiter;
mod seeker;
mod seeker_traits;
mod session_clock;
mod step;
mod visits;

// Drivers.
mod partitions;
mod playback;
#[cfg(feature = "simulator")]
mod prefetch;
mod shard;
#[cfg(feature = "simulator")]
pub mod simulator;

pub use behaviour::Behaviour;
pub use catalogue::Catalogue;
pub use catalogue_spec::{CatalogueSpec, DAYS_MAX};
pub use device::Device;
pub use event::{EventJobs, SeekerEvent};
pub use ids::{EventKey, RequestKey};
pub use local_time::LocalTime;
pub use log_normal::LogNormal;
pub use model::Model;
pub use parameter_errors::{ParameterError, ParameterErrors};
pub use partitions::{PARTITIONS, Partitions};
pub use party::Party;
pub use playback::Playback;
pub use posting::{ApplyType, Posting, PostingId};
pub use rhythm::Rhythm;
pub use search::{Query, ResultsPage};
pub use search_context::SearchContext;
pub use session::Session;
pub use shard::{Shard, ShardError};
pub use sim_time::SimTime;
pub use source::Source;
pub use step::{Input, Next, Step};
pub use timing_wheel::TimingWheel;
pub use week::Week;

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
