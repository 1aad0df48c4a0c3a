//! The record of a whole run: what the recorder counted, and the accounts of the arbiters.

use std::time::Duration;

use crate::counters::Counters;
use crate::latency_blocks::LatencyBlocks;
use crate::ledger_account::LedgerAccount;
use crate::search_figures::SearchFigures;
use crate::sent_check::SentFindings;
use crate::silence::Silence;
use crate::thresholds::outside_pauses::OutsidePauses;
use crate::thresholds::sliding::WorstWindows;
use crate::windows::WindowCounts;

/// What was recorded.
#[derive(Default)]
pub struct RunRecord {
    /// Counts and histograms of the whole run.
    pub counters: Box<Counters>,
    /// Counts and percentiles of each window.
    pub windows: Vec<WindowCounts>,
    /// Latencies in blocks of time.
    pub latency_blocks: LatencyBlocks,
    /// Of thresholds that are over a window.
    pub worst_windows: WorstWindows,
    /// Of the others, what they were outside of pauses of the generator.
    pub outside_pauses: OutsidePauses,
    /// Whether the target stopped answering.
    pub silence: Option<Silence>,
}

/// The account of an arbiter that has stopped.
#[derive(Debug)]
pub struct ArbiterAccount {
    /// The seekers and events of the arbiter.
    pub ledger: LedgerAccount,
    /// The account of the arbiter's outbox.
    pub remainder: OutboxAccount,
    /// What came of searches, where a service answered them.
    pub searches: Option<SearchFigures>,
    /// What its thread used of the processor, if that is known.
    pub cpu: Option<Duration>,
}

/// What an outbox has to say at its end. What became of events is in its last observations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxAccount {
    /// What breaks a rule in what was sent, where that was checked.
    pub findings: Option<SentFindings>,
}
