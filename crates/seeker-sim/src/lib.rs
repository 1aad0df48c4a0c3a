//! Load-tests a service that receives ClientEvents with job seekers that behave like job seekers.
//!
//! The library behind the program `seeker-sim`. Data flows one way: a [`RunPlan`] starts the actors, `Population` starts a
//! `Seeker` per live job seeker, a seeker hands its events to the `Outbox` of its arbiter, the outbox sends each when it is due and
//! observations the outcome, the `Recorder` adds up the observations, and of those the [`Report`] is made. What a seeker does is decided by
//! `seeker-model`; what a message is by `client-event`. Neither is decided here.
//!
//! Beside all this stands [`check`], which holds recorded events against the rules of the message.

pub mod actor_slab;
pub mod check;
pub mod cli;
pub mod exit;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod generate;
pub mod http;
pub mod scenario;
pub mod schema_files;
pub mod stats;

mod byte_size;
mod forced_end;
mod input;
mod progress_bar;
mod standard_output;
mod time_zone;
mod whole_file;

mod clock;
mod cpu;
mod event_form;
mod plan;

mod fail_point;
mod ledger;
mod messages;
mod open_files;
mod panics;
mod population;
mod search;
mod seeker;
mod timer_wheel;

mod delivery;
mod outbox;

mod metrics;
mod pause_meter;
mod recorder;

mod capacity;
mod progress;
mod report;
mod run;
mod serve;
mod signals;
mod target;
mod token;

pub use capacity::find_capacity;
pub use event_form::{BatchForm, Batching, EventForm, PathError, PathName, PathNames};
pub use metrics::{CollectorError, ListenError, MetricsError, MetricsPlan, PairsError, PushPlan};
pub use open_files::TooFewFiles;
pub use plan::{PlanError, RunPlan};
pub use progress::Showing;
pub use report::capacity::{Capacity, Trial};
pub use report::compare::confidence::Confidence;
pub use report::compare::output::CompareForm;
pub use report::compare::settings::SettingDifference;
pub use report::compare::tolerance::{Percent, Tolerance};
pub use report::compare::{
    Change, CompareError, CompareOptions, CompareVerdict, ComparedFigure, ComparedRun, FigureInterval, FigureUnit, RunComparison,
    compare,
};
pub use report::file::{ReportFile, ReportPath};
pub use report::form::ReportForm;
pub use report::junit::JUnitFile;
pub use report::live::LiveWindows;
pub use report::merge::{Difference, MergeError, Merged, merge};
pub use report::read::{NamedReport, ReadReportError, read_report};
pub use report::schema::{SCHEMA_PATH as REPORT_SCHEMA_PATH, schema_text as report_schema_text};
pub use report::thresholds::JudgedThreshold;
pub use report::{
    Connections, Events, Histograms, Outcome, Part, Percentiles, Report, Retries, Searches, TimesAtPercentile, Window,
    WindowPercentiles,
};
pub use run::{RunError, run};
pub use serve::serve;
pub use signals::Signals;
pub use target::TargetError;
pub use target::address::TargetAddress;
pub use time_zone::{TimeZoneError, parse_time_zone};
pub use token::{Token, TokenError, TokenSource};
pub use whole_file::{WholeFile, WholeFileError};
