//! The record of a whole run: the counts of the recorder and the accounts of the arbiters.

use std::time::Duration;

use crate::counters::Counters;
use crate::latency_blocks::LatencyBlocks;
use crate::ledger_account::LedgerAccount;
use crate::search_figures::SearchFigures;
use crate::sent_check::SentFindings;
use crate::silence::Silence;
use crate::thresholds::outside_pauses::OutsidePauses;
use crate::thresholds::sliding::{SecondSeries, WorstWindows};
use crate::windows::WindowCounts;

/// Everything that the recorder counted.
#[derive(Default)]
pub struct RunRecord {
    /// Counts and histograms of the whole run.
    pub counters: Box<Counters>,
    /// Counts and percentiles of each window.
    pub windows: Vec<WindowCounts>,
    /// Latencies in blocks of time.
    pub latency_blocks: LatencyBlocks,
    /// Counts of each second, if a part of a run has thresholds over a window.
    pub second_series: Vec<SecondSeries>,
    /// Results of the thresholds over a window.
    pub worst_windows: WorstWindows,
    /// Results of the other thresholds, outside the pauses of the generator.
    pub outside_pauses: OutsidePauses,
    /// The silence, if the target stopped answering.
    pub silence: Option<Silence>,
}

/// The account of a stopped arbiter.
#[derive(Debug)]
pub struct ArbiterAccount {
    /// The seekers and events of the arbiter.
    pub ledger: LedgerAccount,
    /// The account of the arbiter's outbox.
    pub remainder: OutboxAccount,
    /// Counts and times of the searches, if a search service answered them.
    pub searches: Option<SearchFigures>,
    /// CPU time of the arbiter's thread, if it is known.
    pub cpu: Option<Duration>,
}

/// The final account of an outbox. The outcomes of its events are in its last observations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxAccount {
    /// Rule violations in the sent events, if they were checked.
    pub findings: Option<SentFindings>,
}
