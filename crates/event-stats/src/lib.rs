//! Statistics of a stream of job search events, compared with published reference values.
//!
//! [`Statistics`] reads events of any origin, one at a time, in time order. It measures the funnel from impression to hire, the
//! differences between job seekers, the times of their visits, the clicks by rank and the reading times. Memory grows with the number
//! of seekers, postings and applications, and with the alerts of a month. It does not grow with the number of events.
//!
//! - [`Statistics::rows`] returns ten statistics with a published target, an accepted range and a verdict each.
//! - [`Statistics::distributions`] returns the distributions behind these rows, for charts.
//! - [`Report`] has all figures in one value that serializes with stable keys.
//!
//! The crate does no I/O.
//!
//! ```
//! use client_event::{ClientEvent, EventType};
//! use event_stats::{LocalClock, Statistics};
//! use jiff::tz::TimeZone;
//!
//! let mut statistics = Statistics::default();
//! let mut clock = LocalClock::new(TimeZone::UTC);
//! for (id, event_type) in [("e-1", "IMPRESSION"), ("e-2", "VIEW"), ("e-3", "VIEW"), ("e-3", "VIEW")] {
//!     let json = format!(
//!         r#"{{"eventId":"{id}","eventType":"{event_type}","requestId":"r-1","relatedJobNames":["jobs/1"],
//!             "eventTimestampMillis":"1700000000000","details":{{"seekerId":"17"}}}}"#
//!     );
//!     statistics.observe(&ClientEvent::from_json(json.as_bytes())?, &mut clock);
//! }
//! assert_eq!(statistics.count(EventType::View), 2);
//! // The last event repeats the one before it.
//! assert_eq!((statistics.events(), statistics.repeated_events()), (3, 1));
//! # Ok::<(), client_event::Refusal>(())
//! ```

#![warn(missing_docs)]

mod published;
mod sample;
mod source;
mod time;

mod local_clock;
mod observation;

mod dwell_times;
mod notifications;
mod recent_events;
mod share;

mod summary;

mod statistics;

mod observe_event;

mod click_ranks;
mod cumulative;
mod hiring_times;
mod week_shares;

mod distributions;
mod row;
mod rows;

mod report;

pub use click_ranks::{ClickRanks, RankClicks};
pub use cumulative::{CasesAtLeast, CasesWithin, Share};
pub use distributions::Distributions;
pub use hiring_times::{HiringTimes, WeekHires};
pub use local_clock::LocalClock;
pub use observation::Observation;
pub use published::{HOUR_WEIGHTS, WEEKDAY_WEIGHTS};
pub use report::Report;
pub use row::{Figure, Row, RowVerdict};
pub use source::Source;
pub use statistics::Statistics;
pub use summary::Summary;
pub use week_shares::{HourShare, HourShares, WeekdayShare, WeekdayShares};

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
