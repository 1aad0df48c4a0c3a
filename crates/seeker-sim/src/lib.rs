//! The program `seeker-sim`: a load test of a service that receives ClientEvents, by simulated job seekers.
//!
//! Data flows in one direction. A [`RunPlan`] starts the actors. `Population` starts a `Seeker` for each live job seeker. A seeker passes
//! its events to the dispatch of its arbiter, and the `Outbox` sends each event when it is due. The `Recorder` adds up the observations of
//! the outboxes, and the run creates its report from them. Other crates define the behaviour of a seeker (`seeker-model`), the message
//! (`client-event`), the requests (`transport`) and the verdict on a run (`run-report`).
//!
//! | module | task |
//! |---|---|
//! | `cli` | options and commands |
//! | `plan` | the plan of a run, checked before the start |
//! | `run` | one run from start to report; the search for the capacity |
//! | `actors` | seekers and their population, outbox, recorder, ledger |
//! | `delivery` | queue, connections, retries, and the meaning of responses |
//! | `search` | searches with the user's search service |
//! | `target` | addresses, and services with their credentials |
//! | `metrics`, `exporters` | metrics as values, and their export |
//! | `live` | the status line and the screen |
//! | `live_load` | the load of a run, and its changes |
//! | `process` | signals, processor time, pauses, open files |

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
mod live_load;
mod messages;
mod metrics;
mod plan;
mod process;
mod run;
mod search;
mod serve;
mod target;
mod version;

pub use delivery::targets::TargetAddress;
pub use exporters::{CollectorError, ListenError, MetricsError, PairsError};
pub use live::StatusDisplay;
pub use metrics::MetricDescription;
pub use plan::metrics::{MetricsPlan, PushPlan};
pub use plan::{PlanError, RunPlan};
pub use process::open_files::TooFewFiles;
pub use process::signals::Signals;
pub use run::capacity::find_capacity;
pub use run::{RunError, TooLate, check_start, run};
pub use serve::serve;
pub use target::services::TargetError;
pub use target::settings::DeliverySettings;
pub use version::VERSION;
