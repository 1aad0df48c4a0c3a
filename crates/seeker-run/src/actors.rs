//! The actors of a run. A seeker makes no decisions: the model defines its journey, the ledger finds the seekers that the load lacks, and
//! the dispatch decides which sender may send. The messages are in [`crate::messages`].

pub(crate) mod ledger;
pub(crate) mod outbox;
pub(crate) mod population;
pub(crate) mod recorder;
pub(crate) mod seeker;
