//! The program `seeker-sim`: a load test of a service that receives ClientEvents, by simulated job seekers.
//!
//! Data flows one way. A [`RunPlan`] starts the actors. `Population` starts a `Seeker` for each live job seeker. A seeker hands its events to the
//! dispatch of its arbiter; the `Outbox` sends each event when it is due. The `Recorder` adds up what the outboxes observed, and the run makes
//! its report of that. What a seeker does is decided by `seeker-model`, what a message is by `client-event`, how a request is sent by
//! `transport`, and what a run is worth by `run-report`.
//!
//! | module | task |
//! |---|---|
//! | `cli` | options and commands |
//! | `plan` | what a run does, checked before it starts |
//! | `run` | one run from start to report; the search for the capacity |
//! | `actors` | seekers and their population, outbox, recorder, ledger |
//! | `delivery` | queue, connections, retries, and what answers mean |
//! | `search` | searches that a service of the user answers |
//! | `target` | addresses, and services with their credentials |
//! | `reference` | generated reference pages of the documentation |
//! | `metrics`, `exporters` | metrics as values, and how they leave the process |
//! | `live` | the status line and the screen |
//! | `process` | signals, processor time, pauses, open files |

pub mod cli;
pub mod exit;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod reference;
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
pub use live::StatusDisplay;
pub use plan::metrics::{MetricsPlan, PushPlan};
pub use plan::{PlanError, RunPlan};
pub use process::open_files::TooFewFiles;
pub use process::signals::Signals;
pub use run::capacity::find_capacity;
pub use run::target::TargetError;
pub use run::{RunError, run};
pub use serve::serve;
pub use target::address::TargetAddress;
