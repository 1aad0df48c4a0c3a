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

mod actors;
mod clock;
mod delivery;
mod exporters;
mod live;
mod messages;
mod metrics;
mod plan;
mod process;
mod run;
mod search;
mod serve;
mod target;
mod version;

pub use exporters::{CollectorError, ListenError, MetricsError, PairsError};
pub use live::Showing;
pub use plan::metrics::{MetricsPlan, PushPlan};
pub use plan::{PlanError, RunPlan};
pub use process::open_files::TooFewFiles;
pub use process::signals::Signals;
pub use run::capacity::find_capacity;
pub use run::target::TargetError;
pub use run::{RunError, run};
pub use serve::serve;
pub use target::address::TargetAddress;
