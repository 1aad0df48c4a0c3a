//! Load-tests a service that receives ClientEvents with job seekers that behave like job seekers.
//!
//! The library behind the program `seeker-sim`. Data flows one way: a [`RunPlan`] starts the actors, `Population` starts a
//! `Seeker` per live job seeker, a seeker hands its events to the `Outbox` of its arbiter, the outbox sends each when it is due and
//! observations the outcome, the `Recorder` adds up the observations, and of those the [`Report`] is made. What a seeker does is decided by
//! `seeker-model`; what a message is by `client-event`. Neither is decided here.
//!
//! Beside all this stands [`check`], which holds recorded events against the rules of the message.

pub mod cli;
pub mod exit;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod schema_files;

mod byte_size;

mod clock;
mod cpu;
mod plan;

mod ledger;
mod messages;
mod open_files;
mod population;
mod search;
mod seeker;

mod delivery;
mod outbox;

mod metrics;
mod pause_meter;
mod recorder;

mod capacity;
mod progress;
mod run;
mod serve;
mod signals;
mod target;

pub use capacity::find_capacity;
pub use metrics::{CollectorError, ListenError, MetricsError, MetricsPlan, PairsError, PushPlan};
pub use open_files::TooFewFiles;
pub use plan::{PlanError, RunPlan};
pub use progress::Showing;
pub use run::{RunError, run};
pub use serve::serve;
pub use signals::Signals;
pub use target::TargetError;
pub use target::address::TargetAddress;
