//! Runs a load test of a service that receives ClientEvents, with simulated job seekers.
//!
//! Data flows in one direction. A [`RunPlan`] starts the actors. `Population` starts a `Seeker` for each live job seeker. A seeker passes
//! its events to the dispatch of its arbiter, and the `Outbox` sends each event when it is due. The `Recorder` adds up the observations of
//! the outboxes, and the run creates its report from them. Other crates define the behaviour of a seeker (`seeker-model`), the message
//! (`client-event`), the requests (`transport`) and the verdict on a run (`run-report`).
//!
//! | module | task |
//! |---|---|
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

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

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
mod target;

pub use delivery::targets::TargetAddress;
pub use delivery::transport::DEFAULT_STREAMS;
pub use exporters::{CollectorError, ListenError, MetricsError, PairsError, collector_url};
pub use live::StatusDisplay;
pub use metrics::MetricDescription;
pub use plan::metrics::{MetricsPlan, PushPlan};
pub use plan::{PlanError, RunPlan};
pub use process::open_files::{TooFewFiles, connections_with_room};
pub use process::signals::{INTERRUPTED_EXIT_CODE, Signals};
pub use run::capacity::find_capacity;
pub use run::{RunError, TooLate, check_start, run};
pub use target::kafka_settings::{Acks, Codec, KafkaSettings, Mechanism, Sasl};
pub use target::nats_credentials::NatsCredentialsFile;
pub use target::proxies::Proxies;
pub use target::services::TargetError;
pub use target::settings::DeliverySettings;
pub use target::url::service_url;
